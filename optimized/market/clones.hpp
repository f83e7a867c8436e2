#pragma once

// A loop over independent elements, compiled for several instruction sets; the one that the processor has is chosen
// when the program starts. It may use IEEE operations alone, so that all copies give the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define P2PLLM_CLONES [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define P2PLLM_CLONES
#endif
