#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kernels/portable/interval.hpp"
#include "model/layer_range.hpp"
#include "optimized/simulation/group_prices.hpp"
#include "optimized/simulation/twins.hpp"

namespace p2pllm::optimized {

/// The loads of all ranges under the revenue rule (MIG-1), at the prices of a moment, enclosed by doubles.
///
/// Law: what is answered is so for the true prices. Where the enclosures overlap once twins are taken from both sides
/// (SIM-21), nothing is answered.
class RevenueLoads {
 public:
  /// @param groups  of each range; what is read of them is copied
  /// @param twins, ranges  must outlive the loads
  RevenueLoads(std::span<const GroupPrices> groups, const kernels::DoubleInterval& sensitivity, const Twins& twins,
               const std::vector<LayerRange>& ranges, std::size_t nodes);

  struct Wish {
    std::uint32_t node;
    std::uint32_t from;
    std::uint32_t to;
  };
  /// The range to which a node that serves one moves, or the same one.
  [[nodiscard]] std::optional<std::uint32_t> destination(std::uint32_t node, std::uint32_t from) const;
  /// All ranges where a node that serves `from` would have the rivals' load that it has at `to`, ascending.
  [[nodiscard]] std::optional<std::vector<std::uint32_t>> equal_destinations(const Wish& wish) const;
  /// Whether the first move raises its node's revenue by more than the second one.
  [[nodiscard]] std::optional<bool> gives_more(const Wish& one, const Wish& other) const;
  /// The least loaded of all ranges, the lowest of several.
  [[nodiscard]] std::optional<std::uint32_t> least_loaded() const;

  void move(const Wish& wish);
  /// A node that was absent serves a range.
  /// @param radius  by which its price may be off
  void join(const GroupPrices::Member& member, double radius, std::uint32_t to);

 private:
  static constexpr std::uint32_t nobody = static_cast<std::uint32_t>(-1);

  /// What the nodes of a range weigh: all, or all but one.
  struct Load {
    std::uint32_t range;
    std::uint32_t without;  ///< a node, or `nobody`
  };
  [[nodiscard]] Uncertain is_less(const Load& a, const Load& b) const;
  [[nodiscard]] std::vector<std::uint32_t> in_order(const Load& of) const;
  [[nodiscard]] kernels::DoubleInterval sum(const std::vector<std::uint32_t>& nodes) const;
  [[nodiscard]] kernels::DoubleInterval load(const Load& of) const;
  [[nodiscard]] bool are_alike(const Load& a, const Load& b) const;
  [[nodiscard]] kernels::DoubleInterval rise(const Wish& wish) const;

  kernels::DoubleInterval sensitivity_;
  const Twins& twins_;
  const std::vector<LayerRange>& ranges_;
  double shift_ = 0;  ///< all terms are e^(shift - w)
  std::vector<std::vector<std::uint32_t>> members_;
  std::vector<kernels::DoubleInterval> term_;   ///< by node
  std::vector<kernels::DoubleInterval> price_;  ///< by node
  std::vector<kernels::DoubleInterval> loads_;
};

}  // namespace p2pllm::optimized
