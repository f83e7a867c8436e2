#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/encoding/json.hpp"

namespace p2pllm::fuzz {

/// One change of one field of a document.
struct Change {
  std::string place;  ///< JSON pointer to the changed value
  std::string what;   ///< the change in a word or two
};

/// Calls `visit(change, document)` with every single change: each scalar is replaced by others (a number by its
/// neighbours, double, half, negative and 0; a text by each of `vocabulary`; all by null, other kinds, a list of
/// itself); each member is removed, renamed, doubled or moved to the end, and one is added; each item of a list is
/// dropped, doubled or swapped, the list emptied, reversed, or given a null. Each visit is followed by a restoration.
/// @param visit  returns whether to go on
/// @param only   changes the value at this place alone, of `places_of(document)` in document order
/// @returns false if a visit did
bool for_every_change(Json& document, const std::vector<std::string>& vocabulary,
                      const std::function<bool(const Change&, const Json&)>& visit,
                      std::optional<std::size_t> only = std::nullopt);

/// The number of values in a document, itself included.
[[nodiscard]] std::size_t places_of(const Json& document);

/// All texts of a document that are not numbers, and all keys.
[[nodiscard]] std::vector<std::string> vocabulary_of(const Json& document);

}  // namespace p2pllm::fuzz
