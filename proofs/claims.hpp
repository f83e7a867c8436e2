#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace p2pllm::proofs {

/// One judgement of a claim of the paper, with what it rests on.
struct Finding {
  enum class Verdict { proved, refuted, open };
  Verdict verdict = Verdict::open;
  std::string scope;                     ///< of what: "for 0 < alpha < 1"; completes "proved" or "refuted"
  std::vector<std::string> obligations;  ///< by name; each must hold
  /// Computes the witness anew: a sentence with its figures, or nothing when it is none.
  std::function<std::optional<std::string>()> witness;
  std::string command;  ///< with which a reader sees it
};

struct PaperClaim {
  int number = 0;
  std::string place;      ///< in the paper
  std::string statement;  ///< as the paper has it, in our words
  std::vector<Finding> findings;
};

[[nodiscard]] const char* to_string(Finding::Verdict verdict);
[[nodiscard]] std::vector<PaperClaim> paper_claims();

/// What the machine says today.
struct JudgedFinding {
  const Finding* finding = nullptr;
  bool holds = false;
  std::string fault;    ///< which evidence failed
  std::string witness;  ///< the sentence computed
};

/// Proves the obligations with Z3 and computes the witness.
[[nodiscard]] JudgedFinding judge(const Finding& finding);

}  // namespace p2pllm::proofs
