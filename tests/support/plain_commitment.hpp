#pragma once

#include "model/contracts/commitment.hpp"
#include "reference/layers/reference_layers.hpp"

namespace p2pllm::testing {

/// Lists of what a computation keeps, by layer of its range, head and position.
using EntryLists = std::vector<std::vector<std::vector<MerkleLeaf>>>;

/// The entries of all positions of runs of one layer each (STEP-3).
[[nodiscard]] inline EntryLists entry_lists(const std::vector<std::unique_ptr<LayerRun>>& runs, std::int64_t first,
                                            std::int64_t kv_heads) {
  EntryLists lists;
  for (std::size_t l = 0; l < runs.size(); ++l) {
    lists.emplace_back(static_cast<std::size_t>(kv_heads));
    for (std::int64_t head = 0; head < kv_heads; ++head)
      for (std::int64_t position = 0; position < runs[l]->positions(); ++position) {
        Bytes bytes;
        std::vector<std::int64_t> exponents;
        for (const CachePart part : {CachePart::key, CachePart::value}) {
          const CacheEntry entry = runs[l]->cache_entry(first + static_cast<std::int64_t>(l), head, part, position);
          for (const std::int16_t number : entry.values) {
            bytes.push_back(static_cast<std::uint8_t>(number & 0xff));
            bytes.push_back(static_cast<std::uint8_t>(number >> 8 & 0xff));
          }
          exponents.push_back(entry.exponent);
        }
        for (const std::int64_t exponent : exponents) bytes.push_back(static_cast<std::uint8_t>(exponent));
        lists[l][static_cast<std::size_t>(head)].push_back(merkle_leaf("cache-entry", bytes));
      }
  }
  return lists;
}

/// The cache root when the layers before `done` have one more entry than `positions`, and the others as many (STEP-3).
[[nodiscard]] inline Hash plain_cache_root(const EntryLists& lists, std::size_t positions, std::size_t done) {
  std::vector<MerkleLeaf> heads;
  for (std::size_t l = 0; l < lists.size(); ++l)
    for (const std::vector<MerkleLeaf>& head : lists[l])
      heads.push_back(merkle_leaf("cache-head", merkle_root(std::span(head).first(positions + (l < done ? 1 : 0)))));
  return merkle_root(heads);
}

[[nodiscard]] inline Hash plain_row_hash(std::span<const std::int32_t> row) {
  std::vector<MerkleLeaf> chunks;
  for (std::size_t at = 0; at < row.size(); at += 256) {
    Bytes bytes;
    for (std::size_t k = at; k < std::min(row.size(), at + 256); ++k)
      for (int byte = 0; byte < 4; ++byte) bytes.push_back(static_cast<std::uint8_t>(row[k] >> 8 * byte & 0xff));
    chunks.push_back(merkle_leaf("chunk", bytes));
  }
  return merkle_root(chunks);
}

/// The commitment by the words of STEP-1 to STEP-3 and COMMIT-4: every list is hashed as a whole, after the
/// computation.
/// @param rows  of all positions from 0 on, as they enter the range
[[nodiscard]] inline CommitmentRecord plain_commitment(const ExactModel& model, const Hash& id,
                                                       const Computation& computation, std::vector<std::int32_t> rows) {
  const auto width = static_cast<std::size_t>(model.shape.width);
  const std::size_t positions = rows.size() / width;
  const auto [first_layer, last_layer] = computation.layers;
  const reference::ReferenceLayers engine(model);
  std::vector<std::unique_ptr<LayerRun>> runs;
  std::vector<std::vector<std::int32_t>> left = {rows};  // what enters, and what leaves each layer
  for (std::int64_t layer = first_layer; layer < last_layer; ++layer) {
    runs.push_back(engine.start({layer, layer + 1}));
    runs.back()->append(rows);
    left.push_back(rows);
  }
  const EntryLists lists = entry_lists(runs, first_layer, model.shape.kv_heads);

  CommitmentRecord record;
  record.computation = computation;
  record.model = id;
  const auto row = [&](std::size_t layer, std::size_t position) {
    return plain_row_hash(std::span(left[layer]).subspan(position * width, width));
  };
  const auto leaf = [](std::uint64_t unit, const Hash& hash) {
    CborWriter writer;
    return merkle_leaf("row", writer.array(2).number(unit).bytes(hash).take());
  };
  std::vector<MerkleLeaf> outputs, inputs;
  const auto state = [&](std::size_t position, std::int64_t layer, const Hash& hash, const Hash& cache) {
    CborWriter writer;
    writer.array(5).number(position).number(static_cast<std::uint64_t>(layer)).bytes(hash).bytes(cache);
    return hash_tagged("p2pllm/1/computation-state", writer.bytes(merkle_root(outputs)).take());
  };
  const auto first = static_cast<std::size_t>(computation.first_position);
  record.input = state(first, first_layer, merkle_root({}), plain_cache_root(lists, first, 0));
  for (std::size_t p = first; p < positions; ++p) {
    record.rows.push_back(row(0, p));
    inputs.push_back(leaf(p - first + 1, row(0, p)));
    for (std::size_t l = 1; l <= runs.size(); ++l) {
      const bool leaves = l == runs.size();
      if (leaves) outputs.push_back(leaf(p - first + 1, row(l, p)));
      const Hash before = record.states.empty() ? record.input : record.states.back();
      const Hash after = state(p + (leaves ? 1 : 0), leaves ? first_layer : first_layer + static_cast<std::int64_t>(l),
                               row(l, p), plain_cache_root(lists, p, l));
      record.states.push_back(after);
      CborWriter writer;
      writer.array(5).bytes(id).number(record.states.size()).array(2);
      writer.number(static_cast<std::uint64_t>(first_layer)).number(static_cast<std::uint64_t>(last_layer));
      record.leaves.push_back(merkle_leaf("step", writer.bytes(before).bytes(after).take()));
    }
  }
  record.root = merkle_root(record.leaves);
  record.inputs = merkle_root(inputs);
  record.outputs = merkle_root(outputs);
  return record;
}

/// The commitment of an engine to the same. @param calls  the numbers of positions that are passed together from the
///   first one on
[[nodiscard]] inline CommitmentRecord commitment_of(const LayerEngine& engine, const Hash& id,
                                                    const Computation& computation, std::vector<std::int32_t> rows,
                                                    const std::vector<std::int64_t>& calls) {
  const auto run = engine.start(computation.layers);
  std::span<std::int32_t> left(rows);
  const auto append = [&](std::int64_t positions) {
    const auto numbers = static_cast<std::size_t>(positions * engine.shape().width);
    if (numbers > 0) run->append(left.first(numbers));
    left = left.subspan(numbers);
  };
  append(computation.first_position);
  run->begin_commitment(id);
  for (const std::int64_t call : calls) append(call);
  return run->commitment();
}

/// The rows of the tokens 0, 1, 2, .. as they enter the model.
[[nodiscard]] inline std::vector<std::int32_t> token_rows(const LayerEngine& engine, std::int64_t count) {
  const auto width = static_cast<std::size_t>(engine.shape().width);
  std::vector<std::int32_t> rows(static_cast<std::size_t>(count) * width);
  for (std::size_t p = 0; p < static_cast<std::size_t>(count); ++p)
    engine.embed(static_cast<std::int64_t>(p) % engine.shape().vocabulary, std::span(rows).subspan(p * width, width));
  return rows;
}

}  // namespace p2pllm::testing
