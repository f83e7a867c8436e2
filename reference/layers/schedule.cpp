#include "reference/layers/schedule.hpp"

#include <algorithm>

#include "model/assert.hpp"
#include "model/layers/tiles.hpp"

namespace p2pllm::reference {
namespace {

std::int64_t quotient_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t heads_of_group(const ModelShape& shape) { return shape.heads / shape.kv_heads; }
std::int64_t heads_at_once(const ModelShape& shape) {
  return std::min({heads_of_group(shape), span_numbers / shape.head_width, heads_read_max});
}
std::int64_t bundles(const ModelShape& shape) { return quotient_up(heads_of_group(shape), heads_at_once(shape)); }
std::int64_t positions_at_once(const ModelShape& shape) {
  return std::min(positions_read_max, 8192 / shape.head_width);
}
std::int64_t parts(const ModelShape& shape, std::int64_t position) {
  return quotient_up(position + 1, positions_at_once(shape));
}

Phase product(LayerTensor tensor, Register from, Register to, const ModelShape& shape) {
  const MatrixSize size = size_of(tensor, shape);
  return {.kind = MicroKind::product,
          .count = tile_count(size.rows, size.columns),
          .from = from,
          .to = to,
          .tensor = tensor};
}
Phase product(LayerTensor tensor, Register from, Register to, const ModelShape& shape, Register residual) {
  Phase phase = product(tensor, from, to, shape);
  phase.residual = residual;
  return phase;
}

}  // namespace

std::int64_t tensor_index(std::int64_t layer, LayerTensor tensor) {
  return 1 + layer * layer_tensor_count + static_cast<std::int64_t>(tensor);
}

std::int64_t tensor_count(const ModelShape& shape, bool has_head) {
  return 2 + shape.layers * layer_tensor_count + (has_head ? 1 : 0);
}

std::int64_t numbers_of(Register r, const ModelShape& shape) {
  switch (r) {
    case Register::queries:
    case Register::read: return shape.query_width();
    case Register::keys:
    case Register::values: return shape.kv_width();
    case Register::gates:
    case Register::ups:
    case Register::gated: return shape.hidden;
    case Register::row:
    case Register::normed:
    case Register::attended:
    case Register::fed:
    case Register::result: break;
  }
  return shape.width;
}

MatrixSize size_of(LayerTensor tensor, const ModelShape& shape) {
  switch (tensor) {
    case LayerTensor::query: return {shape.query_width(), shape.width};
    case LayerTensor::key:
    case LayerTensor::value: return {shape.kv_width(), shape.width};
    case LayerTensor::output: return {shape.width, shape.query_width()};
    case LayerTensor::gate:
    case LayerTensor::up: return {shape.hidden, shape.width};
    case LayerTensor::down: return {shape.width, shape.hidden};
    case LayerTensor::attention_norm:
    case LayerTensor::feed_norm: break;
  }
  return {1, shape.width};
}

std::vector<Phase> phases_of(const ModelShape& shape, std::int64_t position) {
  const std::int64_t spans = quotient_up(shape.width, span_numbers);
  const auto pass = [](MicroKind kind, std::int64_t count, Register from, Register to) {
    return Phase{.kind = kind, .count = count, .from = from, .to = to};
  };
  const auto scale = [&](LayerTensor factors, Register from, Register to) {
    return Phase{.kind = MicroKind::scale, .count = spans, .from = from, .to = to, .tensor = factors};
  };
  return {pass(MicroKind::greatest, spans, Register::row, Register::row),
          pass(MicroKind::squares, spans, Register::row, Register::normed),
          scale(LayerTensor::attention_norm, Register::row, Register::normed),
          product(LayerTensor::query, Register::normed, Register::queries, shape),
          product(LayerTensor::key, Register::normed, Register::keys, shape),
          product(LayerTensor::value, Register::normed, Register::values, shape),
          pass(MicroKind::keep, shape.kv_heads, Register::keys, Register::keys),
          pass(MicroKind::attend, shape.kv_heads * bundles(shape) * 2 * parts(shape, position), Register::queries,
               Register::read),
          product(LayerTensor::output, Register::read, Register::attended, shape, Register::row),
          pass(MicroKind::squares, spans, Register::attended, Register::fed),
          scale(LayerTensor::feed_norm, Register::attended, Register::fed),
          product(LayerTensor::gate, Register::fed, Register::gates, shape),
          product(LayerTensor::up, Register::fed, Register::ups, shape),
          pass(MicroKind::gate, quotient_up(shape.hidden, span_numbers), Register::gates, Register::gated),
          product(LayerTensor::down, Register::gated, Register::result, shape, Register::attended),
          pass(MicroKind::leave, 1, Register::result, Register::result)};
}

std::int64_t micro_step_count(const ModelShape& shape, std::int64_t position) {
  std::int64_t count = 0;
  for (const Phase& phase : phases_of(shape, position)) count += phase.count;
  return count;
}

MicroOp micro_op(const ModelShape& shape, std::int64_t position, std::int64_t micro) {
  std::int64_t index = micro - 1;
  for (const Phase& phase : phases_of(shape, position)) {
    if (0 <= index && index < phase.count) return {phase, index};
    index -= phase.count;
  }
  P2PLLM_ASSERT(!"a micro-step of the schedule");
  return {};
}

AttendPart attend_part(const ModelShape& shape, std::int64_t position, std::int64_t index) {
  const std::int64_t parts_of_pass = parts(shape, position);
  const std::int64_t part = index % parts_of_pass;
  const std::int64_t bundle = index / (2 * parts_of_pass);
  const std::int64_t within = bundle % bundles(shape) * heads_at_once(shape);  // heads of the group before these
  const std::int64_t kv_head = bundle / bundles(shape);
  return {.kv_head = kv_head,
          .first_head = kv_head * heads_of_group(shape) + within,
          .heads = std::min(heads_at_once(shape), heads_of_group(shape) - within),
          .adds = index / parts_of_pass % 2 == 1,
          .first_position = part * positions_at_once(shape),
          .positions = std::min(positions_at_once(shape), position + 1 - part * positions_at_once(shape)),
          .is_first = part == 0,
          .is_last = part + 1 == parts_of_pass};
}

std::int64_t numbers_before(const ModelShape& shape, std::int64_t position, const MicroOp& op) {
  switch (op.phase.kind) {
    case MicroKind::product: {
      const MatrixSize size = size_of(op.phase.tensor, shape);
      return tile_at(size.rows, size.columns, op.index).first_row;
    }
    case MicroKind::attend: return attend_part(shape, position, op.index).first_head * shape.head_width;
    case MicroKind::scale:
    case MicroKind::gate: return op.index * span_numbers;
    case MicroKind::greatest:
    case MicroKind::squares:
    case MicroKind::keep:
    case MicroKind::leave: break;
  }
  return 0;
}

std::int64_t sums_before(const ModelShape& shape, std::int64_t position, const MicroOp& op) {
  if (op.phase.kind == MicroKind::product) {
    const MatrixSize size = size_of(op.phase.tensor, shape);
    const Tile tile = tile_at(size.rows, size.columns, op.index);
    return tile.first_column == 0 ? 0 : tile.rows;
  }
  if (op.phase.kind != MicroKind::attend) return 0;
  const AttendPart part = attend_part(shape, position, op.index);
  if (part.adds) return 1 + part.heads * (part.is_first ? 1 : 2 + shape.head_width);
  return part.is_first ? 0 : 1 + part.heads;
}

}  // namespace p2pllm::reference
