#include <catch2/catch.hpp>

#include "optimized/simulation/simulate.hpp"
#include "reference/simulation/simulate.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

namespace {

void equal_summary(const Case& c, const JsonCursor& field, const std::optional<PriceSummary>& prices, int narrow) {
  c.require(c.where(field), field.value().is_null() == !prices, prices ? "prices" : "null");
  if (field.value().is_null() || !prices) return;
  field.require_object({"mean", "median", "least", "greatest"});
  c.equal(field.member("mean"), prices->mean, narrow);
  c.equal(field.member("median"), prices->median, narrow);
  c.equal(field.member("least"), prices->least, narrow);
  c.equal(field.member("greatest"), prices->greatest, narrow);
}

void equal_requests(const Case& c, const JsonCursor& field, const RequestRecord& requests) {
  field.require_object({"offered", "served", "refused", "blocked_boundary", "sojourns", "mean_sojourn",
                        "median_sojourn", "p95_sojourn", "greatest_sojourn", "demand", "earned"});
  const auto equal = [&](const char* name, std::int64_t count) {
    c.equal(field.member(name), static_cast<long long>(count));
  };
  equal("offered", requests.offered);
  equal("served", requests.served);
  equal("refused", requests.refused);
  equal("sojourns", requests.measured);
  equal("median_sojourn", requests.median_sojourn);
  equal("p95_sojourn", requests.p95_sojourn);
  equal("greatest_sojourn", requests.greatest_sojourn);
  c.equal(field.member("mean_sojourn"), {requests.mean_sojourn, requests.mean_sojourn}, 8);
  const JsonCursor blocked = field.member("blocked_boundary");
  c.require(c.where(blocked), blocked.value().is_null() == !requests.blocked, requests.blocked ? "a boundary" : "null");
  if (requests.blocked) equal("blocked_boundary", *requests.blocked);
  const auto equal_of_nodes = [&](const JsonCursor& list, const std::vector<std::int64_t>& counts) {
    c.require(c.where(list), list.size() == counts.size(), "a number for each node");
    for (std::size_t node = 0; node < std::min(list.size(), counts.size()); ++node)
      c.equal(list.item(node), static_cast<long long>(counts[node]));
  };
  equal_of_nodes(field.member("demand"), requests.demand);
  const auto earned = field.optional_member("earned");
  c.require(c.where(field), earned.has_value() == !requests.earned.empty(), "earned");
  if (earned) equal_of_nodes(*earned, requests.earned);
}

/// @param narrow  the digit of which an enclosure must be narrower than a thousandth
void equal_run(const Case& c, const Network& network, const SimulationRun& run, int narrow) {
  const JsonCursor& expect = c.expected();
  expect.require_object({"records", "moves", "digest"});
  const JsonCursor records = expect.member("records");
  c.require(c.where(records), records.size() == run.records.size(), std::to_string(run.records.size()) + " records");
  for (std::size_t k = 0; k < std::min(records.size(), run.records.size()); ++k) {
    const StepRecord& record = run.records[k];
    const JsonCursor at = records.item(k);
    at.require_object({"step", "moves", "ranges", "throughput", "requests", "joins", "leaves"});
    if (const auto joins = at.optional_member("joins")) {
      c.equal(*joins, static_cast<long long>(record.joins));
      c.equal(at.member("leaves"), static_cast<long long>(record.leaves));
    }
    const auto requests = at.optional_member("requests");
    c.require(c.where(at), requests.has_value() == record.requests.has_value(), "requests");
    if (requests && record.requests) equal_requests(c, *requests, *record.requests);
    c.equal(at.member("step"), static_cast<long long>(record.step));
    c.equal(at.member("moves"), static_cast<long long>(record.moves));
    c.equal(at.member("throughput"), record.throughput, narrow);
    const JsonCursor ranges = at.member("ranges");
    c.require(c.where(ranges), ranges.size() == record.ranges.size(), std::to_string(record.ranges.size()) + " ranges");
    for (std::size_t r = 0; r < std::min(ranges.size(), record.ranges.size()); ++r) {
      const JsonCursor range = ranges.item(r);
      range.require_object({"range", "nodes", "load", "prices", "revenue"});
      c.equal(range.member("range"), record.ranges[r].range);
      c.equal(range.member("nodes"), static_cast<long long>(record.ranges[r].nodes));
      c.equal(range.member("load"), record.ranges[r].load, narrow);
      c.equal(range.member("revenue"), record.ranges[r].revenue, narrow);
      equal_summary(c, range.member("prices"), record.ranges[r].prices, narrow);
    }
  }
  const JsonCursor moves = expect.member("moves");
  c.require(c.where(moves), moves.size() == run.moves.size(), std::to_string(run.moves.size()) + " moves");
  for (std::size_t k = 0; k < std::min(moves.size(), run.moves.size()); ++k) {
    const JsonCursor move = moves.item(k);
    move.require_object({"step", "node", "from", "to"});
    c.equal(move.member("step"), static_cast<long long>(run.moves[k].step));
    c.equal(move.member("node"), network.nodes.at(run.moves[k].node).id);
    c.equal(move.member("from"), run.moves[k].from);
    c.equal(move.member("to"), run.moves[k].to);
  }
  c.equal(expect.member("digest"), to_hex(run.digest));
}

}  // namespace

TEST_CASE("simulations of both engines are those of the vectors",
          "[simulation][SIM-1][SIM-2][SIM-3][SIM-4][SIM-5][SIM-6][SIM-7][SIM-8][SIM-9]"
          "[SIM-10][SIM-11][SIM-13][SIM-14][SIM-15][SIM-16][SIM-19]") {
  vectors::replay("simulation", [](const Case& c) {
    const auto scenario = read_scenario(write_json(c.given("scenario").value()), "scenario");
    if (!scenario) return c.require("scenario", false, scenario.error().message());
    const auto seed =
        static_cast<std::uint64_t>(c.given("seed").integer(0, std::numeric_limits<std::int64_t>::max(), "a seed"));
    const Network network = generated_network(*scenario, seed);
    const auto fits = check_scenario(*scenario, network, "scenario");
    c.require("scenario", fits.has_value(), fits ? "" : fits.error().message());
    const auto exact = reference::simulate(*scenario, network, seed, {}, 256);
    if (!exact) return c.require("expect", false, exact.error().message());
    equal_run(c, network, *exact, 50);
    Scenario wider = *scenario;
    wider.tolerance = Rational(1, 1000000);
    const auto fast = optimized::simulate(wider, network, seed);
    if (!fast) return c.require("expect", false, "the fast engine leaves it to the reference");
    equal_run(c, network, *fast, 8);
  });
}
