#include "apps/p2pllm/layers/micro_step_text.hpp"

#include <fmt/core.h>

#include "reference/layers/schedule.hpp"

namespace p2pllm::app {
namespace {

const char* name_of(reference::LayerTensor tensor) {
  constexpr const char* names[] = {"attention_norm", "query", "key", "value", "output",
                                   "feed_norm",      "gate",  "up",  "down"};
  return names[static_cast<std::size_t>(tensor)];
}

const char* name_of(Register r) {
  constexpr const char* names[] = {"row",      "normed", "queries", "keys", "values", "read",
                                   "attended", "fed",    "gates",   "ups",  "gated",  "result"};
  return names[static_cast<std::size_t>(r)];
}

}  // namespace

std::string micro_step_text(const ModelShape& shape, const StepPlace& place) {
  using reference::MicroKind;
  const reference::MicroOp op = reference::micro_op(shape, place.position, place.micro);
  const auto part = [&op](const char* what) { return fmt::format("{} {} of {}", what, op.index + 1, op.phase.count); };
  switch (op.phase.kind) {
    case MicroKind::greatest:
      return fmt::format("greatest: the greatest magnitude of {}, {}", name_of(op.phase.from), part("part"));
    case MicroKind::squares: return fmt::format("squares: the squares of {}, {}", name_of(op.phase.from), part("part"));
    case MicroKind::scale:
      return fmt::format("scale: {} times the factors of {}, {}", name_of(op.phase.from), name_of(op.phase.tensor),
                         part("part"));
    case MicroKind::product:
      return fmt::format("product: {} times {}, {}", name_of(op.phase.tensor), name_of(op.phase.from), part("tile"));
    case MicroKind::keep: return fmt::format("keep: key and value of a position, {}", part("head"));
    case MicroKind::attend: {
      const reference::AttendPart attend = reference::attend_part(shape, place.position, op.index);
      return fmt::format("attend: {} of {} positions from {}, by {} heads from {}",
                         attend.adds ? "weights and values" : "greatest scores", attend.positions,
                         attend.first_position, attend.heads, attend.first_head);
    }
    case MicroKind::gate: return fmt::format("gate: gates and ups, {}", part("part"));
    case MicroKind::leave: break;
  }
  return "leave: the state after the step";
}

std::string place_text(const ModelShape& shape, const StepPlace& place) {
  return fmt::format("position {}, layer {}, micro-step {} of {}", place.position, place.layer, place.micro,
                     reference::micro_step_count(shape, place.position));
}

}  // namespace p2pllm::app
