#include "optimized/layers/step_attention.hpp"

#include <algorithm>
#include <limits>

#include "model/layers/steps.hpp"
#include "optimized/layers/head_rules.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t value_exponent_max = 16;
constexpr std::int64_t score_max = std::int64_t{1} << 60;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

const kernels::MatrixTarget& kernel() { return *kernels::matrix_targets().front(); }

std::int16_t half_at(ByteView bytes, std::size_t at) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8));
}

/// Reads numbers of two bytes. @returns whether they are those of a block vector
bool read_halves(ByteView bytes, std::span<std::int16_t> numbers) {
  std::int16_t least = 0;
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    numbers[d] = half_at(bytes, 2 * d);
    least = std::min(least, numbers[d]);
  }
  return least >= -kernels::block_number_max;
}

/// The parts of the sums of a micro-step: the greatest exponent, then a score and a total a head, then its sums.
struct AttendSums {
  AttendSums(const AttendPlace& place, std::span<std::int64_t> sums)
      : exponent(sums[0]), scores(sums.subspan(1, index(place.queries))) {
    if (!place.is_second_pass) return;
    totals = sums.subspan(1 + scores.size(), scores.size());
    values = sums.subspan(1 + 2 * scores.size());
  }
  std::int64_t& exponent;
  std::span<std::int64_t> scores, totals, values;
};

/// The scores of some positions (LAYER-7).
struct Scores {
  static constexpr std::size_t positions_max = 64;
  alignas(64) std::array<std::int64_t, positions_max> of{};
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();

  Scores(const ModelManifest& manifest, const HeadBlock& query, const HeadCache& kept, std::size_t positions) {
    const std::int64_t width = manifest.shape.head_width, scale = score_scale_of(width);
    const std::int64_t shift = 2 * manifest.shape.fraction_bits + 4 - query.exponent;
    kernel().multiply_keys(query.numbers.data(), index(width), kept.keys(), positions, of.data());
    for (std::size_t j = 0; j < positions; ++j) {
      of[j] = kernels::position_score(of[j], scale, shift - std::int64_t{kept.key_exponents()[j]});
      greatest = std::max(greatest, of[j]);
    }
  }
};

std::int64_t power_of(std::int64_t distance) {
  const auto& table = layer_tables().exp2;
  const std::size_t entry = index((distance & 0xffff) >> 8);
  return kernels::exp2_between<std::int64_t>(table[entry], table[entry + 1], distance & 0xff, distance >> 16);
}

/// Adds the weights of a head and its values by weight.
void add_weighted(const Scores& scores, const HeadCache& kept, std::size_t positions, std::int64_t exponent,
                  std::int64_t greatest, std::int64_t& total, std::span<std::int64_t> sums) {
  alignas(64) std::array<std::int32_t, Scores::positions_max> weights{};
  for (std::size_t j = 0; j < positions; ++j) {
    const std::int64_t weight = power_of(kernels::capped_distance(greatest - scores.of[j]));
    total += weight;
    weights[j] =
        static_cast<std::int32_t>(kernels::weight_of_value(weight, std::int64_t{kept.value_exponents()[j]}, exponent));
  }
  alignas(64) std::array<std::int64_t, head_width_max> mixed;
  kernel().mix_values(weights.data(), positions, kept.values(), kept.value_width(), mixed.data());
  for (std::size_t d = 0; d < sums.size(); ++d) sums[d] += mixed[d];
}

}  // namespace

HeadBlock block_of_head(std::span<const std::int32_t> head) {
  HeadBlock block;
  block.exponent = kernel().to_block(head.data(), head.size(), block.numbers.data());
  return block;
}

HeadBlock turned_block(const ModelManifest& manifest, std::int64_t position, std::span<const std::int32_t> head) {
  std::array<std::int32_t, head_width_max> turned;
  std::array<std::int32_t, head_width_max / 2> cosines, sines;
  std::ranges::copy(head, turned.begin());
  const std::size_t pairs = head.size() / 2;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const Turn turn = turn_at(manifest.frequencies[pair], static_cast<std::uint64_t>(position));
    cosines[pair] = turn.cosine;
    sines[pair] = turn.sine;
  }
  kernel().rotate(turned.data(), pairs, cosines.data(), sines.data());
  return block_of_head(std::span(turned).first(head.size()));
}

std::optional<HeadCache> read_entries(ByteView bytes, std::int64_t head_width) {
  const std::size_t width = index(head_width), size = cache_entry_bytes(head_width);
  HeadCache kept(width);
  kept.reserve(bytes.size() / size);
  std::array<std::int16_t, head_width_max> numbers;
  const auto head = std::span(numbers).first(width);
  for (std::size_t p = 0; p < bytes.size() / size; ++p) {
    const ByteView entry = bytes.subspan(p * size, size);
    const std::uint8_t key_exponent = entry[4 * width], value_exponent = entry[4 * width + 1];
    if (key_exponent > value_exponent_max || value_exponent > value_exponent_max) return std::nullopt;
    if (!read_halves(entry, head)) return std::nullopt;
    kept.put_key(p, head, key_exponent);
    if (!read_halves(entry.subspan(2 * width), head)) return std::nullopt;
    kept.put_value(p, head, value_exponent);
  }
  return kept;
}

std::size_t attend_sums(const AttendPlace& place, std::int64_t head_width) {
  if (place.first_position == 0) return place.is_second_pass ? index(1 + place.queries) : 0;
  return index(place.is_second_pass ? 1 + place.queries * (2 + head_width) : 1 + place.queries);
}

bool attend_sums_are_possible(const AttendPlace& place, std::span<const std::int64_t> sums) {
  if (sums.empty()) return true;
  const std::size_t heads = index(place.queries);
  const auto is_score = [](std::int64_t score) { return -score_max <= score && score <= score_max; };
  if (sums[0] < 0 || sums[0] > value_exponent_max || !std::ranges::all_of(sums.subspan(1, heads), is_score))
    return false;
  if (sums.size() == 1 + heads) return true;
  const auto totals = sums.subspan(1 + heads, heads), values = sums.subspan(1 + 2 * heads);
  for (std::size_t h = 0; h < heads; ++h) {
    if (totals[h] < 0 || totals[h] > place.first_position * kernels::one_of_weights) return false;
    const std::int64_t most = totals[h] * kernels::block_number_max;
    const std::size_t width = values.size() / heads;
    if (!std::ranges::all_of(values.subspan(h * width, width),
                             [&](std::int64_t sum) { return -most <= sum && sum <= most; }))
      return false;
  }
  return true;
}

bool attend(const ModelManifest& manifest, std::int64_t position, const AttendPlace& place,
            std::span<const std::int32_t> queries, const HeadCache& kept, std::vector<std::int64_t>& sums) {
  const std::size_t heads = index(place.queries), positions = index(place.positions);
  const std::size_t width = index(manifest.shape.head_width);
  const std::int64_t greatest_exponent = *std::max_element(kept.value_exponents(), kept.value_exponents() + positions);
  if (!place.is_second_pass && sums.empty()) {
    sums.assign(1 + heads, std::numeric_limits<std::int64_t>::min());
  } else if (place.is_second_pass) {
    sums.resize(1 + heads * (2 + width), 0);
  }
  const AttendSums parts(place, sums);
  if (place.is_second_pass && greatest_exponent > parts.exponent) return false;
  parts.exponent = std::max(parts.exponent, greatest_exponent);
  for (std::size_t h = 0; h < heads; ++h) {
    const HeadBlock query = turned_block(manifest, position, queries.subspan(h * width, width));
    const Scores scores(manifest, query, kept, positions);
    if (!place.is_second_pass) {
      parts.scores[h] = std::max(parts.scores[h], scores.greatest);
      continue;
    }
    if (scores.greatest > parts.scores[h]) return false;
    add_weighted(scores, kept, positions, parts.exponent, parts.scores[h], parts.totals[h],
                 parts.values.subspan(h * width, width));
  }
  return true;
}

std::optional<std::vector<std::int32_t>> read_of_heads(const AttendPlace& place, std::span<const std::int64_t> sums,
                                                       std::int64_t head_width) {
  const std::size_t heads = index(place.queries), width = index(head_width);
  std::vector<std::int32_t> numbers;
  for (std::size_t h = 0; h < heads; ++h) {
    const std::int64_t total = sums[1 + heads + h];
    if (total < kernels::one_of_weights) return std::nullopt;
    for (const std::int64_t sum : sums.subspan(1 + 2 * heads + h * width, width))
      numbers.push_back(static_cast<std::int32_t>(kernels::mean_of_values(sum, total, sums[0])));
  }
  return numbers;
}

}  // namespace p2pllm::optimized
