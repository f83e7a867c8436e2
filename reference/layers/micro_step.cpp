#include "reference/layers/micro_step.hpp"

#include <algorithm>

#include "model/contracts/commitment.hpp"
#include "model/layers/tiles.hpp"

namespace p2pllm::reference {
namespace {

using Numbers = std::vector<std::int64_t>;

constexpr std::int64_t product_sum_most = std::int64_t{1} << 52;  // LAYER-4
constexpr std::int64_t square_most = std::int64_t{1} << 46;       // LAYER-8
constexpr std::int64_t unit_most = std::int64_t{1} << 30;         // LAYER-8

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

std::int64_t exponent_of(const RegisterState& r) { return std::max<std::int64_t>(0, bit_length(r.greatest) - 15); }

/// Numbers of a register as those of a block vector whose exponent is that of the whole register (LAYER-3).
Numbers block_numbers(StepMemory& memory, const MicroState& state, Register r, std::int64_t first, std::int64_t count) {
  Numbers numbers = memory.numbers(state, r, first, count);
  const std::int64_t exponent = exponent_of(state.of(r));
  for (std::int64_t& number : numbers) number = block_number(number, exponent);
  return numbers;
}

/// The micro-steps over one state. A number that no state before can have is refused, so that no sum leaves 64 bits.
class Program {
 public:
  Program(StepMemory& memory, const MicroOp& op, MicroState& state) : memory_(memory), op_(op), state_(state) {}

  void run() {
    switch (op_.phase.kind) {
      case MicroKind::greatest: return greatest();
      case MicroKind::squares: return squares();
      case MicroKind::scale: return scale();
      case MicroKind::product: return product();
      case MicroKind::keep: return keep();
      case MicroKind::attend:
        return attend(memory_, attend_part(shape(), memory_.position(), op_.index), before(), state_);
      case MicroKind::gate: return gate();
      case MicroKind::leave: break;
    }
    if (memory_.layer() + 1 == memory_.computation().layers.last) memory_.leave(state_);
  }

 private:
  [[nodiscard]] const ModelShape& shape() const { return memory_.shape(); }
  [[nodiscard]] std::int64_t before() const { return numbers_before(shape(), memory_.position(), op_); }
  /// The numbers of a register over which this micro-step passes.
  [[nodiscard]] std::int64_t first() const { return op_.index * span_numbers; }
  [[nodiscard]] std::int64_t count(Register r) const {
    return std::min(span_numbers, numbers_of(r, shape()) - first());
  }
  [[nodiscard]] Numbers source() { return memory_.numbers(state_, op_.phase.from, first(), count(op_.phase.from)); }

  void greatest() {
    std::int64_t& most = state_.of(op_.phase.from).greatest;
    most = std::max(most, greatest_magnitude<std::int64_t>(source()));
  }

  void squares() {
    const std::int64_t most = state_.of(op_.phase.from).greatest;
    if (state_.squares > first() * square_most) return memory_.refuse();
    for (const std::int64_t number : source()) {
      if (magnitude(number) > most) return memory_.refuse();
      state_.squares += square(number, norm_dropped(most));
    }
  }

  void scale() {
    if (state_.squares > shape().width * square_most) return memory_.refuse();
    const Numbers numbers = source();
    const auto gain = memory_.factors(op_.phase.tensor, first());
    if (!gain) return;
    const NormScale<std::int64_t> scale = norm_scale(state_.squares, shape().width, memory_.manifest().epsilon,
                                                     norm_dropped(state_.of(op_.phase.from).greatest));
    Numbers result;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::int64_t unit = unit_number(numbers[i], scale.reciprocal, scale.lifted, scale.dropped);
      if (magnitude(unit) > unit_most) return memory_.refuse();
      result.push_back(normed_number(unit, std::int64_t{gain->values[i]}, gain->exponent, shape().fraction_bits));
    }
    memory_.append(state_, op_.phase.to, before(), result);
    if (op_.index + 1 == op_.phase.count) state_.squares = 0;
  }

  void product() {
    const MatrixSize size = size_of(op_.phase.tensor, shape());
    const Tile tile = tile_at(size.rows, size.columns, op_.index);
    const auto matrix = memory_.tile(op_.phase.tensor, op_.index);
    if (!matrix) return;
    const Numbers vector = block_numbers(memory_, state_, op_.phase.from, tile.first_column, matrix->columns);
    Numbers sums = std::exchange(state_.sums, {});
    sums.resize(index(tile.rows), 0);
    for (std::int64_t r = 0; r < tile.rows; ++r) {
      std::int64_t& sum = sums[index(r)];
      if (sum < -product_sum_most || product_sum_most < sum) return memory_.refuse();
      sum += row_sum<std::int64_t>(*matrix, r, vector);
    }
    if (tile.has_exponents) finish_product(*matrix, tile, std::move(sums));
    else state_.sums = std::move(sums);
  }
  void finish_product(const ExactMatrix& matrix, const Tile& tile, Numbers sums) {
    const std::int64_t exponent = exponent_of(state_.of(op_.phase.from));
    for (std::size_t r = 0; r < sums.size(); ++r) sums[r] = product_number(sums[r], matrix.exponents[r], exponent);
    if (op_.phase.residual) {
      const Numbers row = memory_.numbers(state_, *op_.phase.residual, tile.first_row, tile.rows);
      for (std::size_t r = 0; r < sums.size(); ++r) sums[r] = residual_number(row[r], sums[r]);
    }
    memory_.append(state_, op_.phase.to, before(), sums);
  }

  void keep() {
    const std::int64_t width = shape().head_width;
    Numbers key = memory_.numbers(state_, op_.phase.from, op_.index * width, width);
    const Numbers value = memory_.numbers(state_, Register::values, op_.index * width, width);
    turn<std::int64_t>(key, memory_.position(), memory_.manifest().frequencies);
    memory_.keep(state_, op_.index, {block_vector<std::int64_t>(key), block_vector<std::int64_t>(value)});
  }

  void gate() {
    const Numbers gates = source();
    const Numbers ups = memory_.numbers(state_, Register::ups, first(), count(Register::ups));
    memory_.append(state_, op_.phase.to, before(), gated_row<std::int64_t>(gates, ups, shape().fraction_bits));
  }

  StepMemory& memory_;
  const MicroOp& op_;
  MicroState& state_;
};

bool fits(const StepMemory& memory, const MicroOp& op, const MicroState& state, std::int64_t micro) {
  const std::int64_t buffered = numbers_before(memory.shape(), memory.position(), op) % chunk_numbers;
  return state.micro == micro - 1 && std::ssize(state.buffer) == buffered &&
         std::ssize(state.sums) == sums_before(memory.shape(), memory.position(), op);
}

/// The state of STEP-1 that a layer leaves.
StepState state_after(const StepMemory& memory, const MicroState& state) {
  const LayerRange& layers = memory.computation().layers;
  const bool leaves = memory.layer() + 1 == layers.last;
  return {.position = memory.position() + (leaves ? 1 : 0),
          .layer = leaves ? layers.first : memory.layer() + 1,
          .row = state.of(Register::result).root,
          .cache = state.cache,
          .outputs = state.outputs};
}

}  // namespace

std::optional<Bytes> run_micro_step(StepMemory& memory, const MicroState& before, std::int64_t micro) {
  const MicroOp op = micro_op(memory.shape(), memory.position(), micro);
  if (!fits(memory, op, before, micro)) return std::nullopt;
  MicroState state = before;
  state.micro = micro;
  Program(memory, op, state).run();
  if (memory.failed()) return std::nullopt;
  return op.phase.kind == MicroKind::leave ? encode_step_state(state_after(memory, state)) : encode_micro_state(state);
}

Hash hash_after(const ModelShape& shape, const StepPlace& place, ByteView after) {
  return place.micro == micro_step_count(shape, place.position) ? contracts::state_hash(after)
                                                                : micro_state_hash(after);
}

}  // namespace p2pllm::reference
