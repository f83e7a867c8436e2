#pragma once

#include <string>

// Traces of sessions of many units in one SLA (SLA-18): one function each.
namespace p2pllm::examples {

[[nodiscard]] std::string session_honest();
[[nodiscard]] std::string session_silent_client();
[[nodiscard]] std::string session_closed_and_answered();
[[nodiscard]] std::string session_false_challenge();
[[nodiscard]] std::string session_wrong_unit();
[[nodiscard]] std::string session_two_receipts();
[[nodiscard]] std::string session_restored_backup();

}  // namespace p2pllm::examples
