#include "apps/p2pllm/view/answer_json.hpp"

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

Json witness_json(const Network& network, const Witness& witness) {
  Json::Object object{{"node", network.nodes[witness.node].id}};
  add_exact(object, "price", witness.price);
  add_exact(object, "gain", witness.gain, Rounding::down);  // "at least" must stay true
  return object;
}

Json node_json(const Network& network, const NodeReport& node) {
  Json::Object object{{"id", network.nodes[node.node].id}};
  add_exact(object, "price", node.price);
  object.emplace_back("share", optional_enclosure_json(node.share));
  object.emplace_back("best_response", optional_enclosure_json(node.best_response));
  object.emplace_back("regret", optional_enclosure_json(node.regret));
  return object;
}

const char* verdict_of(const EquilibriumGroup& group) {
  return to_string(group.exists ? Verdict::equilibrium : Verdict::no_equilibrium);
}

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

}  // namespace

Json route_json(const Network& network, const Rational& alpha, const ClientLegs& legs, const RouteAnswer& answer) {
  Json::Object object;
  const auto* route = std::get_if<OptimalRoute>(&answer);
  object.emplace_back("reachable", route != nullptr);
  object.emplace_back("alpha", to_string(alpha));
  object.emplace_back("client", legs.client == nullptr ? Json() : Json(legs.client->id));
  object.emplace_back("path", route == nullptr ? Json() : path_json(network, route->chain.nodes));
  if (route != nullptr) {
    add_exact(object, "weight", route->chain.weight);
    add_exact(object, "price", route->chain.cost.price);
    add_exact(object, "time", route->chain.cost.time);
    object.emplace_back("blocked_boundary", Json());
  } else {
    for (const char* name : {"weight", "weight_decimal", "price", "price_decimal", "time", "time_decimal"})
      object.emplace_back(name, Json());
    object.emplace_back("blocked_boundary", Json::integer(std::get<Unreachable>(answer).blocked_boundary));
  }
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

Json moves_json(const Network& network, const std::vector<Move>& moves) {
  Json::Array list;
  for (const Move& move : moves)
    list.push_back(Json::Object{
        {"node", network.nodes[move.node].id}, {"from", range_json(move.from)}, {"to", range_json(move.to)}});
  return list;
}

Json::Object report_json(const Network& network, const Rational& alpha, const EquilibriumReport& report) {
  Json::Object object{{"verdict", to_string(report.verdict)}};
  add_exact(object, "epsilon", report.tolerance.epsilon);
  object.emplace_back("absolute", report.tolerance.absolute);
  object.emplace_back("alpha", to_string(alpha));
  Json::Array groups;
  for (const GroupReport& group : report.groups) {
    Json::Array nodes;
    for (const NodeReport& node : group.nodes) nodes.push_back(node_json(network, node));
    Json::Object members{
        {"range", range_json(group.range)}, {"verdict", to_string(group.verdict)}, {"nodes", std::move(nodes)}};
    if (group.witness) members.emplace_back("witness", witness_json(network, *group.witness));
    groups.emplace_back(std::move(members));
  }
  object.emplace_back("groups", std::move(groups));
  object.emplace_back("witness", report.witness ? witness_json(network, *report.witness) : Json());
  return object;
}

Json solution_json(const Network& network, const Rational& alpha, long bits,
                   const std::vector<EquilibriumGroup>& groups) {
  // Outward rounding to this many digits hardly widens an enclosure of relative width 2^-bits.
  const int digits = static_cast<int>(bits * 30103 / 100000) + 5;
  Json::Array list;
  for (const EquilibriumGroup& group : groups) {
    Json::Array nodes;
    for (const EquilibriumNode& node : group.nodes)
      nodes.push_back(Json::Object{{"id", network.nodes[node.node].id},
                                   {"price", enclosure_json(node.price, digits)},
                                   {"share", enclosure_json(node.share, digits)},
                                   {"revenue", enclosure_json(node.revenue, digits)}});
    list.push_back(
        Json::Object{{"range", range_json(group.range)}, {"verdict", verdict_of(group)}, {"nodes", std::move(nodes)}});
  }
  return Json::Object{{"alpha", to_string(alpha)}, {"bits", Json::integer(bits)}, {"groups", std::move(list)}};
}

Json balance_json(const Network& network, const std::optional<Rational>& alpha, const BalanceAnswer& answer) {
  return Json::Object{{"rule", to_string(answer.rule)},
                      {"alpha", alpha ? Json(to_string(*alpha)) : Json()},
                      {"at_rest", answer.gains.empty()},
                      {"moves", moves_json(network, answer.migration.moves)},
                      {"gains", moves_json(network, answer.gains)},
                      {"loads", loads_json(answer.loads, answer.rule)},
                      {"allocation", allocation_json(answer.migration.allocation)}};
}

}  // namespace p2pllm::app
