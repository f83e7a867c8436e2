#pragma once

#include "kernels/layers/rows.cuh"

// Attention of exact layers (LAYER-6, LAYER-7). Integers alone, so that results are those of the CPU from run to run
// and from device to device.
namespace p2pllm::kernels {

/// The shape of attention, and the positions of a batch.
struct AttentionShape {
  std::int64_t heads = 0, kv_heads = 0;  ///< heads is a multiple of kv_heads
  std::int64_t head_width = 0;           ///< even, at most 256
  std::int64_t first = 0;                ///< position of the batch
  std::int64_t room = 0;                 ///< positions that the cache has room for

  /// Heads of queries, of keys and of values.
  [[nodiscard]] P2PLLM_EITHER std::int64_t all_heads() const { return heads + 2 * kv_heads; }
};

/// Keys and values of all positions, each with an exponent a position and head.
struct AttentionCache {
  simt::DeviceSpan<std::int16_t> keys, values;                    ///< [kv head][room][head_width]
  simt::DeviceSpan<std::uint8_t> key_exponents, value_exponents;  ///< [kv head][room]
};

struct SplitHeadsArguments {
  AttentionShape shape;
  simt::DeviceSpan<const std::int32_t> products;        ///< [position][all_heads][head_width]
  simt::DeviceSpan<const std::int32_t> cosines, sines;  ///< [position][pair]
  simt::DeviceSpan<std::int16_t> queries;               ///< [position][head][head_width]
  simt::DeviceSpan<std::uint8_t> query_exponents;       ///< [position][head]
  AttentionCache cache;
};

/// One head of a position on its way into a block.
struct TurnedHead {
  const SplitHeadsArguments& arguments;
  std::int64_t position, head;

  [[nodiscard]] P2PLLM_AGENT bool is_turned() const {
    return head < arguments.shape.heads + arguments.shape.kv_heads;  // values are not
  }
  /// The numbers of a pair.
  P2PLLM_AGENT void pair(std::int64_t index, std::int64_t& first, std::int64_t& second) const {
    const AttentionShape& shape = arguments.shape;
    const std::int64_t row = simt::cell(position, shape.all_heads(), head);
    const std::int64_t at = simt::cell(row, shape.head_width, 2 * index);
    const std::int64_t given_first = arguments.products.load(at), given_second = arguments.products.load(at + 1);
    first = given_first;
    second = given_second;
    if (!is_turned()) return;
    const std::int64_t angle = simt::cell(position, shape.head_width / 2, index);
    const std::int64_t cosine = arguments.cosines.load(angle), sine = arguments.sines.load(angle);
    first = turned_first(given_first, given_second, cosine, sine);
    second = turned_second(given_first, given_second, cosine, sine);
  }
};

/// Where a head's block goes.
struct HeadPlace {
  simt::DeviceSpan<std::int16_t> numbers;
  simt::DeviceSpan<std::uint8_t> exponents;
  std::int64_t row;
};
[[nodiscard]] P2PLLM_AGENT HeadPlace place_of(const SplitHeadsArguments& arguments, std::int64_t position,
                                              std::int64_t head) {
  const AttentionShape& shape = arguments.shape;
  const AttentionCache& cache = arguments.cache;
  if (head < shape.heads)
    return {arguments.queries, arguments.query_exponents, simt::cell(position, shape.heads, head)};
  const bool is_key = head < shape.heads + shape.kv_heads;
  const std::int64_t kv_head = head - shape.heads - (is_key ? 0 : shape.kv_heads);
  return {is_key ? cache.keys : cache.values, is_key ? cache.key_exponents : cache.value_exponents,
          simt::cell(kv_head, shape.room, shape.first + position)};
}

/// Turns queries and keys, and keeps keys and values. A block is a warp, which has a head of a position.
P2PLLM_AGENT void split_heads(const simt::Thread& thread, simt::NoStorage& /*storage*/,
                              const SplitHeadsArguments& arguments) {
  const AttentionShape& shape = arguments.shape;
  const TurnedHead head{arguments, thread.block() / shape.all_heads(), thread.block() % shape.all_heads()};
  std::int64_t largest = 0, first = 0, second = 0;
  for (std::int64_t index = thread.lane(); index < shape.head_width / 2; index += simt::warp_size) {
    head.pair(index, first, second);
    const simt::Greatest greatest;
    largest = greatest(largest, greatest(magnitude(first), magnitude(second)));
  }
  const std::int64_t exponent = block_exponent(simt::folded_in_warp(thread, largest, simt::Greatest()));
  const HeadPlace place = place_of(arguments, head.position, head.head);
  if (thread.lane() == 0) place.exponents.store(place.row, static_cast<std::uint8_t>(exponent));
  for (std::int64_t index = thread.lane(); index < shape.head_width / 2; index += simt::warp_size) {
    head.pair(index, first, second);
    const std::int64_t at = simt::cell(place.row, shape.head_width, 2 * index);
    place.numbers.store(at, static_cast<std::int16_t>(block_number(first, exponent)));
    place.numbers.store(at + 1, static_cast<std::int16_t>(block_number(second, exponent)));
  }
}

struct AttendArguments {
  AttentionShape shape;
  simt::DeviceSpan<const std::int16_t> queries;          ///< [position][head][head_width]
  simt::DeviceSpan<const std::uint8_t> query_exponents;  ///< [position][head]
  simt::DeviceSpan<const std::int16_t> keys, values;     ///< as in AttentionCache
  simt::DeviceSpan<const std::uint8_t> key_exponents, value_exponents;
  simt::DeviceSpan<const std::int32_t> exp2;  ///< the table of LAYER-2
  std::int64_t score_scale = 0;               ///< of the model
  std::int64_t fraction_bits = 0;
  simt::DeviceSpan<std::int64_t> scratch;  ///< [position][head][room]
  simt::DeviceSpan<std::int32_t> numbers;  ///< [position][head][head_width]: what the heads read
};
inline constexpr int attend_threads = 128;
struct AttendStorage {
  simt::SharedArray<std::int64_t, attend_threads> cells;
};

/// One head of queries at a position.
struct ReadingHead {
  const AttendArguments& arguments;
  std::int64_t job;     ///< position and head
  std::int64_t kv_row;  ///< of its keys and values, the first position
  std::int64_t count;   ///< positions that it reads

  [[nodiscard]] P2PLLM_AGENT std::int64_t score(std::int64_t position) const {
    const std::int64_t width = arguments.shape.head_width;
    std::int64_t sum = 0;
    for (std::int64_t d = 0; d < width; ++d)
      sum += std::int64_t{arguments.queries.load(simt::cell(job, width, d))} *
             arguments.keys.load(simt::cell(kv_row + position, width, d));
    const std::int64_t shift = 2 * arguments.fraction_bits + 4 - arguments.query_exponents.load(job) -
                               arguments.key_exponents.load(kv_row + position);
    return position_score(sum, arguments.score_scale, shift);
  }
  [[nodiscard]] P2PLLM_AGENT std::int64_t scratch(std::int64_t position) const {
    return simt::cell(job, arguments.shape.room, position);
  }
};

/// What a head of queries reads. A block has a head of a position.
P2PLLM_AGENT void attend(const simt::Thread& thread, AttendStorage& storage, const AttendArguments& arguments) {
  const AttentionShape& shape = arguments.shape;
  const int self = thread.index();
  const std::int64_t position = thread.block() / shape.heads, head = thread.block() % shape.heads;
  const std::int64_t kv_head = head / (shape.heads / shape.kv_heads);
  const ReadingHead reading{arguments, thread.block(), simt::cell<std::int64_t>(kv_head, shape.room, 0),
                            shape.first + position + 1};
  std::int64_t best = -(std::int64_t{1} << 62), value_exponent = 0;
  for (std::int64_t j = self; j < reading.count; j += attend_threads) {
    const std::int64_t score = reading.score(j), exponent = arguments.value_exponents.load(reading.kv_row + j);
    arguments.scratch.store(reading.scratch(j), score);
    best = best < score ? score : best;
    value_exponent = value_exponent < exponent ? exponent : value_exponent;
  }
  best = simt::folded(thread, storage.cells, best, simt::Greatest());
  value_exponent = simt::folded(thread, storage.cells, value_exponent, simt::Greatest());
  std::int64_t total = 0;
  for (std::int64_t j = self; j < reading.count; j += attend_threads) {
    const std::int64_t distance = capped_distance(best - arguments.scratch.load(reading.scratch(j)));
    const std::int64_t power = power_at(arguments.exp2, distance);
    total += power;
    const std::int64_t exponent = arguments.value_exponents.load(reading.kv_row + j);
    arguments.scratch.store(reading.scratch(j), weight_of_value(power, exponent, value_exponent));
  }
  total = simt::folded(thread, storage.cells, total, simt::Sum());
  for (std::int64_t d = self; d < shape.head_width; d += attend_threads) {
    std::int64_t sum = 0;
    for (std::int64_t j = 0; j < reading.count; ++j)
      sum += arguments.scratch.load(reading.scratch(j)) *
             arguments.values.load(simt::cell(reading.kv_row + j, shape.head_width, d));
    arguments.numbers.store(simt::cell(reading.job, shape.head_width, d),
                            static_cast<std::int32_t>(mean_of_values(sum, total, value_exponent)));
  }
}

}  // namespace p2pllm::kernels
