#pragma once

#include <cstdio>
#include <cstdlib>

// Assertions: a condition that fails is a defect of this program, never an outcome. A failure that an input can cause
// is a `Fault` instead.
namespace p2pllm {

/// Prints the place and the condition to the standard error and aborts.
[[noreturn]] inline void fail_assertion(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: %s: this is a defect of p2pllm\n", file, line, condition);
  std::abort();
}

#ifdef P2PLLM_VERIFY_BUILD
inline constexpr bool is_verify_build = true;
#else
inline constexpr bool is_verify_build = false;
#endif

}  // namespace p2pllm

/// Aborts unless the condition holds, in every build: for preconditions that cost little to check.
#define P2PLLM_ASSERT(...) \
  (static_cast<bool>(__VA_ARGS__) ? void() : ::p2pllm::fail_assertion(__FILE__, __LINE__, #__VA_ARGS__))

/// The same in the preset `verify` alone: for checks that cost as much as what they check, or more. In other builds the
/// condition is compiled and not evaluated.
#define P2PLLM_VERIFY(...) (::p2pllm::is_verify_build ? P2PLLM_ASSERT(__VA_ARGS__) : void())
