#include <array>
#include <memory>

#include "fuzz/law.hpp"
#include "optimized/layers/judge.hpp"
#include "tests/support/step_attack.hpp"

// Input: a byte that chooses a model, one that chooses a micro-step of the position 2 in its layer 1, and then changes
// of four bytes each. After the byte FF, the rest is a whole witness instead. Corpus: each kind of change of each kind
// of micro-step.

namespace p2pllm::fuzz {
namespace {

using namespace reference;
using testing::StepWorld;
using testing::Weights;

/// A model, and the honest records of a step.
struct Case {
  explicit Case(std::size_t which)
      : world(
            testing::random_model(shape(which), 3 + which, std::array{Weights::ordinary, Weights::extreme}[which % 2]),
            {0, 2}) {
    for (std::int64_t token = 0; token < 3; ++token) {
      const auto row = world.row_of(token);
      (void)world.run.run(row);
      records = world.run.run({});
    }
  }
  [[nodiscard]] static ModelShape shape(std::size_t which) {
    ModelShape shape = testing::odd_shape();
    if (which > 1) shape.width = 1030;  // several tiles from left to right
    return shape;
  }

  StepWorld world;
  std::vector<MicroRecord> records;
};

Case& case_of(std::uint8_t byte) {
  static std::array<std::unique_ptr<Case>, 4> cases;
  std::unique_ptr<Case>& chosen = cases[byte % cases.size()];
  if (!chosen) chosen = std::make_unique<Case>(byte % cases.size());
  return *chosen;
}

/// What is shown to the judge, and which parts of it are not the honest ones.
struct Shown {
  MicroRecord record;
  MicroState state;
  Bytes openings;
  bool place_changed = false;
};

std::int64_t number_of(std::uint8_t b, std::uint8_t c) {
  const std::int64_t number = std::int64_t{1} << (b % 63);
  return c % 4 == 0 ? -number - c / 4 : c % 4 == 1 ? number + c / 4 : c % 4 == 2 ? number - 1 : std::int64_t{c} / 4;
}

void change(const Case& chosen, Shown& shown, std::uint8_t kind, std::uint8_t a, std::uint8_t b, std::uint8_t c) {
  MicroState& state = shown.state;
  switch (kind % 8) {
    case 0:
      if (!shown.openings.empty()) shown.openings[(std::size_t{a} * 256 + b) * 3 % shown.openings.size()] ^= c;
      return;
    case 1:
      if (c % 2 == 0) shown.openings.resize(shown.openings.size() + std::size_t{a} * 256 + b, c);
      else shown.openings.resize(shown.openings.size() - std::min<std::size_t>(shown.openings.size(), a));
      return;
    case 2: shown.record.after_hash[a % 32] ^= b; return;
    case 3:
      if (!state.sums.empty()) state.sums[a % state.sums.size()] = number_of(b, c);
      return;
    case 4:
      state.registers[a % register_count].greatest = std::clamp<std::int64_t>(number_of(b, c), 0, row_most);
      return;
    case 5:
      if (c % 4 == 0) state.squares = std::clamp<std::int64_t>(number_of(b, a), 0, std::int64_t{1} << 61);
      else if (c % 4 == 1) state.sums.resize(std::min<std::size_t>(a, micro_sums_max), number_of(b, a));
      else if (!state.buffer.empty()) state.buffer[a % state.buffer.size()] = static_cast<std::int32_t>(b) - 128;
      return;
    case 6: shown.openings = testing::openings_in(chosen.records[a % chosen.records.size()].witness); return;
    default:
      shown.record.place.micro += static_cast<std::int8_t>(a);
      shown.record.place.layer += static_cast<std::int8_t>(b);
      shown.record.place.position += static_cast<std::int8_t>(c);
      shown.place_changed = shown.place_changed || a != 0 || b != 0 || c != 0;
  }
}

/// The hash of the state that follows a state, by the honest openings; nothing if none does.
std::optional<Hash> true_after(const Case& chosen, const MicroRecord& honest, const MicroState& state) {
  const Bytes bytes = testing::openings_in(honest.witness);
  WitnessOpenings openings(bytes);
  StepMemory memory(chosen.world.header.manifest, chosen.world.computation, honest.place.position, honest.place.layer,
                    openings);
  const auto after = run_micro_step(memory, state, honest.place.micro);
  if (!after || !openings.is_empty()) return std::nullopt;
  return hash_after(chosen.world.model.shape, honest.place, *after);
}

std::string name_of(Judgement judgement) {
  return std::array{"right", "wrong", "unfit"}[static_cast<std::size_t>(judgement)];
}

void run(ByteView input) {
  if (input.size() < 3) return;
  const Case& chosen = case_of(input[0]);
  const MicroRecord& honest = chosen.records[input[1] % chosen.records.size()];
  Shown shown{.record = honest,
              .state = decode_micro_state(honest.before).value(),
              .openings = testing::openings_in(honest.witness)};
  const bool is_raw = input[2] == 0xff;
  for (std::size_t at = 2; !is_raw && at + 4 <= input.size(); at += 4)
    change(chosen, shown, input[at], input[at + 1], input[at + 2], input[at + 3]);
  shown.record.before = encode_micro_state(shown.state);
  shown.record.witness = is_raw ? Bytes(input.begin() + 3, input.end())
                                : encode_witness(testing::manifest_in(honest.witness), shown.openings);

  Judgement judgement = chosen.world.judge(shown.record);
  law(optimized::judge(chosen.world.id, chosen.world.computation, shown.record.place, shown.record.before,
                       shown.record.after_hash, shown.record.witness) == judgement,
      "STEP-6: both judges answer alike");
  const bool other_witness = shown.record.witness != honest.witness;
  if (has_planted_fault && other_witness) judgement = Judgement::right;
  ++reached[std::string(other_witness                          ? "other witness "
                        : shown.place_changed                  ? "other place "
                        : shown.record.before != honest.before ? "other state "
                                                               : "honest witness ") +
            name_of(judgement)];
  if (shown.place_changed) {
    law(judgement == Judgement::unfit || shown.record.place.micro == shown.state.micro + 1,
        "STEP-6: a micro-step follows the state of its number");
    return;
  }
  const std::optional<Hash> after = true_after(chosen, honest, shown.state);
  law(judgement != Judgement::right || (after && *after == shown.record.after_hash),
      "STEP-6: what is judged right has the true state after");
  law(judgement != Judgement::wrong || (after && *after != shown.record.after_hash),
      "STEP-6: what is judged wrong has not the true state after");
  law(judgement == Judgement::unfit || !other_witness, "STEP-6: a place and a state have one witness");
  law(judgement != Judgement::unfit || other_witness || !after, "STEP-6: the honest witness is fit");
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({data, size});
  return 0;
}
