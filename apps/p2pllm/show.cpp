#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/network_svg.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "reference/market/route.hpp"

namespace p2pllm::app {
namespace {

struct Spread {
  Rational least;
  Rational greatest;
};

template <typename Field>
Spread spread_of(const Network& network, const Group& group, Field field) {
  const auto less = [&](std::size_t i, std::size_t j) { return network.nodes[i].*field < network.nodes[j].*field; };
  const auto [least, greatest] = std::minmax_element(group.nodes.begin(), group.nodes.end(), less);
  return {network.nodes[*least].*field, network.nodes[*greatest].*field};
}

std::string readable(const Spread& spread) {
  return spread.least == spread.greatest ? app::readable(spread.least)
                                         : app::readable(spread.least) + " .. " + app::readable(spread.greatest);
}

Json spread_json(const Spread& spread) {
  Json::Object object;
  add_exact(object, "least", spread.least);
  add_exact(object, "greatest", spread.greatest);
  return object;
}

bool is_counted(const mpz_class& chains) {
  return Rational(chains) < Rational::power_of_two(reference::counted_chains_bits_max);
}

Json summary_json(const Network& network, const std::vector<Group>& groups, const mpz_class& chains) {
  Json::Array list;
  for (const Group& group : groups)
    list.push_back(Json::Object{{"range", range_json(group.range)},
                                {"nodes", Json::integer(static_cast<long long>(group.nodes.size()))},
                                {"price", spread_json(spread_of(network, group, &Node::price))},
                                {"cost", spread_json(spread_of(network, group, &Node::cost))}});
  Json::Array blocks;
  for (const LayerRange& block : network.blocks) blocks.push_back(range_json(block));
  const bool reachable = chains != 0;
  return Json::Object{
      {"model", Json::Object{{"name", network.model_name}, {"layers", Json::integer(network.layers)}}},
      {"nodes", Json::integer(static_cast<long long>(network.size()))},
      {"units",
       Json::Object{{"cost", network.units.cost}, {"latency", network.units.latency}, {"price", network.units.price}}},
      {"alpha", network.alpha ? Json(to_string(*network.alpha)) : Json()},
      {"groups", std::move(list)},
      {"blocks", std::move(blocks)},
      {"reachable", reachable},
      {"blocked_boundary",
       reachable ? Json() : Json::integer(reference::reachable_boundaries(network).blocked_boundary)},
      {"chains", is_counted(chains) ? Json(chains.get_str()) : Json()}};
}

void print_summary(const Network& network, const std::vector<Group>& groups, const mpz_class& chains) {
  fmt::print("{}: {} layers, {} in {}\n", for_terminal(network.model_name), network.layers,
             counted(network.size(), "node"), counted(groups.size(), "group"));
  fmt::print("  price in {}, cost in {}, alpha {}\n", for_terminal(network.units.price),
             for_terminal(network.units.cost), network.alpha ? to_string(*network.alpha) : "not given");
  fmt::print("  scales: price {}, cost {}; temperature {}\n", app::readable(network.price_scale),
             app::readable(network.cost_scale), app::readable(network.temperature));
  fmt::print("  latency between peers: {}; clients: {}\n", network.latency.empty() ? "none" : "matrix",
             network.clients.size());
  if (!groups.empty()) {
    fmt::print("\nNodes of one group serve the same layers and compete on price:\n");
    Table table({"layers", "nodes", "price", "cost", "<"});
    for (const Group& group : groups)
      table.add({to_string(group.range), std::to_string(group.nodes.size()),
                 readable(spread_of(network, group, &Node::price)), readable(spread_of(network, group, &Node::cost)),
                 group.nodes.size() == 1 ? "alone: no equilibrium" : ""});
    fmt::print("{}", table.text());
  }
  if (chains == 0) print_unreachable(network, reference::reachable_boundaries(network));
  else if (is_counted(chains)) fmt::print("\nChains that serve all layers: {}\n", to_decimal(Rational(chains), 15));
  else fmt::print("\nChains that serve all layers: 2^{} or more\n", reference::counted_chains_bits_max);
}

/// Writes the picture of the graph, with the optimal chain if the file says for which alpha and client.
Result<void> write_graph(const std::string& path, const Network& network) {
  if (!network.alpha) return write_output(path, network_svg(network, nullptr, "The file states no alpha."));
  if (network.clients.size() > 1)
    return write_output(path, network_svg(network, nullptr, "The file has several clients, each with its own chain."));
  const ClientLegs legs{network.clients.empty() ? nullptr : &network.clients.front()};
  const auto answer = reference::route(network, *network.alpha, legs);
  if (!answer) return tl::unexpected<Fault>(answer.error());
  if (const auto* blocked = std::get_if<Unreachable>(&*answer))
    return write_output(
        path, network_svg(network, nullptr, fmt::format("No chain crosses boundary {}.", blocked->blocked_boundary)));
  const Chain& chain = std::get<OptimalRoute>(*answer).chain;
  return write_output(path,
                      network_svg(network, &chain,
                                  fmt::format("Thick: the chain of least weight, {} at alpha {}; price {}, time {}.",
                                              app::readable(chain.weight), to_string(*network.alpha),
                                              app::readable(chain.cost.price), app::readable(chain.cost.time))));
}

}  // namespace

int run_show(const ShowOptions& options) {
  if (const auto outputs = check_outputs({options.plot}, {options.network}); !outputs) return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  if (!options.plot.empty() && network->size() > drawn_nodes_max)
    return complain(bad_input("--plot", counted(network->size(), "node"),
                              fmt::format("a picture can show at most {} nodes", drawn_nodes_max))
                        .value());
  const std::vector<Group> groups = groups_of(*network);
  const mpz_class chains = reference::count_chains(*network);
  if (options.json) fmt::print("{}", write_json(summary_json(*network, groups, chains)));
  else print_summary(*network, groups, chains);
  if (options.plot.empty()) return exit_holds;
  const auto drawn = write_graph(options.plot, *network);
  return drawn ? exit_holds : complain(drawn.error());
}

}  // namespace p2pllm::app
