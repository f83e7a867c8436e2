#pragma once

#include <string>
#include <vector>

namespace p2pllm::fuzz {

/// The committed inputs of the target `service_protocol`: every kind of request, and every kind of fault.
[[nodiscard]] std::vector<std::string> request_seeds();

}  // namespace p2pllm::fuzz
