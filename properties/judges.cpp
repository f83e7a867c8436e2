#include "properties/generators/network.hpp"
#include "properties/property.hpp"
#include "tests/support/forged_step.hpp"

// The two judges of micro-steps, in worlds of every shape.
namespace p2pllm::properties {
namespace {

using testing::Case;
using testing::Weights;

ModelShape draw_shape() {
  ModelShape shape;
  shape.kv_heads = draw_integer(1, 3);
  shape.heads = shape.kv_heads * draw_integer(1, 4);
  shape.head_width = 2 * draw_one_of<int>({1, 3, 8, 20, 64, 127});
  shape.layers = draw_integer(1, 3);
  shape.width = draw_one_of<int>({1, 63, 64, 257, 300, 1030});
  shape.hidden = draw_one_of<int>({1, 64, 129, 512, 1100});
  shape.vocabulary = draw_integer(1, 9);
  shape.context = draw_integer(1, 90);
  shape.fraction_bits = draw_integer(12, 18);
  return shape;
}

std::uint64_t draw_seed() { return static_cast<std::uint64_t>(draw_integer(0, 1 << 20)); }

/// Changes one thing that a judge is given.
void change(Case& c, std::mt19937_64& random) {
  const auto flip = [&](auto& bytes) {
    if (!bytes.empty()) bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
  };
  const auto by = static_cast<std::int64_t>(random() % 5) - 2;
  switch (draw_integer(0, 8)) {
    case 0: return flip(c.after);
    case 1: return flip(c.witness);
    case 2: return flip(c.before);
    case 3: return c.witness.resize(random() % 2 == 0 ? c.witness.size() + 1 : random() % c.witness.size());
    case 4: c.place.position += by; return;
    case 5: c.place.layer += by; return;
    case 6: c.place.micro += by; return;
    case 7: c.computation.first_position += by; return;
    default: c.computation.layers.last += by; return;
  }
}

/// Asks both judges, and notes what they answered in a case of a property.
struct BothJudges {
  void ask(const Case& c) {
    const Judgement exact = reference::judge(c.model, c.computation, c.place, c.before, c.after, c.witness);
    const Judgement fast = optimized::judge(c.model, c.computation, c.place, c.before, c.after, c.witness);
    expect(exact == fast, "other answers to micro-step " + std::to_string(c.place.micro));
    is_answered[static_cast<std::size_t>(exact)] = true;
  }
  std::array<bool, 3> is_answered{};  // right, wrong, unfit
};

PROPERTY("both judges of micro-steps answer alike in every world", "[STEP-1][STEP-2][STEP-3][STEP-4][STEP-5][STEP-6]",
         100) {
  const ModelShape shape = draw_shape();
  const auto weights = draw_one_of<Weights>({Weights::ordinary, Weights::extreme, Weights::tiny});
  const std::int64_t first = draw_integer(0, shape.layers - 1), earlier = draw_integer(0, shape.context - 1);
  testing::StepWorld world(testing::random_model(shape, draw_seed(), weights),
                           {first, draw_integer(first + 1, shape.layers)}, earlier);
  std::vector<testing::Cache> caches = testing::empty_caches(world);
  testing::remember_random(world, caches, earlier, draw_seed(), 16);
  std::mt19937_64 random(draw_seed());
  BothJudges judges;
  const ExactModel forged = testing::forged_model(world.model, random);
  const std::int64_t steps = draw_integer(1, 3);
  for (std::int64_t step = 0; step < steps && world.run.state().position < shape.context; ++step) {
    const bool enters = world.run.state().layer == first;
    world.run.begin(enters ? world.row_of(step) : std::vector<std::int32_t>());
    testing::ForgedStep forger(world, draw_coin() ? forged : world.model, random());
    std::vector<Case> honest;
    for (std::int64_t micro = 1; world.run.is_under_way(); ++micro)
      if (random() % 8 == 0) forger.next(micro, 1, [&](const Case& c) { judges.ask(c); });
      else honest.push_back(testing::case_of(world, world.run.next()));
    for (Case& c : honest) {
      if (random() % 4 != 0) continue;
      judges.ask(c);
      change(c, random);
      judges.ask(c);
    }
  }
  reach("right", judges.is_answered[0]);
  reach("wrong", judges.is_answered[1]);
  reach("unfit", judges.is_answered[2]);
}

}  // namespace
}  // namespace p2pllm::properties
