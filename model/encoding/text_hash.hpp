#pragma once

#include <cstddef>
#include <string_view>

namespace p2pllm {

/// SipHash with a key that is drawn when the process starts, so that no file can choose texts of equal hashes. For
/// tables whose order nobody sees.
struct TextHash {
  [[nodiscard]] std::size_t operator()(std::string_view text) const;
};

}  // namespace p2pllm
