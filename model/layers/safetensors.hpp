#pragma once

#include <string>

#include "model/layers/float_model.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Whether the first bytes are the length of a header that the file can have.
[[nodiscard]] bool has_safetensors_header(ByteView file);

/// Reads a Llama-like model from a safetensors file: tensors of F32, F16 or BF16 by the names of HuggingFace's Llama,
/// and in the metadata, as texts, "heads", "kv_heads", "context", "rope_base", "epsilon", and optionally "rope"
/// ("halves", as HuggingFace's models rotate, or "neighbours"), "name" and "licence". All other sizes
/// follow from the tensors; "width", "layers", "hidden" and "vocabulary" must agree with them if they are there. A
/// vocabulary of 256 has the tokenizer of bytes, any other one none.
/// @param file  outlives the model, whose matrices read from it
/// @param source  the file's name for messages
/// @returns the model, whose values the conversion checks (MODEL-4); or a fault with a JSON pointer of the file's
/// header
[[nodiscard]] Result<FloatModel> read_safetensors(ByteView file, const std::string& source);

}  // namespace p2pllm
