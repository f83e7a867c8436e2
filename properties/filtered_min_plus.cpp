#include "kernels/market/filtered_min_plus.cuh"

#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/simt/machine.hpp"
#include "optimized/market/min_plus.hpp"
#include "properties/generators/network.hpp"
#include "properties/property.hpp"

// The filtered step of routing with latency on the simulated machine, against the CPU's loop, where sums are equal,
// differ in the last bit, are infinite, or reach the cap of quantized numbers.
namespace p2pllm::properties {
namespace {

using kernels::simt::Memory;
using Random = std::mt19937_64;

constexpr auto clients = static_cast<std::size_t>(kernels::min_plus_clients);
constexpr double infinity = __builtin_huge_val();

struct FilterCase {
  std::int64_t rows, width;
  double coefficient;
  std::vector<std::uint64_t> latencies;
  std::vector<double> labels;
};

enum class Numbers { all_sizes, all_equal, last_bits, quarters, misleading };

/// A label some bits above another one, so that sums with one latency differ in their last bits or not at all.
double last_bits_above(double number, std::uint64_t bits) {
  for (; bits > 0; --bits) number = std::nextafter(number, infinity);
  return number;
}

/// In whole units the floors of 3/4 + 3/4 are the least, and 1 and 1 + 1/4 are the least weights.
void mislead(Random& random, FilterCase& drawn) {
  const auto width = static_cast<std::size_t>(drawn.width);
  drawn.coefficient = 0.25;
  for (std::size_t j = 0; j < width; ++j) {
    const bool is_light = random() % 8 == 0;
    for (std::size_t row = 0; row < static_cast<std::size_t>(drawn.rows); ++row)
      drawn.latencies[row * width + j] = is_light ? 4 : 3;
    for (std::size_t c = 0; c < clients; ++c)
      drawn.labels[j * clients + c] = is_light ? static_cast<double>(random() % 2) / 4 : 0.75;
  }
}

FilterCase draw_case(Random& random, Numbers kind) {
  FilterCase drawn{draw_integer(1, 9),
                   draw_one_of<std::int64_t>({0, 1, 2, 31, 32, 33, 63, 64, 65, 100, 300, 1023, 1024, 1025}),
                   0.37,
                   {},
                   {}};
  if (drawn.width > 500) drawn.rows = draw_integer(1, 2);
  drawn.latencies.resize(static_cast<std::size_t>(drawn.rows * drawn.width));
  drawn.labels.resize(static_cast<std::size_t>(drawn.width) * clients);
  if (kind == Numbers::misleading) {
    mislead(random, drawn);
    return drawn;
  }
  const bool is_huge = draw_integer(0, 1) == 0;
  const std::uint64_t base = is_huge ? std::uint64_t{1} << 53 : 1000;
  for (std::uint64_t& latency : drawn.latencies) switch (kind) {
      case Numbers::all_sizes: latency = (random() >> 10) >> (random() % 54); break;
      case Numbers::all_equal: latency = base; break;
      case Numbers::last_bits: latency = base - random() % 2; break;
      case Numbers::quarters: latency = random() % 8; break;
      case Numbers::misleading: break;
    }
  if (kind == Numbers::quarters) drawn.coefficient = 0.25;
  const auto share = static_cast<std::uint64_t>(draw_one_of<int>({0, 5, 95}));  // of infinite labels, in percent
  const double label = is_huge ? 0x1p53 : 123.456;
  for (double& each : drawn.labels) {
    if (random() % 100 < share) each = infinity;
    else if (kind == Numbers::all_equal) each = label;
    else if (kind == Numbers::last_bits) each = last_bits_above(label, random() % 4);
    else if (kind == Numbers::quarters) each = static_cast<double>(random() % 8) / 4;
    else each = std::ldexp(static_cast<double>(random() >> 11), -static_cast<int>(random() % 54));
  }
  return drawn;
}

/// Of all weights that are finite.
double greatest_weight(const FilterCase& drawn) {
  double latency = 0, label = 0;
  for (const std::uint64_t each : drawn.latencies)
    latency = std::max(latency, drawn.coefficient * static_cast<double>(each));
  for (const double each : drawn.labels)
    if (each < infinity) label = std::max(label, each);
  return latency + label;
}

std::uint32_t quantized(double number, int exponent) {
  return static_cast<std::uint32_t>(
      std::min(std::floor(std::ldexp(number, exponent)), static_cast<double>(kernels::filter_cap)));
}

struct Quantized {
  Memory<std::uint32_t> latencies, labels;
};

/// The columns as the device's kernel quantizes them, compared one by one.
void quantize(const FilterCase& drawn, const Memory<std::uint64_t>& latencies, const Memory<double>& labels,
              int exponent, Quantized& short_columns) {
  const kernels::QuantizeArguments arguments{
      latencies.constant(),           labels.constant(),          drawn.coefficient, std::ldexp(1, exponent),
      short_columns.latencies.span(), short_columns.labels.span()};
  const kernels::simt::Schedule schedule{static_cast<std::uint64_t>(draw_integer(0, 1 << 30))};
  const auto fault = kernels::simt::run({draw_integer(1, 2), 64}, schedule, kernels::quantize, arguments);
  if (fault) throw std::runtime_error(fault->message());
  for (std::size_t k = 0; k < drawn.latencies.size(); ++k)
    expect_equal(short_columns.latencies.elements()[k],
                 quantized(drawn.coefficient * static_cast<double>(drawn.latencies[k]), exponent), "a latency");
  const auto width = static_cast<std::size_t>(drawn.width);
  for (std::size_t j = 0; j < width; ++j)
    for (std::size_t c = 0; c < clients; ++c)
      expect_equal(short_columns.labels.elements()[c * width + j], quantized(drawn.labels[j * clients + c], exponent),
                   "a label");
}

void check_filter(const FilterCase& drawn, int exponent) {
  Memory<std::uint64_t> latencies(drawn.latencies);
  Memory<double> labels(drawn.labels), least(drawn.rows * 8), second(drawn.rows * 8);
  Memory<std::int64_t> position(drawn.rows * 8);
  Quantized short_columns{Memory<std::uint32_t>(latencies.constant().size()),
                          Memory<std::uint32_t>(labels.constant().size())};
  quantize(drawn, latencies, labels, exponent, short_columns);
  const kernels::FilteredMinPlusArguments arguments{{latencies.constant(), labels.constant(), drawn.width,
                                                     drawn.coefficient, least.span(), second.span(), position.span()},
                                                    short_columns.latencies.constant(),
                                                    short_columns.labels.constant()};
  const kernels::simt::Schedule schedule{static_cast<std::uint64_t>(draw_integer(0, 1 << 30))};
  const auto fault = kernels::simt::run({draw_integer(1, 2), kernels::filter_threads}, schedule,
                                        kernels::filtered_min_plus, arguments);
  if (fault) throw std::runtime_error(fault->message());
  for (std::int64_t row = 0; row < drawn.rows; ++row) {
    const auto expected = optimized::least_two(
        std::span(drawn.latencies)
            .subspan(static_cast<std::size_t>(row * drawn.width), static_cast<std::size_t>(drawn.width)),
        drawn.coefficient, drawn.labels, optimized::VectorUnit::portable);
    for (std::size_t c = 0; c < clients; ++c) {
      const std::size_t at = static_cast<std::size_t>(row) * clients + c;
      expect_equal(least.elements()[at], expected.least[c], "the least of client " + shown(c));
      expect_equal(second.elements()[at], expected.second[c], "the second least of client " + shown(c));
      expect_equal(position.elements()[at], expected.position[c], "the position of client " + shown(c));
    }
  }
}

PROPERTY("kernel: a device's filter keeps the least two of a row, whatever the scale", "[ROUTE-3]", 250) {
  Random random(static_cast<std::uint64_t>(draw_integer(0, 1 << 30)));
  const auto kind = draw_one_of<Numbers>(
      {Numbers::all_sizes, Numbers::all_equal, Numbers::last_bits, Numbers::quarters, Numbers::misleading});
  const FilterCase drawn = draw_case(random, kind);
  // Around the scale that the host chooses: coarser, so that few units part the weights, and finer, beyond the cap.
  const int finest = std::ilogb(kernels::filter_scale(greatest_weight(drawn)));
  const int finer = draw_one_of<int>({-2000, -30, -29, -28, -27, -20, 0, 0, 2, 3, 4, 20, 2000});
  check_filter(drawn, kind == Numbers::misleading ? 0 : std::clamp(finest + finer, -900, 900));
  reach("an empty row", drawn.width == 0);
  reach("a part that ends in the middle", drawn.width % 32 != 0);
  reach("parts of several positions a lane", drawn.width > 1024);
  reach("rows of several warps", drawn.rows > kernels::filter_rows);
  reach("equal weights", kind == Numbers::all_equal && drawn.width > 1);
  reach("weights that differ in the last bit", kind == Numbers::last_bits && drawn.width > 32);
  reach("floors that mislead", kind == Numbers::misleading && drawn.width > 64);
  reach("the host's scale", finer == 0 && drawn.width > 64);
  reach("a coarse scale", finer < -20 && drawn.width > 64);
  reach("a scale beyond the cap", finer > 1 && finer < 20 && drawn.width > 64);
}

}  // namespace
}  // namespace p2pllm::properties
