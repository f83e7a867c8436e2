#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/simulation/draws.hpp"
#include "model/simulation/record.hpp"
#include "model/simulation/scenario.hpp"
#include "optimized/simulation/request_choice.hpp"

namespace p2pllm::optimized {

/// Exponential times of one mean (SIM-10), in ticks.
class ExponentialTime {
 public:
  explicit ExponentialTime(const Rational& mean);
  /// The time of a draw, rounded up; by more bits where doubles leave it open.
  [[nodiscard]] std::int64_t ticks(std::uint64_t uniform_bits) const;

 private:
  Rational mean_;
  kernels::DoubleInterval enclosed_;
};

/// Requests that arrive, wait at the nodes of their chains, and are served (SIM-10).
///
/// A node serves in the order of arrival, so when a request comes to a node, the end of its service is known: the later
/// of its arrival and the end of the service before, plus the ticks of a service. One event for each node of a chain is
/// enough, and events are processed by (tick, request) from a heap.
class RequestService {
 public:
  /// @param scenario  has requests; must outlive the object
  RequestService(const Scenario& scenario, const Peers& peers, const Draws& draws, std::size_t ranges);

  /// Whether a request arrives up to the last tick of a step.
  [[nodiscard]] bool expects(std::int64_t step) const { return arrival_ <= step * scenario_.step_ticks; }
  /// What happens up to the last tick of a step.
  /// @param choice  has begun the step, if a request arrives in it
  /// @returns whether all choices were decided
  [[nodiscard]] bool advance(std::int64_t step, RequestChoice& choice);

  [[nodiscard]] RequestRecord record() const;
  /// What nodes earned since this was last asked, by node.
  [[nodiscard]] std::vector<std::pair<std::uint32_t, std::int64_t>> take_earnings();
  /// Whether a node has ended a request since this was last asked (SIM-6).
  [[nodiscard]] bool take_has_served(std::uint32_t node);

  /// What a run has to remember of them (SIM-17).
  template <typename State>
  void keep(State& state) {
    const std::size_t nodes = servers_.size();
    state(arrivals_, arrival_, servers_, heap_, slots_, chains_, prices_, earners_, free_slots_, counts_, sojourns_);
    const auto all_below = [&state](const std::vector<std::uint32_t>& list, std::size_t end) {
      state.require(std::ranges::all_of(list, [end](std::uint32_t item) { return item < end; }));
    };
    state.require(servers_.size() == nodes && chains_.size() == slots_.size() * chain_max_);
    state.require(prices_.empty() || prices_.size() == chains_.size());
    all_below(earners_, nodes);
    all_below(chains_, nodes);
    all_below(free_slots_, slots_.size());
    state.require(std::ranges::all_of(
        slots_, [&](const Slot& slot) { return slot.stage <= slot.length && slot.length <= chain_max_; }));
    state.require(std::ranges::all_of(heap_, [&](const Event& event) { return event.slot < slots_.size(); }));
  }

 private:
  /// A request comes to the next node of its chain, or to its end. The order of events is that of the numbers.
  struct Event {
    std::int64_t tick;
    std::uint32_t request;
    std::uint32_t slot;
    template <typename State>
    void keep(State& state) {
      state(tick, request, slot);
    }
    friend bool operator<(const Event& a, const Event& b) {
      return a.tick != b.tick ? a.tick < b.tick : a.request < b.request;
    }
  };
  struct Slot {
    std::int64_t arrival = 0;
    std::uint32_t stage = 0;  ///< how many nodes of the chain it has come to
    std::uint32_t length = 0;
    template <typename State>
    void keep(State& state) {
      state(arrival, stage, length);
    }
  };
  struct Server {
    std::int64_t ticks = 0;  ///< of a service
    std::int64_t free = 0;   ///< the end of the last service
    std::int64_t demand = 0;
    std::int64_t earned = 0;  ///< in money units
    std::int64_t told = 0;    ///< of what it earned
    bool has_served = false;
    template <typename State>
    void keep(State& state) {
      state(ticks, free, demand, earned, told, has_served);
    }
  };

  void expect_next();
  [[nodiscard]] bool set_prices(std::uint32_t slot, const RequestChoice& choice);
  void end_service(std::uint32_t slot, std::uint32_t stage);
  [[nodiscard]] std::uint32_t take_slot();
  [[nodiscard]] std::optional<Event> next_of(const Event& event);
  void replace_first(const std::optional<Event>& by);
  void push(const Event& event);
  void sift_down(const Event& event);

  const Scenario& scenario_;
  Draws draws_;
  std::size_t chain_max_;
  ExponentialTime gap_;
  std::vector<ExponentialTime> services_;  ///< of each node, if they are not constant
  std::int64_t warm_up_end_;
  std::uint64_t arrivals_ = 0;
  std::int64_t arrival_ = 0;  ///< tick of the next arrival
  std::vector<Server> servers_;
  std::vector<Event> heap_;  ///< by fours: the children of k are 4 k + 1 .. 4 k + 4
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> chains_;   ///< of each slot, `chain_max_` nodes
  std::vector<std::int64_t> prices_;    ///< of these nodes in money units, if there is a ledger
  std::vector<std::uint32_t> earners_;  ///< nodes that may have earned since that was last asked
  std::vector<std::uint32_t> free_slots_;
  std::vector<std::uint32_t> chain_;
  RequestRecord counts_;
  std::vector<std::int64_t> sojourns_;
};

}  // namespace p2pllm::optimized
