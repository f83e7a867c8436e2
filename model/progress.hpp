#pragma once

#include <cstddef>
#include <functional>

namespace p2pllm {

/// Called from time to time during long work with the part already done; may be empty.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

inline void report(const Progress& progress, std::size_t done, std::size_t total) {
  if (progress) progress(done, total);
}

}  // namespace p2pllm
