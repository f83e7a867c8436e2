#include <catch2/catch.hpp>
#include <string>

#include "model/market/certificate.hpp"
#include "tests/unit/market_builder.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;
using std::string_literals::operator""s;

namespace {

Network two_nodes() { return network_of(2, {{{0, 1}, "1", "1"}, {{1, 2}, "2", "2"}}); }

std::string with_common(const std::string& members) {
  return R"({"format":"p2pllm-certificate/1","network_sha256":")" + std::string(64, '0') + "\"," + members + "}";
}

std::string message_of(const std::string& bytes) {
  const auto certificate = read_certificate(bytes, "c", two_nodes());
  return certificate ? "accepted" : certificate.error().message();
}

std::string route(const std::string& change = "", const std::string& value = "") {
  const std::pair<const char*, const char*> members[] = {
      {"path", R"(["a","b"])"}, {"weight", "3"}, {"price", "3"}, {"time", "3"}, {"labels", "[[3,3],[2,2]]"}};
  std::string body = R"("kind":"route","alpha":"1/2")";
  for (const auto& [name, text] : members) body += ",\""s + name + "\":" + (change == name ? value : text);
  if (change == "extra") body += ",\"extra\":" + value;
  return with_common(body);
}

std::string point(const std::string& change = "", const std::string& value = "") {
  const std::pair<const char*, const char*> members[] = {
      {"price", "3"}, {"time", "3"}, {"path", R"(["a","b"])"}, {"class", "\"extreme\""}, {"alpha", "[0,1]"}};
  std::string body;
  for (const auto& [name, text] : members)
    body += (body.empty() ? "" : ",") + ("\""s + name + "\":") + (change == name ? value : text);
  if (change == "extra") body += ",\"extra\":" + value;
  return with_common(R"("kind":"pareto","points":[{)" + body + R"(}],"labels":[[[3,3]],[[2,2]]])");
}

std::string equilibrium(const std::string& change = "", const std::string& value = "") {
  const std::pair<const char*, const char*> members[] = {{"verdict", "\"no_equilibrium\""},
                                                         {"epsilon", "0"},
                                                         {"absolute", "false"},
                                                         {"bits", "128"},
                                                         {"groups", R"([{"range":[0,1],"verdict":"no_equilibrium"}])"}};
  std::string body = R"("kind":"equilibrium","alpha":"1/2")";
  for (const auto& [name, text] : members) body += ",\""s + name + "\":" + (change == name ? value : text);
  return with_common(body);
}

constexpr const char* no_number = "a number must be a decimal such as 0.40 or a ratio of integers such as 1/3";
constexpr const char* boundary = "a boundary must be an integer in 0 .. layers of the model";

struct Case {
  std::string bytes;
  std::string message;
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.bytes);
    CHECK(message_of(c.bytes) == c.message);
  }
}

}  // namespace

TEST_CASE("a certificate's common keys", "[FORMAT-5]") {
  check_all({
      {route(), "accepted"},
      {point(), "accepted"},
      {equilibrium(), "accepted"},
      {"[]", "c: /: array of 0: an object is expected here"},
      {"7", "c: /: 7: an object is expected here"},
      {"{}", "c: /: object: the key \"format\" is required here"},
      {R"({"format":"p2pllm-network/1"})",
       "c: /format: \"p2pllm-network/1\": the format must be \"p2pllm-certificate/1\""},
      {R"({"format":"p2pllm-certificate/1"})", "c: /: object: the key \"network_sha256\" is required here"},
      {R"({"format":"p2pllm-certificate/1","network_sha256":"ff"})",
       "c: /network_sha256: \"ff\": this certificate is about another network; the one given has " +
           std::string(64, '0')},
      {with_common(R"("alpha":0)"), "c: /: object: the key \"kind\" is required here"},
      {with_common(R"("kind":"magic")"),
       "c: /kind: \"magic\": the kind must be \"route\", \"unreachable\", \"pareto\", \"equilibrium\" or \"balance\""},
      {with_common(R"("kind":1)"), "c: /kind: 1: a string is expected here"},
      {with_common(R"("kind":"route","alpha":true)"), "c: /alpha: true: a number is expected here"},
      {with_common(R"("kind":"route","client":7)"), "c: /client: 7: a string is expected here"},
      {with_common(R"("kind":"route","prices_sha256":7)"), "c: /prices_sha256: 7: a string is expected here"},
  });
}

TEST_CASE("a route certificate's keys", "[FORMAT-5]") {
  check_all({
      {route("path", "7"), "c: /path: 7: an array is expected here"},
      {route("path", R"(["a","x"])"), "c: /path/1: \"x\": no node of the network has this id"},
      {route("path", "[0]"), "c: /path/0: 0: a string is expected here"},
      {route("weight", "\"x\""), "c: /weight: \"x\": "s + no_number},
      {route("price", "null"), "c: /price: null: a number is expected here"},
      {route("time", "\"1/0\""), "c: /time: \"1/0\": a denominator must not be 0"},
      {route("labels", "[[3,3]]"), "c: /labels: array of 1: one entry a node is expected, 2 in all"},
      {route("labels", "[[3,3],null,null]"), "c: /labels: array of 3: one entry a node is expected, 2 in all"},
      {route("labels", "[[3,3],null]"), "accepted"},
      {route("labels", "[[3,3],[2]]"), "c: /labels/1: array of 1: a label is [price, time]"},
      {route("labels", "[[3,3],[2,2,2]]"), "c: /labels/1: array of 3: a label is [price, time]"},
      {route("labels", "[[3,3],[2,\"x\"]]"), "c: /labels/1/1: \"x\": "s + no_number},
      {route("labels", "[7,null]"), "c: /labels/0: 7: an array is expected here"},
      {route("extra", "1"), "c: /extra: 1: unknown key in a certificate of this kind"},
      {with_common(R"("kind":"route")"), "c: /: object: the key \"path\" is required here"},
  });
}

TEST_CASE("an unreachable certificate's keys", "[FORMAT-5]") {
  const auto unreachable = [](const std::string& blocked, const std::string& reachable) {
    return with_common(R"("kind":"unreachable","blocked_boundary":)" + blocked + ",\"reachable\":" + reachable);
  };
  check_all({
      {unreachable("1", "[0,1]"), "accepted"},
      {unreachable("-1", "[0,1]"), "c: /blocked_boundary: -1: "s + boundary},
      {unreachable("1.5", "[0,1]"), "c: /blocked_boundary: 1.5: "s + boundary},
      {unreachable("1", "7"), "c: /reachable: 7: an array is expected here"},
      {unreachable("1", "[0,3]"), "c: /reachable/1: 3: "s + boundary},
      {unreachable("1", "[0,\"x\"]"), "c: /reachable/1: \"x\": "s + no_number},
  });
}

TEST_CASE("a Pareto certificate's keys", "[FORMAT-5]") {
  check_all({
      {point("alpha", "null"), "accepted"},
      {point("price", "\"x\""), "c: /points/0/price: \"x\": "s + no_number},
      {point("time", "[]"), "c: /points/0/time: array of 0: a number is expected here"},
      {point("path", "[\"z\"]"), "c: /points/0/path/0: \"z\": no node of the network has this id"},
      {point("class", "\"best\""),
       "c: /points/0/class: \"best\": the class must be \"extreme\", \"tie\" or \"unsupported\""},
      {point("alpha", "[0]"), "c: /points/0/alpha: array of 1: an interval is [lower, upper]"},
      {point("alpha", "[0,1,1]"), "c: /points/0/alpha: array of 3: an interval is [lower, upper]"},
      {point("alpha", "[0,\"x\"]"), "c: /points/0/alpha/1: \"x\": "s + no_number},
      {point("extra", "1"), "c: /points/0/extra: 1: unknown key; known here: price, time, path, class, alpha"},
      {with_common(R"("kind":"pareto","points":7,"labels":[[],[]])"), "c: /points: 7: an array is expected here"},
      {with_common(R"("kind":"pareto","points":[7],"labels":[[],[]])"), "c: /points/0: 7: an object is expected here"},
      {with_common(R"("kind":"pareto","points":[],"labels":[[]])"),
       "c: /labels: array of 1: one entry a node is expected, 2 in all"},
      {with_common(R"("kind":"pareto","points":[],"labels":[[],[],[]])"),
       "c: /labels: array of 3: one entry a node is expected, 2 in all"},
      {with_common(R"("kind":"pareto","points":[],"labels":[[],[[1]]])"),
       "c: /labels/1/0: array of 1: a label is [price, time]"},
      {with_common(R"("kind":"pareto","points":[],"labels":[[],[[1,"x"]]])"), "c: /labels/1/0/1: \"x\": "s + no_number},
  });
}

TEST_CASE("an equilibrium certificate's keys", "[FORMAT-5]") {
  const auto group = [](const std::string& members) { return equilibrium("groups", "[{" + members + "}]"); };
  check_all({
      {equilibrium("verdict", "\"fine\""), "c: /verdict: \"fine\": not the name of a verdict"},
      {equilibrium("epsilon", "\"x\""), "c: /epsilon: \"x\": "s + no_number},
      {equilibrium("absolute", "0"), "c: /absolute: 0: true or false is expected here"},
      {equilibrium("bits", "31"), "c: /bits: 31: bits must be an integer in 32 .. 16384"},
      {equilibrium("bits", "16385"), "c: /bits: 16385: bits must be an integer in 32 .. 16384"},
      {equilibrium("groups", "{}"), "c: /groups: object: an array is expected here"},
      {group(R"("verdict":"refuted")"), "c: /groups/0: object: the key \"range\" is required here"},
      {group(R"("range":[0,1,2],"verdict":"refuted")"),
       "c: /groups/0/range: array of 3: a layer range is [first, last)"},
      {group(R"("range":[0,9],"verdict":"refuted")"), "c: /groups/0/range/1: 9: "s + boundary},
      {group(R"("range":[0,1],"verdict":"x")"), "c: /groups/0/verdict: \"x\": not the name of a verdict"},
      {group(R"("range":[0,1],"verdict":"refuted","trials":[1,"x"])"), "c: /groups/0/trials/1: \"x\": "s + no_number},
      {group(R"("range":[0,1],"verdict":"refuted","witness":[])"),
       "c: /groups/0/witness: array of 0: an object is expected here"},
      {group(R"("range":[0,1],"verdict":"refuted","witness":{"node":"z","price":1,"gain":1})"),
       "c: /groups/0/witness/node: \"z\": no node of the network has this id"},
      {group(R"("range":[0,1],"verdict":"refuted","witness":{"node":"a","price":1})"),
       "c: /groups/0/witness: object: the key \"gain\" is required here"},
      {group(R"("range":[0,1],"verdict":"refuted","why":1)"),
       "c: /groups/0/why: 1: unknown key; known here: range, verdict, trials, witness"},
  });
}

TEST_CASE("a written certificate of every kind reads back the same", "[FORMAT-5]") {
  const Network network = two_nodes();
  const std::string hash(64, '0');
  const Rational third(1, 3);
  const OptimalRoute route{{{0, 1}, {3, third}, Rational(7, 2)}, {PathCost{3, third}, std::nullopt}};
  const Unreachable unreachable{1, {0, 1}};
  const Frontier frontier{
      {{{3, 3}, {0, 1}, PointClass::tie, std::pair(third, third)}, {{4, 2}, {1}, PointClass::unsupported, {}}},
      {{{3, 3}, {4, 2}}, {}}};
  const EquilibriumClaim claim{
      Verdict::refuted,
      {third, true},
      64,
      {{{0, 1}, Verdict::refuted, {}, Witness{0, 2, third}}, {{1, 2}, Verdict::epsilon_equilibrium, {third, 2}, {}}}};
  for (const Claim& any : {Claim(route), Claim(unreachable), Claim(frontier), Claim(claim)}) {
    const std::string text = write_certificate({hash, "", third, "client", any}, network);
    const auto again = read_certificate(text, "c", network);
    REQUIRE(again.has_value());
    CHECK(again->claim.index() == any.index());
    CHECK(write_certificate(*again, network) == text);
  }
}
