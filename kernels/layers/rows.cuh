#pragma once

#include "kernels/layers/product_rules.hpp"
#include "kernels/matrix/layer_rules.hpp"
#include "kernels/simt/fold.hpp"
#include "kernels/simt/index_rules.hpp"

// What exact layers do with whole rows: norms and blocks (LAYER-3, LAYER-8), gates and sums (LAYER-9). Integers alone,
// so that results are those of the CPU from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int row_threads = 128;

struct PrepareArguments {
  simt::DeviceSpan<const std::int32_t> rows;  ///< [position][width]
  std::int64_t width = 0;
  simt::DeviceSpan<const std::int16_t> gain;  ///< `width` numbers of a norm; none for no norm
  std::int64_t gain_exponent = 0;
  std::int64_t epsilon = 0;
  std::int64_t fraction_bits = 0;
  simt::DeviceSpan<std::uint32_t> upper, lower;  ///< [position][words]: the parts of the block, and then of zeros
  simt::DeviceSpan<std::uint8_t> exponents;      ///< of each position
};
struct PrepareStorage {
  simt::SharedArray<std::int64_t, row_threads> cells;
};

/// A row after its norm, if it has one.
struct NormedRow {
  const PrepareArguments& arguments;
  std::int64_t position;
  bool has_norm;
  bool is_zero;
  NormScale scale;

  [[nodiscard]] P2PLLM_AGENT std::int64_t number(std::int64_t column) const {
    const std::int64_t given = arguments.rows.load(simt::cell(position, arguments.width, column));
    if (!has_norm) return given;
    if (is_zero) return 0;
    const std::int64_t unit = unit_number(given, scale.reciprocal, scale.root_shift);
    return gained_number<std::int64_t>(unit, arguments.gain.load(column), arguments.gain_exponent,
                                       arguments.fraction_bits);
  }
};

/// Puts a row into the block that a matrix is multiplied by. A block has a position.
P2PLLM_AGENT void prepare(const simt::Thread& thread, PrepareStorage& storage, const PrepareArguments& arguments) {
  const int self = thread.index();
  NormedRow row{arguments, thread.block(), false, false, {}};
  const auto largest_of_row = [&] {
    std::int64_t largest = 0;
    for (std::int64_t column = self; column < arguments.width; column += row_threads) {
      const std::int64_t size = magnitude(row.number(column));
      largest = largest < size ? size : largest;
    }
    return simt::folded(thread, storage.cells, largest, simt::Greatest());
  };
  std::int64_t largest = largest_of_row();
  if (arguments.gain.size() > 0) {
    const std::int64_t shift = square_shift(largest);
    std::int64_t squares = 0;
    for (std::int64_t column = self; column < arguments.width; column += row_threads)
      squares += short_square(row.number(column), shift);
    squares = simt::folded(thread, storage.cells, squares, simt::Sum());
    const std::int64_t mean = mean_of_squares(squares, arguments.width, arguments.epsilon, shift);
    row.has_norm = true;
    row.is_zero = mean == 0;
    if (mean != 0) row.scale = norm_scale(mean, shift);
    largest = largest_of_row();
  }
  const std::int64_t exponent = block_exponent(largest);
  if (self == 0) arguments.exponents.store(row.position, static_cast<std::uint8_t>(exponent));
  const std::int64_t words = arguments.upper.size() / arguments.exponents.size();
  for (std::int64_t word = self; word < words; word += row_threads) {
    std::uint32_t upper = 0, lower = 0;
    for (std::int64_t k = 3; k >= 0; --k) {
      const std::int64_t column = simt::cell<std::int64_t>(word, 4, k);
      const std::int64_t number = column < arguments.width ? block_number(row.number(column), exponent) : 0;
      upper = upper << 8 | static_cast<std::uint8_t>(upper_part(number));
      lower = lower << 8 | static_cast<std::uint8_t>(lower_part(number));
    }
    arguments.upper.store(simt::cell(row.position, words, word), upper);
    arguments.lower.store(simt::cell(row.position, words, word), lower);
  }
}

/// 2^-distance, in 2^-30, of a distance in 2^-16 from 0 to 2^22 (LAYER-7). @param table  of LAYER-2
[[nodiscard]] P2PLLM_AGENT std::int64_t power_at(const simt::DeviceSpan<const std::int32_t>& table,
                                                 std::int64_t distance) {
  const std::int64_t entry = (distance & 0xffff) >> 8;
  return exp2_between<std::int64_t>(table.load(entry), table.load(entry + 1), distance & 0xff, distance >> 16);
}

struct GateArguments {
  simt::DeviceSpan<const std::int32_t> gate_and_up;  ///< [position][2 * hidden]
  std::int64_t hidden = 0;
  std::int64_t fraction_bits = 0;
  simt::DeviceSpan<const std::int32_t> exp2;  ///< the table of LAYER-2
  simt::DeviceSpan<std::int32_t> numbers;     ///< [position][hidden]
};
/// silu(gate) * up (LAYER-9), a number a thread.
P2PLLM_AGENT void gate(const simt::Thread& thread, simt::NoStorage& /*storage*/, const GateArguments& arguments) {
  for (std::int64_t at = thread.number(); at < arguments.numbers.size(); at += thread.numbers()) {
    const std::int64_t position = at / arguments.hidden, column = at % arguments.hidden;
    const std::int64_t first = simt::cell(position, 2 * arguments.hidden, column);
    const std::int64_t gate = arguments.gate_and_up.load(first);
    const std::int64_t up = arguments.gate_and_up.load(first + arguments.hidden);
    const std::int64_t power = power_at(arguments.exp2, sigmoid_distance(gate, arguments.fraction_bits));
    const std::int64_t sigmoid = sigmoid_numerator(gate, power) / (one_of_weights + power);
    arguments.numbers.store(at, static_cast<std::int32_t>(gated_number(gate, sigmoid, up, arguments.fraction_bits)));
  }
}

struct AddArguments {
  simt::DeviceSpan<const std::int32_t> more;
  simt::DeviceSpan<std::int32_t> rows;  ///< as many numbers
};

/// Adds to rows (LAYER-9), a number a thread.
P2PLLM_AGENT void add(const simt::Thread& thread, simt::NoStorage& /*storage*/, const AddArguments& arguments) {
  for (std::int64_t at = thread.number(); at < arguments.rows.size(); at += thread.numbers())
    arguments.rows.store(
        at, static_cast<std::int32_t>(added_number<std::int64_t>(arguments.rows.load(at), arguments.more.load(at))));
}

}  // namespace p2pllm::kernels
