#include "reference/simulation/migration_schedule.hpp"

#include <algorithm>
#include <optional>

namespace p2pllm::reference {
namespace {

/// The number of a draw by which a node chooses among equal targets; draw 0 decides who is asked (SIM-8).
constexpr std::uint32_t tie_draw = 1;

}  // namespace

MigrationWeights weights_of(const MigrationPlan& plan, const Network& network) {
  if (plan.rule != WeightRule::count) return share_weights(network);
  return {MigrationRule::share, std::vector<Rational>(network.size(), 1), std::vector<bool>(network.size(), true)};
}

Result<void> MigrationRound::ask(std::size_t node) {
  const std::size_t from = state_.served_by(node);
  auto to = rule_.destination(node);
  if (!to) return tl::unexpected<Fault>(to.error());
  if (*to == from) return {};
  if (plan_.tie == TieRule::random) {
    const auto equal = rule_.equal_targets(node, *to);
    if (!equal) return tl::unexpected<Fault>(equal.error());
    const auto bits = draws_.bits(Stream::migration_order, static_cast<std::uint64_t>(step_),
                                  static_cast<std::uint32_t>(node), tie_draw);
    to = (*equal)[index_below(equal->size(), bits)];
  }
  rule_.move(node, *to);
  moves_.push_back({step_, node, state_.ranges()[from], state_.ranges()[*to]});
  return {};
}

/// The node that gains most moves; the first in file order among equals.
Result<void> MigrationRound::ask_best() {
  std::optional<MoveRule::Wish> best;
  for (const std::size_t node : nodes_) {
    const auto to = rule_.destination(node);
    if (!to) return tl::unexpected<Fault>(to.error());
    if (*to == state_.served_by(node)) continue;
    const MoveRule::Wish wish{node, *to};
    const auto more = best ? rule_.gives_more(wish, *best) : Result<bool>(true);
    if (!more) return tl::unexpected<Fault>(more.error());
    if (*more) best = wish;
  }
  return best ? ask(best->node) : Result<void>();
}

Result<void> MigrationRound::ask_gainer(bool first) {
  std::vector<std::size_t> gainers;
  for (const std::size_t node : nodes_) {
    if (first && !gainers.empty()) break;
    const auto to = rule_.destination(node);
    if (!to) return tl::unexpected<Fault>(to.error());
    if (*to != state_.served_by(node)) gainers.push_back(node);
  }
  if (gainers.empty()) return {};
  const auto bits = draws_.bits(Stream::migration_order, static_cast<std::uint64_t>(step_), 0);
  return ask(first ? gainers.front() : gainers[index_below(gainers.size(), bits)]);
}

Result<void> MigrationRound::ask_next() {
  const auto at = std::ranges::lower_bound(nodes_, next_);
  const std::size_t node = at == nodes_.end() ? nodes_.front() : *at;
  next_ = node + 1;
  return ask(node);
}

Result<std::vector<SimulatedMove>> MigrationRound::run(std::int64_t step) {
  step_ = step;
  const auto at = static_cast<std::uint64_t>(step);
  Result<void> done;
  if (nodes_.empty()) return std::move(moves_);
  switch (plan_.schedule) {
    case MigrationSchedule::sweep:
      for (const std::size_t node : nodes_)
        if (done) done = ask(node);
      break;
    case MigrationSchedule::sweep_random:
      for (const std::size_t node : random_order(draws_, at, nodes_))
        if (done) done = ask(node);
      break;
    case MigrationSchedule::next: done = ask_next(); break;
    case MigrationSchedule::one_random:
      done = ask(nodes_[index_below(nodes_.size(), draws_.bits(Stream::migration_order, at, 0))]);
      break;
    case MigrationSchedule::best: done = ask_best(); break;
    case MigrationSchedule::first: done = ask_gainer(true); break;
    case MigrationSchedule::gainer_random: done = ask_gainer(false); break;
    case MigrationSchedule::probability:
      for (const std::size_t node : nodes_)
        if (done &&
            happens(plan_.probability, draws_.bits(Stream::migration_order, at, static_cast<std::uint32_t>(node))))
          done = ask(node);
      break;
  }
  if (!done) return tl::unexpected<Fault>(done.error());
  return std::move(moves_);
}

}  // namespace p2pllm::reference
