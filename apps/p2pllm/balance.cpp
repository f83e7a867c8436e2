#include "apps/p2pllm/balance.hpp"

#include <fmt/core.h>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

Json allocation_json(const Allocation& allocation) {
  Json::Array list;
  for (const LayerRange& range : allocation) list.push_back(range_json(range));
  return list;
}

Json loads_json(const std::vector<RangeLoad>& loads, MigrationRule rule) {
  Json::Array list;
  for (const RangeLoad& entry : loads) {
    Json::Object object{{"range", range_json(entry.range)},
                        {"nodes", Json::integer(static_cast<long long>(entry.nodes))}};
    if (rule == MigrationRule::share) add_exact(object, "load", entry.load.lower);
    else object.emplace_back("load", enclosure_json(entry.load));
    list.emplace_back(std::move(object));
  }
  return list;
}

void print_loads(const std::vector<RangeLoad>& before, const std::vector<RangeLoad>& after, bool moved) {
  fmt::print("\n");
  Table table(moved ? std::vector<std::string>{"layers", "nodes", "load", "nodes before", "load before"}
                    : std::vector<std::string>{"layers", "nodes", "load"});
  for (std::size_t r = 0; r < after.size(); ++r) {
    std::vector<std::string> row{to_string(after[r].range), std::to_string(after[r].nodes), readable(after[r].load)};
    if (moved) row.insert(row.end(), {std::to_string(before[r].nodes), readable(before[r].load)});
    table.add(std::move(row));
  }
  fmt::print("{}", table.text());
}

/// Migration to rest or, with --check, the present allocation and the nodes that gain by leaving it.
struct Outcome {
  Migration migration;
  std::vector<Move> gains;
};

Result<Outcome> outcome_of(const BalanceOptions& options, const Network& network,
                           const reference::MigrationWeights& weights) {
  if (options.check) {
    const Allocation now = reference::initial_allocation(network);
    return reference::gaining_moves(network, weights, now).map([&](std::vector<Move> gains) {
      return Outcome{{{}, now}, std::move(gains)};
    });
  }
  ProgressLine progress("migrating, node");
  return reference::migrate(network, weights, progress.hook()).map([](Migration migration) {
    return Outcome{std::move(migration), {}};
  });
}

void print_outcome(const Network& network, const reference::MigrationWeights& weights, const Outcome& outcome) {
  const auto& [migration, gains] = outcome;
  const bool moved = !migration.moves.empty();
  const auto before = reference::loads_of(network, weights, reference::initial_allocation(network));
  const auto after = moved ? reference::loads_of(network, weights, migration.allocation) : before;
  fmt::print("{}: {}, {} rule, {}\n", for_terminal(network.model_name), counted(network.size(), "node"),
             to_string(weights.rule), counted(migration.moves.size(), "move"));
  print_moves(network, migration.moves);
  print_loads(before, after, moved);
  fmt::print("\n{}.\n", rest_sentence(network, weights.rule, gains));
}

}  // namespace

reference::MigrationWeights chosen_weights(const std::string& rule, const Network& network, const Prices& prices,
                                           const Rational& alpha) {
  return migration_rule_named(rule) == MigrationRule::share ? reference::share_weights(network)
                                                            : reference::revenue_weights(network, prices, alpha);
}

Json moves_json(const Network& network, const std::vector<Move>& moves) {
  Json::Array list;
  for (const Move& move : moves)
    list.push_back(Json::Object{
        {"node", network.nodes[move.node].id}, {"from", range_json(move.from)}, {"to", range_json(move.to)}});
  return list;
}

void print_moves(const Network& network, const std::vector<Move>& moves) {
  constexpr std::size_t rows_max = 40;
  if (moves.empty()) return;
  Table table({"node", "from", "to"});
  for (std::size_t k = 0; k < std::min(rows_max, moves.size()); ++k)
    table.add({for_terminal(network.nodes[moves[k].node].id), to_string(moves[k].from), to_string(moves[k].to)});
  fmt::print("\n{}", table.text());
  if (moves.size() > rows_max) fmt::print("  ({} more; --json lists all)\n", moves.size() - rows_max);
}

std::string rest_sentence(const Network& network, MigrationRule rule, const std::vector<Move>& gains) {
  if (gains.empty()) return fmt::format("at rest: no node gains by moving ({} rule)", to_string(rule));
  const Move& first = gains.front();
  return fmt::format("not at rest ({} rule): {}, the first is {}, by moving from {} to {}", to_string(rule),
                     gains.size() == 1 ? "1 node gains" : std::to_string(gains.size()) + " nodes gain",
                     for_terminal(network.nodes[first.node].id), to_string(first.from), to_string(first.to));
}

int run_balance(const BalanceOptions& options) {
  const bool by_revenue = migration_rule_named(options.rule) == MigrationRule::revenue;
  if (!by_revenue && (!options.prices.empty() || options.alpha))
    return complain(bad_input("--rule", "share", "prices and alpha count under the revenue rule alone").value());
  if (const auto inputs = check_inputs({options.network, options.prices}); !inputs) return complain(inputs.error());
  if (const auto outputs = check_outputs({options.certificate}, {options.network, options.prices}); !outputs)
    return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  const auto alpha = by_revenue ? chosen_alpha(options, *network) : Result<Rational>(0);
  if (!alpha) return complain(alpha.error());
  const auto prices = load_prices(options.prices, *network);
  if (!prices) return complain(prices.error());

  const reference::MigrationWeights weights = chosen_weights(options.rule, *network, *prices, *alpha);
  const auto outcome = outcome_of(options, *network, weights);
  if (!outcome) return complain(outcome.error());
  const auto& [migration, gains] = *outcome;
  if (options.json) {
    Json::Object object{{"rule", to_string(weights.rule)}};
    object.emplace_back("alpha", by_revenue ? Json(to_string(*alpha)) : Json());
    object.emplace_back("at_rest", gains.empty());
    object.emplace_back("moves", moves_json(*network, migration.moves));
    object.emplace_back("gains", moves_json(*network, gains));
    object.emplace_back("loads",
                        loads_json(reference::loads_of(*network, weights, migration.allocation), weights.rule));
    object.emplace_back("allocation", allocation_json(migration.allocation));
    fmt::print("{}", write_json(Json(std::move(object))));
  } else {
    print_outcome(*network, weights, *outcome);
  }
  if (options.certificate.empty()) return gains.empty() ? exit_holds : exit_refuted;
  if (!gains.empty()) {
    print_error("no certificate written: the allocation is not at rest");
    return exit_refuted;
  }
  Certificate certificate = certificate_for(*network, by_revenue ? std::optional<Rational>(*alpha) : std::nullopt, {},
                                            reference::balance_claim(*network, weights, migration.allocation));
  certificate.prices_sha256 = prices->sha256;
  const auto written = write_checked(options.certificate, std::move(certificate), *network,
                                     options.prices.empty() ? std::nullopt : std::optional<Prices>(*prices));
  return written ? exit_holds : complain(written.error());
}

}  // namespace p2pllm::app
