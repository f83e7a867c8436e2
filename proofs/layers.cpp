#include <limits>

#include "model/layers/model_file.hpp"
#include "proofs/layer_limits.hpp"
#include "reference/layers/layer_rules.hpp"

// What the rules of layers compute stays within 64 bits, and within the limits that the next rule relies on, for all
// weights and inputs (LAYER-1). Each limit is needed: the planted fault of a statement is the same with one limit
// wider.
namespace p2pllm::proofs {
namespace {

using namespace reference;
using N = FittingInt;

constexpr std::int64_t two(int exponent) { return std::int64_t{1} << exponent; }
constexpr std::int64_t block_sum_most = block_columns * weight_max * block_most;
constexpr std::int64_t block_term_most = block_sum_most * multiplier_max;
constexpr std::int64_t mean_weights_most = two(30) * context_max;

void rounds_to_nearest(Limits& l) {
  const N value = l.symmetric("v", l.needed(two(62), std::numeric_limits<std::int64_t>::max()));
  for (std::int64_t shift = 1; shift <= 61; ++shift) {
    const SymInt error =
        rounded_shift(value, shift).value() * constant(value.value(), two(static_cast<int>(shift))) - value.value();
    const SymInt half = constant(error, two(static_cast<int>(shift) - 1));
    l.say(land(constant(error, 0) - half <= error, error <= half));
  }
}

void makes_block_numbers(Limits& l) {
  for (int exponent = 0; exponent <= 16; ++exponent) {
    const N value = l.symmetric("y" + std::to_string(exponent), l.needed(two(15 + exponent), two(16 + exponent)) - 1);
    const N block = block_number(value, exponent);
    const SymInt error = block.value() * constant(value.value(), two(exponent)) - value.value();
    const SymInt unit = constant(error, two(exponent));
    l.say_within(block, -block_most, block_most);
    l.say(land(constant(error, 0) - unit < error, error < unit));
  }
}

void adds_a_block(Limits& l) {
  // After some terms of a block, and after some blocks: one more fits.
  const N terms = l.number("terms", 0, l.needed(block_columns - 1, two(20)));
  const N sum = N(l.symmetric("sum", two(62)));
  const N weight = l.symmetric("w", weight_max);
  const N number = l.symmetric("q", block_most);
  l.bound_product(weight, weight_max, number, block_most);
  const SymInt term = constant(sum.value(), weight_max * block_most);
  const SymInt before = terms.value() * term;
  l.assume(land(constant(before, 0) - before <= sum.value(), sum.value() <= before));
  l.say_within(sum + weight * number, -block_sum_most, block_sum_most);
}

void adds_blocks(Limits& l) {
  const std::int64_t blocks_most = columns_max / block_columns;
  const N blocks = l.number("blocks", 0, l.needed(blocks_most - 1, two(21)));
  const N sum = N(l.symmetric("sum", std::numeric_limits<std::int64_t>::max()));
  const N block = l.symmetric("block", block_sum_most);
  const N multiplier = l.number("m", 1, multiplier_max);
  l.bound_product(block, block_sum_most, multiplier, multiplier_max);
  const SymInt before = blocks.value() * constant(sum.value(), block_term_most);
  l.assume(land(constant(before, 0) - before <= sum.value(), sum.value() <= before));
  l.say_within(sum + block * multiplier, -blocks_most * block_term_most, blocks_most * block_term_most);
}

void makes_a_product(Limits& l) {
  const std::int64_t most = columns_max / block_columns * block_term_most;
  const N sum = l.symmetric("sum", l.needed(most, std::numeric_limits<std::int64_t>::max()));
  for (std::int64_t shift = 0; shift <= exponent_max; ++shift)
    l.say_within(product_number(sum, shift, 0), -row_most, row_most);
}

void embeds(Limits& l) {
  const N weight = l.symmetric("w", weight_max);
  const std::int64_t most = l.needed(multiplier_max, two(60));
  const N multiplier = l.number("m", 1, most);
  l.bound_product(weight, weight_max, multiplier, multiplier_max);
  for (std::int64_t exponent = exponent_min; exponent <= exponent_max; ++exponent)
    for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max})
      l.say_within(embedded_number(weight, multiplier, exponent, bits), -row_most, row_most);
}

void interpolates_sine(Limits& l) {
  const N first = l.symmetric("first", unit30);
  const N second = l.symmetric("second", unit30);
  const N part = l.number("part", 0, l.needed(two(20) - 1, two(21)));
  const N difference = second - first;
  const SymInt product = difference.value() * part.value();
  const SymInt whole = difference.value() * constant(part.value(), two(20));
  const SymInt zero = constant(whole, 0);
  l.hint(implies(land(zero <= part.value(), part.value() <= constant(zero, two(20))),
                 lor(land(zero <= product, product <= whole), land(whole <= product, product <= zero))));
  l.say_within(sine_between(first, second, part), -unit30, unit30);
}

void turns(Limits& l) {
  const std::int64_t most = l.needed(unit30, two(32));
  const N first = l.symmetric("first", row_most);
  const N second = l.symmetric("second", row_most);
  const N s = l.symmetric("sine", most);
  const N c = l.symmetric("cosine", most);
  for (const N* number : {&first, &second})
    for (const N* factor : {&s, &c}) l.bound_product(*number, row_most, *factor, unit30);
  l.say_within(turned_first(first, second, s, c), -row_most, row_most);
  l.say_within(turned_second(first, second, s, c), -row_most, row_most);
}

void interpolates_power(Limits& l) {
  const N first = l.number("first", 0, unit30);
  const N second = l.number("second", 0, unit30);
  const N part = l.number("part", 0, l.needed(255, 511));
  l.assume(second.value() <= first.value());
  const N power = power_between(first, second, part);
  l.say(land(second.value() <= power.value(), power.value() <= first.value()));
}

void scores(Limits& l) {
  // At the least fraction bits and the greatest exponents the shift is to the left, by 4.
  const std::int64_t bits = l.needed(fraction_bits_min, 8);
  for (std::int64_t width = 2; width <= head_width_max; width += 2) {
    const N sum = l.symmetric("sum" + std::to_string(width), width * block_most * block_most);
    const N scale = integer_like(sum, score_scale_of(width));
    for (const std::int64_t exponents : {0, 2 * 16}) {
      const N z = score(sum, scale, bits, exponents);
      l.say_within(z, -two(61), two(61));
      (void)score_distance(z, N(SymInt(constant(z.value(), -two(61)))));
    }
    (void)score(sum, scale, fraction_bits_max, 0);
  }
}

void adds_a_position(Limits& l) {
  const N positions = l.number("positions", 0, l.needed(context_max, two(20)) - 1);
  const N sum = N(l.symmetric("sum", std::numeric_limits<std::int64_t>::max()));
  const N weight = l.number("weight", 0, unit30);
  const N value = l.symmetric("value", block_most);
  const SymInt before = positions.value() * constant(sum.value(), unit30 * block_most);
  l.assume(land(constant(before, 0) - before <= sum.value(), sum.value() <= before));
  for (std::int64_t less = 0; less <= 16; ++less) {
    l.bound_product(N(div_floor(weight.value(), two(static_cast<int>(less)))), unit30, value, block_most);
    l.say_within(sum + weighted(weight, value, 0, less), -mean_weights_most * block_most,
                 mean_weights_most * block_most);
  }
}

void divides_a_mean(Limits& l) {
  for (std::int64_t dropped = 1; dropped <= 18; ++dropped) {
    const N total = l.number("total" + std::to_string(dropped), two(29 + static_cast<int>(dropped)),
                             two(30 + static_cast<int>(dropped)) - 1);
    const N sum = N(l.symmetric("sum" + std::to_string(dropped), two(62)));
    const SymInt most = total.value() * constant(total.value(), block_most);
    l.assume(land(constant(most, 0) - most <= sum.value(), sum.value() <= most));
    (void)mean_numerator(sum, dropped, l.needed(16, 19));
    l.say_within(N(div_floor(total.value(), two(static_cast<int>(dropped)))), two(29), two(30) - 1);
  }
}

void adds_a_square(Limits& l) {
  for (int dropped = 0; dropped <= 8; ++dropped) {
    const std::string of = std::to_string(dropped);
    const N value = l.symmetric("x" + of, two(23 + dropped) - 1);
    const N part = rounded_shift(value, dropped);
    l.bound_product(part, two(23), part, two(23));
    const N count = l.number("count" + of, 0, l.needed(columns_max, two(18)) - 1);
    const N sum = N(l.number("sum" + of, 0, std::numeric_limits<std::int64_t>::max()));
    l.assume(sum.value() <= count.value() * constant(sum.value(), two(46)));
    l.say_within(sum + square(value, dropped), 0, two(61));
  }
}

void takes_a_mean(Limits& l) {
  const N epsilon = l.number("epsilon", 0, l.needed(epsilon_max, two(62)));
  for (const std::int64_t count : {std::int64_t{1}, std::int64_t{3}, columns_max}) {
    const N sum = l.number("sum" + std::to_string(count), 0, count * two(46));
    for (int dropped = 0; dropped <= 8; ++dropped)
      l.say_within(mean_square(sum, count, epsilon, dropped), 0, two(47) - 1);
  }
}

void has_a_root(Limits& l) {
  const N mean = l.number("mean", l.needed(two(60), two(58)), two(62) - 1);
  const N root = l.number("root", 0, two(32));
  const N reciprocal = l.number("reciprocal", 0, two(62));
  const SymInt one = constant(root.value(), 1);
  l.assume(
      land(root.value() * root.value() <= mean.value(), mean.value() < (root.value() + one) * (root.value() + one)));
  l.assume(land(reciprocal.value() * root.value() <= constant(one, two(61)),
                constant(one, two(61)) < (reciprocal.value() + one) * root.value()));
  l.say_within(root, two(30), two(31) - 1);
  l.say_within(reciprocal, two(30), two(31));
}

void makes_a_unit(Limits& l) {
  // The square of a number is at most the sum of all, so |part| <= 2^(39 - lifted / 2); twice as much is granted.
  const N reciprocal = l.number("reciprocal", two(30), two(31));
  for (std::int64_t lifted = 14; lifted <= 60; lifted += 2)
    for (std::int64_t dropped = 0; dropped <= 8; ++dropped) {
      const std::int64_t part = two(static_cast<int>(40 - lifted / 2));
      const std::int64_t most = std::min(row_most, part << dropped);
      const N value =
          l.symmetric("x" + std::to_string(lifted) + "." + std::to_string(dropped), l.needed(most, two(33)));
      l.bound_product(value, most, reciprocal, two(31));
      l.say_within(unit_number(value, reciprocal, lifted, dropped), -two(30), two(30));
    }
}

void norms(Limits& l) {
  const N unit = l.symmetric("unit", two(30));
  const N gain = l.symmetric("gain", l.needed(gain_max, two(40)));
  l.bound_product(unit, two(30), gain, gain_max);
  for (std::int64_t exponent = 0; exponent <= gain_exponent_max; ++exponent)
    for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max})
      l.say_within(normed_number(unit, gain, exponent, bits), -row_most, row_most);
}

void gates(Limits& l) {
  const std::int64_t most = l.needed(row_most, two(33));
  const N gate = l.symmetric("gate", most);
  const N up = l.symmetric("up", most);
  const N sigmoid = l.number("sigmoid", 0, unit30);
  const N power = l.number("power", 0, unit30);
  l.bound_product(gate, row_most, sigmoid, unit30);
  l.bound_product(rounded_shift(gate * sigmoid, 30), row_most, up, row_most);
  for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max}) {
    l.say_within(sigmoid_distance(gate, bits), 0, two(22));
    l.say_within(gated(gate, sigmoid, up, bits), -row_most, row_most);
  }
  (void)(integer_like(power, unit30) + power);
  l.say_within(sigmoid_numerator(gate, power), 0, two(60));
}

void adds_rows(Limits& l) {
  const std::int64_t most = l.needed(row_most, two(62));
  l.say_within(residual_number(l.symmetric("row", most), l.symmetric("change", most)), -row_most, row_most);
}

struct Name {
  const char* clause;
  const char* obligation;
};

Obligation fits(const Name& name, const char* statement, const Run& run) {
  return {name.clause, name.obligation, statement,
          "all numbers within the limits of LAYER-1 and MODEL-1, every exponent and shift", within_limits(run)};
}

}  // namespace

std::vector<Obligation> layer_obligations() {
  return {
      fits({"LAYER-3", "layer-3-rounds-to-nearest"}, "rounded() stays in 64 bits and errs by at most half a unit",
           rounds_to_nearest),
      fits({"LAYER-3", "layer-3-block-numbers"}, "block() stays within 32767 and errs by less than its unit",
           makes_block_numbers),
      fits({"LAYER-4", "layer-4-block-sum"}, "the sum of a block of 64 products is below 2^28", adds_a_block),
      fits({"LAYER-4", "layer-4-sum-of-blocks"}, "the sum of all blocks times their multipliers stays in 64 bits",
           adds_blocks),
      fits({"LAYER-4", "layer-4-product"}, "a product is a number of a row", makes_a_product),
      fits({"LAYER-5", "layer-5-embeds"}, "the row of a token is a row", embeds),
      fits({"LAYER-6", "layer-6-sine"}, "a sine between two of the table is within 1", interpolates_sine),
      fits({"LAYER-6", "layer-6-turns"}, "turned numbers are numbers of a row", turns),
      fits({"LAYER-7", "layer-7-power"}, "a power between two of the table lies between them", interpolates_power),
      fits({"LAYER-7", "layer-7-score"}, "a score is within 2^61", scores),
      fits({"LAYER-7", "layer-7-sum-of-positions"}, "the sum over all positions stays in 64 bits", adds_a_position),
      fits({"LAYER-7", "layer-7-mean"}, "a mean's numerator stays in 64 bits, and its divisor is at least 2^29",
           divides_a_mean),
      fits({"LAYER-8", "layer-8-sum-of-squares"}, "the sum of squares of a row is at most 2^61", adds_a_square),
      fits({"LAYER-8", "layer-8-mean-square"}, "the mean square is below 2^47", takes_a_mean),
      fits({"LAYER-8", "layer-8-root"}, "root and reciprocal are between 2^30 and 2^31", has_a_root),
      fits({"LAYER-8", "layer-8-units"}, "a number in units of the root is within 2^30", makes_a_unit),
      fits({"LAYER-8", "layer-8-norm"}, "a norm's result is a row", norms),
      fits({"LAYER-9", "layer-9-gate"}, "what passes the gate is a number of a row", gates),
      fits({"LAYER-9", "layer-9-residual"}, "the sum of two rows is a row", adds_rows),
  };
}

}  // namespace p2pllm::proofs
