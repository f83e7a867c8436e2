#pragma once

#include <optional>
#include <vector>

#include "checker/check.hpp"
#include "model/numbers/parse.hpp"
#include "tests/unit/checker_claims.hpp"

// Groups of one layer, and certificates of their verdicts.
namespace p2pllm::testing {

inline Rational number(const char* text) { return parse_rational(text).value(); }

struct Seat {
  Rational cost;
  Rational price;
};

/// One layer served by all.
inline Network one_group(const std::vector<Seat>& seats) {
  Network network;
  network.layers = 1;
  network.sha256 = "abc";
  for (const Seat& seat : seats) network.nodes.push_back({"n", {0, 1}, seat.cost, seat.price});
  return network;
}

inline Network seven_equal(const Rational& price) { return one_group(std::vector<Seat>(7, Seat{1, price})); }

inline Certificate certificate_for(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  Certificate certificate;
  certificate.network_sha256 = network.sha256;
  certificate.alpha = Rational(1, 2);
  EquilibriumClaim claim;
  claim.verdict = evidence.verdict;
  claim.tolerance = tolerance;
  claim.groups = {evidence};
  claim.groups[0].range = {0, 1};
  certificate.claim = claim;
  return certificate;
}

inline GroupEvidence plain(Verdict verdict) { return {{0, 1}, verdict, {}, {}}; }
inline GroupEvidence with_trials(const std::vector<Rational>& trials) {
  return {{0, 1}, Verdict::epsilon_equilibrium, trials, {}};
}
inline GroupEvidence with_witness(std::size_t node, const Rational& price, const Rational& gain) {
  return {{0, 1}, Verdict::refuted, {}, Witness{node, price, gain}};
}
inline Tolerance relative(const Rational& epsilon) { return {epsilon, false}; }
inline Tolerance absolute(const Rational& epsilon) { return {epsilon, true}; }

inline EquilibriumClaim& claim_of(Certificate& certificate) { return std::get<EquilibriumClaim>(certificate.claim); }

inline bool is_accepted(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  return is_accepted(certificate_for(network, evidence, tolerance), network);
}
inline bool is_rejected(const Network& network, const GroupEvidence& evidence, const Tolerance& tolerance) {
  return is_rejected(certificate_for(network, evidence, tolerance), network, "CERT-7");
}

inline const Rational millionth(1, 1000000);
inline const Rational best_at_233 = number("2.33286");  // near the best response of one of seven equal nodes at 2.33

}  // namespace p2pllm::testing
