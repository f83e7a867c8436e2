#pragma once

#include <cstddef>

// What a program hashes, so that the same hashes can be timed alone. The linker leads every call of `hash_tagged`
// through here (bench/CMakeLists.txt).
namespace p2pllm::bench {

/// Forgets what was recorded, and records from now on, in this one thread.
void record_hashes();
void stop_recording();
/// Hashes again what was recorded. @returns how many hashes it was
std::size_t hash_recorded();

}  // namespace p2pllm::bench
