#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "checker/check.hpp"
#include "fuzz/changes.hpp"
#include "fuzz/honest.hpp"
#include "fuzz/truth.hpp"

/// Valid certificates, and the verdicts on them after changes: tests of CERT as a whole.
namespace p2pllm::hostile {

/// A network, optional prices, and a request for a certificate about them (fuzz/honest.hpp).
struct Subject {
  std::string network;
  std::string request;
  std::string prices = {};
};

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  if (from.empty()) return text;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Documents in which @network and @prices stand for hashes, so that each may be changed alone.
struct Files {
  std::string network, certificate, prices;
};

enum class Outcome { unreadable, rejected, accepted };

struct Judged {
  Outcome outcome = Outcome::unreadable;
  std::string reason;                     ///< the message or the checker's reason
  std::optional<fuzz::Truth> truth = {};  ///< of an accepted certificate
  std::string meaning = {};               ///< of an accepted certificate: its text by our writer
};

/// Reads all files, lets the checker decide, and compares an accepted claim with the definitions.
inline Judged judged(const Files& files) {
  constexpr long bits = 320;  // a difference of 2^-200 must not leave a claim open
  const auto network = read_network(files.network, "network");
  if (!network) return {Outcome::unreadable, network.error().message()};
  std::optional<Prices> prices;
  if (!files.prices.empty()) {
    auto read = read_prices(files.prices, "prices", *network);
    if (!read) return {Outcome::unreadable, read.error().message()};
    prices = *std::move(read);
  }
  const std::string text =
      replaced(replaced(files.certificate, "@network", network->sha256), "@prices", prices ? prices->sha256 : "");
  const auto certificate = read_certificate(text, "certificate", *network);
  if (!certificate) return {Outcome::unreadable, certificate.error().message()};
  const checker::Decision decision = checker::check(*certificate, *network, prices);
  if (!decision.accepted) return {Outcome::rejected, decision.reason};
  static std::map<std::string, fuzz::Truth> known;  // many changes give the same certificate
  const std::string meaning = write_certificate(*certificate, *network);
  auto found = known.find(meaning);
  if (found == known.end()) found = known.emplace(meaning, fuzz::truth_of(*certificate, *network, prices, bits)).first;
  return {Outcome::accepted, "", found->second, meaning};
}

/// The subject's valid certificate.
inline Files certified(const Subject& subject) {
  const auto network = read_network(subject.network, "network").value();
  std::optional<Prices> prices;
  if (!subject.prices.empty()) prices = read_prices(subject.prices, "prices", network).value();
  const auto honest = fuzz::honest_certificate(subject.request, network, prices);
  REQUIRE(honest);
  std::string text = replaced(write_certificate(*honest, network), network.sha256, "@network");
  if (prices) text = replaced(text, prices->sha256, "@prices");
  return {subject.network, text, subject.prices};
}

/// `/groups/1/trials/0` as `/groups/#/trials/#`.
inline std::string pattern(const std::string& place) {
  std::string result;
  for (std::size_t k = 0; k < place.size(); ++k) {
    const bool is_digit = place[k] >= '0' && place[k] <= '9';
    if (!is_digit) result += place[k];
    else if (result.back() == '/') result += '#';
  }
  return result;
}

/// The outcomes of many changes.
struct Tally {
  int changes = 0, unreadable = 0, rejected = 0;
  int same = 0;                       ///< accepted, and only written in another way
  std::map<std::string, int> others;  ///< accepted with another meaning, by the pattern of the changed place

  /// Counts a change, and fails if something is accepted that is not provably true.
  void add(const std::string& place, const std::string& what, const Judged& original, const Judged& changed) {
    ++changes;
    if (changed.outcome == Outcome::unreadable) ++unreadable;
    if (changed.outcome == Outcome::rejected) ++rejected;
    if (changed.outcome != Outcome::accepted) return;
    if (changed.meaning == original.meaning) ++same;
    else ++others[pattern(place)];
    if (changed.truth->value == fuzz::Truth::holds) return;
    FAIL_CHECK(place << ": " << what << ": accepted and not shown to be true: " << changed.truth->why);
  }
  [[nodiscard]] std::set<std::string> places() const {
    std::set<std::string> result;
    for (const auto& [place, count] : others) result.insert(place);
    return result;
  }
  [[nodiscard]] int accepted() const {
    int result = same;
    for (const auto& [place, count] : others) result += count;
    return result;
  }
};

inline Json parsed(const std::string& text) { return parse_json(text, "test").value(); }

/// Two layers; latency, scales and two clients.
inline const char* const legs_network = R"({"format": "p2pllm-network/1", "model": {"name": "legs", "layers": 2},
  "alpha": "1/3", "scales": {"price": 2, "cost": 10}, "temperature": "3/2",
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 1, "price": 4}, {"id": "b", "layers": [0, 1], "cost": 3, "price": 1},
            {"id": "c", "layers": [1, 2], "cost": 1, "price": 5}, {"id": "d", "layers": [1, 2], "cost": 2, "price": 2},
            {"id": "e", "layers": [0, 2], "cost": 9, "price": 1}],
  "latency": {"kind": "matrix", "values": [[0, 0, 1, 0, 0], [0, 0, 2, "1/2", 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0],
                                           [0, 0, 0, 0, 0]]},
  "clients": [{"id": "x", "to": [1, 1, 0, 0, 1], "from": [0, 0, 1, 1, 1]}, {"id": "y"}]})";
/// Three layers without latency; many chains of equal cost, and points of all classes.
inline const char* const ties_network = R"({"format": "p2pllm-network/1", "model": {"name": "ties", "layers": 3},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 1, "price": 3}, {"id": "b", "layers": [0, 1], "cost": 2, "price": 2},
            {"id": "c", "layers": [0, 1], "cost": 3, "price": 1}, {"id": "d", "layers": [1, 2], "cost": 1, "price": 3},
            {"id": "e", "layers": [1, 2], "cost": 3, "price": 2}, {"id": "f", "layers": [1, 2], "cost": 4, "price": 1},
            {"id": "g", "layers": [2, 3], "cost": 1, "price": 1}, {"id": "h", "layers": [1, 3], "cost": 5, "price": 2}]})";
/// Two equal nodes on each layer: several chains of one cost.
inline const char* const twins_network = R"({"format": "p2pllm-network/1", "model": {"name": "twins", "layers": 2},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 1, "price": 1}, {"id": "b", "layers": [0, 1], "cost": 1, "price": 1},
            {"id": "c", "layers": [1, 2], "cost": 1, "price": 1}, {"id": "d", "layers": [1, 2], "cost": 1, "price": 1},
            {"id": "e", "layers": [0, 2], "cost": 2, "price": 3}, {"id": "f", "layers": [0, 1], "cost": "1/2", "price": 2}]})";
inline const char* const gap_network = R"({"format": "p2pllm-network/1", "model": {"name": "gap", "layers": 4},
  "nodes": [{"id": "a", "layers": [0, 2], "cost": 3, "price": 1}, {"id": "b", "layers": [1, 3], "cost": 3, "price": 1},
            {"id": "c", "layers": [2, 3], "cost": 1, "price": 1}, {"id": "d", "layers": [0, 1], "cost": 1, "price": 1}]})";
/// Two groups: an exact equilibrium (price 4 at alpha 1/2), and three nodes near one.
inline const char* const groups_network = R"({"format": "p2pllm-network/1", "model": {"name": "groups", "layers": 2},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 3, "price": 4}, {"id": "b", "layers": [0, 1], "cost": 3, "price": 4},
            {"id": "c", "layers": [1, 2], "cost": 1, "price": "3.3"}, {"id": "d", "layers": [1, 2], "cost": 1, "price": "3.2"},
            {"id": "e", "layers": [1, 2], "cost": 2, "price": 2}]})";
inline const char* const pair_network = R"({"format": "p2pllm-network/1", "model": {"name": "pair", "layers": 1},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 3, "price": 4}, {"id": "b", "layers": [0, 1], "cost": 3, "price": 4}]})";
inline const char* const sole_network = R"({"format": "p2pllm-network/1", "model": {"name": "sole", "layers": 2},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 3, "price": 0}, {"id": "b", "layers": [0, 1], "cost": 3, "price": 4},
            {"id": "c", "layers": [1, 2], "cost": 1, "price": 1}]})";
/// Ranges of two lengths, a block that nobody serves, equal nodes, and one at price 0.
inline const char* const blocks_network = R"({"format": "p2pllm-network/1",
  "model": {"name": "blocks", "layers": 4, "blocks": [[2, 3], [0, 2], [2, 4]]},
  "nodes": [{"id": "a", "layers": [0, 1], "cost": 2, "price": 1}, {"id": "b", "layers": [0, 1], "cost": 2, "price": 3},
            {"id": "c", "layers": [0, 1], "cost": 3, "price": 2}, {"id": "d", "layers": [1, 2], "cost": 1, "price": 0},
            {"id": "e", "layers": [0, 2], "cost": 2, "price": 1}, {"id": "f", "layers": [0, 2], "cost": 2, "price": 1},
            {"id": "g", "layers": [0, 2], "cost": 5, "price": 4}]})";
inline const char* const blocks_prices = R"({"format": "p2pllm-prices/1",
  "prices": {"a": 2, "b": 2, "c": 1, "d": 3, "e": "7/2", "f": 0, "g": 0}})";
inline const char* const pair_prices = R"({"format": "p2pllm-prices/1", "prices": {"a": "21/5", "b": "19/5"}})";

}  // namespace p2pllm::hostile
