#pragma once

#include <filesystem>
#include <string>

namespace p2pllm::fuzz {

/// A page of Markdown about the corpora of the contract targets: how many inputs there are, how many operations of an
/// input are accepted, and the share of the inputs that reaches each status, reason and transition.
[[nodiscard]] std::string corpus_statistics(const std::filesystem::path& corpora);

}  // namespace p2pllm::fuzz
