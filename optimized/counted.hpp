#pragma once

#include "model/numbers/filtered.hpp"

namespace p2pllm::optimized {

/// An answer, and the number of its decisions that each arithmetic gave.
template <typename Answer>
struct Counted {
  Answer answer;
  FilterCounts decisions;
};

}  // namespace p2pllm::optimized
