#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "kernels/matrix/matrix.hpp"
#include "optimized/layers/aligned.hpp"

namespace p2pllm::optimized {

/// The keys and values of one head for the positions so far, laid out for the kernels (LAYER-7).
class HeadCache {
 public:
  explicit HeadCache(std::size_t head_width) : width_(head_width), value_width_((head_width + 15) / 16 * 16) {}

  /// Makes room for positions; those that are there keep their places.
  void reserve(std::size_t positions) {
    const std::size_t whole = (positions + kernels::key_group - 1) / kernels::key_group * kernels::key_group;
    keys_.resize(whole * width_);
    values_.resize(whole * value_width_);
    key_exponents_.resize(whole);
    value_exponents_.resize(whole);
  }
  void put_key(std::size_t position, std::span<const std::int16_t> numbers, std::int64_t exponent) {
    std::int16_t* to = &keys_[kernels::key_place(position, 0, width_)];
    for (std::size_t d = 0; d < width_; d += 2, to += 2 * kernels::key_group) std::copy_n(&numbers[d], 2, to);
    key_exponents_[position] = static_cast<std::uint8_t>(exponent);
  }
  void put_value(std::size_t position, std::span<const std::int16_t> numbers, std::int64_t exponent) {
    std::int16_t* const to = &values_[kernels::value_place(position, 0, value_width_)];
    for (std::size_t d = 0; d < width_; ++d) to[2 * d] = numbers[d];
    value_exponents_[position] = static_cast<std::uint8_t>(exponent);
  }
  [[nodiscard]] std::int16_t key(std::size_t position, std::size_t d) const {
    return keys_[kernels::key_place(position, d, width_)];
  }
  [[nodiscard]] std::int16_t value(std::size_t position, std::size_t d) const {
    return values_[kernels::value_place(position, d, value_width_)];
  }
  [[nodiscard]] const std::int16_t* keys() const { return keys_.data(); }
  [[nodiscard]] const std::int16_t* values() const { return values_.data(); }
  [[nodiscard]] const std::uint8_t* key_exponents() const { return key_exponents_.data(); }
  [[nodiscard]] const std::uint8_t* value_exponents() const { return value_exponents_.data(); }
  [[nodiscard]] std::size_t value_width() const { return value_width_; }

 private:
  std::size_t width_;
  std::size_t value_width_;
  AlignedVector<std::int16_t> keys_;    // 0 where no position is
  AlignedVector<std::int16_t> values_;  // likewise, and from the head's width on
  std::vector<std::uint8_t> key_exponents_;
  std::vector<std::uint8_t> value_exponents_;
};

}  // namespace p2pllm::optimized
