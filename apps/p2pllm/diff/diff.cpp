#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "apps/p2pllm/diff/compare.hpp"
#include "apps/p2pllm/diff/random_network.hpp"
#include "apps/p2pllm/diff/shrink.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/crypto/sha256.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

constexpr std::size_t shrink_trials_max = 3000;

/// A difference, on the smallest network found that shows it.
struct Found {
  MarketVerb verb = MarketVerb::route;
  Network network;
  std::string sentence;
};

struct Outcome {
  std::uint64_t networks = 0;
  std::uint64_t disagreements = 0;
  std::map<MarketVerb, VerbTotals> totals;
  std::optional<Found> witness;

  [[nodiscard]] VerbTotals sum() const {
    VerbTotals all;
    for (const auto& [verb, of_verb] : totals) {
      all.decisions += of_verb.decisions;
      all.not_compared += of_verb.not_compared;
      all.filter += of_verb.filter;
      all.reference_seconds += of_verb.reference_seconds;
      all.other_seconds += of_verb.other_seconds;
    }
    return all;
  }
};

/// What sort of difference a sentence tells, such as "/path": shrinking keeps it, or it would end at another one.
std::string kind_of(const std::string& sentence) {
  std::string kind;
  for (const char letter : sentence.substr(0, sentence.find_first_of(" :,", 1)))
    if (letter < '0' || letter > '9') kind += letter;
  return kind;
}

class Comparison {
 public:
  Comparison(const DiffOptions& options, Contender& contender, std::vector<MarketVerb> verbs)
      : name_(options.candidate.empty() ? "the " + options.engine + " engine" : "the candidate"),
        contender_(contender),
        verbs_(std::move(verbs)) {}

  /// Compares one network under every verb; the first difference of all is shrunk.
  void compare(const Network& network) {
    ++outcome_.networks;
    for (const MarketVerb verb : verbs_) {
      const auto difference = contender_.differs(verb, network, outcome_.totals[verb]);
      if (!difference) continue;
      ++outcome_.disagreements;
      if (!outcome_.witness) outcome_.witness = smallest(verb, network, kind_of(*difference));
    }
  }
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }

 private:
  [[nodiscard]] Found smallest(MarketVerb verb, const Network& network, const std::string& kind) {
    VerbTotals ignored;
    const auto differs_alike = [&](const Network& candidate) {
      const auto difference = contender_.differs(verb, candidate, ignored);
      return difference && kind_of(*difference) == kind;
    };
    Network small = shrunk(network, differs_alike, shrink_trials_max);
    const auto difference = contender_.differs(verb, small, ignored);
    return {verb, std::move(small),
            fmt::format("{} and the reference differ about {}: {}", name_, to_string(verb),
                        difference.value_or("but not each time they are asked"))};
  }

  std::string name_;
  Contender& contender_;
  std::vector<MarketVerb> verbs_;
  Outcome outcome_;
};

/// The random network of this number, with the alpha of the command line if there is one.
Result<Network> random_network_of(const DiffOptions& options, std::uint64_t number) {
  Network network = random_network(*random_shape_named(options.shape), options.seed, number);
  auto alpha = chosen_alpha(options, network);
  if (!alpha) return tl::unexpected<Fault>(alpha.error());
  network.alpha = *alpha;
  network.sha256 = sha256_hex(write_network(network));
  return network;
}

/// The networks of a file: one for each client, with the alpha that was chosen.
Result<std::vector<Network>> networks_of_file(const DiffOptions& options) {
  auto network = load_network(options.network);
  if (!network) return tl::unexpected<Fault>(network.error());
  auto alpha = chosen_alpha(options, *network);
  if (!alpha) return tl::unexpected<Fault>(alpha.error());
  std::vector<Network> result;
  const std::size_t clients = std::max<std::size_t>(1, network->clients.size());
  for (std::size_t k = 0; k < clients; ++k) {
    Network one = *network;
    one.alpha = *alpha;
    if (!network->clients.empty()) one.clients = {network->clients[k]};
    one.sha256 = sha256_hex(write_network(one));
    result.push_back(std::move(one));
  }
  return result;
}

Json outcome_json(const DiffOptions& options, const Outcome& outcome) {
  const VerbTotals all = outcome.sum();
  const auto count = [](std::uint64_t value) { return Json::integer(static_cast<long long>(value)); };
  Json witness;
  if (outcome.witness)
    witness = Json::Object{{"verb", to_string(outcome.witness->verb)},
                           {"sentence", outcome.witness->sentence},
                           {"network", *parse_json(write_network(outcome.witness->network), "")}};
  const std::string speedup = fmt::format("{:.3f}", all.reference_seconds / std::max(all.other_seconds, 1e-9));
  return Json::Object{{"seed", options.random ? count(options.seed) : Json()},
                      {"networks", count(outcome.networks)},
                      {"decisions", count(all.decisions)},
                      {"disagreements", count(outcome.disagreements)},
                      {"not_compared", count(all.not_compared)},
                      {"filter", Json::Object{{"first", count(all.filter.approximate)},
                                              {"wide", count(all.filter.wider)},
                                              {"exact", count(all.filter.exact)}}},
                      {"speedup", Json::Number{speedup}},
                      {"witness", std::move(witness)}};
}

void print_outcome(const DiffOptions& options, const Outcome& outcome) {
  const bool is_program = !options.candidate.empty();
  Table table(is_program ? std::vector<std::string>{"verb", "networks", "compared", "reference", "candidate"}
                         : std::vector<std::string>{"verb", "networks", "compared", "first filter", "wider", "exact",
                                                    "reference", options.engine, "ratio"});
  for (const auto& [verb, totals] : outcome.totals) {
    std::vector<std::string> row{to_string(verb), std::to_string(totals.networks), std::to_string(totals.decisions)};
    if (!is_program)
      row.insert(row.end(), {std::to_string(totals.filter.approximate), std::to_string(totals.filter.wider),
                             std::to_string(totals.filter.exact)});
    row.push_back(fmt::format("{:.3f} s", totals.reference_seconds));
    row.push_back(fmt::format("{:.3f} s", totals.other_seconds));
    if (!is_program)
      row.push_back(fmt::format("{:.1f}", totals.reference_seconds / std::max(totals.other_seconds, 1e-9)));
    table.add(std::move(row));
  }
  fmt::print("{}\n", table.text());
  const VerbTotals all = outcome.sum();
  if (all.not_compared > 0)
    fmt::print("Not compared, as they are beyond a limit of the reference: {}\n", all.not_compared);
  const std::string from = options.random ? fmt::format(" (seed {})", options.seed) : "";
  if (outcome.witness) {
    fmt::print("The smallest network found that shows a difference:\n{}\n{}\n", write_network(outcome.witness->network),
               outcome.witness->sentence);
    fmt::print("{} in {}, {} compared{}\n",
               outcome.disagreements == 1 ? "1 disagreement" : fmt::format("{} disagreements", outcome.disagreements),
               counted(outcome.networks, "network"), all.decisions, from);
  } else {
    fmt::print("no disagreement in {}, {} compared{}\n", counted(outcome.networks, "network"), all.decisions, from);
  }
}

std::vector<MarketVerb> chosen_verbs(const DiffOptions& options) {
  if (options.verb.empty())
    return options.candidate.empty() ? std::vector<MarketVerb>(all_market_verbs.begin(), all_market_verbs.end())
                                     : std::vector<MarketVerb>{MarketVerb::route};
  const MarketVerb verb = *market_verb_named(options.verb);
  if (verb == MarketVerb::balance && options.candidate.empty()) return {verb, MarketVerb::balance_revenue};
  return {verb};
}

}  // namespace

int run_diff(const DiffOptions& options) {
  if (options.network.empty() == !options.random)
    return complain(bad_input("diff", "", "give a network file or --random N, not both").value());
  if (const auto outputs = check_outputs({options.witness}, {options.network}); !outputs)
    return complain(outputs.error());
  const auto reference = reference_engine();
  const auto engine = engine_named(options.engine, options.threads);
  const auto contender = options.candidate.empty()
                             ? engine_contender(*engine, *reference)
                             : program_contender(options.candidate, options.timeout_s, *reference);
  Comparison comparison(options, *contender, chosen_verbs(options));
  {
    ProgressLine progress("comparing networks");
    if (options.random) {
      for (std::uint64_t number = 0; number < *options.random; ++number) {
        const auto network = random_network_of(options, number);
        if (!network) return complain(network.error());
        comparison.compare(*network);
        report(progress.hook(), number + 1, *options.random);
      }
    } else {
      const auto networks = networks_of_file(options);
      if (!networks) return complain(networks.error());
      for (const Network& network : *networks) comparison.compare(network);
    }
  }
  const Outcome& outcome = comparison.outcome();
  if (options.json) fmt::print("{}", write_json(outcome_json(options, outcome)));
  else print_outcome(options, outcome);
  if (outcome.witness && !options.witness.empty())
    if (const auto written = write_output(options.witness, write_network(outcome.witness->network)); !written)
      return complain(written.error());
  return outcome.disagreements == 0 ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
