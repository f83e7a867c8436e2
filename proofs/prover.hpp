#pragma once

#include "proofs/obligation.hpp"

namespace p2pllm::proofs {

/// Z3's resource counter at which every question of every proof gives up; the same for all.
inline constexpr unsigned resource_limit = 40'000'000;

/// What the solvers said of one obligation.
struct Outcome {
  bool holds = false;                                      ///< everything below came out as it must
  std::string fault;                                       ///< the first thing that did not, in one line
  unsigned resources = 0;                                  ///< the most that any question took
  std::string witness;                                     ///< the values found, of an existence statement
  std::vector<std::pair<std::string, std::string>> files;  ///< name and SMT-LIB 2 text of each question that decides
};

/// Asks Z3 with one random seed: are the hypotheses satisfiable, is every hint true and every division defined, does
/// the conclusion hold, does the faulty one fail?
[[nodiscard]] Outcome prove(const Obligation& obligation, unsigned seed);

}  // namespace p2pllm::proofs
