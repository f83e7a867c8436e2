#pragma once

#include <span>

#include "model/layers/exact_model.hpp"
#include "model/layers/float_model.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Rounds a model of floating-point weights to an exact one (MODEL-4), by integer arithmetic alone: the same file gives
/// the same id everywhere.
/// @param source  the file's name for messages
/// @param fraction_bits  12 .. 18: rows hold magnitudes below 2^(31 - fraction_bits)
/// @param progress  called with weights done and weights in all
/// @returns a fault for sizes that break MODEL-1, and for a weight that is not finite or is greater than 63.5 in
///   magnitude, with its tensor, row and column
[[nodiscard]] Result<ExactModel> convert_model(const FloatModel& model, const std::string& source,
                                               std::int64_t fraction_bits, const Progress& progress = {});

/// The frequencies of LAYER-6: round(2^64 * base^(-2 i / head_width) / (2 * pi)), correctly rounded.
/// @param base  finite, at least 1
[[nodiscard]] std::vector<std::uint64_t> rotation_frequencies(double base, std::int64_t head_width);

/// The row of a matrix (MODEL-4).
struct ExactRow {
  std::vector<std::int8_t> weights;  ///< padded to whole blocks
  std::vector<std::uint16_t> multipliers;
  std::int64_t exponent = 0;
};
/// @pre each value is finite and at most 63.5 in magnitude
[[nodiscard]] ExactRow convert_row(std::span<const double> values);
/// @pre each value is finite and at most 32767 in magnitude
[[nodiscard]] ExactGain convert_gain(std::span<const double> values);

}  // namespace p2pllm
