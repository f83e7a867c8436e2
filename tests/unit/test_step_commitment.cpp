#include <oneapi/tbb/global_control.h>

#include <catch2/catch.hpp>

#include "optimized/layers/fast_layers.hpp"
#include "optimized/layers/growing_trees.hpp"
#include "tests/support/plain_commitment.hpp"
#include "tests/support/step_world.hpp"

using namespace p2pllm;
using optimized::FastLayers;
using testing::commitment_of;
using testing::token_rows;
using testing::Weights;

namespace {

/// Three layers, of rows of two chunks, and several heads.
ModelShape three_layers() {
  ModelShape shape = testing::odd_shape();
  shape.layers = 3;
  shape.width = 300;
  shape.context = 90;
  return shape;
}

ModelShape with_width(std::int64_t width) {
  ModelShape shape = testing::odd_shape();
  shape.width = width;
  return shape;
}

Hash some_leaf(std::size_t k) { return merkle_leaf("row", Bytes{static_cast<std::uint8_t>(k), 7}).hash; }

std::vector<MerkleLeaf> leaves_of(std::span<const Hash> hashes) {
  std::vector<MerkleLeaf> leaves;
  for (const Hash& hash : hashes) leaves.push_back({hash});
  return leaves;
}

}  // namespace

TEST_CASE("trees that grow together have the roots of their lists after each leaf", "[step-commitment][COMMIT-5]") {
  optimized::NodeForm form;
  optimized::GrowingTrees trees(2);
  std::array<std::vector<Hash>, 2> lists;
  for (const std::size_t count : {1, 1, 3, 2, 9, 16, 1, 40, 7}) {
    std::vector<Hash> nodes(2 * count);
    for (std::size_t tree = 0; tree < 2; ++tree)
      for (std::size_t k = 0; k < count; ++k) {
        lists[tree].push_back(some_leaf(3 * lists[tree].size() + tree));
        nodes[tree * count + k] = lists[tree].back();
      }
    trees.append(nodes, count, form);
    REQUIRE(trees.size() == lists[0].size());
    for (std::size_t tree = 0; tree < 2; ++tree)
      for (std::size_t k = 0; k < count; ++k)
        REQUIRE(nodes[tree * count + k] ==
                merkle_root(leaves_of(std::span(lists[tree]).first(trees.size() - count + k + 1))));
  }
}

TEST_CASE("a tree whose runs of leaves are replaced has the root of its list after each run",
          "[step-commitment][COMMIT-5]") {
  for (std::size_t runs = 1; runs <= 9; ++runs)
    for (const std::size_t run : {1, 2, 3, 5}) {
      optimized::NodeForm form;
      std::vector<Hash> list;
      for (std::size_t k = 0; k < runs * run; ++k) list.push_back(some_leaf(k));
      optimized::ReplacedTree tree(list, form);
      REQUIRE(tree.root() == merkle_root(leaves_of(list)));
      for (int round = 0; round < 2; ++round) {
        std::vector<std::size_t> firsts;
        std::vector<Hash> leaves;
        for (std::size_t k = 0; k < 2 * runs + 1; ++k) {
          firsts.push_back((k + static_cast<std::size_t>(round)) * 5 % runs * run);
          for (std::size_t leaf = 0; leaf < run; ++leaf) leaves.push_back(some_leaf(100 + leaves.size()));
        }
        const std::span<const Hash> roots = tree.replace(firsts, run, leaves, form);
        REQUIRE(roots.size() == firsts.size());
        for (std::size_t k = 0; k < firsts.size(); ++k) {
          std::copy_n(leaves.begin() + static_cast<std::ptrdiff_t>(k * run), run,
                      list.begin() + static_cast<std::ptrdiff_t>(firsts[k]));
          REQUIRE(roots[k] == merkle_root(leaves_of(list)));
        }
        REQUIRE(tree.root() == merkle_root(leaves_of(list)));
      }
    }
}

TEST_CASE("both halves commit to what the clauses say", "[step-commitment][STEP-1][STEP-2][STEP-3][COMMIT-4]") {
  for (const ModelShape& shape : {three_layers(), with_width(256), with_width(70), with_width(520)})
    for (const LayerRange& layers : {LayerRange{0, shape.layers}, LayerRange{0, 1}, LayerRange{1, 2}}) {
      const ExactModel model = testing::random_model(shape, 31, Weights::ordinary);
      const Hash id = header_of(model).id();
      const reference::ReferenceLayers exact(model);
      const FastLayers fast(model);
      for (const std::int64_t first : {0, 1, 5, 18}) {
        const Computation computation{layers, first};
        const std::vector<std::int32_t> rows = token_rows(exact, first + 9);
        const CommitmentRecord plain = testing::plain_commitment(model, id, computation, rows);
        REQUIRE(plain.states.size() == static_cast<std::size_t>(9 * (layers.last - layers.first)));
        CHECK(commitment_of(exact, id, computation, rows, {9}) == plain);
        CHECK(commitment_of(fast, id, computation, rows, {9}) == plain);
        CHECK(commitment_of(fast, id, computation, rows, {1, 1, 6, 1}) == plain);
      }
    }
}

TEST_CASE("the fast half commits to the same for every number of threads and division into calls",
          "[step-commitment][STEP-1]") {
  using Control = oneapi::tbb::global_control;
  const Control control(Control::max_allowed_parallelism, 5);
  ModelShape shape = three_layers();
  shape.width = 700;  // rows and heads that are worth a thread
  const ExactModel model = testing::random_model(shape, 8, Weights::ordinary);
  const Hash id = header_of(model).id();
  const FastLayers alone(model, 1), together(model, 2), many(model, 5);
  const std::vector<std::int32_t> rows = token_rows(alone, 90);
  const Computation computation{{0, 3}, 3};
  const CommitmentRecord expected = commitment_of(reference::ReferenceLayers(model), id, computation, rows, {87});
  for (const FastLayers* engine : {&alone, &together, &many})
    for (const std::vector<std::int64_t>& calls :
         {std::vector<std::int64_t>(87, 1), {87}, {16, 1, 70}, {50, 37}, {1, 20, 33, 33}})
      CHECK(commitment_of(*engine, id, computation, rows, calls) == expected);
}

TEST_CASE("a commitment can be read between positions, and before the first", "[step-commitment][STEP-1]") {
  const ExactModel model = testing::random_model(three_layers(), 5, Weights::extreme);
  const Hash id = header_of(model).id();
  const reference::ReferenceLayers exact(model);
  const FastLayers fast(model);
  const Computation computation{{0, 3}, 2};
  std::vector<std::int32_t> rows = token_rows(exact, 7);
  const auto width = static_cast<std::size_t>(model.shape.width);
  for (const LayerEngine* engine : std::initializer_list<const LayerEngine*>{&exact, &fast}) {
    const auto run = engine->start(computation.layers);
    std::vector<std::int32_t> passing = rows;
    run->append(std::span(passing).first(2 * width));
    run->begin_commitment(id);
    for (std::size_t p = 2; p <= 7; ++p) {
      CHECK(run->commitment() ==
            testing::plain_commitment(model, id, computation,
                                      {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(p * width)}));
      if (p < 7) run->append(std::span(passing).subspan(p * width, width));
    }
  }
}

TEST_CASE("the states that micro-steps lead to are those of the commitment", "[step-commitment][STEP-1][STEP-4]") {
  for (const std::int64_t first : {0, 4}) {
    const ExactModel model = testing::random_model(testing::odd_shape(), 12, Weights::ordinary);
    const Computation computation{{0, 2}, first};
    testing::StepWorld world(model, computation.layers, first);
    const FastLayers fast(model);
    const std::vector<std::int32_t> rows = token_rows(fast, first + 3);
    const auto width = static_cast<std::size_t>(model.shape.width);
    const auto run = fast.start(computation.layers);
    std::vector<std::int32_t> passing = rows;
    if (first > 0) run->append(std::span(passing).first(static_cast<std::size_t>(first) * width));
    for (std::int64_t layer = 0; layer < 2; ++layer)
      for (std::int64_t head = 0; head < model.shape.kv_heads; ++head)
        for (std::int64_t p = 0; p < first; ++p) {
          const CacheEntry key = run->cache_entry(layer, head, CachePart::key, p);
          const CacheEntry value = run->cache_entry(layer, head, CachePart::value, p);
          world.run.remember(layer, head, encode_cache_entry(key.values, key.exponent, value.values, value.exponent));
        }
    const CommitmentRecord record = commitment_of(fast, world.id, computation, rows, {1, 2});
    CHECK(contracts::state_hash(encode_step_state(world.run.state())) == record.input);
    for (std::size_t step = 0; step < 6; ++step) {
      const auto position = static_cast<std::size_t>(first) + step / 2;
      const auto records = world.run.run(std::span(rows).subspan(position * width, width));
      CHECK(records.back().after_hash == record.states[step]);
    }
    CHECK(world.run.state().outputs == record.outputs);
  }
}
