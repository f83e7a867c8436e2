#include "apps/p2pllm/diff/compare.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "apps/p2pllm/certify.hpp"
#include "apps/p2pllm/diff/candidate.hpp"
#include "apps/p2pllm/diff/judge.hpp"
#include "checker/check.hpp"
#include "model/encoding/escape.hpp"
#include "model/numbers/parse.hpp"

namespace p2pllm::app {
namespace {

std::string words(const Difference& difference) {
  return fmt::format("{} is {}, the reference says {}", difference.place.empty() ? "it" : printable(difference.place),
                     difference.given, difference.expected);
}

/// Compares two answers member by member, and counts.
std::optional<std::string> compared(const Json& expected, const Json& given, VerbTotals& totals) {
  Judge judge;
  const auto difference = judge.compare(expected, given);
  totals.decisions += judge.decisions();
  return difference ? std::optional(words(*difference)) : std::nullopt;
}

class EngineContender final : public Contender {
 public:
  EngineContender(Engine& fast, Engine& reference) : fast_(fast), reference_(reference) {}

  [[nodiscard]] std::optional<std::string> differs(MarketVerb verb, const Network& network,
                                                   VerbTotals& totals) override {
    const auto expected = answer_of(reference_, verb, network);
    fast_.prepare(network);
    const auto given = answer_of(fast_, verb, network);
    totals.filter += fast_.take_decisions();
    if (!expected) {
      ++totals.not_compared;
      return std::nullopt;
    }
    if (!given) return "it has no answer: " + given.error().message();
    ++totals.networks;
    totals.reference_seconds += expected->seconds;
    totals.other_seconds += given->seconds;
    if (auto difference = compared(expected->json, given->json, totals)) return difference;
    if (given->exit_code != expected->exit_code) return "its exit code differs";
    if (!given->certificate) return std::nullopt;
    ++totals.decisions;
    const auto accepted = as_accepted(*given->certificate, network);
    return accepted ? std::nullopt : std::optional("the checker rejects its certificate: " + accepted.error().rule);
  }

 private:
  Engine& fast_;
  Engine& reference_;
};

/// The network of one group alone, in which a witness of the whole can be checked (PRICE-1).
Network group_alone(const Network& network, std::size_t member) {
  Network group;
  static_cast<MarketTerms&>(group) = network;
  for (const Node& node : network.nodes)
    if (node.layers == network.nodes[member].layers) group.nodes.push_back(node);
  return group;
}

/// Whether the node gains what the witness says by charging its price.
bool is_true_witness(const Network& network, const Json& witness, const Tolerance& tolerance) {
  const Json* id = witness.find("node");
  const auto number = [&witness](const char* name) -> std::optional<Rational> {
    const Json* value = witness.find(name);
    if (value == nullptr) return std::nullopt;
    const std::string* text = value->as_number() != nullptr ? &value->as_number()->text : value->as_string();
    const auto parsed = text == nullptr ? Result<Rational>(bad_input("", "")) : parse_rational(*text);
    return parsed ? std::optional<Rational>(*parsed) : std::nullopt;
  };
  const auto price = number("price");
  if (id == nullptr || id->as_string() == nullptr || !price || price->sign() <= 0) return false;
  const auto named = [id](const Node& node) { return node.id == *id->as_string(); };
  const auto node = std::find_if(network.nodes.begin(), network.nodes.end(), named);
  if (node == network.nodes.end()) return false;
  const Network group = group_alone(network, static_cast<std::size_t>(node - network.nodes.begin()));
  const auto member = std::find_if(group.nodes.begin(), group.nodes.end(), named) - group.nodes.begin();
  const Witness claimed{static_cast<std::size_t>(member), *price, number("gain").value_or(Rational(0))};
  EquilibriumClaim claim{Verdict::refuted, tolerance, 256, {{node->layers, Verdict::refuted, {}, claimed}}};
  return as_accepted({group.sha256, "", network.alpha, {}, std::move(claim)}, group).has_value();
}

class ProgramContender final : public Contender {
 public:
  ProgramContender(std::string command, double seconds_max, Engine& reference)
      : command_(std::move(command)), seconds_max_(seconds_max), reference_(reference) {}

  [[nodiscard]] std::optional<std::string> differs(MarketVerb verb, const Network& network,
                                                   VerbTotals& totals) override {
    const auto expected = answer_of(reference_, verb, network);
    if (!expected) {
      ++totals.not_compared;
      return std::nullopt;
    }
    ++totals.networks;
    totals.reference_seconds += expected->seconds;
    const auto begin = std::chrono::steady_clock::now();
    const auto run = run_candidate(command_, write_network(network), seconds_max_);
    totals.other_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ++totals.decisions;
    if (!run) return run.error().message();
    if (auto misbehaviour = misbehaved(*run, expected->exit_code)) return misbehaviour;
    const auto given = parse_json(run->output, "its output");
    if (run->output.empty()) return "it printed nothing" + ending(*run);
    if (!given) return given.error().message() + ending(*run);
    if (given->as_object() == nullptr) return "its output is no JSON object but " + shown_value(*given);
    if (auto difference = compared(expected->json, *given, totals)) return difference;
    const Json* witness = given->find("witness");
    if (verb == MarketVerb::verify && witness != nullptr && witness->as_object() != nullptr &&
        !is_true_witness(network, *witness, Tolerance{}))
      return "its witness is not true: " + shown_value(*witness);
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<std::string> misbehaved(const CandidateRun& run, int exit_code) const {
    if (run.timed_out) return fmt::format("it did not answer within {} s", seconds_max_);
    if (run.signal != 0) return fmt::format("it was killed: {}", strsignal(run.signal));
    if (run.exit_code != 0 && run.exit_code != exit_code) return "it failed" + ending(run);
    return std::nullopt;
  }

  /// How it ended, and what it said of it.
  static std::string ending(const CandidateRun& run) {
    if (run.exit_code == 0) return "";
    return fmt::format(", exit code {}{}", run.exit_code, run.complaint.empty() ? "" : ": " + run.complaint);
  }

  std::string command_;
  double seconds_max_;
  Engine& reference_;
};

}  // namespace

std::unique_ptr<Contender> engine_contender(Engine& fast, Engine& reference) {
  return std::make_unique<EngineContender>(fast, reference);
}

std::unique_ptr<Contender> program_contender(std::string command, double seconds_max, Engine& reference) {
  return std::make_unique<ProgramContender>(std::move(command), seconds_max, reference);
}

}  // namespace p2pllm::app
