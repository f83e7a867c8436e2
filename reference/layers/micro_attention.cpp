#include <algorithm>

#include "reference/layers/micro_step.hpp"

// The sums of attention: the greatest exponent of the values; the greatest score of each head; and in the second pass
// the total of each head's weights, and then each head's sums of values.
namespace p2pllm::reference {
namespace {

constexpr std::int64_t score_most = std::int64_t{1} << 60;  // LAYER-7

using Kept = std::vector<StepMemory::KeptPosition>;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// The sums of a state, by what they are of.
struct Sums {
  std::vector<std::int64_t>& all;
  std::int64_t heads;
  std::int64_t head_width;

  [[nodiscard]] std::int64_t& exponent() const { return all[0]; }
  [[nodiscard]] std::int64_t& greatest(std::int64_t head) const { return all[index(1 + head)]; }
  [[nodiscard]] std::int64_t& total(std::int64_t head) const { return all[index(1 + heads + head)]; }
  [[nodiscard]] std::span<std::int64_t> values(std::int64_t head) const {
    return std::span(all).subspan(index(1 + 2 * heads + head * head_width), index(head_width));
  }
};

/// Whether the state before can have these sums: each weight is at most 2^30, and each value 2^15 - 1.
bool is_possible(const Sums& sums, const AttendPart& part) {
  if (part.is_first && !part.adds) return true;
  bool possible = 0 <= sums.exponent() && sums.exponent() <= 16;
  for (std::int64_t h = 0; h < part.heads; ++h) {
    possible = possible && -score_most <= sums.greatest(h) && sums.greatest(h) <= score_most;
    if (!part.adds || part.is_first) continue;
    const std::int64_t total = sums.total(h);
    possible = possible && 0 <= total && total <= part.first_position * unit30;
    for (const std::int64_t sum : sums.values(h))
      possible = possible && -total * block_most <= sum && sum <= total * block_most;
  }
  return possible;
}

/// The queries of these heads, turned (LAYER-7).
std::vector<BlockVector<std::int64_t>> queries_of(StepMemory& memory, const MicroState& state, const AttendPart& part) {
  const std::int64_t width = memory.shape().head_width;
  std::vector<std::int64_t> numbers =
      memory.numbers(state, Register::queries, part.first_head * width, part.heads * width);
  std::vector<BlockVector<std::int64_t>> queries;
  for (std::int64_t h = 0; h < part.heads; ++h) {
    const auto head = std::span(numbers).subspan(index(h * width), index(width));
    turn<std::int64_t>(head, memory.position(), memory.manifest().frequencies);
    queries.push_back(block_vector<std::int64_t>(head));
  }
  return queries;
}

/// Looks for the greatest score and the greatest exponent (LAYER-7).
void look(const Kept& kept, const AttendPart& part, const auto& score_at, const Sums& sums) {
  for (std::size_t j = 0; j < kept.size(); ++j) {
    const bool is_first = part.is_first && j == 0;
    const std::int64_t exponent = kept[j].value.exponent;
    sums.exponent() = is_first ? exponent : std::max(sums.exponent(), exponent);
    for (std::int64_t h = 0; h < part.heads; ++h)
      sums.greatest(h) = is_first ? score_at(h, j) : std::max(sums.greatest(h), score_at(h, j));
  }
}

/// Adds weighted values (LAYER-7). @returns whether scores and exponents are those that were looked for
bool add(const Kept& kept, const AttendPart& part, const auto& score_at, const Sums& sums) {
  for (std::size_t j = 0; j < kept.size(); ++j) {
    if (kept[j].value.exponent > sums.exponent()) return false;
    for (std::int64_t h = 0; h < part.heads; ++h) {
      const std::int64_t score = score_at(h, j);
      if (score > sums.greatest(h)) return false;
      const std::int64_t weight = power_of_half(score_distance(sums.greatest(h), score));
      sums.total(h) += weight;
      add_weighted<std::int64_t>(weight, kept[j].value, sums.exponent(), sums.values(h));
    }
  }
  return true;
}

/// What the heads read, once all positions are added; nothing if a total is less than the greatest weight alone.
std::optional<std::vector<std::int64_t>> read_of(const Sums& sums) {
  std::vector<std::int64_t> read;
  for (std::int64_t h = 0; h < sums.heads; ++h) {
    if (sums.total(h) < unit30) return std::nullopt;
    for (const std::int64_t sum : sums.values(h)) read.push_back(mean_of(sum, sums.total(h), sums.exponent()));
  }
  return read;
}

}  // namespace

void attend(StepMemory& memory, const AttendPart& part, std::int64_t before, MicroState& state) {
  const ModelShape& shape = memory.shape();
  const Sums sums{state.sums, part.heads, shape.head_width};
  if (!is_possible(sums, part)) return memory.refuse();
  const auto queries = queries_of(memory, state, part);
  const Kept kept = memory.kept(state, part.kv_head, part.first_position, part.positions);
  if (memory.failed()) return;
  const std::int64_t scale = score_scale_of(shape.head_width);
  const auto score_at = [&](std::int64_t head, std::size_t j) {
    return score_of(queries[index(head)], kept[j].key, scale, shape.fraction_bits);
  };
  if (part.is_first) state.sums.resize(index(part.adds ? 1 + part.heads * (2 + shape.head_width) : 1 + part.heads), 0);
  if (!part.adds) return look(kept, part, score_at, sums);
  if (!add(kept, part, score_at, sums)) return memory.refuse();
  if (!part.is_last) return;
  const auto read = read_of(sums);
  if (!read) return memory.refuse();
  state.sums.clear();
  memory.append(state, Register::read, before, *read);
}

}  // namespace p2pllm::reference
