#include "reference/simulation/request_service.hpp"

#include <utility>

namespace p2pllm::reference {

RequestService::RequestService(const Scenario& scenario, const Network& network, const Draws& draws)
    : scenario_(scenario), draws_(draws), mean_gap_(Rational(scenario.step_ticks) / scenario.requests->per_step) {
  for (const Node& node : network.nodes)
    servers_.push_back({node.cost * Rational(scenario.requests->cost_ticks), {}, std::nullopt, false});
  counts_.demand.assign(network.size(), 0);
  if (scenario.ledger) counts_.earned.assign(network.size(), 0);
  expect_next(0);
}

void RequestService::expect_next(std::int64_t after) {
  const std::uint64_t next = ++last_request_;
  const std::int64_t arrival = after + exponential_ticks(draws_.bits(Stream::arrivals, next, 0), mean_gap_);
  requests_[next] = {arrival, {}, {}, 0};
  events_.push({arrival, Phase::arrival, next});
}

std::optional<RequestService::Undecided> RequestService::advance(std::int64_t step, const Chooser& choose) {
  earnings_.clear();
  const std::int64_t end = step * scenario_.step_ticks;
  while (events_.top().tick <= end) {
    const Event event = events_.top();
    events_.pop();
    if (event.phase == Phase::service_done) end_service(event.tick, static_cast<std::size_t>(event.key));
    else if (auto undecided = arrive(event, choose)) return undecided;
  }
  return std::nullopt;
}

/// A request comes to the market, or from one node of its chain to the next.
std::optional<RequestService::Undecided> RequestService::arrive(const Event& event, const Chooser& choose) {
  Request& request = requests_.at(event.key);
  if (event.key == last_request_) {
    ++counts_.offered;
    expect_next(event.tick);
    Choice choice = choose(event.key);
    if (const auto* undecided = std::get_if<UndecidedChoice>(&choice)) return Undecided{event.key, *undecided};
    if (const auto* none = std::get_if<NoChain>(&choice)) {
      ++counts_.refused;
      counts_.blocked = none->boundary;
      requests_.erase(event.key);
      return std::nullopt;
    }
    request.chain = std::move(std::get<ChosenChain>(choice).nodes);
    request.prices = std::move(std::get<ChosenChain>(choice).prices);
    for (const std::size_t node : request.chain) ++counts_.demand[node];
  }
  enter(event.tick, event.key);
  return std::nullopt;
}

void RequestService::enter(std::int64_t tick, std::uint64_t request) {
  const Request& entering = requests_.at(request);
  const std::size_t node = entering.chain[entering.stage];
  servers_[node].queue.emplace(tick, request);
  if (!servers_[node].serves) start(tick, node);
}

/// A free node begins to serve the first that waits.
void RequestService::start(std::int64_t tick, std::size_t node) {
  Server& server = servers_[node];
  if (server.queue.empty()) return;
  server.serves = server.queue.begin()->second;
  server.queue.erase(server.queue.begin());
  events_.push({tick + service(node, *server.serves), Phase::service_done, node});
}

std::int64_t RequestService::service(std::size_t node, std::uint64_t request) const {
  const Rational& mean = servers_[node].mean;
  if (scenario_.requests->service == ServiceTime::constant) return service_ticks(mean);
  return exponential_ticks(draws_.bits(Stream::services, request, static_cast<std::uint32_t>(node)), mean);
}

void RequestService::end_service(std::int64_t tick, std::size_t node) {
  Server& server = servers_[node];
  const std::uint64_t number = *std::exchange(server.serves, std::nullopt);
  server.has_served = true;
  Request& request = requests_.at(number);
  if (scenario_.ledger) {
    earnings_[node] += request.prices[request.stage];
    counts_.earned[node] += request.prices[request.stage];
  }
  if (++request.stage < request.chain.size()) {
    events_.push({tick, Phase::arrival, number});
  } else {
    ++counts_.served;
    if (request.arrival > scenario_.requests->warm_up * scenario_.step_ticks)
      sojourns_.push_back(tick - request.arrival);
    requests_.erase(number);
  }
  start(tick, node);
}

RequestRecord RequestService::record() const {
  RequestRecord record = counts_;
  set_sojourns(record, sojourns_);
  return record;
}

bool RequestService::take_has_served(std::size_t node) { return std::exchange(servers_[node].has_served, false); }

}  // namespace p2pllm::reference
