#include "kernels/matrix/layer_rules.hpp"
#include "model/layers/model_file.hpp"
#include "proofs/layer_limits.hpp"
#include "reference/layers/layer_rules.hpp"

// The fast half's rules of layers equal the reference's for all numbers, and machine integers hold what they compute.
// Exponents, shifts and fraction bits are known numbers. Rounding is compared at every shift, and what rounds at the
// ends of its exponents and between. Products of two unknowns are the same term on both sides, so that their size does
// not matter.
namespace p2pllm::proofs {
namespace {

using N = FittingInt;

constexpr std::int64_t two(int exponent) { return std::int64_t{1} << exponent; }

/// Whether two rules agree in every case, and whether the faulty one does.
class Cases {
 public:
  explicit Cases(Scope& scope) : right_(scope.truth(true)), faulty_(right_) {}
  /// @param expected  the reference's
  void compare(const SymInt& expected, const SymInt& fast, const SymInt& faulty) {
    right_ = land(right_, fast == expected);
    faulty_ = land(faulty_, faulty == expected);
  }
  [[nodiscard]] Goal goal() const { return {right_, faulty_}; }

 private:
  SymBool right_, faulty_;
};

SymInt within(Scope& scope, const std::string& name, std::int64_t least, std::int64_t most) {
  const SymInt value = scope.integer(name);
  scope.assume(land(integer_like(value, least) <= value, value <= integer_like(value, most)));
  return value;
}

/// The fault: a floor.
Goal rounding(Scope& scope) {
  Cases cases(scope);
  const SymInt v = scope.integer("v");
  for (std::int64_t bits = 0; bits <= 61; ++bits)
    cases.compare(reference::rounded_shift(v, bits), kernels::rounded_down(v, bits), kernels::shifted_down(v, bits));
  return cases.goal();
}

/// The fault: no bound.
Goal block_numbers(Scope& scope) {
  Cases cases(scope);
  const SymInt y = scope.integer("y");
  for (std::int64_t exponent = 0; exponent <= 16; ++exponent)
    cases.compare(reference::block_number(y, exponent), kernels::block_number(y, exponent),
                  kernels::rounded_down(y, exponent));
  return cases.goal();
}

/// The fault: the vector's exponent is ignored.
Goal products(Scope& scope) {
  Cases cases(scope);
  const SymInt sum = scope.integer("sum");
  for (const std::int64_t exponent : {exponent_min, std::int64_t{30}, exponent_max})
    for (const std::int64_t of_vector : {0, 7, 16})
      cases.compare(reference::product_number(sum, exponent, of_vector),
                    kernels::product_number(sum, exponent, of_vector), kernels::product_number(sum, exponent, 0));
  return cases.goal();
}

/// The fault: a multiplier of 2^15 is read with a sign.
Goal embedding(Scope& scope) {
  Cases cases(scope);
  const SymInt w = within(scope, "w", -weight_max, weight_max), m = within(scope, "m", 1, multiplier_max);
  const SymInt with_sign = select(m < integer_like(m, two(15)), m, m - integer_like(m, two(16)));
  for (const std::int64_t exponent : {exponent_min, fraction_bits_max, exponent_max})
    for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max})
      cases.compare(reference::embedded_number(w, m, exponent, bits), kernels::embedded_number(w, m, exponent, bits),
                    kernels::embedded_number(w, with_sign, exponent, bits));
  return cases.goal();
}

/// The fault: a sine that is cut off, and a turn the other way.
Goal rotation(Scope& scope) {
  Cases cases(scope);
  const SymInt first = scope.integer("first"), second = scope.integer("second"), part = scope.integer("part");
  cases.compare(reference::sine_between(first, second, part), kernels::sine_between(first, second, part),
                first + kernels::shifted_down((second - first) * part, 20));
  const SymInt sine = scope.integer("sine"), cosine = scope.integer("cosine");
  const SymInt back = integer_like(sine, 0) - sine;
  cases.compare(reference::turned_first(first, second, sine, cosine),
                kernels::turned_first(first, second, cosine, sine), kernels::turned_first(first, second, cosine, back));
  cases.compare(reference::turned_second(first, second, sine, cosine),
                kernels::turned_second(first, second, cosine, sine),
                kernels::turned_second(first, second, cosine, back));
  return cases.goal();
}

/// The reference halves a power as often as its argument says, and has 0 beyond 30. The fault: rounding between two.
Goal powers(Scope& scope) {
  Cases cases(scope);
  const SymInt entry = within(scope, "entry", 0, reference::unit30), part = within(scope, "part", 0, 255);
  const SymInt next = within(scope, "next", 0, reference::unit30);
  scope.assume(next <= entry);
  const SymInt between = reference::power_between(entry, next, part);
  const SymInt rounded = entry - kernels::rounded_down((entry - next) * part, 8);
  scope.hint(land(integer_like(between, 0) <= between, between <= entry));
  for (std::int64_t halvings = 0; halvings <= 64; ++halvings) {
    const SymInt expected = halvings > 30 ? integer_like(entry, 0) : div_floor(between, std::int64_t{1} << halvings);
    cases.compare(expected, kernels::exp2_between(entry, next, part, halvings),
                  kernels::shifted_down(rounded, std::min<std::int64_t>(halvings, 31)));
  }
  return cases.goal();
}

/// The fault: a negative shift is taken as none.
Goal scores(Scope& scope) {
  Cases cases(scope);
  const SymInt sum = scope.integer("sum"), scale = scope.integer("scale"), best = scope.integer("best");
  for (std::int64_t bits = fraction_bits_min; bits <= fraction_bits_max; ++bits)
    for (std::int64_t exponents = 0; exponents <= 32; ++exponents) {
      const std::int64_t shift = 2 * bits + 4 - exponents;
      cases.compare(reference::score(sum, scale, bits, exponents), kernels::position_score(sum, scale, shift),
                    kernels::position_score(sum, scale, std::max<std::int64_t>(shift, 0)));
    }
  const SymInt distance = kernels::capped_distance(best - sum);
  cases.compare(reference::score_distance(best, sum), distance, distance);
  return cases.goal();
}

/// The fault: the exponents of values are ignored.
Goal means(Scope& scope) {
  Cases cases(scope);
  const SymInt weight = scope.integer("weight"), value = scope.integer("value"), sum = scope.integer("sum");
  for (std::int64_t greatest = 0; greatest <= 16; ++greatest)
    for (std::int64_t exponent = 0; exponent <= greatest; ++exponent)
      cases.compare(reference::weighted(weight, value, exponent, greatest),
                    kernels::weight_of_value(weight, exponent, greatest) * value, weight * value);
  for (std::int64_t dropped = 1; dropped <= 18; ++dropped)
    for (const std::int64_t exponent : {0, 1, 16})
      cases.compare(reference::mean_numerator(sum, dropped, exponent), kernels::mean_numerator(sum, dropped, exponent),
                    kernels::mean_numerator(sum, dropped, 0));
  return cases.goal();
}

/// The fault: the numbers are squared as they are.
Goal squares(Scope& scope) {
  Cases cases(scope);
  const SymInt x = scope.integer("x"), sum = within(scope, "sum", 0, two(61));
  const SymInt epsilon = within(scope, "epsilon", 0, epsilon_max);
  for (std::int64_t shift = 0; shift <= 8; ++shift) {
    scope.hint(reference::rounded_shift(x, shift) == kernels::rounded_down(x, shift));
    cases.compare(reference::square(x, shift), kernels::short_square(x, shift), x * x);
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{70}, columns_max})
      cases.compare(reference::mean_square(sum, count, epsilon, shift),
                    kernels::mean_of_squares(sum, count, epsilon, shift),
                    kernels::mean_of_squares(sum, count, epsilon, 0));
  }
  return cases.goal();
}

/// The fault: an odd number of bits is lifted, and the gain's exponent is ignored.
Goal norms(Scope& scope) {
  Cases cases(scope);
  const SymInt x = scope.integer("x"), reciprocal = scope.integer("reciprocal"), gain = scope.integer("gain");
  for (const std::int64_t half : {0, 7, 15, 30})
    for (const std::int64_t dropped : {0, 8})
      cases.compare(reference::unit_number(x, reciprocal, 2 * half, dropped),
                    kernels::unit_number(x, reciprocal, 41 - half + dropped),
                    kernels::unit_number(x, reciprocal, 42 - half + dropped));
  for (const std::int64_t exponent : {std::int64_t{0}, std::int64_t{14}, gain_exponent_max})
    for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max})
      cases.compare(reference::normed_number(x, gain, exponent, bits), kernels::gained_number(x, gain, exponent, bits),
                    kernels::gained_number(x, gain, 0, bits));
  return cases.goal();
}

/// The fault: the sigmoid of a negative number is taken as that of a positive one.
Goal gates(Scope& scope) {
  Cases cases(scope);
  const SymInt gate = scope.integer("gate"), sigmoid = scope.integer("sigmoid"), up = scope.integer("up");
  const SymInt power = scope.integer("power"), one = integer_like(power, reference::unit30);
  cases.compare(reference::sigmoid_numerator(gate, power), kernels::sigmoid_numerator(gate, power), one * one);
  scope.hint(reference::rounded_shift(gate * sigmoid, 30) == kernels::rounded_down(gate * sigmoid, 30));
  for (std::int64_t bits = fraction_bits_min; bits <= fraction_bits_max; ++bits) {
    const SymInt distance = kernels::sigmoid_distance(gate, bits);
    cases.compare(reference::sigmoid_distance(gate, bits), distance, distance);
    const SymInt gated = kernels::gated_number(gate, sigmoid, up, bits);
    cases.compare(reference::gated(gate, sigmoid, up, bits), gated, gated);
  }
  return cases.goal();
}

/// The fault: the sum is not saturated.
Goal sums(Scope& scope) {
  Cases cases(scope);
  const SymInt row = scope.integer("row"), change = scope.integer("change");
  cases.compare(reference::residual_number(row, change), kernels::added_number(row, change), row + change);
  return cases.goal();
}

/// Whatever an estimate of the quotient is within 1 of: its remainder tells. The fault: an estimate that is 2 less.
Goal quotients(Scope& scope) {
  Cases cases(scope);
  const SymInt quotient = within(scope, "quotient", 0, two(30)), rest = scope.integer("rest");
  const SymInt divisor = within(scope, "divisor", two(30), two(31));
  scope.assume(land(integer_like(rest, 0) <= rest, rest < divisor));
  const SymInt numerator = quotient * divisor + rest;
  for (const std::int64_t error : {-1, 0, 1}) {
    const SymInt near = quotient + integer_like(quotient, error), far = near - integer_like(near, 1);
    cases.compare(quotient, kernels::corrected_quotient(near, numerator, divisor),
                  kernels::corrected_quotient(far, numerator, divisor));
  }
  return cases.goal();
}

/// Rounding doubles its argument, so what is rounded must be below 2^62: this limit is needed.
void rounding_fits(Limits& l) {
  const N value = l.symmetric("v", l.needed(two(62) - 1, two(62)));
  for (std::int64_t bits = 0; bits <= 61; ++bits) (void)kernels::rounded_down(value, bits);
}

void products_fit(Limits& l) {
  const N number = l.symmetric("x", l.needed(kernels::number_max, two(32)));
  const N other = l.symmetric("y", kernels::number_max), reciprocal = l.number("reciprocal", two(30), two(31));
  const N cosine = l.symmetric("cosine", kernels::one_of_weights), sine = l.symmetric("sine", kernels::one_of_weights);
  for (const N* one : {&number, &other})
    for (const N* factor : {&cosine, &sine})
      l.bound_product(*one, kernels::number_max, *factor, kernels::one_of_weights);
  l.bound_product(number, kernels::number_max, reciprocal, two(31));
  (void)kernels::turned_first(number, other, cosine, sine);
  (void)kernels::turned_second(number, other, cosine, sine);
  (void)kernels::unit_number(number, reciprocal, 41);
}

void gates_fit(Limits& l) {
  const std::int64_t most = l.needed(kernels::number_max, two(33));
  const N gate = l.symmetric("gate", most), up = l.symmetric("up", most);
  const N sigmoid = l.number("sigmoid", 0, kernels::one_of_weights);
  l.bound_product(gate, kernels::number_max, sigmoid, kernels::one_of_weights);
  l.bound_product(kernels::rounded_down(gate * sigmoid, 30), kernels::number_max, up, kernels::number_max);
  for (const std::int64_t bits : {fraction_bits_min, fraction_bits_max}) {
    (void)kernels::sigmoid_distance(gate, bits);
    (void)kernels::gated_number(gate, sigmoid, up, bits);
  }
}

void scores_fit(Limits& l) {
  const std::int64_t bits = l.needed(fraction_bits_min, 8);
  for (const std::int64_t width : {std::int64_t{2}, std::int64_t{64}, head_width_max}) {
    const N sum =
        l.symmetric("sum" + std::to_string(width), width * kernels::block_number_max * kernels::block_number_max);
    for (const std::int64_t exponents : {0, 32})
      (void)kernels::position_score(sum, integer_like(sum, score_scale_of(width)), 2 * bits + 4 - exponents);
  }
}

struct Name {
  const char* clause;
  const char* obligation;
};

Obligation agrees(const Name& name, const char* what, const std::function<Goal(Scope&)>& write) {
  return {name.clause, name.obligation, std::string("the fast half's ") + what, "all integers", write};
}
Obligation fits(const Name& name, const char* what, const Run& run) {
  return {name.clause, name.obligation, std::string("machine integers hold all that the fast half computes of ") + what,
          "all numbers within the limits of LAYER-1", within_limits(run)};
}

}  // namespace

std::vector<Obligation> agree_layers_obligations() {
  return {
      agrees({"LAYER-3", "agree-layers-rounding"}, "rounding is the reference's", rounding),
      agrees({"LAYER-3", "agree-layers-blocks"}, "numbers of a block are the reference's", block_numbers),
      agrees({"LAYER-4", "agree-layers-products"}, "numbers of a product are the reference's", products),
      agrees({"LAYER-5", "agree-layers-embedding"}, "row of a token is the reference's", embedding),
      agrees({"LAYER-6", "agree-layers-rotation"}, "sines and turned numbers are the reference's", rotation),
      agrees({"LAYER-7", "agree-layers-powers"}, "powers are the reference's", powers),
      agrees({"LAYER-7", "agree-layers-scores"}, "scores and their distances are the reference's", scores),
      agrees({"LAYER-7", "agree-layers-means"}, "weights and numerators are the reference's", means),
      agrees({"LAYER-8", "agree-layers-squares"}, "mean squares are the reference's", squares),
      agrees({"LAYER-8", "agree-layers-norms"}, "normed numbers are the reference's", norms),
      agrees({"LAYER-9", "agree-layers-gates"}, "gated numbers are the reference's", gates),
      agrees({"LAYER-9", "agree-layers-sums"}, "sums of rows are the reference's", sums),
      agrees({"LAYER-9", "agree-layers-quotients"}, "quotients follow from estimates that are within 1", quotients),
      fits({"LAYER-3", "agree-layers-fits-rounding"}, "rounding", rounding_fits),
      fits({"LAYER-6", "agree-layers-fits-products"}, "rotation and norms", products_fit),
      fits({"LAYER-7", "agree-layers-fits-scores"}, "scores", scores_fit),
      fits({"LAYER-9", "agree-layers-fits-gates"}, "gates", gates_fit),
  };
}

}  // namespace p2pllm::proofs
