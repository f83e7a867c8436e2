#pragma once

#include <cstddef>

// What a program hashes, so that the same hashes can be timed alone. The linker leads every call of `hash_tagged` and
// `hash_padded` through here (bench/CMakeLists.txt).
namespace p2pllm::bench {

/// Forgets what was recorded, and records from now on, in this one thread.
void record_hashes();
void stop_recording();
/// How many hashes were recorded.
[[nodiscard]] std::size_t recorded_hashes();
/// Hashes again what was recorded as if no hash were needed for another, many at once: the least that any program which
/// makes these hashes takes for them with these instructions.
void hash_recorded_together();
/// Hashes again what was recorded, in the same batches, and what came alone alone.
void hash_recorded_as_they_came();
/// Hashes again what was recorded, one message after the other, by OpenSSL.
void hash_recorded_one_by_one();

}  // namespace p2pllm::bench
