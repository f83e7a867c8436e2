#pragma once

#include "model/contracts/units.hpp"
#include "model/layer_range.hpp"
#include "model/numbers/integer.hpp"

namespace p2pllm::contracts {

enum class NodeStatus { none, active, jailed, unbonding, withdrawn, tombstoned };

/// The numbers of a registration (REG-1); all are 0 before the first `register`.
template <Integer N>
struct Registration {
  N status;  ///< a NodeStatus
  N stake;
  N version;  ///< counts changes of range and price; continues when a withdrawn node returns (REG-2)
  N updated_at;
  N release_at;    ///< the first height at which the stake may be withdrawn; 0 unless Unbonding
  N jailed_until;  ///< the first height at which it is not jailed; kept through Unbonding and Withdrawn (REG-6)
  N open_slas;     ///< SLAs accepted and not ended

  static void fields(auto& self, auto&& visit) {
    visit("status", self.status), visit("stake", self.stake), visit("version", self.version);
    visit("updated_at", self.updated_at), visit("release_at", self.release_at);
    visit("jailed_until", self.jailed_until), visit("open_slas", self.open_slas);
  }
};

/// A node on the ledger: its registration and the service that it offers.
struct RegisteredNode {
  Registration<std::int64_t> registration{};
  LayerRange layers{};
  std::int64_t cost_us = 1;  ///< time to run the layers, in microseconds
  Amount price = 0;

  static void fields(auto& self, auto&& visit) {
    visit("layers", self.layers), visit("cost_us", self.cost_us), visit("price", self.price);
    Registration<std::int64_t>::fields(self.registration, visit);
  }
};

/// The load that a node adds to its range: floor(2^40 / cost in microseconds).
[[nodiscard]] inline std::int64_t capacity_of(const RegisteredNode& node) {
  return (std::int64_t{1} << 40) / node.cost_us;
}

}  // namespace p2pllm::contracts
