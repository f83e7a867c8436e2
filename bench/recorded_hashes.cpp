#include "bench/recorded_hashes.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "optimized/contracts/hash_batch.hpp"

#define P2PLLM_HASH_TAGGED \
  "_ZN6p2pllm11hash_taggedESt17basic_string_viewIcSt11char_traitsIcEESt4spanIKhLm18446744073709551615EE"
#define P2PLLM_HASH_PADDED                                                                     \
  "_ZN6p2pllm9optimized11hash_paddedESt4spanIKNS_7kernels13PaddedMessageELm184467440737095516" \
  "15EES1_ISt5arrayIhLm32EELm18446744073709551615EE"

namespace p2pllm::bench {

using Messages = std::span<const kernels::PaddedMessage>;

Hash real_hash_tagged(std::string_view tag, ByteView bytes) asm("__real_" P2PLLM_HASH_TAGGED);
Hash wrapped_hash_tagged(std::string_view tag, ByteView bytes) asm("__wrap_" P2PLLM_HASH_TAGGED);
void real_hash_padded(Messages messages, std::span<Hash> hashes) asm("__real_" P2PLLM_HASH_PADDED);
void wrapped_hash_padded(Messages messages, std::span<Hash> hashes) asm("__wrap_" P2PLLM_HASH_PADDED);

namespace {

/// Messages that were hashed by one call; one of `hash_tagged` has a single message.
struct Recorded {
  std::size_t from, count;
  bool is_batch;
};
bool is_recording = false;
std::vector<Recorded> recorded;
Bytes text;                                    // of all messages, padded, one after the other
std::vector<std::size_t> blocks;               // of each
std::vector<kernels::PaddedMessage> messages;  // known once the recording has stopped
std::vector<Hash> hashes;

/// A message as `HashBatch` pads it.
Bytes padded_message(std::string_view tag, ByteView bytes) {
  const std::size_t size = 1 + tag.size() + bytes.size();
  Bytes made(64 * kernels::sha256_blocks(size));
  made[0] = static_cast<std::uint8_t>(tag.size());
  std::ranges::copy(bytes, std::ranges::copy(tag, made.begin() + 1).out);
  made[size] = 0x80;
  for (std::size_t k = 0; k < 8; ++k)
    made[made.size() - 1 - k] = static_cast<std::uint8_t>(std::uint64_t{8 * size} >> (8 * k));
  return made;
}

void record(std::span<const std::uint8_t> padded) {
  text.insert(text.end(), padded.begin(), padded.end());
  blocks.push_back(padded.size() / 64);
}

}  // namespace

Hash wrapped_hash_tagged(std::string_view tag, ByteView bytes) {
  if (is_recording) {
    recorded.push_back({blocks.size(), 1, false});
    record(padded_message(tag, bytes));
  }
  return real_hash_tagged(tag, bytes);
}

void wrapped_hash_padded(Messages batch, std::span<Hash> out) {
  if (is_recording) {
    recorded.push_back({blocks.size(), batch.size(), true});
    for (const kernels::PaddedMessage& one : batch) record({one.blocks, 64 * one.count});
  }
  real_hash_padded(batch, out);
}

void record_hashes() {
  recorded.clear();
  text.clear();
  blocks.clear();
  is_recording = true;
}

void stop_recording() {
  is_recording = false;
  messages.clear();
  const std::uint8_t* at = text.data();
  for (const std::size_t count : blocks) {
    messages.push_back({at, count});
    at += 64 * count;
  }
  hashes.resize(messages.size());
}

std::size_t recorded_hashes() { return messages.size(); }

/// A ledger has just written the texts that it hashes, so here the next ones are fetched while some are hashed.
void hash_recorded_together() {
  constexpr std::size_t together = 128;
  for (std::size_t from = 0; from < messages.size(); from += together) {
    const std::size_t count = std::min(together, messages.size() - from);
    for (std::size_t next = from + count; next < std::min(from + 2 * together, messages.size()); ++next)
      for (std::size_t block = 0; block < messages[next].count; ++block)
        __builtin_prefetch(messages[next].blocks + 64 * block);
    real_hash_padded(Messages(messages).subspan(from, count), std::span(hashes).subspan(from, count));
  }
}

void hash_recorded_as_they_came() {
  for (const Recorded& one : recorded) {
    if (one.is_batch) {
      real_hash_padded(Messages(messages).subspan(one.from, one.count), std::span(hashes).subspan(one.from, one.count));
      continue;
    }
    const ByteView message = optimized::without_padding(messages[one.from]), tag = message.subspan(1, message.front());
    hashes[one.from] =
        real_hash_tagged({reinterpret_cast<const char*>(tag.data()), tag.size()}, message.subspan(1 + tag.size()));
  }
}

void hash_recorded_one_by_one() {
  for (std::size_t k = 0; k < messages.size(); ++k) hashes[k] = sha256(optimized::without_padding(messages[k]));
}

}  // namespace p2pllm::bench
