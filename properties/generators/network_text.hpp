#pragma once

#include <string>

#include "model/market/network.hpp"

/// Random texts of networks for the body of a PROPERTY.
namespace p2pllm::properties {

/// A decimal or a ratio in one of the spellings that FORMAT-2 allows, as a JSON number or string.
[[nodiscard]] std::string draw_spelling(const Rational& value);

/// The network as a `p2pllm-network/1` text: members in any order, numbers in any spelling, strings with or without
/// escapes, white space anywhere.
[[nodiscard]] std::string draw_text_of(const Network& network);

/// The text with a few bytes changed, a piece left out or doubled, or its end cut off.
[[nodiscard]] std::string draw_damaged(std::string text);

}  // namespace p2pllm::properties
