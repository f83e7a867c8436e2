#pragma once

// Functions compiled for one vector unit. Their bodies use the vector types of GCC and Clang rather than a library: one
// short body serves every width, its operations are those of the formula, and the compiler emits the instructions that
// intrinsics would name.
#if defined(__x86_64__)
#define P2PLLM_TARGET(features) __attribute__((target(features)))
#else
#define P2PLLM_TARGET(features)
#endif
#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions alone
#if defined(__clang__)
#define P2PLLM_AVX512 P2PLLM_TARGET("avx512f,avx512dq,avx512vl")
#else
#define P2PLLM_AVX512 P2PLLM_TARGET("avx512f,avx512dq,avx512vl,prefer-vector-width=512")
#endif
#define P2PLLM_AVX2 P2PLLM_TARGET("avx2")
