#pragma once

#include <cstdint>
#include <span>

#include "model/numbers/rational.hpp"
#include "model/result.hpp"

namespace p2pllm::reference {

/// How the next token is drawn (SAMPLE-2).
struct Sampling {
  std::int64_t inverse = 0;  ///< round(2^(32 - fraction_bits) * log2(e) / temperature); 0: the greatest logit is taken
  std::uint64_t seed = 0;    ///< 0 .. 2^63 - 1
};

/// @param temperature  0, or 1/256 .. 256
/// @returns a fault without a place for any other temperature
[[nodiscard]] Result<Sampling> sampling_of(const Rational& temperature, std::uint64_t seed, std::int64_t fraction_bits);

/// The next token (SAMPLE-1, SAMPLE-2). @param logits  at least one @param position  of the token that is drawn
[[nodiscard]] std::int64_t next_token(std::span<const std::int32_t> logits, const Sampling& sampling,
                                      std::int64_t position);

}  // namespace p2pllm::reference
