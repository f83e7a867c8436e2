#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/simulation/scenario.hpp"

namespace p2pllm::optimized {

/// The constants of an ascent in doubles, each the nearest to its exact value.
struct AscentConstants {
  double sensitivity = 0;  ///< a
  double rate = 0;         ///< eta
  MonopolyRule monopoly = MonopolyRule::hold;
  double cap = 0;  ///< of a sole server's price
};

/// The prices of the nodes that serve one range, side by side, with one certified radius (SIM-13, SIM-14).
///
/// Law: the price that exact real arithmetic gives differs from `price(k)` by at most `radius()`. The radius grows by
/// the factor and the roundings that group_prices.cpp derives; it is infinite where the derivation does not hold. The
/// columns are padded to whole vectors with nodes that have no share. A node takes 20 bytes; what a step needs beside
/// them is the thread's, and is used for all groups.
class GroupPrices {
 public:
  /// One node: the index in file order, its price, and its cost weight d_i.
  struct Member {
    std::uint32_t node;
    double price;
    double cost_weight;
  };

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::span<const std::uint32_t> nodes() const { return nodes_; }
  [[nodiscard]] double price(std::size_t k) const { return price_[k]; }
  [[nodiscard]] double cost_weight(std::size_t k) const { return cost_weight_[k]; }
  [[nodiscard]] double radius() const { return radius_; }
  /// Widens the radius to at least this.
  void widen(double radius) {
    radius_ = radius > radius_ ? radius : radius_;
    steps_alone_ = 0;
  }

  /// Makes room for this many nodes and no more.
  void reserve(std::size_t nodes);
  /// Adds a node at its place in file order. O(n).
  void insert(const Member& member);
  /// Adds nodes that follow all others in file order.
  void append(const Member& member);
  /// Takes a node away. O(n). @pre it is a member
  Member take(std::uint32_t node);

  /// One step of ascent of every node (SIM-6).
  void step(const AscentConstants& constants);
  /// The same of the nodes for which `moves` has 1; for the others it has 0.
  /// @param moves  one entry per node
  void step(const AscentConstants& constants, std::span<const double> moves);

  /// What a step begins with, columns with their padding.
  struct Ascent {
    std::span<const double> price, cost_weight;
    std::size_t base;
    std::uint32_t base_age;
  };
  [[nodiscard]] Ascent ascent() const { return {price_, cost_weight_, base_, base_age_}; }
  /// What steps that somebody else made end with.
  /// @param price  of the nodes; more may follow
  void set_ascended(std::span<const double> price, std::size_t base, std::uint32_t base_age, double radius);

  /// What a run has to remember of them (SIM-17).
  template <typename State>
  void keep(State& state) {
    std::size_t nodes = size();
    state.count(nodes);
    if (State::reads) resize(nodes);
    for (std::size_t k = 0; k < nodes; ++k) state(nodes_[k], price_[k], cost_weight_[k]);
    state(base_, base_age_, radius_, steps_alone_, first_alone_, first_radius_);
    state.require(base_age_ == 0 || base_ < nodes);  // of age 0 it is chosen before it is used
  }

 private:
  [[nodiscard]] std::size_t padded() const { return price_.size(); }
  void resize(std::size_t nodes);
  void set(std::size_t k, const Member& member);
  void step_alone(const AscentConstants& constants);
  void step_group(const AscentConstants& constants, std::span<const double> moves);
  void choose_base(double sensitivity);

  std::vector<std::uint32_t> nodes_;
  std::vector<double> price_;
  std::vector<double> cost_weight_;
  std::size_t base_ = 0;        ///< the node whose weight is subtracted from all
  std::uint32_t base_age_ = 0;  ///< steps since it was chosen
  double radius_ = 0;
  std::uint64_t steps_alone_ = 0;  ///< of a sole server, since it became one
  double first_alone_ = 0;         ///< its price then
  double first_radius_ = 0;        ///< and the radius
};

}  // namespace p2pllm::optimized
