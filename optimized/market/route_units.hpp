#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "optimized/market/columns.hpp"

namespace p2pllm::optimized {

/// The greatest unit that the units of several columns are multiples of, for sums of one entry of each.
struct CommonUnit {
  Rational unit = 1;
  std::vector<std::uint64_t> factors;  ///< of each column: its unit is so many common ones; meaningful if all fit
  mpz_class greatest;                  ///< no sum of one entry of each column is greater, in the common unit
  bool fits = false;                   ///< every such sum has at most 64 bits

  explicit CommonUnit(std::span<const Column* const> columns);
};

[[nodiscard]] unsigned bits_of(const mpz_class& value);

}  // namespace p2pllm::optimized
