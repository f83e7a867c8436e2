#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/market/allocation.hpp"
#include "model/market/chain.hpp"
#include "model/market/frontier.hpp"
#include "model/market/network.hpp"
#include "model/market/verdict.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// The claim about one group's prices, and its evidence (CERT-6).
struct GroupEvidence {
  LayerRange range;
  Verdict verdict = Verdict::undecided;
  std::vector<Rational> trials;    ///< epsilon_equilibrium: one trial price > 0 per node, in file order
  std::optional<Witness> witness;  ///< refuted
};

struct EquilibriumClaim {
  Verdict verdict = Verdict::undecided;
  Tolerance tolerance;
  long bits = 128;  ///< significant bits to which the checker rounds outward
  std::vector<GroupEvidence> groups;
};

/// The evidence in a report, with a rounding precision at which the checker should accept it.
[[nodiscard]] EquilibriumClaim equilibrium_claim(const EquilibriumReport& report);

using Claim = std::variant<OptimalRoute, Unreachable, Frontier, EquilibriumClaim, BalanceClaim>;

/// A claim about a network with the evidence that lets a small checker accept it (`p2pllm-certificate/1`).
struct Certificate {
  std::string network_sha256;
  std::string prices_sha256;          ///< empty: the network's own prices
  std::optional<Rational> alpha;      ///< the alpha of the claim, if the claim depends on one (CERT-1)
  std::optional<std::string> client;  ///< id of the client whose legs count; absent: all legs 0
  Claim claim;
};

inline constexpr std::size_t certificate_bytes_max = 256UL << 20;
inline constexpr long certificate_bits_min = 32;
inline constexpr long certificate_bits_max = 16384;

/// Reads `p2pllm-certificate/1` (FORMAT-5) against the network whose SHA-256 it names.
/// @returns the certificate, its node ids resolved; or one line `source: place: value: rule`.
[[nodiscard]] Result<Certificate> read_certificate(const std::string& bytes, const std::string& source,
                                                   const Network& network);
[[nodiscard]] std::string write_certificate(const Certificate& certificate, const Network& network);

}  // namespace p2pllm
