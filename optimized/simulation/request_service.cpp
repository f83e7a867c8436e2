#include "optimized/simulation/request_service.hpp"

#include <algorithm>
#include <cmath>

#include "optimized/market/outward.hpp"
#include "optimized/simulation/request_rules.hpp"

namespace p2pllm::optimized {
namespace {

using kernels::DoubleInterval;

}  // namespace

ExponentialTime::ExponentialTime(const Rational& mean) : mean_(mean), enclosed_(rounded_down(mean), rounded_up(mean)) {}

std::int64_t ExponentialTime::ticks(std::uint64_t uniform_bits) const {
  const DoubleInterval time = exponential_time(enclosed_uniform(uniform_bits), enclosed_);
  constexpr double exact_max = 0x1p53;
  const double whole = std::floor(time.lower());
  if (time.lower() > 0 && time.upper() < exact_max && std::floor(time.upper()) == whole)
    return static_cast<std::int64_t>(whole) + 1;
  return exponential_ticks(uniform_bits, mean_);
}

RequestService::RequestService(const Scenario& scenario, const Peers& peers, const Draws& draws, std::size_t ranges)
    : scenario_(scenario),
      draws_(draws),
      chain_max_(ranges),
      gap_(Rational(scenario.step_ticks) / scenario.requests->per_step),
      warm_up_end_(scenario.requests->warm_up * scenario.step_ticks),
      servers_(peers.size()) {
  for (std::size_t node = 0; node < peers.size(); ++node) {
    const Rational mean = peers.cost(node) * Rational(scenario.requests->cost_ticks);
    if (scenario.requests->service == ServiceTime::constant) servers_[node].ticks = service_ticks(mean);
    else services_.emplace_back(mean);
  }
  expect_next();
}

void RequestService::expect_next() {
  ++arrivals_;
  arrival_ += gap_.ticks(draws_.bits(Stream::arrivals, arrivals_, 0));
}

bool RequestService::advance(std::int64_t step, RequestChoice& choice) {
  const std::int64_t end = step * scenario_.step_ticks;
  for (;;) {
    const bool comes = heap_.empty() || arrival_ < heap_.front().tick;  // the last to arrive has the greatest number
    if (!comes) {
      if (heap_.front().tick > end) return true;
      replace_first(next_of(heap_.front()));
      continue;
    }
    if (arrival_ > end) return true;
    ++counts_.offered;
    const auto request = static_cast<std::uint32_t>(arrivals_);
    const std::int64_t tick = arrival_;
    const RequestChoice::Outcome outcome = choice.choose(draws_, arrivals_, chain_);
    if (outcome == RequestChoice::Outcome::undecided) return false;
    expect_next();
    if (outcome == RequestChoice::Outcome::no_chain) {
      ++counts_.refused;
      counts_.blocked = choice.blocked();
      continue;
    }
    const std::uint32_t slot = take_slot();
    slots_[slot] = {tick, 0, static_cast<std::uint32_t>(chain_.size())};
    std::ranges::copy(chain_, chains_.begin() + static_cast<std::ptrdiff_t>(slot * chain_max_));
    for (const std::uint32_t node : chain_) ++servers_[node].demand;
    if (scenario_.ledger && !set_prices(slot, choice)) return false;
    push(*next_of({tick, request, slot}));
  }
}

/// A request comes to a node at its tick. @returns the event of its end there; nothing if the chain has ended
std::optional<RequestService::Event> RequestService::next_of(const Event& event) {
  Slot& slot = slots_[event.slot];
  const std::uint32_t* const chain = &chains_[event.slot * chain_max_];
  if (slot.stage > 0) end_service(event.slot, slot.stage - 1);
  if (slot.stage == slot.length) {
    ++counts_.served;
    if (slot.arrival > warm_up_end_) sojourns_.push_back(event.tick - slot.arrival);
    free_slots_.push_back(event.slot);
    return std::nullopt;
  }
  const std::uint32_t node = chain[slot.stage++];
  Server& server = servers_[node];
  const std::int64_t ticks =
      services_.empty() ? server.ticks : services_[node].ticks(draws_.bits(Stream::services, event.request, node));
  server.free = std::max(server.free, event.tick) + ticks;
  return Event{server.free, event.request, event.slot};
}

/// What the nodes of a chain are to be paid. @returns whether that was decided
bool RequestService::set_prices(std::uint32_t slot, const RequestChoice& choice) {
  prices_.resize(chains_.size());
  for (std::size_t k = 0; k < chain_.size(); ++k) {
    const auto price = choice.money(chain_[k], scenario_.ledger->unit);
    if (!price) return false;
    prices_[slot * chain_max_ + k] = *price;
  }
  return true;
}

/// A node of a request's chain has ended it.
void RequestService::end_service(std::uint32_t slot, std::uint32_t stage) {
  const std::uint32_t node = chains_[slot * chain_max_ + stage];
  servers_[node].has_served = true;
  if (!scenario_.ledger) return;
  if (servers_[node].earned == servers_[node].told) earners_.push_back(node);
  servers_[node].earned += prices_[slot * chain_max_ + stage];
}

std::vector<std::pair<std::uint32_t, std::int64_t>> RequestService::take_earnings() {
  std::ranges::sort(earners_);
  std::vector<std::pair<std::uint32_t, std::int64_t>> earnings;
  for (const std::uint32_t node : earners_) {
    Server& server = servers_[node];
    // A node whose requests were free so far may be listed several times.
    if (!earnings.empty() && earnings.back().first == node) continue;
    earnings.emplace_back(node, server.earned - server.told);
    server.told = server.earned;
  }
  earners_.clear();
  return earnings;
}

std::uint32_t RequestService::take_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    chains_.resize(chains_.size() + chain_max_);
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void RequestService::push(const Event& event) {
  std::size_t k = heap_.size();
  heap_.push_back(event);
  for (; k > 0 && event < heap_[(k - 1) / 4]; k = (k - 1) / 4) heap_[k] = heap_[(k - 1) / 4];
  heap_[k] = event;
}

void RequestService::replace_first(const std::optional<Event>& by) {
  if (by) return sift_down(*by);
  const Event last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(last);
}

/// Puts an event in place of the first one.
void RequestService::sift_down(const Event& event) {
  std::size_t k = 0;
  for (;;) {
    const std::size_t first = 4 * k + 1;
    if (first >= heap_.size()) break;
    const std::size_t last = std::min(first + 4, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child)
      if (heap_[child] < heap_[least]) least = child;
    if (!(heap_[least] < event)) break;
    heap_[k] = heap_[least];
    k = least;
  }
  heap_[k] = event;
}

RequestRecord RequestService::record() const {
  RequestRecord record = counts_;
  for (const Server& server : servers_) {
    record.demand.push_back(server.demand);
    if (scenario_.ledger) record.earned.push_back(server.earned);
  }
  set_sojourns(record, sojourns_);
  return record;
}

bool RequestService::take_has_served(std::uint32_t node) { return std::exchange(servers_[node].has_served, false); }

}  // namespace p2pllm::optimized
