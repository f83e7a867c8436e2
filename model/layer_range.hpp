#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace p2pllm {

/// The most layers that a model may have, in a market (FORMAT-3) and on a ledger (LEDGER-1).
inline constexpr std::int64_t layers_max = std::int64_t{1} << 20;

/// Half-open range of layers [first, last), 0 <= first < last <= layers of the model.
struct LayerRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  auto operator<=>(const LayerRange&) const = default;
};

/// "[first,last)"
[[nodiscard]] std::string to_string(const LayerRange& range);

}  // namespace p2pllm
