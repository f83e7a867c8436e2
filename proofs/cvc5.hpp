#pragma once

#include <string>

namespace p2pllm::proofs {

/// cvc5's resource limit, which is the same for every question.
inline constexpr unsigned cvc5_resource_limit = 150'000;

/// Whether cvc5 can be run here.
[[nodiscard]] bool has_cvc5();

/// cvc5's answer to an SMT-LIB 2 file: "sat", "unsat", "unknown" (also if the limit was reached), or "error" if it
/// cannot read the file.
[[nodiscard]] std::string ask_cvc5(const std::string& path);

}  // namespace p2pllm::proofs
