#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/engine.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/answer_json.hpp"
#include "apps/p2pllm/view/frontier_svg.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

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
  const auto engine = engine_named(options.engine, options.threads);
  const Evidence evidence = options.check || !options.certificate.empty() ? Evidence::labels : Evidence::none;
  Result<FrontierAnswer> answer;
  {
    ProgressLine progress("labelling nodes");
    const std::size_t labels_max = options.labels_max == 0 ? frontier_labels_max : options.labels_max;
    answer = engine->pareto(*network, *legs, labels_max, evidence, progress.hook());
  }
  if (!answer) {
    Fault fault = answer.error();
    fault.rule += "; --labels-max raises it";
    return complain(fault);
  }
  if (options.check)
    if (const auto accepted = as_accepted(claim_certificate(*network, std::nullopt, *legs, *answer), *network);
        !accepted)
      return complain(accepted.error());

  const auto* frontier = std::get_if<Frontier>(&*answer);
  if (options.json) fmt::print("{}", write_json(with_engine(frontier_json(*network, *legs, *answer), engine->name())));
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
