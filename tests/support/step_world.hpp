#pragma once

#include <algorithm>
#include <random>

#include "reference/layers/judge.hpp"
#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/micro_run.hpp"
#include "tests/support/random_model.hpp"

namespace p2pllm::testing {

using Cache = reference::LayerCache<std::int64_t>;

/// A model, and what a prover of its steps needs.
struct StepWorld {
  explicit StepWorld(ExactModel exact, const LayerRange& layers, std::int64_t first_position = 0)
      : model(std::move(exact)),
        header(header_of(model)),
        tensors(model),
        computation{layers, first_position},
        id(header.id()),
        run(header, tensors, computation) {}
  StepWorld(const StepWorld&) = delete;
  StepWorld& operator=(const StepWorld&) = delete;
  ~StepWorld() = default;

  [[nodiscard]] Judgement judge(const reference::MicroRecord& r) const {
    return reference::judge(id, computation, r.place, r.before, r.after_hash, r.witness);
  }
  /// The row of a token, as it enters the model.
  [[nodiscard]] std::vector<std::int32_t> row_of(std::int64_t token) const {
    const auto row = reference::embedded<std::int64_t>(model, token % model.shape.vocabulary);
    return {row.begin(), row.end()};
  }

  ExactModel model;
  ModelHeader header;
  reference::ExactTensors tensors;
  Computation computation;
  Hash id;
  reference::MicroRun run;
};

/// A block vector drawn at random. @param exponent_most  0 .. 16
[[nodiscard]] inline reference::BlockVector<std::int64_t> random_block(std::mt19937_64& random, std::int64_t width,
                                                                       std::int64_t exponent_most) {
  reference::BlockVector<std::int64_t> block;
  for (std::int64_t d = 0; d < width; ++d)
    block.values.push_back(static_cast<std::int64_t>(random() % 65535) - reference::block_most);
  block.exponent = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(exponent_most + 1));
  return block;
}

[[nodiscard]] inline Bytes entry_bytes(const reference::BlockVector<std::int64_t>& key,
                                       const reference::BlockVector<std::int64_t>& value) {
  const std::vector<std::int16_t> keys(key.values.begin(), key.values.end());
  const std::vector<std::int16_t> values(value.values.begin(), value.values.end());
  return encode_cache_entry(keys, key.exponent, values, value.exponent);
}

/// Empty caches of all layers of a range.
[[nodiscard]] inline std::vector<Cache> empty_caches(const StepWorld& world) {
  const auto heads = static_cast<std::size_t>(world.model.shape.kv_heads);
  const LayerRange& layers = world.computation.layers;
  return {static_cast<std::size_t>(layers.last - layers.first),
          Cache{.keys = std::vector<std::vector<reference::BlockVector<std::int64_t>>>(heads),
                .values = std::vector<std::vector<reference::BlockVector<std::int64_t>>>(heads)}};
}

/// Gives prover and caches the same earlier positions, drawn at random.
inline void remember_random(StepWorld& world, std::vector<Cache>& caches, std::int64_t positions, std::uint64_t seed,
                            std::int64_t exponent_most) {
  std::mt19937_64 random(seed);
  for (std::size_t l = 0; l < caches.size(); ++l)
    for (std::size_t h = 0; h < caches[l].keys.size(); ++h)
      for (std::int64_t p = 0; p < positions; ++p) {
        caches[l].keys[h].push_back(random_block(random, world.model.shape.head_width, exponent_most));
        caches[l].values[h].push_back(random_block(random, world.model.shape.head_width, exponent_most));
        world.run.remember(world.computation.layers.first + static_cast<std::int64_t>(l), static_cast<std::int64_t>(h),
                           entry_bytes(caches[l].keys[h].back(), caches[l].values[h].back()));
      }
}

/// The root of caches by its definition (STEP-3).
[[nodiscard]] inline Hash cache_root_of(const std::vector<Cache>& caches) {
  std::vector<MerkleLeaf> heads;
  for (const Cache& cache : caches)
    for (std::size_t h = 0; h < cache.keys.size(); ++h) {
      std::vector<MerkleLeaf> entries;
      for (std::size_t p = 0; p < cache.keys[h].size(); ++p)
        entries.push_back(merkle_leaf("cache-entry", entry_bytes(cache.keys[h][p], cache.values[h][p])));
      heads.push_back(merkle_leaf("cache-head", merkle_root(entries)));
    }
  return merkle_root(heads);
}

}  // namespace p2pllm::testing
