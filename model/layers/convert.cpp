#include "model/layers/convert.hpp"

#include <mpfr.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "model/layers/model_file.hpp"

namespace p2pllm {
namespace {

__extension__ using Wide = __int128;

constexpr double weight_bound = 63.5;  // 2^15 * 127 / 2^16: the greatest value that multiplier and exponent can state
constexpr double gain_bound = 32767;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// A finite double: magnitude * 2^exponent, negative or not.
struct Parts {
  bool negative = false;
  std::int64_t magnitude = 0;  ///< below 2^53
  int exponent = -1074;
};
Parts parts_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto raw = static_cast<int>(bits >> 52 & 0x7ff);
  const auto fraction = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52) - 1));
  return {bits >> 63 != 0, raw == 0 ? fraction : fraction | std::int64_t{1} << 52, std::max(raw, 1) - 1075};
}

/// |value| * 2^shift / divisor as the nearest integer, the greater of two. @pre the result is below 2^62
std::int64_t rounded_quotient(const Parts& value, std::int64_t shift, std::int64_t divisor) {
  if (value.magnitude == 0) return 0;
  Wide numerator = value.magnitude;
  Wide denominator = divisor;
  const std::int64_t lift = value.exponent + shift;
  if (lift >= 0) {
    numerator <<= lift;
  } else {
    if (lift < -70) return 0;  // the magnitude is below 2^53
    denominator <<= -lift;
  }
  return static_cast<std::int64_t>((2 * numerator + denominator) / (2 * denominator));
}

/// Whether |a| > |b|: a double's fraction has its full 53 bits unless its exponent is the least.
bool is_greater(const Parts& a, const Parts& b) {
  return std::pair(a.exponent, a.magnitude) > std::pair(b.exponent, b.magnitude);
}

class Converter {
 public:
  Converter(const FloatModel& from, std::string source, const Progress& progress)
      : source_(std::move(source)), progress_(progress) {
    total_ = from.embedding.rows * from.embedding.columns * (from.head ? 2 : 1);
    for (const FloatLayer& layer : from.layers)
      for (const FloatMatrix* matrix :
           {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down})
        total_ += matrix->rows * matrix->columns;
  }

  [[nodiscard]] ExactMatrix matrix(const std::string& name, const FloatMatrix& from) {
    ExactMatrix result{.rows = from.rows, .columns = from.columns, .weights = {}, .multipliers = {}, .exponents = {}};
    std::vector<double> values(index(from.columns));
    for (std::int64_t r = 0; r < from.rows && !fault_; ++r) {
      from.read(r, values);
      check(name, r, values, weight_bound, "a weight must be finite and at most 63.5 in magnitude (MODEL-4)");
      if (fault_) break;
      const ExactRow row = convert_row(values);
      result.weights.insert(result.weights.end(), row.weights.begin(), row.weights.end());
      result.multipliers.insert(result.multipliers.end(), row.multipliers.begin(), row.multipliers.end());
      result.exponents.push_back(static_cast<std::uint8_t>(row.exponent));
      done_ += from.columns;
      report(progress_, index(done_), index(total_));
    }
    return result;
  }
  [[nodiscard]] ExactGain gain(const std::string& name, const std::vector<double>& from) {
    check(name, 0, from, gain_bound, "a factor of a norm must be finite and at most 32767 in magnitude (MODEL-4)");
    return fault_ ? ExactGain{} : convert_gain(from);
  }
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

 private:
  void check(const std::string& name, std::int64_t row, std::span<const double> values, double most, const char* rule) {
    for (std::size_t c = 0; c < values.size() && !fault_; ++c) {
      const Parts parts = parts_of(values[c]);
      if (parts.exponent == 0x7ff - 1075 || is_greater(parts, parts_of(most)))
        fault_ = bad_input(source_ + ": " + name + ", row " + std::to_string(row) + ", column " + std::to_string(c),
                           std::to_string(values[c]), rule)
                     .value();
    }
  }

  std::string source_;
  const Progress& progress_;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
  std::optional<Fault> fault_;
};

ExactLayer convert_layer(Converter& converter, const FloatLayer& layer, std::size_t number) {
  const std::string prefix = "layer " + std::to_string(number) + " ";
  return {.attention_norm = converter.gain(prefix + "attention_norm", layer.attention_norm),
          .query = converter.matrix(prefix + "query", layer.query),
          .key = converter.matrix(prefix + "key", layer.key),
          .value = converter.matrix(prefix + "value", layer.value),
          .output = converter.matrix(prefix + "output", layer.output),
          .feed_norm = converter.gain(prefix + "feed_norm", layer.feed_norm),
          .gate = converter.matrix(prefix + "gate", layer.gate),
          .up = converter.matrix(prefix + "up", layer.up),
          .down = converter.matrix(prefix + "down", layer.down)};
}

/// A number of MPFR with so many digits that no frequency is near to a tie.
class Float {
 public:
  Float() { mpfr_init2(value_, 320); }
  ~Float() { mpfr_clear(value_); }
  Float(const Float&) = delete;
  Float& operator=(const Float&) = delete;
  [[nodiscard]] mpfr_ptr get() { return value_; }

 private:
  mpfr_t value_;
};

}  // namespace

ExactRow convert_row(std::span<const double> values) {
  const auto columns = static_cast<std::int64_t>(values.size());
  std::vector<Parts> greatest(index(padded_columns(columns) / block_columns));
  Parts most;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const Parts parts = parts_of(values[c]);
    if (Parts& block = greatest[c / block_columns]; is_greater(parts, block)) block = parts;
    if (is_greater(parts, most)) most = parts;
  }
  ExactRow row;
  row.exponent = exponent_max;
  while (row.exponent > exponent_min && rounded_quotient(most, row.exponent, weight_max) > multiplier_max)
    --row.exponent;
  row.weights.resize(greatest.size() * index(block_columns));
  for (const Parts& block : greatest)
    row.multipliers.push_back(static_cast<std::uint16_t>(
        std::clamp<std::int64_t>(rounded_quotient(block, row.exponent, weight_max), 1, multiplier_max)));
  for (std::size_t c = 0; c < values.size(); ++c) {
    const Parts parts = parts_of(values[c]);
    const std::int64_t weight =
        std::min(weight_max, rounded_quotient(parts, row.exponent, row.multipliers[c / block_columns]));
    row.weights[c] = static_cast<std::int8_t>(parts.negative ? -weight : weight);
  }
  return row;
}

ExactGain convert_gain(std::span<const double> values) {
  const auto fits = [&](std::int64_t exponent) {
    return std::all_of(values.begin(), values.end(),
                       [&](double value) { return rounded_quotient(parts_of(value), exponent, 1) <= gain_max; });
  };
  ExactGain gain;
  gain.exponent = gain_exponent_max;
  while (gain.exponent > 0 && !fits(gain.exponent)) --gain.exponent;
  for (const double value : values) {
    const Parts parts = parts_of(value);
    const std::int64_t number = rounded_quotient(parts, gain.exponent, 1);
    gain.values.push_back(static_cast<std::int16_t>(parts.negative ? -number : number));
  }
  return gain;
}

std::vector<std::uint64_t> rotation_frequencies(double base, std::int64_t head_width) {
  std::vector<std::uint64_t> frequencies;
  Float pi;
  mpfr_const_pi(pi.get(), MPFR_RNDN);
  for (std::int64_t i = 0; i < head_width / 2; ++i) {
    Float power;
    mpfr_set_d(power.get(), base, MPFR_RNDN);
    Float exponent;
    mpfr_set_si(exponent.get(), -2 * i, MPFR_RNDN);
    mpfr_div_si(exponent.get(), exponent.get(), head_width, MPFR_RNDN);
    mpfr_pow(power.get(), power.get(), exponent.get(), MPFR_RNDN);
    mpfr_div(power.get(), power.get(), pi.get(), MPFR_RNDN);
    mpfr_mul_2si(power.get(), power.get(), 63, MPFR_RNDN);
    frequencies.push_back(mpfr_get_uj(power.get(), MPFR_RNDN));
  }
  return frequencies;
}

Result<ExactModel> convert_model(const FloatModel& model, const std::string& source, std::int64_t fraction_bits,
                                 const Progress& progress) {
  ExactModel result;
  result.shape = model.shape;
  result.shape.fraction_bits = fraction_bits;
  if (const std::string rule = shape_fault(result.shape); !rule.empty()) return bad_input(source, rule);
  const Parts epsilon = parts_of(model.epsilon);
  if (epsilon.negative || is_greater(epsilon, parts_of(0.5)))
    return bad_input(source + ": epsilon", std::to_string(model.epsilon), "must be 0 .. 1/2 (MODEL-4)");
  if (!is_greater(parts_of(model.rope_base), parts_of(0.75)) || parts_of(model.rope_base).negative ||
      is_greater(parts_of(model.rope_base), parts_of(1e12)))
    return bad_input(source + ": base of the rotation", std::to_string(model.rope_base),
                     "must be 1 .. 10^12 (MODEL-4)");
  result.epsilon = rounded_quotient(epsilon, 2 * fraction_bits, 1);
  result.score_scale = score_scale_of(result.shape.head_width);
  result.frequencies = rotation_frequencies(model.rope_base, result.shape.head_width);
  result.name = model.name;
  result.licence = model.licence;
  result.tokenizer = model.tokenizer;

  Converter converter(model, source, progress);
  result.embedding = converter.matrix("embedding", model.embedding);
  for (std::size_t l = 0; l < model.layers.size(); ++l)
    result.layers.push_back(convert_layer(converter, model.layers[l], l));
  result.norm = converter.gain("norm", model.norm);
  if (model.head) result.head = converter.matrix("head", *model.head);
  if (converter.fault()) return tl::unexpected<Fault>(*converter.fault());
  return result;
}

}  // namespace p2pllm
