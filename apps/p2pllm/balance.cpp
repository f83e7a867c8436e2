#include "apps/p2pllm/balance.hpp"

#include <fmt/core.h>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

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

Result<BalanceAnswer> answer_of(Engine& engine, const MigrationQuestion& question, bool move_nobody) {
  BalanceAnswer answer{question.rule, {{}, posted_allocation(question.network)}, {}, {}};
  if (move_nobody) {
    auto gains = engine.gaining_moves(question, answer.migration.allocation);
    if (!gains) return tl::unexpected<Fault>(gains.error());
    answer.gains = *std::move(gains);
  } else {
    ProgressLine progress("migrating, node");
    auto migration = engine.migrate(question, progress.hook());
    if (!migration) return tl::unexpected<Fault>(migration.error());
    answer.migration = *std::move(migration);
  }
  answer.loads = engine.loads(question, answer.migration.allocation);
  return answer;
}

void print_answer(Engine& engine, const MigrationQuestion& question, const BalanceAnswer& answer) {
  const Network& network = question.network;
  const bool moved = !answer.migration.moves.empty();
  const auto before = moved ? engine.loads(question, posted_allocation(network)) : answer.loads;
  fmt::print("{}: {}, {} rule, {}\n", for_terminal(network.model_name), counted(network.size(), "node"),
             to_string(answer.rule), counted(answer.migration.moves.size(), "move"));
  print_moves(network, answer.migration.moves);
  print_loads(before, answer.loads, moved);
  fmt::print("\n{}.\n", rest_sentence(network, answer.rule, answer.gains));
}

}  // namespace

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

  const MigrationQuestion question{*network, *migration_rule_named(options.rule), *prices, *alpha};
  const auto engine = engine_named(options.engine, options.threads);
  const auto answer = answer_of(*engine, question, options.move_nobody);
  if (!answer) return complain(answer.error());
  const auto used_alpha = by_revenue ? std::optional<Rational>(*alpha) : std::nullopt;
  if (options.json)
    fmt::print("{}", write_json(with_engine(balance_json(*network, used_alpha, *answer), engine->name())));
  else print_answer(*engine, question, *answer);
  if (options.certificate.empty()) return answer->gains.empty() ? exit_holds : exit_refuted;
  if (!answer->gains.empty()) {
    print_error("no certificate written: the allocation is not at rest");
    return exit_refuted;
  }
  Certificate certificate =
      certificate_for(*network, used_alpha, {}, engine->balance_claim(question, answer->migration.allocation));
  certificate.prices_sha256 = prices->sha256;
  const auto written = write_checked(options.certificate, std::move(certificate), *network,
                                     options.prices.empty() ? std::nullopt : std::optional<Prices>(*prices));
  return written ? exit_holds : complain(written.error());
}

}  // namespace p2pllm::app
