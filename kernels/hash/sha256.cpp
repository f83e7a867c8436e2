#include "kernels/hash/sha256.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "kernels/hash/sha256_lanes.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace p2pllm::kernels {

#if defined(__x86_64__)

namespace {

/// A step of 16 lanes takes as long as this many blocks by the SHA instructions (see sha256.hpp).
constexpr std::size_t blocks_worth_a_step = 12;
constexpr std::size_t sorted_at_once = 256, lengths = 16;

/// The messages by falling length, so that neighbours end together; those from `lengths` blocks on are in no order.
void sort(std::span<const PaddedMessage> messages, Sha256Digest* digests, Sha256Job* jobs) {
  const auto put = [&](std::size_t at, std::size_t k) {
    jobs[at] = {messages[k].blocks, messages[k].count, digests + k};
  };
  if (std::ranges::is_sorted(messages, std::ranges::greater(), &PaddedMessage::count)) {
    for (std::size_t k = 0; k < messages.size(); ++k) put(k, k);
    return;
  }
  std::array<std::size_t, lengths + 1> place{};
  const auto bucket = [](const PaddedMessage& message) { return lengths - std::min(message.count, lengths); };
  for (const PaddedMessage& message : messages) ++place[bucket(message)];
  for (std::size_t k = 0, before = 0; k <= lengths; ++k) before += std::exchange(place[k], before);
  for (std::size_t k = 0; k < messages.size(); ++k) put(place[bucket(messages[k])]++, k);
}

bool fills_lanes(const Sha256Job* jobs, std::size_t size) {
  std::size_t longest = 0, sum = 0;
  for (std::size_t k = 0; k < size; ++k) {
    longest = std::max(longest, jobs[k].count);
    sum += jobs[k].count;
  }
  return sum >= blocks_worth_a_step * longest;
}

template <bool has_sha_ni, bool has_avx512>
void hash(std::span<const PaddedMessage> messages, Sha256Digest* digests) {
  std::array<Sha256Job, sorted_at_once> jobs;
  for (std::size_t from = 0; from < messages.size(); from += sorted_at_once) {
    const std::size_t size = std::min(messages.size() - from, sorted_at_once);
    sort(messages.subspan(from, size), digests + from, jobs.data());
    for (std::size_t done = 0; done < size;) {
      const std::size_t many = std::min(size - done, avx512_lanes), few = std::min(size - done, sha_ni_lanes);
      const bool is_wide = has_avx512 && (!has_sha_ni || fills_lanes(&jobs[done], many));
      (is_wide ? hash_by_avx512 : hash_by_sha_ni)(&jobs[done], is_wide ? many : few);
      done += is_wide ? many : few;
    }
  }
}

constexpr Sha256Target both = {"AVX-512 and SHA instructions", hash<true, true>};
constexpr Sha256Target sha_ni = {"SHA instructions", hash<true, false>};
constexpr Sha256Target avx512 = {"AVX-512", hash<false, true>};

struct Available {
  std::array<const Sha256Target*, 3> list{};
  std::size_t count = 0;
  void add(const Sha256Target& target) { list[count++] = &target; }
};

/// GCC 12 and clang 14 have no name for the SHA instructions: bit 29 of register b of leaf 7.
bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29U & 1U) != 0 && __builtin_cpu_supports("sse4.1");
}

Available find_targets() {
  Available found;
  __builtin_cpu_init();
  const bool has_sha_ni = has_sha_instructions();
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  if (has_sha_ni && has_avx512) found.add(both);
  if (has_sha_ni) found.add(sha_ni);
  if (has_avx512) found.add(avx512);
  return found;
}

}  // namespace

std::span<const Sha256Target* const> sha256_targets() {
  static const Available available = find_targets();
  return std::span(available.list).first(available.count);
}

#else

std::span<const Sha256Target* const> sha256_targets() { return {}; }

#endif

}  // namespace p2pllm::kernels
