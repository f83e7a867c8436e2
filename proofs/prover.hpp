#pragma once

#include "proofs/obligation.hpp"

namespace p2pllm::proofs {

/// The value of Z3's resource counter at which every question of every proof is abandoned; the same for all.
inline constexpr unsigned resource_limit = 40'000'000;

/// The solvers' results for one obligation.
struct Outcome {
  bool holds = false;                                      ///< every part below had the required result
  std::string fault;                                       ///< the first part that did not, in one line
  unsigned resources = 0;                                  ///< the most that any single question used
  std::string witness;                                     ///< the values found, of an existence statement
  std::vector<std::pair<std::string, std::string>> files;  ///< name and SMT-LIB 2 text of each question that decides
};

/// Asks Z3 with one random seed whether the hypotheses are satisfiable, every hint is true, every division is defined,
/// the conclusion holds, and the faulty conclusion fails.
[[nodiscard]] Outcome prove(const Obligation& obligation, unsigned seed);

}  // namespace p2pllm::proofs
