#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "reference/simulation/request_choice.hpp"

namespace p2pllm::reference {

/// Requests that arrive, wait at the nodes of their chains, and are served (SIM-10), event by event in the order of
/// SIM-3.
class RequestService {
 public:
  /// @param scenario  has requests; all must outlive the object
  RequestService(const Scenario& scenario, const Network& network, const Draws& draws);

  using Chooser = std::function<Choice(std::uint64_t request)>;
  /// What happens up to the last tick of a step.
  /// @param choose  the chain of a request that arrives in the step
  /// @returns the request and the two nodes of a choice that is not decided, at which everything ends
  struct Undecided {
    std::uint64_t request;
    UndecidedChoice nodes;
  };
  [[nodiscard]] std::optional<Undecided> advance(std::int64_t step, const Chooser& choose);

  [[nodiscard]] RequestRecord record() const;
  /// What nodes earned in the last step that was advanced, by node.
  [[nodiscard]] const std::map<std::size_t, std::int64_t>& earnings() const { return earnings_; }
  /// Whether a node has ended a request since this was last asked (SIM-6).
  [[nodiscard]] bool take_has_served(std::size_t node);

  /// What a run has to remember of them (SIM-17).
  template <typename State>
  void keep(State& state) {
    std::vector<Event> events;
    for (auto left = events_; !left.empty(); left.pop()) events.push_back(left.top());
    for (Server& server : servers_) state(server.queue, server.serves, server.has_served);
    state(events, requests_, last_request_, counts_, sojourns_);
    const auto is_known = [this](std::uint64_t number) { return requests_.contains(number); };
    for (const auto& [number, request] : requests_) {
      state.require(request.stage < std::max<std::size_t>(request.chain.size(), 1));
      state.require(!scenario_.ledger || request.prices.size() == request.chain.size());
      for (const std::size_t node : request.chain) state.require(node < servers_.size());
    }
    for (const Server& server : servers_) {
      state.require(!server.serves || is_known(*server.serves));
      for (const auto& [tick, number] : server.queue) state.require(is_known(number));
    }
    for (const Event& event : events) {
      const bool is_service = event.phase == Phase::service_done;
      state.require(is_service ? event.key < servers_.size() && servers_[event.key].serves : is_known(event.key));
    }
    state.require(!events.empty() && counts_.demand.size() == servers_.size());
    state.require(counts_.earned.size() == (scenario_.ledger ? servers_.size() : 0));
    if (!State::reads) return;
    events_ = {};
    for (const Event& event : events) events_.push(event);
  }

 private:
  enum class Phase { service_done = 2, arrival = 3 };  // of SIM-3
  struct Event {
    std::int64_t tick;
    Phase phase;
    std::uint64_t key;  ///< the node whose service is done, or the request that arrives
    friend auto operator<=>(const Event&, const Event&) = default;
    template <typename State>
    void keep(State& state) {
      bool is_arrival = phase == Phase::arrival;
      state(tick, is_arrival, key);
      phase = is_arrival ? Phase::arrival : Phase::service_done;
    }
  };
  struct Request {
    std::int64_t arrival = 0;
    std::vector<std::size_t> chain;
    std::vector<std::int64_t> prices;  ///< of these, in money units
    std::size_t stage = 0;             ///< how many nodes have served it
    template <typename State>
    void keep(State& state) {
      state(arrival, chain, prices, stage);
    }
  };
  struct Server {
    Rational mean;                                           ///< ticks of a service
    std::set<std::pair<std::int64_t, std::uint64_t>> queue;  ///< those that wait, by arrival and number
    std::optional<std::uint64_t> serves;
    bool has_served = false;
  };

  void expect_next(std::int64_t after);
  [[nodiscard]] std::optional<Undecided> arrive(const Event& event, const Chooser& choose);
  void enter(std::int64_t tick, std::uint64_t request);
  void end_service(std::int64_t tick, std::size_t node);
  void start(std::int64_t tick, std::size_t node);
  [[nodiscard]] std::int64_t service(std::size_t node, std::uint64_t request) const;

  const Scenario& scenario_;
  const Draws& draws_;
  Rational mean_gap_;
  std::vector<Server> servers_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::map<std::uint64_t, Request> requests_;  ///< those under way, by number
  std::uint64_t last_request_ = 0;             ///< the number of the last that arrived
  RequestRecord counts_;
  std::vector<std::int64_t> sojourns_;
  std::map<std::size_t, std::int64_t> earnings_;
};

}  // namespace p2pllm::reference
