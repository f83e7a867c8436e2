#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace p2pllm {

/// A half-open range of layers [first, last), with 0 <= first < last <= layers of the model.
struct LayerRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  auto operator<=>(const LayerRange&) const = default;
};

/// "[first,last)"
[[nodiscard]] std::string to_string(const LayerRange& range);

}  // namespace p2pllm
