#include "bench/recorded_hashes.hpp"

#include <string>
#include <vector>

#include "model/crypto/sha256.hpp"

#define P2PLLM_HASH_TAGGED \
  "_ZN6p2pllm11hash_taggedESt17basic_string_viewIcSt11char_traitsIcEESt4spanIKhLm18446744073709551615EE"

namespace p2pllm::bench {

Hash real_hash_tagged(std::string_view tag, ByteView bytes) asm("__real_" P2PLLM_HASH_TAGGED);
Hash wrapped_hash_tagged(std::string_view tag, ByteView bytes) asm("__wrap_" P2PLLM_HASH_TAGGED);

namespace {

struct Recorded {
  std::string tag;
  std::size_t from, size;
};
bool is_recording = false;
std::vector<Recorded> recorded;
Bytes text;

}  // namespace

Hash wrapped_hash_tagged(std::string_view tag, ByteView bytes) {
  if (is_recording) {
    recorded.push_back({std::string(tag), text.size(), bytes.size()});
    text.insert(text.end(), bytes.begin(), bytes.end());
  }
  return real_hash_tagged(tag, bytes);
}

void record_hashes() {
  recorded.clear();
  text.clear();
  is_recording = true;
}
void stop_recording() { is_recording = false; }

std::size_t hash_recorded() {
  for (const Recorded& one : recorded) (void)real_hash_tagged(one.tag, ByteView(text).subspan(one.from, one.size));
  return recorded.size();
}

}  // namespace p2pllm::bench
