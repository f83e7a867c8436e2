#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace p2pllm::proofs {

/// One conclusion about a claim of the paper, with its evidence.
struct Finding {
  enum class Verdict { proved, refuted, open };
  Verdict verdict = Verdict::open;
  std::string scope;                     ///< such as "for 0 < alpha < 1"; completes "proved" or "refuted"
  std::vector<std::string> obligations;  ///< by name; each must hold
  /// Computes the witness anew: a sentence with its figures, or nothing if it is not a witness.
  std::function<std::optional<std::string>()> witness;
  std::string command;  ///< the command that shows it to a reader
  std::string page{};   ///< a page of spec/generated/ with more evidence, which a test of its own compares with runs
};

struct PaperClaim {
  int number = 0;
  std::string place;      ///< in the paper
  std::string statement;  ///< the paper's statement, in our words
  std::vector<Finding> findings;
};

[[nodiscard]] const char* to_string(Finding::Verdict verdict);
[[nodiscard]] std::vector<PaperClaim> paper_claims();

/// The result of the present run.
struct JudgedFinding {
  const Finding* finding = nullptr;
  bool holds = false;
  std::string fault;    ///< which evidence failed
  std::string witness;  ///< the computed sentence
};

/// Proves the obligations with Z3 and computes the witness.
[[nodiscard]] JudgedFinding judge(const Finding& finding);

}  // namespace p2pllm::proofs
