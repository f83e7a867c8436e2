#pragma once

#include <string>

namespace p2pllm::proofs {

/// cvc5's resource limit for each question; the same for all.
inline constexpr unsigned cvc5_resource_limit = 150'000;

/// Whether cvc5 can be run here.
[[nodiscard]] bool has_cvc5();

/// cvc5's answer to an SMT-LIB 2 file: "sat", "unsat", "unknown" also when the limit was reached, or "error" where it
/// cannot read the file.
[[nodiscard]] std::string ask_cvc5(const std::string& path);

}  // namespace p2pllm::proofs
