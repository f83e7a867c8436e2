#include "tests/support/test_hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <stdexcept>

#include "model/encoding/bytes.hpp"
#include "optimized/contracts/hash_padded.hpp"

namespace p2pllm {
namespace {

testing::HashChoice choice = testing::HashChoice::sha256;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// 8 bytes as a little-endian number.
std::uint64_t word_at(const std::uint8_t* bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

class FastHash {
 public:
  /// Lengths are mixed in, so the parts make a prefix code.
  void add(ByteView bytes) {
    absorb(bytes.size());
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left > 8; left -= 8, at += 8) absorb(word_at(at));
    if (left == 0) return;
    std::uint64_t last = 0;  // byte by byte: a copy of unknown length is a call that the sanitizers watch
    while (left-- > 0) last = last << 8U | at[left];
    absorb(last);
  }
  [[nodiscard]] Hash end() const {
    Hash hash;
    for (std::size_t lane = 0; lane < 4; ++lane) {
      const std::uint64_t mixed = fold(one_ ^ odd[lane], two_ ^ odd[3 - lane]) ^ fold(two_ + odd[lane], odd[lane]);
      std::memcpy(&hash[8 * lane], &mixed, sizeof mixed);
    }
    return hash;
  }

 private:
  // Digits of pi, made odd.
  static constexpr std::array<std::uint64_t, 4> odd = {0x243f'6a88'85a3'08d3, 0x1319'8a2e'0370'7345,
                                                       0xa409'3822'299f'31d1, 0x082e'fa98'ec4e'6c89};

  void absorb(std::uint64_t word) {
    one_ = fold(one_ ^ word, odd[0]) + two_;
    two_ = fold(two_ + word, odd[1]) ^ one_;
  }

  std::uint64_t one_ = odd[2], two_ = odd[3];
};

Hash hash_of_parts(testing::HashChoice chosen, std::initializer_list<ByteView> parts) {
  if (chosen == testing::HashChoice::fast) {
    FastHash hash;
    for (const ByteView part : parts) hash.add(part);
    return hash.end();
  }
  Bytes all;
  for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
  Hash hash;
  if (EVP_Digest(all.data(), all.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no SHA-256");
  return hash;
}

}  // namespace

Hash sha256(ByteView bytes) { return hash_of_parts(choice, {bytes}); }

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes_of(bytes))); }

Hash hash_tagged(std::string_view tag, ByteView bytes) {
  if (tag.size() > hash_tag_bytes_max) throw std::length_error("a hash tag has at most 255 bytes");
  const auto length = static_cast<std::uint8_t>(tag.size());
  const auto chosen = bytes.empty() ? testing::HashChoice::sha256 : choice;
  return hash_of_parts(chosen, {ByteView(&length, 1), bytes_of(tag), bytes});
}

namespace optimized {

/// A tag and its length are the beginning of every message, so that it can be taken apart again.
void hash_padded(std::span<const kernels::PaddedMessage> messages, std::span<Hash> hashes) {
  for (std::size_t k = 0; k < messages.size(); ++k) {
    const ByteView message = without_padding(messages[k]), tag = message.subspan(1, message.front());
    hashes[k] = hash_tagged({reinterpret_cast<const char*>(tag.data()), tag.size()}, message.subspan(1 + tag.size()));
  }
}

}  // namespace optimized

namespace testing {

void choose_hash(HashChoice wanted) { choice = wanted; }
HashChoice chosen_hash() { return choice; }

bool is_for_sha256(ByteView input) {
  std::uint64_t mixed = input.size();
  for (const std::uint8_t byte : input) mixed = (mixed ^ byte) * 0x100'0000'01b3;
  return (mixed >> 40U) % 256 == 0;
}

}  // namespace testing
}  // namespace p2pllm
