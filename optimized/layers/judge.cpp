#include "optimized/layers/judge.hpp"

#include <algorithm>

#include "kernels/matrix/layer_rules.hpp"
#include "model/contracts/commitment.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/tables.hpp"
#include "optimized/layers/step_attention.hpp"
#include "optimized/layers/step_openings.hpp"
#include "optimized/layers/step_product.hpp"
#include "optimized/layers/step_schedule.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::int64_t squares_of_number = std::int64_t{1} << 46;  ///< the most that a number adds (LAYER-8)
constexpr std::int64_t unit_max = std::int64_t{1} << 30;
constexpr std::size_t chunk_bytes = static_cast<std::size_t>(chunk_numbers) * number_bytes;

using Numbers = std::vector<std::int32_t>;

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
std::uint64_t place_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::int32_t number_at(ByteView bytes, std::size_t at) {
  return static_cast<std::int32_t>(std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8U |
                                   std::uint32_t{bytes[at + 2]} << 16U | std::uint32_t{bytes[at + 3]} << 24U);
}

std::int64_t magnitude_of(std::int32_t number) { return kernels::magnitude(std::int64_t{number}); }

/// One micro-step, executed on the state before. Each function returns whether state and openings fit.
class MicroStep {
 public:
  MicroStep(const ModelManifest& manifest, const Computation& computation, const StepPlace& place, MicroState& state,
            ByteView openings)
      : manifest_(manifest),
        shape_(manifest.shape),
        computation_(computation),
        place_(place),
        state_(state),
        openings_(openings) {}

  /// @param number  among the micro-steps of the phase, from 0
  [[nodiscard]] bool run(const StepPhase& phase, std::int64_t number) {
    return run_kind(phase, number) && openings_.is_empty();
  }

 private:
  [[nodiscard]] bool run_kind(const StepPhase& phase, std::int64_t number) {
    if (phase.kind == StepKind::product) return product(phase, number);
    if (phase.kind == StepKind::attend) return attend(number);
    if (!state_.sums.empty() || !state_.buffer.empty()) return false;
    switch (phase.kind) {
      case StepKind::keep: return keep(number);
      case StepKind::leave: return leave();
      default: return pass(phase, number * pass_numbers);
    }
  }

  /// A pass over a row, from one of its numbers on.
  [[nodiscard]] bool pass(const StepPhase& phase, std::int64_t begin) {
    const std::int64_t count = register_numbers(shape_, phase.source), end = std::min(begin + pass_numbers, count);
    auto numbers = read(phase.source, begin, end);
    if (!numbers) return false;
    switch (phase.kind) {
      case StepKind::greatest: raise_greatest(phase.source, *numbers); return true;
      case StepKind::squares: return add_squares(phase.source, begin, *numbers);
      case StepKind::scale: return scale(phase, begin, *numbers);
      default: return gate(begin, *numbers);
    }
  }

  [[nodiscard]] bool add_squares(Register source, std::int64_t begin, const Numbers& numbers) {
    if (state_.squares > begin * squares_of_number) return false;
    const std::int64_t greatest = state_.of(source).greatest, shift = kernels::square_shift(greatest);
    for (const std::int32_t number : numbers) {
      if (magnitude_of(number) > greatest) return false;
      state_.squares += kernels::short_square(std::int64_t{number}, shift);
    }
    return true;
  }

  [[nodiscard]] bool scale(const StepPhase& phase, std::int64_t begin, Numbers& numbers) {
    const std::int64_t count = shape_.width, tile = begin / gain_tile_values;
    if (state_.squares > count * squares_of_number) return false;
    const std::int64_t factors = std::min(gain_tile_values, count - tile * gain_tile_values);
    const std::int64_t tiles = (count + gain_tile_values - 1) / gain_tile_values;
    const auto opened = read_tile(phase.tensor, gain_exponent_max, tile, {gain_bytes(factors), tiles});
    if (!opened) return false;
    const std::size_t passed = index(begin - tile * gain_tile_values);
    const auto factor = gain_numbers(opened->bytes.subspan(2 * passed));
    if (!factor) return false;
    const std::int64_t shift = kernels::square_shift(state_.of(phase.source).greatest);
    const std::int64_t mean = kernels::mean_of_squares(state_.squares, count, manifest_.epsilon, shift);
    const kernels::NormScale by = mean == 0 ? kernels::NormScale{} : kernels::norm_scale(mean, shift);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const std::int64_t unit = kernels::unit_number(std::int64_t{numbers[k]}, by.reciprocal, by.root_shift);
      if (unit < -unit_max || unit_max < unit) return false;
      numbers[k] = static_cast<std::int32_t>(
          kernels::gained_number(unit, std::int64_t{(*factor)[k]}, opened->exponent, shape_.fraction_bits));
    }
    if (begin + std::ssize(numbers) == count) state_.squares = 0;
    return write(phase.target, begin, numbers);
  }

  [[nodiscard]] bool gate(std::int64_t begin, const Numbers& gates) {
    const auto ups = read(Register::ups, begin, begin + std::ssize(gates));
    if (!ups) return false;
    Numbers gated(gates.size());
    kernels::matrix_targets().front()->gate(gates.data(), ups->data(), gates.size(), shape_.fraction_bits,
                                            layer_tables().exp2.data(), gated.data());
    return write(Register::gated, begin, gated);
  }

  [[nodiscard]] bool product(const StepPhase& phase, std::int64_t number) {
    const std::int64_t rows = register_numbers(shape_, phase.target), columns = register_numbers(shape_, phase.source);
    const Tile tile = tile_at(rows, columns, number);
    if (!has_lengths(tile.first_column == 0 ? 0 : tile.rows, tile.first_row)) return false;
    if (!std::ranges::all_of(state_.sums, is_product_sum)) return false;
    const auto opened = read_tile(phase.tensor, 0, number, {tile.bytes(), tile_count(rows, columns)});
    if (!opened || !has_matrix_numbers(opened->bytes, tile, columns)) return false;
    const auto numbers = read(phase.source, tile.first_column, std::min(tile.first_column + tile.columns, columns));
    if (!numbers) return false;
    const std::int64_t exponent = kernels::block_exponent(state_.of(phase.source).greatest);
    state_.sums.resize(index(tile.rows), 0);
    add_products(opened->bytes, tile, block_of(*numbers, exponent), state_.sums);
    if (!tile.has_exponents) return true;
    Numbers products = finished_products(opened->bytes, tile, exponent, state_.sums);
    state_.sums.clear();
    if (phase.tensor == TensorPlace::output || phase.tensor == TensorPlace::down) {
      const Register row = phase.tensor == TensorPlace::output ? Register::row : Register::attended;
      const auto added = read(row, tile.first_row, tile.first_row + tile.rows);
      if (!added) return false;
      kernels::matrix_targets().front()->add(added->data(), added->size(), products.data());
    }
    return write(phase.target, tile.first_row, products);
  }

  [[nodiscard]] bool keep(std::int64_t head) {
    const std::int64_t width = shape_.head_width, begin = head * width;
    const auto keys = read(Register::keys, begin, begin + width);
    if (!keys) return false;
    const auto values = read(Register::values, begin, begin + width);
    if (!values) return false;
    return append_entry(head, turned_block(manifest_, place_.position, *keys), block_of_head(*values));
  }

  /// Appends an entry to the list of a head, whose root is opened before and after by the same siblings.
  [[nodiscard]] bool append_entry(std::int64_t head, const HeadBlock& key, const HeadBlock& value) {
    const std::uint64_t count = place_of(place_.position);
    const auto peaks = openings_.take_peaks(count);
    if (!peaks) return false;
    Openings again = openings_;
    if (openings_.take_root({cache_head_leaf(root_of_peaks(*peaks)).hash}, head_run(head)) != state_.cache)
      return false;
    const std::size_t width = index(shape_.head_width);
    const Bytes entry = encode_cache_entry(std::span(key.numbers).first(width), key.exponent,
                                           std::span(value.numbers).first(width), value.exponent);
    const Hash new_root = root_with(*peaks, count, leaf_hashes(entry_tag, entry, entry.size()));
    state_.cache = again.take_root({cache_head_leaf(new_root).hash}, head_run(head)).value();
    return true;
  }

  [[nodiscard]] bool attend(std::int64_t number) {
    const AttendPlace part = attend_place(shape_, place_.position, number);
    const std::int64_t width = shape_.head_width, begin = part.first_query * width;
    if (state_.sums.size() != attend_sums(part, width) || !has_buffer(begin)) return false;
    if (!attend_sums_are_possible(part, state_.sums)) return false;
    const auto queries = read(Register::queries, begin, begin + part.queries * width);
    if (!queries) return false;
    const auto head = openings_.take_hash();
    if (!head || openings_.take_root({cache_head_leaf(*head).hash}, head_run(part.kv_head)) != state_.cache)
      return false;
    const std::size_t entry_size = cache_entry_bytes(width);
    const auto entries = openings_.take(entry_size * index(part.positions));
    if (!entries) return false;
    const MerkleRange run = {place_of(part.first_position), place_of(part.first_position + part.positions),
                             place_of(place_.position + 1)};
    if (openings_.take_root(leaf_hashes(entry_tag, *entries, entry_size), run) != *head) return false;
    const auto kept = read_entries(*entries, width);
    if (!kept || !optimized::attend(manifest_, place_.position, part, *queries, *kept, state_.sums)) return false;
    if (!part.is_second_pass || !part.is_last) return true;
    const auto numbers = read_of_heads(part, state_.sums, width);
    state_.sums.clear();
    return numbers && write(Register::read, begin, *numbers);
  }

  [[nodiscard]] bool leave() {
    if (place_.layer + 1 != computation_.layers.last) return true;
    const std::int64_t unit = place_.position - computation_.first_position + 1;
    const auto peaks = openings_.take_peaks(place_of(unit - 1));
    if (!peaks || root_of_peaks(*peaks) != state_.outputs) return false;
    const Hash leaf = row_leaf(unit, state_.of(Register::result).root).hash;
    state_.outputs = root_with(*peaks, place_of(unit - 1), std::span(&leaf, 1));
    return true;
  }

  /// Whether there are so many sums, and in the buffer what comes after the last whole chunk.
  [[nodiscard]] bool has_lengths(std::int64_t sums, std::int64_t written) const {
    return std::ssize(state_.sums) == sums && has_buffer(written);
  }
  [[nodiscard]] bool has_buffer(std::int64_t written) const {
    return std::ssize(state_.buffer) == written % chunk_numbers;
  }
  /// The place of a head of this layer among all heads.
  [[nodiscard]] MerkleRange head_run(std::int64_t head) const {
    const LayerRange& layers = computation_.layers;
    const std::int64_t at = (place_.layer - layers.first) * shape_.kv_heads + head;
    return {place_of(at), place_of(at + 1), place_of((layers.last - layers.first) * shape_.kv_heads)};
  }

  /// The numbers [begin, end) of a register, shown as the chunks that have them.
  [[nodiscard]] std::optional<Numbers> read(Register r, std::int64_t begin, std::int64_t end) {
    const std::int64_t count = register_numbers(shape_, r), first = begin / chunk_numbers;
    const std::int64_t last = chunks_of(end), shown = std::min(last * chunk_numbers, count) - first * chunk_numbers;
    const auto bytes = openings_.take(index(shown) * number_bytes);
    if (!bytes) return std::nullopt;
    const MerkleRange run = {place_of(first), place_of(last), place_of(chunks_of(count))};
    if (openings_.take_root(leaf_hashes(chunk_tag, *bytes, chunk_bytes), run) != state_.of(r).root) return std::nullopt;
    Numbers numbers(index(end - begin));
    bool is_row = true;
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      numbers[k] = number_at(*bytes, (index(begin - first * chunk_numbers) + k) * number_bytes);
      is_row = is_row && numbers[k] >= -kernels::number_max;
    }
    if (!is_row) return std::nullopt;
    return numbers;
  }

  void raise_greatest(Register r, std::span<const std::int32_t> numbers) {
    std::int64_t& greatest = state_.of(r).greatest;
    for (const std::int32_t number : numbers) greatest = std::max(greatest, magnitude_of(number));
  }

  /// Appends numbers to a register. @param before  how many it has
  [[nodiscard]] bool write(Register r, std::int64_t before, std::span<const std::int32_t> numbers) {
    raise_greatest(r, numbers);
    state_.buffer.insert(state_.buffer.end(), numbers.begin(), numbers.end());
    const std::int64_t count = register_numbers(shape_, r), after = before + std::ssize(numbers);
    const std::int64_t chunks = before / chunk_numbers;
    const std::int64_t complete = after == count ? chunks_of(count) : after / chunk_numbers;
    if (complete == chunks) return true;
    const auto peaks = openings_.take_peaks(place_of(chunks));
    RegisterState& state = state_.of(r);
    if (!peaks || root_of_peaks(*peaks) != state.root) return false;
    const auto full = std::min(std::ssize(state_.buffer), (complete - chunks) * chunk_numbers);
    const Bytes bytes = bytes_of_numbers(std::span(state_.buffer).first(index(full)));
    state.root = root_with(*peaks, place_of(chunks), leaf_hashes(chunk_tag, bytes, chunk_bytes));
    state_.buffer.erase(state_.buffer.begin(), state_.buffer.begin() + full);
    return true;
  }

  /// A tile, and the exponent of its tensor.
  struct OpenedTile {
    std::int64_t exponent = 0;
    ByteView bytes;
  };
  struct TileSizes {
    std::int64_t bytes, tiles;
  };
  [[nodiscard]] std::optional<OpenedTile> read_tile(TensorPlace tensor, std::int64_t exponent_most, std::int64_t tile,
                                                    const TileSizes& sizes) {
    const auto exponent = openings_.take(1);
    if (!exponent || exponent->front() > exponent_most) return std::nullopt;
    const auto root = openings_.take_hash();
    if (!root) return std::nullopt;
    TensorEntry entry;
    entry.gain_exponent = exponent->front();
    entry.root = *root;
    const std::int64_t at = 1 + place_.layer * tensors_a_layer + static_cast<std::int64_t>(tensor);
    const std::int64_t tensors = 1 + shape_.layers * tensors_a_layer + (manifest_.has_head ? 2 : 1);
    const MerkleRange run = {place_of(at), place_of(at + 1), place_of(tensors)};
    if (openings_.take_root({tensor_leaf(entry).hash}, run) != manifest_.tensors) return std::nullopt;
    const auto bytes = openings_.take(index(sizes.bytes));
    if (!bytes) return std::nullopt;
    const MerkleRange among = {place_of(tile), place_of(tile + 1), place_of(sizes.tiles)};
    if (openings_.take_root({merkle_leaf("weight", *bytes).hash}, among) != *root) return std::nullopt;
    return OpenedTile{entry.gain_exponent, *bytes};
  }

  const ModelManifest& manifest_;
  const ModelShape& shape_;
  const Computation& computation_;
  const StepPlace& place_;
  MicroState& state_;
  Openings openings_;
};

struct Witness {
  ByteView manifest, openings;
};

CborResult<Witness> decode_witness(ByteView bytes) {
  return decode_cbor(bytes, [](CborReader& reader) {
    Witness witness;
    reader.next_array(2);
    witness.manifest = reader.next_bytes();
    witness.openings = reader.next_bytes();
    return witness;
  });
}

Hash hash_of_step_state(const Computation& computation, const StepPlace& place, const MicroState& state) {
  const bool leaves = place.layer + 1 == computation.layers.last;
  return contracts::state_hash(encode_step_state({.position = place.position + (leaves ? 1 : 0),
                                                  .layer = leaves ? computation.layers.first : place.layer + 1,
                                                  .row = state.of(Register::result).root,
                                                  .cache = state.cache,
                                                  .outputs = state.outputs}));
}

}  // namespace

std::int64_t micro_step_count(const ModelShape& shape, std::int64_t position) {
  std::int64_t count = 0;
  for (const StepPhase& phase : step_phases(shape, position)) count += phase.count;
  return count;
}

std::optional<ModelManifest> read_manifest_of(const Hash& model, ByteView bytes) {
  if (hash_tagged(model_tag, bytes) != model) return std::nullopt;
  auto manifest = decode_manifest(bytes);
  if (!manifest || !shape_fault(manifest->shape).empty()) return std::nullopt;
  return *std::move(manifest);
}

bool has_place(const ModelShape& shape, const Computation& computation, const StepPlace& place) {
  const LayerRange& layers = computation.layers;
  return 0 <= layers.first && layers.first <= place.layer && place.layer < layers.last && layers.last <= shape.layers &&
         0 <= computation.first_position && computation.first_position <= place.position &&
         place.position < shape.context;
}

Judgement judge(const Hash& model, const Computation& computation, const StepPlace& place, ByteView before,
                const Hash& after, ByteView witness) {
  if (witness.size() > witness_bytes_max || before.size() > micro_state_bytes_max) return Judgement::unfit;
  const auto parts = decode_witness(witness);
  auto state = decode_micro_state(before);
  if (!parts || !state) return Judgement::unfit;
  const auto manifest = read_manifest_of(model, parts->manifest);
  if (!manifest || !has_place(manifest->shape, computation, place)) return Judgement::unfit;
  if (place.micro < 1 || state->micro != place.micro - 1) return Judgement::unfit;
  std::int64_t number = place.micro - 1;
  for (const StepPhase& phase : step_phases(manifest->shape, place.position)) {
    if (number >= phase.count) {
      number -= phase.count;
      continue;
    }
    if (!MicroStep(*manifest, computation, place, *state, parts->openings).run(phase, number)) return Judgement::unfit;
    state->micro = place.micro;
    const Hash truth = phase.kind == StepKind::leave ? hash_of_step_state(computation, place, *state)
                                                     : micro_state_hash(encode_micro_state(*state));
    return truth == after ? Judgement::right : Judgement::wrong;
  }
  return Judgement::unfit;
}

}  // namespace p2pllm::optimized
