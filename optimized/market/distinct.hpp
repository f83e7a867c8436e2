#pragma once

#include <cstdint>
#include <string_view>

#include "optimized/market/columns.hpp"

namespace p2pllm::optimized {

/// A hash of a text for tables in memory: its value may change from version to version.
[[nodiscard]] std::uint64_t hash_of_text(std::string_view text);

/// Whether no two of the texts are equal.
///
/// A table of 12 bytes a text at most, filled in groups so that the loads of a group overlap; O(n) while the hashes
/// spread. Texts that were chosen to have equal hashes are sorted instead: O(n log n) comparisons whatever the texts.
/// @param texts  at most column_nodes_max
[[nodiscard]] bool are_distinct(const TextColumn& texts, std::uint64_t (*hash)(std::string_view) = hash_of_text);

}  // namespace p2pllm::optimized
