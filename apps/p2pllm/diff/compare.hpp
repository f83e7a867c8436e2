#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/p2pllm/diff/verb_answer.hpp"
#include "apps/p2pllm/engine.hpp"

namespace p2pllm::app {

/// What was compared under one verb so far.
struct VerbTotals {
  std::uint64_t networks = 0;
  std::uint64_t decisions = 0;     ///< members compared, and certificates checked
  std::uint64_t not_compared = 0;  ///< networks that are beyond a limit of the reference
  FilterCounts filter;             ///< of the fast engine
  double reference_seconds = 0;
  double other_seconds = 0;
};

/// The implementation that is compared with the reference.
class Contender {
 public:
  virtual ~Contender() = default;
  /// @param network  with an alpha and at most one client
  /// @returns in one clause where the contender is not what the reference is, if it is not
  [[nodiscard]] virtual std::optional<std::string> differs(MarketVerb verb, const Network& network,
                                                           VerbTotals& totals) = 0;
};

/// The fast engine: its members must be equal, and the checker must accept its certificate.
[[nodiscard]] std::unique_ptr<Contender> engine_contender(Engine& fast, Engine& reference);

/// Another program, which reads a network on standard input and prints the verb's JSON (FORMAT-9).
///
/// Members that it leaves out are not judged. A crash, a time-out, an exit code other than 0 and the verb's, and an
/// output that is no JSON are differences.
[[nodiscard]] std::unique_ptr<Contender> program_contender(std::string command, double seconds_max, Engine& reference);

}  // namespace p2pllm::app
