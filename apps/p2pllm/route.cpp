#include <fmt/core.h>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

void print_route(const Network& network, const Rational& alpha, const ClientLegs& legs, const OptimalRoute& route) {
  fmt::print("The optimal chain at alpha {}: {}, {} {}, {} {}, weight {}\n", short_exact(alpha),
             counted(route.chain.nodes.size(), "node"), readable(route.chain.cost.price),
             for_terminal(network.units.price), readable(route.chain.cost.time), for_terminal(network.units.cost),
             readable(route.chain.weight));
  Table table({"node", "layers", "price", "cost", "latency before"});
  for (std::size_t k = 0; k < route.chain.nodes.size(); ++k) {
    const std::size_t i = route.chain.nodes[k];
    const Node& node = network.nodes[i];
    const Rational leg = k == 0 ? legs.to(i) : network.latency_between(route.chain.nodes[k - 1], i);
    table.add(
        {for_terminal(node.id), to_string(node.layers), readable(node.price), readable(node.cost), readable(leg)});
  }
  fmt::print("{}", table.text());
  const Rational back = legs.from(route.chain.nodes.back());
  if (back.sign() > 0)
    fmt::print("  and {} {} back to the client\n", readable(back), for_terminal(network.units.latency));
}

void print_answer(const RouteOptions& options, const Network& network, const Rational& alpha, const ClientLegs& legs,
                  const RouteAnswer& answer, const char* engine) {
  const auto* route = std::get_if<OptimalRoute>(&answer);
  if (options.json) fmt::print("{}", write_json(with_engine(route_json(network, alpha, legs, answer), engine)));
  else if (route != nullptr) print_route(network, alpha, legs, *route);
  else print_unreachable(network, std::get<Unreachable>(answer));
}

int exit_code_of(const RouteAnswer& answer) {
  return std::holds_alternative<OptimalRoute>(answer) ? exit_holds : exit_refuted;
}

/// The answer without evidence, from columns: the whole network is never built.
int run_on_columns(const RouteOptions& options, const optimized::MarketColumns& market) {
  const auto alpha = chosen_alpha(options, market);
  if (!alpha) return complain(alpha.error());
  std::vector<std::string> ids;
  for (const optimized::LegColumns& client : market.clients) ids.push_back(client.id);
  const auto client = chosen_client(options, ids);
  if (!client) return complain(client.error());
  Gpu gpu = gpu_for(options.engine);
  const ChainAlone alone = fast_route(market, *alpha, *client, options.threads, gpu);
  const ClientLegs legs{alone.network.clients.empty() ? nullptr : &alone.network.clients.front()};
  print_answer(options, alone.network, *alpha, legs, alone.answer, gpu.device ? "cuda" : "fast");
  return exit_code_of(alone.answer);
}

int run_on_network(const RouteOptions& options, const Network& network) {
  const auto alpha = chosen_alpha(options, network);
  if (!alpha) return complain(alpha.error());
  const auto legs = chosen_client(options, network);
  if (!legs) return complain(legs.error());
  const auto engine = engine_named(options.engine, options.threads);
  const bool needs_labels = options.check || !options.certificate.empty();
  const auto answer = engine->route(network, *alpha, *legs, needs_labels ? Evidence::labels : Evidence::none);
  if (!answer) return complain(answer.error());
  if (options.check)
    if (const auto accepted = as_accepted(claim_certificate(network, *alpha, *legs, *answer), network); !accepted)
      return complain(accepted.error());
  print_answer(options, network, *alpha, *legs, *answer, engine->name());
  if (!options.certificate.empty()) {
    const auto written =
        write_checked(options.certificate, claim_certificate(network, *alpha, *legs, *answer), network);
    if (!written) return complain(written.error());
  }
  return exit_code_of(*answer);
}

}  // namespace

int run_route(const RouteOptions& options) {
  if (const auto outputs = check_outputs({options.certificate}, {options.network}); !outputs)
    return complain(outputs.error());
  if (options.engine != "reference" && !options.check && options.certificate.empty()) {
    const auto read = load_columns(options.network);
    if (!read) return complain(read.error());
    if (const auto* columns = std::get_if<optimized::MarketColumns>(&*read)) return run_on_columns(options, *columns);
    return run_on_network(options, std::get<Network>(*read));
  }
  const auto network = load_network(options.network);
  return network ? run_on_network(options, *network) : complain(network.error());
}

}  // namespace p2pllm::app
