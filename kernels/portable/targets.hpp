#pragma once

#include "kernels/portable/target.hpp"

namespace p2pllm::kernels {

extern const Target
    baseline_target;                ///< any processor; fma by the C library, which uses the instruction if there is one
extern const Target avx2_target;    ///< x86-64 with AVX2 and FMA
extern const Target avx512_target;  ///< x86-64 with AVX-512 F, DQ and VL

}  // namespace p2pllm::kernels
