#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/numbers/rational.hpp"
#include "model/simulation/philox.hpp"

namespace p2pllm {

/// The purposes for which a simulation draws numbers (SIM-4). A code is never given to another purpose, so a new
/// purpose changes no number that others draw.
enum class Stream : std::uint32_t {
  costs = 1,
  posted_prices = 2,
  arrivals = 3,
  choices = 4,
  migration_order = 5,
  price_updates = 6,
  lifetimes = 7,
  joins = 8,
  services = 9,
};

/// The numbers that one run draws. Each is a function of the seed and of its own name (stream, step, entity, draw), so
/// that neither order nor threads change any (SIM-4, SIM-5).
class Draws {
 public:
  explicit Draws(std::uint64_t seed)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)} {}

  /// 64 random bits x.
  /// @param step    below 2^56
  /// @param entity  whom the number is for: the index of a node, or 0
  /// @param draw    which one of several for the same entity at the same step
  [[nodiscard]] std::uint64_t bits(Stream stream, std::uint64_t step, std::uint32_t entity,
                                   std::uint32_t draw = 0) const {
    constexpr std::uint32_t stream_place = 1U << 24U;
    const PhiloxWords words =
        philox({draw, entity, static_cast<std::uint32_t>(step),
                static_cast<std::uint32_t>(stream) * stream_place + static_cast<std::uint32_t>(step >> 32U)},
               key_);
    return std::uint64_t{words[0]} << 32U | words[1];
  }

 private:
  PhiloxKey key_;
};

/// The uniform number (x + 1/2) / 2^64 in (0, 1) that 64 bits stand for (SIM-5).
[[nodiscard]] Rational uniform_of(std::uint64_t bits);
/// The index floor(x n / 2^64), below n (SIM-5). @pre n > 0
[[nodiscard]] std::uint64_t index_below(std::uint64_t n, std::uint64_t bits);
/// Whether an event of this probability happens: (x + 1/2) / 2^64 < probability (SIM-5).
[[nodiscard]] bool happens(const Rational& probability, std::uint64_t bits);

/// An exponential time -ln(U) times the mean, rounded up (SIM-10).
/// @param bits  the draw of U
/// @param mean  in ticks, > 0
[[nodiscard]] std::int64_t exponential_ticks(std::uint64_t bits, const Rational& mean);

/// Some nodes in a random order: by rising (x, node), x being the bits of the node (SIM-5).
/// @param nodes  indices in file order
[[nodiscard]] std::vector<std::size_t> random_order(const Draws& draws, std::uint64_t step,
                                                    std::span<const std::size_t> nodes);

}  // namespace p2pllm
