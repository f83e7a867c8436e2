#pragma once

#include <vector>

#include "model/encoding/bytes.hpp"

namespace p2pllm::fuzz {

/// The committed inputs of the target `gguf_parse`: each format of values, each kind of tokenizer, and faults.
[[nodiscard]] std::vector<Bytes> gguf_seeds();
/// The committed inputs of the target `safetensors_parse`, likewise.
[[nodiscard]] std::vector<Bytes> safetensors_seeds();

}  // namespace p2pllm::fuzz
