#include "optimized/layers/step_schedule.hpp"

#include <algorithm>

#include "model/layers/tiles.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t group_heads_max = 64, group_positions_max = 64;
constexpr std::int64_t group_query_numbers = 1024, group_key_numbers = 8192;

std::int64_t parts_of(std::int64_t numbers, std::int64_t part) { return (numbers + part - 1) / part; }

/// How attention is divided.
struct Division {
  std::int64_t heads = 0;         ///< of queries for one head of keys
  std::int64_t group_heads = 0;   ///< of queries, in a group that is not the last
  std::int64_t head_groups = 0;   ///< for each head of keys
  std::int64_t group_length = 0;  ///< positions of a group that is not the last
  std::int64_t position_groups = 0;

  Division(const ModelShape& shape, std::int64_t position)
      : heads(shape.heads / shape.kv_heads),
        group_heads(std::min(group_heads_max, group_query_numbers / shape.head_width)),
        head_groups(parts_of(heads, group_heads)),
        group_length(std::min(group_positions_max, group_key_numbers / shape.head_width)),
        position_groups(parts_of(position + 1, group_length)) {}
};

}  // namespace

std::int64_t register_numbers(const ModelShape& shape, Register r) {
  switch (r) {
    case Register::queries:
    case Register::read: return shape.query_width();
    case Register::keys:
    case Register::values: return shape.kv_width();
    case Register::gates:
    case Register::ups:
    case Register::gated: return shape.hidden;
    default: return shape.width;
  }
}

std::array<StepPhase, 16> step_phases(const ModelShape& shape, std::int64_t position) {
  const auto pass = [&](StepKind kind, Register source, Register target, TensorPlace factors) {
    return StepPhase{kind, source, target, factors, parts_of(register_numbers(shape, source), pass_numbers)};
  };
  const auto product = [&](Register source, Register target, TensorPlace matrix) {
    const std::int64_t rows = register_numbers(shape, target), columns = register_numbers(shape, source);
    return StepPhase{StepKind::product, source, target, matrix, tile_count(rows, columns)};
  };
  const Division division(shape, position);
  const std::int64_t attending = shape.kv_heads * division.head_groups * 2 * division.position_groups;
  using enum Register;
  using Tensor = TensorPlace;
  return {{pass(StepKind::greatest, row, row, Tensor::attention_norm),
           pass(StepKind::squares, row, row, Tensor::attention_norm),
           pass(StepKind::scale, row, normed, Tensor::attention_norm), product(normed, queries, Tensor::query),
           product(normed, keys, Tensor::key), product(normed, values, Tensor::value),
           StepPhase{.kind = StepKind::keep, .source = keys, .target = values, .count = shape.kv_heads},
           StepPhase{.kind = StepKind::attend, .source = queries, .target = read, .count = attending},
           product(read, attended, Tensor::output), pass(StepKind::squares, attended, attended, Tensor::feed_norm),
           pass(StepKind::scale, attended, fed, Tensor::feed_norm), product(fed, gates, Tensor::gate),
           product(fed, ups, Tensor::up), pass(StepKind::gate, gates, gated, Tensor::gate),
           product(gated, result, Tensor::down), StepPhase{.kind = StepKind::leave, .count = 1}}};
}

AttendPlace attend_place(const ModelShape& shape, std::int64_t position, std::int64_t index) {
  const Division division(shape, position);
  const std::int64_t group = index % division.position_groups, passes = index / division.position_groups;
  const std::int64_t head_group = passes / 2 % division.head_groups, kv_head = passes / 2 / division.head_groups;
  const std::int64_t first_head = head_group * division.group_heads, first = group * division.group_length;
  return {.kv_head = kv_head,
          .first_query = kv_head * division.heads + first_head,
          .queries = std::min(division.group_heads, division.heads - first_head),
          .first_position = first,
          .positions = std::min(division.group_length, position + 1 - first),
          .is_second_pass = passes % 2 == 1,
          .is_last = group + 1 == division.position_groups};
}

}  // namespace p2pllm::optimized
