#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/encoding/bytes.hpp"
#include "model/layers/model_file.hpp"
#include "optimized/layers/head_cache.hpp"
#include "optimized/layers/step_schedule.hpp"

// The arithmetic of the micro-steps of attention (STEP-4), by the kernels of whole layers.
namespace p2pllm::optimized {

/// A head of one position as a block vector (LAYER-3).
struct HeadBlock {
  std::array<std::int16_t, head_width_max> numbers{};
  std::int64_t exponent = 0;
};
[[nodiscard]] HeadBlock block_of_head(std::span<const std::int32_t> head);
/// The same of a head that is turned first (LAYER-6).
[[nodiscard]] HeadBlock turned_block(const ModelManifest& manifest, std::int64_t position,
                                     std::span<const std::int32_t> head);

/// The keys and values of some positions (STEP-3). @param bytes  their entries, one after the other
/// @returns nothing if a number or an exponent is outside its limits
[[nodiscard]] std::optional<HeadCache> read_entries(ByteView bytes, std::int64_t head_width);

/// How many sums there are before a micro-step of attention (STEP-5).
[[nodiscard]] std::size_t attend_sums(const AttendPlace& place, std::int64_t head_width);
/// Whether the sums before have the limits of the positions that they are of. @param sums  attend_sums() of them
[[nodiscard]] bool attend_sums_are_possible(const AttendPlace& place, std::span<const std::int64_t> sums);

/// Goes on with the sums of the heads of a micro-step.
/// @param queries  the numbers of its heads @param kept  of its positions
/// @returns whether all scores and exponents are at most those that the first pass has found
[[nodiscard]] bool attend(const ModelManifest& manifest, std::int64_t position, const AttendPlace& place,
                          std::span<const std::int32_t> queries, const HeadCache& kept,
                          std::vector<std::int64_t>& sums);

/// What the heads read, after the last positions; nothing if no position can have the greatest score.
[[nodiscard]] std::optional<std::vector<std::int32_t>> read_of_heads(const AttendPlace& place,
                                                                     std::span<const std::int64_t> sums,
                                                                     std::int64_t head_width);

}  // namespace p2pllm::optimized
