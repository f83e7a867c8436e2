#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

void print_group(const Network& network, const EquilibriumGroup& group, long bits, bool price_matters) {
  fmt::print("\nlayers {}: {}\n", to_string(group.range),
             group.exists    ? "equilibrium"
             : price_matters ? "no_equilibrium: one node alone"
                             : "no_equilibrium: price does not matter at alpha 0");
  if (!group.exists) return;
  const int digits = static_cast<int>(std::min(30L, bits * 30103 / 100000 + 1));
  Table table({"node", "price (" + for_terminal(network.units.price) + ")", "share", "revenue"});
  for (const EquilibriumNode& node : group.nodes)
    table.add({for_terminal(network.nodes[node.node].id), readable(node.price, digits), readable(node.share),
               readable(node.revenue)});
  fmt::print("{}", table.text());
}

/// The simplest rational inside each enclosure; the node's present price if no equilibrium exists.
std::vector<Rational> simplest_prices(const Network& network, const std::vector<EquilibriumGroup>& groups) {
  std::vector<Rational> prices = posted_prices(network).values;
  for (const EquilibriumGroup& group : groups)
    for (const EquilibriumNode& node : group.nodes)
      prices[node.node] = simplest_between(node.price.lower, node.price.upper);
  return prices;
}

}  // namespace

int run_solve(const SolveOptions& options) {
  if (const auto outputs = check_outputs({options.prices}, {options.network}); !outputs)
    return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  const auto alpha = chosen_alpha(options, *network);
  if (!alpha) return complain(alpha.error());

  const auto engine = engine_named(options.engine, options.threads);
  ProgressLine progress("solving groups");
  const auto groups = engine->solve(*network, *alpha, options.bits, progress.hook());
  if (!groups) return complain(groups.error());
  if (options.json) {
    fmt::print("{}", write_json(with_engine(solution_json(*network, *alpha, options.bits, *groups), engine->name())));
  } else {
    fmt::print(
        "{}: the price equilibrium at alpha {}, every figure enclosed to a relative width of 2^-{}\n(shown rounded; "
        "--json has both ends)\n",
        for_terminal(network->model_name), short_exact(*alpha), options.bits);
    for (const EquilibriumGroup& group : *groups) print_group(*network, group, options.bits, alpha->sign() > 0);
  }
  const bool exists =
      std::all_of(groups->begin(), groups->end(), [](const EquilibriumGroup& group) { return group.exists; });
  if (!options.prices.empty()) {
    const std::string text = write_prices(*network, simplest_prices(*network, *groups));
    if (const auto again = read_prices(text, shown_name(options.prices), *network); !again)
      return complain(limit_reached("no prices written: " + again.error().message()).value());
    const auto written = write_output(options.prices, text);
    if (!written) return complain(written.error());
    if (!exists)
      print_error(shown_name(options.prices) + ": nodes of a group without equilibrium keep their posted price");
  }
  return exists ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
