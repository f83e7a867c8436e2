#include "tests/unit/hostile.hpp"

using namespace p2pllm;
using namespace p2pllm::hostile;

namespace {

using Places = std::set<std::string>;

/// Makes every single change of a subject's certificate: each is rejected, or its new claim is true.
/// @returns the places where a change that is more than another way of writing was accepted
Places accepted_changes(const Subject& subject) {
  INFO(subject.network << subject.request);
  const Files files = certified(subject);
  const Judged original = judged(files);
  REQUIRE(original.outcome == Outcome::accepted);
  CHECK(original.truth->value == fuzz::Truth::holds);
  Json document = parsed(files.certificate);
  std::vector<std::string> words = fuzz::vocabulary_of(document);
  const auto network = read_network(files.network, "network");
  for (const Node& node : network->nodes) words.push_back(node.id);
  for (const char* word : {"equilibrium", "epsilon_equilibrium", "undecided", "refuted", "no_equilibrium", "route",
                           "unreachable", "pareto", "extreme", "tie", "unsupported", "x", "y"})
    words.emplace_back(word);
  Tally tally;
  std::map<std::string, int> places;
  fuzz::for_every_change(document, words, [&](const fuzz::Change& change, const Json& changed) {
    ++places[change.place];
    tally.add(change.place, change.what, original, judged({files.network, write_json(changed), files.prices}));
    return true;
  });
  CHECK(places.size() == fuzz::places_of(document));
  for (const auto& [place, count] : places) CHECK(count >= 9);
  CHECK(tally.rejected > 30);
  CHECK(tally.same > 0);
  CHECK(tally.unreadable + tally.rejected + tally.accepted() == tally.changes);
  return tally.places();
}

}  // namespace

TEST_CASE("every single change of a route's certificate is rejected or true", "[CERT-1][CERT-2]") {
  // Labels may be lower than necessary. Where two chains are equal at many alphas, the claim holds at others.
  CHECK(accepted_changes({legs_network, "route 1/3"}) == Places{"/labels/#", "/labels/#/#"});
  CHECK(accepted_changes({ties_network, "route 1/2"}) == Places{"/alpha", "/labels/#/#"});
  CHECK(accepted_changes({twins_network, "route 3/4"}) == Places{"/alpha", "/labels/#", "/labels/#/#"});
}

TEST_CASE("every single change of an unreachability certificate is rejected", "[CERT-1][CERT-3]") {
  CHECK(accepted_changes({gap_network, "route 1/2"}).empty());
}

TEST_CASE("every single change of a frontier's certificate is rejected or true", "[CERT-1][CERT-4][CERT-5]") {
  CHECK(accepted_changes({legs_network, "pareto"}) == Places{"/labels/#/#/#"});
  CHECK(accepted_changes({ties_network, "pareto"}) == Places{"/labels/#/#/#"});
  CHECK(accepted_changes({twins_network, "pareto"}) == Places{"/labels/#/#/#"});
}

TEST_CASE("every single change of an equilibrium certificate is rejected or true", "[CERT-1][CERT-6][CERT-7]") {
  // A claim may choose any tolerance that its evidence supports; precision, trials and the price and gain of a witness
  // are evidence, and a group that the verdict does not need may be undecided.
  CHECK(accepted_changes({pair_network, "verify 1/2 0 relative"}) == Places{"/absolute", "/bits", "/epsilon"});
  const Places trials = {"/absolute", "/bits", "/epsilon", "/groups/#/trials", "/groups/#/trials/#"};
  CHECK(accepted_changes({groups_network, "verify 1/2 1/10 relative"}) == trials);
  CHECK(accepted_changes({groups_network, "verify 1/2 1/10 absolute"}) == trials);
  const Places witness = {
      "/absolute", "/bits", "/epsilon", "/groups/#/verdict", "/groups/#/witness/gain", "/groups/#/witness/price"};
  CHECK(accepted_changes({groups_network, "verify 1/2 1/1000 relative"}) == witness);
  CHECK(accepted_changes({groups_network, "verify 1/2 1/1000 absolute"}) == witness);
  CHECK(accepted_changes({sole_network, "verify 1/2 1/1000 absolute"}) ==
        Places{"/absolute", "/alpha", "/bits", "/epsilon", "/groups/#/verdict", "/groups/#/witness/gain"});
  CHECK(accepted_changes({sole_network, "verify 0 1/1000 absolute"}) == Places{"/absolute", "/bits", "/epsilon"});
  CHECK(accepted_changes({pair_network, "verify 1/2 1/10 relative", pair_prices}) ==
        Places{"/absolute", "/alpha", "/bits", "/epsilon", "/groups/#/trials", "/groups/#/trials/#"});
}

TEST_CASE("every single change of a balance certificate is rejected or true", "[CERT-1][CERT-8]") {
  // Margins may be lower than necessary; precision and, by revenue, the alpha may be others.
  CHECK(accepted_changes({blocks_network, "balance share"}) == Places{"/bits", "/comparisons/#/margin"});
  CHECK(accepted_changes({blocks_network, "balance 0"}) == Places{"/bits", "/comparisons/#/margin"});
  const Places revenue = {"/alpha", "/bits", "/comparisons/#/margin"};
  CHECK(accepted_changes({blocks_network, "balance 1/2"}) == revenue);
  CHECK(accepted_changes({blocks_network, "balance 1/3", blocks_prices}) == revenue);
}
