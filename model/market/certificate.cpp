#include "model/market/certificate.hpp"

#include <algorithm>
#include <unordered_map>

#include "model/encoding/json.hpp"
#include "model/encoding/text_hash.hpp"

namespace p2pllm {
namespace {

using NodeIndex = std::unordered_map<std::string, std::size_t, TextHash>;

/// Reads the parts of a certificate that name nodes of one network.
class Reader {
 public:
  explicit Reader(const Network& network) : network_(network) {
    for (std::size_t i = 0; i < network.size(); ++i) index_.emplace(network.nodes[i].id, i);
  }

  [[nodiscard]] Certificate certificate(const JsonCursor& root) const {
    require_format(root, "p2pllm-certificate/1");
    Certificate result;
    result.network_sha256 = root.member("network_sha256").string();
    if (result.network_sha256 != network_.sha256)
      root.member("network_sha256")
          .fail("this certificate is about another network; the one given has " + network_.sha256);
    if (const auto hash = root.optional_member("prices_sha256")) {
      result.prices_sha256 = hash->string();
      if (result.prices_sha256.empty()) hash->fail("the SHA-256 of a prices file is expected here, or no such key");
    }
    if (const auto alpha = root.optional_member("alpha")) result.alpha = alpha->rational(evidence_digits_max);
    if (const auto client = root.optional_member("client")) result.client = client->string();
    const JsonCursor kind = root.member("kind");
    if (kind.string() == "route") result.claim = route(root);
    else if (kind.string() == "unreachable") result.claim = unreachable(root);
    else if (kind.string() == "pareto") result.claim = pareto(root);
    else if (kind.string() == "equilibrium") result.claim = equilibrium(root);
    else if (kind.string() == "balance") result.claim = balance(root);
    else kind.fail("the kind must be \"route\", \"unreachable\", \"pareto\", \"equilibrium\" or \"balance\"");
    return result;
  }

 private:
  static void require_keys(const JsonCursor& root, std::initializer_list<std::string_view> own) {
    const Json::Object* members = root.value().as_object();
    constexpr std::string_view common[] = {"format", "network_sha256", "prices_sha256", "alpha", "client", "kind"};
    for (const auto& [key, value] : *members) {
      const auto among = [&key = key](const auto& keys) {
        return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
      };
      if (!among(common) && !among(own)) root.child(key, value).fail("unknown key in a certificate of this kind");
    }
  }

  [[nodiscard]] std::size_t node(const JsonCursor& place) const {
    const auto found = index_.find(place.string());
    if (found == index_.end()) place.fail("no node of the network has this id");
    return found->second;
  }

  [[nodiscard]] std::vector<std::size_t> path(const JsonCursor& place) const {
    std::vector<std::size_t> nodes;
    for (const JsonCursor& item : place.items()) nodes.push_back(node(item));
    return nodes;
  }

  [[nodiscard]] std::int64_t boundary(const JsonCursor& place) const {
    return place.integer(0, network_.layers, "a boundary must be an integer in 0 .. layers of the model");
  }

  static PathCost path_cost(const JsonCursor& place) {
    if (place.size() != 2) place.fail("a label is [price, time]");
    return {place.item(0).rational(evidence_digits_max), place.item(1).rational(evidence_digits_max)};
  }

  [[nodiscard]] JsonCursor labels(const JsonCursor& root) const {
    const JsonCursor place = root.member("labels");
    if (place.size() != network_.size())
      place.fail("one entry a node is expected, " + std::to_string(network_.size()) + " in all");
    return place;
  }

  [[nodiscard]] OptimalRoute route(const JsonCursor& root) const {
    require_keys(root, {"path", "weight", "price", "time", "labels"});
    OptimalRoute result;
    result.chain = {
        path(root.member("path")),
        {root.member("price").rational(evidence_digits_max), root.member("time").rational(evidence_digits_max)},
        root.member("weight").rational(evidence_digits_max)};
    const JsonCursor list = labels(root);
    for (const JsonCursor& label : list.items())
      result.labels.push_back(label.value().is_null() ? std::nullopt : std::optional(path_cost(label)));
    return result;
  }

  [[nodiscard]] Unreachable unreachable(const JsonCursor& root) const {
    require_keys(root, {"blocked_boundary", "reachable"});
    Unreachable result;
    result.blocked_boundary = boundary(root.member("blocked_boundary"));
    const JsonCursor reachable = root.member("reachable");
    for (const JsonCursor& place : reachable.items()) result.reachable.push_back(boundary(place));
    return result;
  }

  [[nodiscard]] FrontierPoint point(const JsonCursor& place) const {
    place.require_object({"price", "time", "path", "class", "alpha"});
    FrontierPoint result;
    result.cost = {place.member("price").rational(evidence_digits_max),
                   place.member("time").rational(evidence_digits_max)};
    result.path = path(place.member("path"));
    const JsonCursor kind = place.member("class");
    const auto kinds = {PointClass::extreme, PointClass::tie, PointClass::unsupported};
    const auto named =
        std::find_if(kinds.begin(), kinds.end(), [&](PointClass c) { return kind.string() == to_string(c); });
    if (named == kinds.end()) kind.fail("the class must be \"extreme\", \"tie\" or \"unsupported\"");
    result.kind = *named;
    const JsonCursor alpha = place.member("alpha");
    if (alpha.value().is_null()) return result;
    if (alpha.size() != 2) alpha.fail("an interval is [lower, upper]");
    result.alpha.emplace(alpha.item(0).rational(evidence_digits_max), alpha.item(1).rational(evidence_digits_max));
    return result;
  }

  [[nodiscard]] Frontier pareto(const JsonCursor& root) const {
    require_keys(root, {"points", "labels"});
    Frontier result;
    const JsonCursor points = root.member("points");
    for (const JsonCursor& place : points.items()) result.points.push_back(point(place));
    const JsonCursor list = labels(root);
    for (const JsonCursor& place : list.items()) {
      auto& own = result.labels.emplace_back();
      for (const JsonCursor& label : place.items()) own.push_back(path_cost(label));
    }
    return result;
  }

  static Verdict verdict(const JsonCursor& place) {
    const auto named = verdict_named(place.string());
    if (!named) place.fail("not the name of a verdict");
    return *named;
  }

  [[nodiscard]] LayerRange range(const JsonCursor& place) const {
    if (place.size() != 2) place.fail("a layer range is [first, last)");
    return {boundary(place.item(0)), boundary(place.item(1))};
  }

  static long bits(const JsonCursor& root) {
    return root.member("bits").integer(certificate_bits_min, certificate_bits_max,
                                       "bits must be an integer in 32 .. 16384");
  }

  [[nodiscard]] GroupEvidence group(const JsonCursor& place) const {
    place.require_object({"range", "verdict", "trials", "witness"});
    GroupEvidence result;
    result.range = range(place.member("range"));
    result.verdict = verdict(place.member("verdict"));
    if (const auto trials = place.optional_member("trials"))
      for (const JsonCursor& trial : trials->items()) result.trials.push_back(trial.rational(evidence_digits_max));
    if (const auto witness = place.optional_member("witness")) {
      witness->require_object({"node", "price", "gain"});
      result.witness = {node(witness->member("node")), witness->member("price").rational(evidence_digits_max),
                        witness->member("gain").rational(evidence_digits_max)};
    }
    return result;
  }

  [[nodiscard]] EquilibriumClaim equilibrium(const JsonCursor& root) const {
    require_keys(root, {"verdict", "epsilon", "absolute", "bits", "groups"});
    EquilibriumClaim result;
    result.verdict = verdict(root.member("verdict"));
    result.tolerance.epsilon = root.member("epsilon").rational(evidence_digits_max);
    const JsonCursor absolute = root.member("absolute");
    if (absolute.value().as_bool() == nullptr) absolute.fail("true or false is expected here");
    result.tolerance.absolute = *absolute.value().as_bool();
    result.bits = bits(root);
    const JsonCursor groups = root.member("groups");
    for (const JsonCursor& place : groups.items()) result.groups.push_back(group(place));
    return result;
  }

  [[nodiscard]] BalanceClaim balance(const JsonCursor& root) const {
    require_keys(root, {"rule", "bits", "allocation", "comparisons"});
    BalanceClaim result;
    const auto rule = migration_rule_named(root.member("rule").string());
    if (!rule) root.member("rule").fail("the rule must be \"share\" or \"revenue\"");
    result.rule = *rule;
    result.bits = bits(root);
    const JsonCursor allocation = root.member("allocation");
    for (const JsonCursor& place : allocation.items()) result.allocation.push_back(range(place));
    const JsonCursor comparisons = root.member("comparisons");
    for (const JsonCursor& place : comparisons.items()) {
      place.require_object({"node", "to", "margin"});
      result.comparisons.push_back({node(place.member("node")), range(place.member("to")),
                                    place.member("margin").rational(evidence_digits_max)});
    }
    return result;
  }

  const Network& network_;
  NodeIndex index_;
};

/// Adds the members of one kind of claim.
struct Writer {
  const Network& network;
  Json::Object& out;

  [[nodiscard]] Json path(const std::vector<std::size_t>& nodes) const {
    Json::Array ids;
    for (const std::size_t node : nodes) ids.emplace_back(network.nodes[node].id);
    return ids;
  }
  static Json exact(const Rational& value) { return to_string(value); }
  static Json label(const PathCost& cost) { return Json::Array{exact(cost.price), exact(cost.time)}; }
  static Json range(const LayerRange& range) {
    return Json::Array{Json::integer(range.first), Json::integer(range.last)};
  }

  void operator()(const OptimalRoute& route) const {
    out.emplace_back("kind", "route");
    out.emplace_back("path", path(route.chain.nodes));
    out.emplace_back("weight", exact(route.chain.weight));
    out.emplace_back("price", exact(route.chain.cost.price));
    out.emplace_back("time", exact(route.chain.cost.time));
    Json::Array labels;
    for (const auto& cost : route.labels) labels.push_back(cost ? label(*cost) : Json());
    out.emplace_back("labels", std::move(labels));
  }

  void operator()(const Unreachable& answer) const {
    out.emplace_back("kind", "unreachable");
    out.emplace_back("blocked_boundary", Json::integer(answer.blocked_boundary));
    Json::Array reachable;
    for (const auto boundary : answer.reachable) reachable.push_back(Json::integer(boundary));
    out.emplace_back("reachable", std::move(reachable));
  }

  void operator()(const Frontier& frontier) const {
    out.emplace_back("kind", "pareto");
    Json::Array points;
    for (const FrontierPoint& point : frontier.points)
      points.push_back(Json::Object{
          {"price", exact(point.cost.price)},
          {"time", exact(point.cost.time)},
          {"path", path(point.path)},
          {"class", to_string(point.kind)},
          {"alpha", point.alpha ? Json(Json::Array{exact(point.alpha->first), exact(point.alpha->second)}) : Json()}});
    out.emplace_back("points", std::move(points));
    Json::Array labels;
    for (const auto& own : frontier.labels) {
      Json::Array list;
      for (const PathCost& cost : own) list.push_back(label(cost));
      labels.emplace_back(std::move(list));
    }
    out.emplace_back("labels", std::move(labels));
  }

  void operator()(const EquilibriumClaim& claim) const {
    out.emplace_back("kind", "equilibrium");
    out.emplace_back("verdict", to_string(claim.verdict));
    out.emplace_back("epsilon", exact(claim.tolerance.epsilon));
    out.emplace_back("absolute", claim.tolerance.absolute);
    out.emplace_back("bits", Json::integer(claim.bits));
    Json::Array groups;
    for (const GroupEvidence& group : claim.groups) {
      Json::Object members{{"range", range(group.range)}, {"verdict", to_string(group.verdict)}};
      if (!group.trials.empty()) {
        Json::Array trials;
        for (const Rational& trial : group.trials) trials.push_back(exact(trial));
        members.emplace_back("trials", std::move(trials));
      }
      if (group.witness)
        members.emplace_back("witness", Json::Object{{"node", network.nodes[group.witness->node].id},
                                                     {"price", exact(group.witness->price)},
                                                     {"gain", exact(group.witness->gain)}});
      groups.emplace_back(std::move(members));
    }
    out.emplace_back("groups", std::move(groups));
  }

  void operator()(const BalanceClaim& claim) const {
    out.emplace_back("kind", "balance");
    out.emplace_back("rule", to_string(claim.rule));
    out.emplace_back("bits", Json::integer(claim.bits));
    Json::Array allocation;
    for (const LayerRange& served : claim.allocation) allocation.push_back(range(served));
    out.emplace_back("allocation", std::move(allocation));
    Json::Array comparisons;
    for (const Comparison& comparison : claim.comparisons)
      comparisons.push_back(Json::Object{{"node", network.nodes[comparison.node].id},
                                         {"to", range(comparison.to)},
                                         {"margin", exact(comparison.margin)}});
    out.emplace_back("comparisons", std::move(comparisons));
  }
};

}  // namespace

EquilibriumClaim equilibrium_claim(const EquilibriumReport& report) {
  EquilibriumClaim claim{report.verdict, report.tolerance, std::min(report.bits + 32, certificate_bits_max), {}};
  for (const GroupReport& group : report.groups) {
    GroupEvidence evidence{group.range, group.verdict, {}, group.witness};
    if (group.verdict == Verdict::epsilon_equilibrium)
      for (const NodeReport& node : group.nodes) evidence.trials.push_back(*node.trial);
    claim.groups.push_back(std::move(evidence));
  }
  return claim;
}

Result<Certificate> read_certificate(const std::string& bytes, const std::string& source, const Network& network) {
  return read_document(bytes, source, certificate_bytes_max, [&network](const JsonCursor& root) {
    if (root.value().as_object() == nullptr) root.fail("an object is expected here");
    return Reader(network).certificate(root);
  });
}

std::string write_certificate(const Certificate& certificate, const Network& network) {
  Json::Object members{{"format", "p2pllm-certificate/1"}, {"network_sha256", certificate.network_sha256}};
  if (!certificate.prices_sha256.empty()) members.emplace_back("prices_sha256", certificate.prices_sha256);
  if (certificate.alpha) members.emplace_back("alpha", to_string(*certificate.alpha));
  if (certificate.client) members.emplace_back("client", *certificate.client);
  std::visit(Writer{network, members}, certificate.claim);
  return write_json(Json(std::move(members)));
}

}  // namespace p2pllm
