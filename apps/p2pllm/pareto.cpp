#include "reference/market/pareto.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/frontier_svg.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

Json point_json(const Network& network, const FrontierPoint& point) {
  Json::Object object;
  add_exact(object, "price", point.cost.price);
  add_exact(object, "time", point.cost.time);
  object.emplace_back("path", path_json(network, point.path));
  object.emplace_back("class", to_string(point.kind));
  object.emplace_back("supported", point.kind != PointClass::unsupported);
  object.emplace_back(
      "alpha", point.alpha ? Json(Json::Array{to_string(point.alpha->first), to_string(point.alpha->second)}) : Json());
  return object;
}

Json frontier_json(const Network& network, const ClientLegs& legs, const FrontierAnswer& answer) {
  const auto* frontier = std::get_if<Frontier>(&answer);
  Json::Array points;
  if (frontier != nullptr)
    for (const FrontierPoint& point : frontier->points) points.push_back(point_json(network, point));
  return Json::Object{{"reachable", frontier != nullptr},
                      {"client", legs.client == nullptr ? Json() : Json(legs.client->id)},
                      {"points", std::move(points)},
                      {"blocked_boundary",
                       frontier != nullptr ? Json() : Json::integer(std::get<Unreachable>(answer).blocked_boundary)}};
}

void print_frontier(const Network& network, const Frontier& frontier) {
  const auto unsupported =
      std::count_if(frontier.points.begin(), frontier.points.end(),
                    [](const FrontierPoint& point) { return point.kind == PointClass::unsupported; });
  fmt::print("{}; {} of them no alpha can reach (unsupported)\n",
             counted(frontier.points.size(), "Pareto-optimal chain cost"), unsupported);
  Table table({"price (" + for_terminal(network.units.price) + ")", "time (" + for_terminal(network.units.cost) + ")",
               "<class", "alpha", "<chain"});
  for (const FrontierPoint& point : frontier.points)
    table.add({readable(point.cost.price), readable(point.cost.time), to_string(point.kind),
               point.alpha ? to_decimal(point.alpha->first, 4) + " .. " + to_decimal(point.alpha->second, 4) : "-",
               for_terminal(readable_path(network, point.path))});
  fmt::print("{}", table.text());
}

}  // namespace

int run_pareto(const ParetoOptions& options) {
  if (const auto outputs = check_outputs({options.plot, options.certificate}, {options.network}); !outputs)
    return complain(outputs.error());
  const auto network = load_network(options.network);
  if (!network) return complain(network.error());
  const auto legs = chosen_client(options, *network);
  if (!legs) return complain(legs.error());
  Result<FrontierAnswer> answer;
  {
    ProgressLine progress("labelling nodes");
    const std::size_t labels_max = options.labels_max == 0 ? reference::frontier_labels_max : options.labels_max;
    answer = reference::pareto(*network, *legs, labels_max, progress.hook());
  }
  if (!answer) {
    Fault fault = answer.error();
    fault.rule += "; --labels-max raises it";
    return complain(fault);
  }

  const auto* frontier = std::get_if<Frontier>(&*answer);
  if (options.json) fmt::print("{}", write_json(frontier_json(*network, *legs, *answer)));
  else if (frontier != nullptr) print_frontier(*network, *frontier);
  else print_unreachable(*network, std::get<Unreachable>(*answer));
  if (!options.plot.empty() && frontier != nullptr) {
    const auto written = write_output(options.plot, frontier_svg(*network, *frontier));
    if (!written) return complain(written.error());
  }
  if (!options.certificate.empty()) {
    const auto written =
        write_checked(options.certificate, claim_certificate(*network, std::nullopt, *legs, *answer), *network);
    if (!written) return complain(written.error());
  }
  return frontier != nullptr ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
