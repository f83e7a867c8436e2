#pragma once

namespace p2pllm::kernels {

/// Operations a second of a GPU that computes and moves nothing. The default stands for a machine that is not measured.
struct Rates {
  double dp4a = 1e12;  ///< products and sums of bytes, each as one, by dp4a
  double imma = 1e12;  ///< the same by the tensor cores
  double fp64 = 1e12;  ///< operations on doubles, a fused product and sum as one
};

/// Measures the first GPU, and prints its rates. Ends the program with the status 1 if the GPU fails.
[[nodiscard]] Rates measured_rates();

}  // namespace p2pllm::kernels
