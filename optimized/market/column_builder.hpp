#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "optimized/market/columns.hpp"
#include "optimized/market/json_text.hpp"

namespace p2pllm::optimized {

/// 10^0 .. 10^19, the powers of ten below 2^64.
inline constexpr auto powers_of_ten = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t k = 1; k < powers.size(); ++k) powers[k] = 10 * powers[k - 1];
  return powers;
}();

/// Makes a column of numbers that come one by one, in a unit that becomes smaller where a number asks for it.
///
/// Law: while `add` has returned true, entry i is the multiple of unit 10^exponent / divisor that the i-th number is,
/// exactly. The integers have 32 bits until one needs more.
class ColumnBuilder {
 public:
  void reserve(std::size_t size) { narrow_.reserve(size); }

  /// @returns false if some integer would need more than 64 bits; the column is then of no more use
  [[nodiscard]] bool add(const FixedNumber& number) {
    if (number.exponent == exponent_ && number.divisor == divisor_ && has_unit_) return push(number.mantissa);
    return add_in_other_unit(number);
  }

  [[nodiscard]] std::size_t size() const { return is_wide_ ? wide_.size() : narrow_.size(); }

  /// The column, in the greatest unit that all of its numbers are multiples of, as `Column::from` gives it.
  [[nodiscard]] Column finish() &&;

 private:
  bool push(std::uint64_t integer) {
    if (!is_wide_) {
      if (integer <= std::numeric_limits<std::uint32_t>::max()) {
        narrow_.push_back(static_cast<std::uint32_t>(integer));
        return true;
      }
      widen();
    }
    wide_.push_back(integer);
    return true;
  }
  bool add_in_other_unit(FixedNumber number);
  bool multiply_all(std::uint64_t factor);
  bool refine_exponent(int exponent);
  void widen();

  std::vector<std::uint32_t> narrow_;
  std::vector<std::uint64_t> wide_;
  bool is_wide_ = false;
  bool has_unit_ = false;  // not before the first number that is not 0
  int exponent_ = 0;
  std::uint64_t divisor_ = 1;
};

}  // namespace p2pllm::optimized
