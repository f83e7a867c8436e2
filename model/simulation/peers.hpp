#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/market/network.hpp"
#include "model/result.hpp"
#include "model/simulation/draws.hpp"
#include "model/simulation/scenario.hpp"

namespace p2pllm {

/// The nodes of a simulated market. Those of a generated network are functions of the seed (SIM-5), so each is made
/// when it is asked for, and none takes memory.
class Peers {
 public:
  /// Those that a network lists. A network stands for its nodes wherever these are asked for.
  /// @param network  must outlive the object
  Peers(const Network& network) : listed_(&network), size_(network.size()) {}
  /// The nodes of the run of a seed. Those that join later follow those of the start; until then their layers have no
  /// meaning.
  /// @param scenario  its network is generated; must outlive the object
  Peers(const Scenario& scenario, std::uint64_t seed);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// What the network states beside its nodes, which are not listed here if they are generated.
  [[nodiscard]] const Network& market() const { return listed_ != nullptr ? *listed_ : market_; }
  [[nodiscard]] LayerRange layers(std::size_t node) const;
  [[nodiscard]] Rational cost(std::size_t node) const;
  [[nodiscard]] Rational price(std::size_t node) const;
  [[nodiscard]] std::string id(std::size_t node) const;

  /// The network with all its nodes.
  [[nodiscard]] Network network() const;

 private:
  [[nodiscard]] const GeneratedNetwork& generated() const { return std::get<GeneratedNetwork>(scenario_->network); }
  [[nodiscard]] std::size_t layer_of(std::size_t node) const;

  const Network* listed_ = nullptr;
  const Scenario* scenario_ = nullptr;  ///< of generated nodes
  Network market_;
  std::optional<Draws> draws_;
  std::vector<std::size_t> ends_;  ///< of each layer, the number of nodes up to it
  std::size_t size_ = 0;
};

/// The ticks at which nodes join, while they lie in the run (SIM-19).
[[nodiscard]] std::vector<std::int64_t> join_ticks(const Scenario& scenario, const Draws& draws);

/// Whether a scenario can run with these nodes: no price may become negative, a script names ranges of theirs, where a
/// node may be without rivals, the scenario says what it does, and requests find what their mode needs (SIM-10).
/// @param source  the scenario's name for messages
[[nodiscard]] Result<void> check_scenario(const Scenario& scenario, const Peers& peers, const std::string& source);

}  // namespace p2pllm
