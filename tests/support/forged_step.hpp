#pragma once

#include "tests/support/two_judges.hpp"

// Micro-steps that begin with a state that no schedule reaches, and have a witness that opens it.
namespace p2pllm::testing {

/// A number at a limit, or any.
[[nodiscard]] inline std::int32_t forged_number(std::mt19937_64& random) {
  constexpr std::int64_t most = 2147483647;
  switch (random() % 12) {
    case 0: return static_cast<std::int32_t>(most);
    case 1: return static_cast<std::int32_t>(-most);
    case 2: return random() % 4 == 0 ? static_cast<std::int32_t>(-most - 1) : 0;
    default: return static_cast<std::int32_t>(random()) >> (random() % 32);
  }
}

/// A model of the same sizes with some numbers that MODEL-3 does not allow.
[[nodiscard]] inline ExactModel forged_model(const ExactModel& model, std::mt19937_64& random) {
  ExactModel forged = model;
  const auto any = [&](auto& list) -> auto& { return list[random() % list.size()]; };
  const auto forge_matrix = [&](ExactMatrix& m) {
    switch (random() % 6) {
      case 0: any(m.weights) = -128; return;
      case 1: any(m.weights) = 1; return;  // which may be one of padding
      case 2: any(m.multipliers) = static_cast<std::uint16_t>(random() % 2 == 0 ? 0 : multiplier_max + 1); return;
      case 3:
        any(m.exponents) = static_cast<std::uint8_t>(random() % 2 == 0 ? exponent_min - 1 : exponent_max + 1);
        return;
      default: return;
    }
  };
  const auto forge_gain = [&](ExactGain& gain) {
    if (random() % 3 == 0) any(gain.values) = -32768;
    if (random() % 3 == 0) gain.exponent = gain_exponent_max + 1;
  };
  for (ExactLayer& layer : forged.layers) {
    for (ExactMatrix* m : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate, &layer.up, &layer.down})
      forge_matrix(*m);
    for (ExactGain* gain : {&layer.attention_norm, &layer.feed_norm}) forge_gain(*gain);
  }
  return forged;
}

/// Forges what the next micro-step of a prover begins with: registers, entries of the cache and, if it is given another
/// model, tiles. All roots are those of what was forged.
class ForgedStep {
 public:
  /// @param world  in which a step is under way @param model  of the same sizes; outlives this object
  ForgedStep(StepWorld& world, const ExactModel& model, std::uint64_t seed)
      : world_(&world), header_(header_of(model)), tensors_(model), random_(seed) {
    if (random_() % 4 != 0) return;
    for (TensorEntry& entry : header_.tensors)  // an exponent that no matrix has
      if (!entry.is_gain) entry.gain_exponent = static_cast<std::int64_t>(random_() % 2);
    std::vector<MerkleLeaf> leaves;
    for (const TensorEntry& entry : header_.tensors) leaves.push_back(tensor_leaf(entry));
    header_.manifest.tensors = merkle_root(leaves);
  }

  /// Takes the next micro-step honestly, and then gives `ask` its forged twins.
  /// @param micro  its number
  template <typename Ask>
  void next(std::int64_t micro, int many, const Ask& ask) {
    const StepState step = world_->run.state();
    std::vector<Copy> copies(static_cast<std::size_t>(many));
    for (Copy& forged : copies) {
      forged.trees = std::make_unique<reference::ProverOpenings>(header_, tensors_, world_->computation);
      copy_registers(forged);
      copy_cache({step.position, step.layer, micro}, *forged.trees);
      for (std::int64_t unit = world_->computation.first_position; unit < step.position; ++unit)
        forged.trees->appended({Kind::outputs, 0}, sha256(bytes_of(std::to_string(unit))));
    }
    const reference::MicroRecord honest = world_->run.next();
    const std::vector<reference::Ask> asks = asks_of(*world_, honest);
    for (Copy& forged : copies) ask(forged_case(honest, asks, forged));
  }

 private:
  using Kind = reference::TreeName::Kind;

  struct Copy {
    std::unique_ptr<reference::ProverOpenings> trees;
    std::array<std::int64_t, register_count> greatest{};
  };

  void copy_registers(Copy& to) {
    const bool is_wild = random_() % 4 == 0;
    for (std::size_t r = 0; r < register_count; ++r) {
      const Bytes bytes = world_->run.openings().numbers(static_cast<Register>(r));
      std::vector<std::int32_t> numbers;
      for (std::size_t at = 0; at < bytes.size(); at += number_bytes)
        numbers.push_back(bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
                          static_cast<std::int32_t>(std::uint32_t{bytes[at + 3]} << 24U));
      for (int changes = is_wild ? 300 : static_cast<int>(random_() % 4); changes > 0 && !numbers.empty(); --changes)
        numbers[random_() % numbers.size()] = forged_number(random_);
      for (const std::int64_t number : numbers) to.greatest[r] = std::max(to.greatest[r], std::abs(number));
      for (std::size_t at = 0; at < numbers.size(); at += chunk_numbers)
        to.trees->appended({Kind::numbers, static_cast<std::int64_t>(r)},
                           bytes_of_numbers(std::span(numbers).subspan(at).first(
                               std::min<std::size_t>(chunk_numbers, numbers.size() - at))));
    }
  }

  void copy_cache(const StepPlace& place, reference::ProverOpenings& to) {
    const ModelShape& shape = world_->model.shape;
    const LayerRange& layers = world_->computation.layers;
    std::int64_t kept = place.micro - 1;  // heads of this layer
    for (const reference::Phase& phase : reference::phases_of(shape, place.position)) {
      if (phase.kind == reference::MicroKind::keep) break;
      kept -= phase.count;
    }
    const std::size_t size = cache_entry_bytes(shape.head_width);
    for (std::int64_t head = 0; head < (layers.last - layers.first) * shape.kv_heads; ++head) {
      const bool is_kept =
          head < (place.layer - layers.first) * shape.kv_heads + std::clamp(kept, std::int64_t{0}, shape.kv_heads);
      const auto count = static_cast<std::uint64_t>(place.position + (is_kept ? 1 : 0));
      if (count == 0) continue;
      auto& from = world_->run.openings();
      const reference::TreeName name{Kind::cache_head, head};
      const ByteView view = from.take({name, reference::Part::content, {0, count, count}, count * size});
      Bytes bytes(view.begin(), view.end());
      (void)from.take_record();
      for (std::uint64_t changes = random_() % 3; changes > 0; --changes)
        forge_entry(&bytes[random_() % count * size], size);
      for (std::uint64_t p = 0; p < count; ++p) to.appended(name, ByteView(bytes).subspan(p * size, size));
    }
  }
  void forge_entry(std::uint8_t* entry, std::size_t size) {
    const std::size_t number = random_() % (size / 2 - 1) * 2;
    switch (random_() % 4) {
      case 0: entry[size - 1 - random_() % 2] = static_cast<std::uint8_t>(random_() % 18); return;
      case 1:
        entry[number] = random_() % 2 == 0 ? 0 : 1;
        entry[number + 1] = 128;  // -32768 or -32767
        return;
      default: entry[number + 1] = static_cast<std::uint8_t>(random_()); return;
    }
  }

  [[nodiscard]] Case forged_case(const reference::MicroRecord& honest, const std::vector<reference::Ask>& asks,
                                 Copy& forged) {
    Bytes openings;
    for (const reference::Ask& ask : asks) {
      const ByteView part = forged.trees->take(ask);
      openings.insert(openings.end(), part.begin(), part.end());
      (void)forged.trees->take_record();
    }
    MicroState state = decode_micro_state(honest.before).value();
    for (std::size_t r = 0; r < register_count; ++r) {
      state.registers[r].root = forged.trees->root({Kind::numbers, static_cast<std::int64_t>(r)});
      if (random_() % 4 != 0)
        state.registers[r].greatest =
            std::min<std::int64_t>(forged.greatest[r] - (random_() % 8 == 0 ? 1 : 0), reference::row_most);
      state.registers[r].greatest = std::max<std::int64_t>(state.registers[r].greatest, 0);
    }
    for (std::int32_t& number : state.buffer)
      if (random_() % 64 == 0) number = std::max(forged_number(random_), -2147483647);
    state.cache = forged.trees->root({Kind::cache, 0});
    state.outputs = forged.trees->root({Kind::outputs, 0});
    const ModelManifest& manifest = header_.manifest;
    reference::WitnessOpenings witness(openings);
    reference::StepMemory memory(manifest, world_->computation, honest.place.position, honest.place.layer, witness);
    const auto after = reference::run_micro_step(memory, state, honest.place.micro);
    return {.model = header_.id(),
            .computation = world_->computation,
            .place = honest.place,
            .before = encode_micro_state(state),
            .after = after ? reference::hash_after(manifest.shape, honest.place, *after) : honest.after_hash,
            .witness = reference::encode_witness(encode_manifest(manifest), openings)};
  }

  StepWorld* world_;
  ModelHeader header_;
  reference::ExactTensors tensors_;
  std::mt19937_64 random_;
};

}  // namespace p2pllm::testing
