#pragma once

#include "kernels/matrix/matrix.hpp"

namespace p2pllm::kernels {

extern const MatrixTarget portable_matrix_target;
extern const MatrixTarget avx2_matrix_target;
extern const MatrixTarget avx512_matrix_target;       ///< AVX-512 F, BW, DQ and VL
extern const MatrixTarget avx512_vnni_matrix_target;  ///< and VNNI

}  // namespace p2pllm::kernels
