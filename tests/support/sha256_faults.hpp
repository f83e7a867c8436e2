#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/hash/sha256.hpp"
#include "model/crypto/sha256.hpp"

// SHA-256 of many messages at once against one at a time, and against the answers of its standard.
namespace p2pllm::testing {

/// Messages in whole blocks, padded as FIPS 180-4 (5.1.1) says, and their digests by the model's function.
class PaddedTexts {
 public:
  void add(ByteView text) {
    Bytes blocks(text.begin(), text.end());
    blocks.push_back(0x80);
    while (blocks.size() % 64 != 56) blocks.push_back(0);
    for (int shift = 56; shift >= 0; shift -= 8)
      blocks.push_back(static_cast<std::uint8_t>(std::uint64_t{8 * text.size()} >> shift));
    texts_.push_back(std::move(blocks));
    digests_.push_back(sha256(text));
  }
  [[nodiscard]] std::vector<kernels::PaddedMessage> messages() const {
    std::vector<kernels::PaddedMessage> messages;
    for (const Bytes& text : texts_) messages.push_back({text.data(), text.size() / 64});
    return messages;
  }
  [[nodiscard]] const std::vector<Hash>& digests() const { return digests_; }

 private:
  std::vector<Bytes> texts_;
  std::vector<Hash> digests_;
};

/// Bytes that differ from text to text.
[[nodiscard]] inline Bytes sample_text(std::size_t length) {
  Bytes text(length);
  std::uint64_t state = length + 1;
  for (std::uint8_t& byte : text) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::uint8_t>(state >> 56U);
  }
  return text;
}

/// The examples of FIPS 180-4 for SHA-256 (NIST, "SHA256.pdf" and the long message of FIPS 180-2), as text and digest.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> sha256_examples() {
  return {{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
          {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
          {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
}

/// @returns what a target says wrongly, a line each
[[nodiscard]] inline std::vector<std::string> sha256_faults(const kernels::Sha256Target& target) {
  std::vector<std::string> faults;
  const auto hash = [&](const PaddedTexts& texts) {
    const std::vector<kernels::PaddedMessage> messages = texts.messages();
    std::vector<Hash> digests(messages.size());
    target.hash(messages, digests.data());
    return digests;
  };
  for (const auto& [text, digest] : sha256_examples()) {
    PaddedTexts one;
    one.add(bytes_of(text));
    if (to_hex(hash(one).front()) != digest)
      faults.push_back("an example of " + std::to_string(text.size()) + " bytes");
  }
  constexpr std::size_t longest = 300;
  for (std::size_t length = 0; length <= longest; ++length)
    for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 11U, 16U, 17U}) {
      PaddedTexts equal;
      for (std::size_t k = 0; k < size; ++k) {
        Bytes text = sample_text(length);
        if (length != 0) text.back() = static_cast<std::uint8_t>(k);
        equal.add(text);
      }
      if (hash(equal) != equal.digests())
        faults.push_back(std::to_string(size) + " texts of " + std::to_string(length) + " bytes");
    }
  for (std::size_t size = 0; size <= 600; size += size < 70 ? 1 : 53) {
    PaddedTexts mixed;
    for (std::size_t k = 0; k < size; ++k) mixed.add(sample_text(k % 29 == 28 ? 3000 + k : (97 * k + 13 * size) % 301));
    if (hash(mixed) != mixed.digests()) faults.push_back(std::to_string(size) + " texts of many lengths");
  }
  return faults;
}

}  // namespace p2pllm::testing
