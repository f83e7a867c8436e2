#pragma once

#include <string>

#include "model/layers/float_model.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Reads a file of floating-point weights: GGUF, safetensors or llama2.c, recognised by its first bytes
/// and its length.
/// @param file  outlives the model, whose matrices read from it
/// @param source  the file's name for messages
/// @returns a fault with the tensor or the offset
[[nodiscard]] Result<FloatModel> read_float_model(ByteView file, const std::string& source);

/// Reads a file that holds a tokenizer alone: the one of llama2.c.
/// @param vocabulary  of its model
/// @returns the encoding (MODEL-5)
[[nodiscard]] Result<Bytes> read_tokenizer_file(ByteView file, const std::string& source, std::int64_t vocabulary);

}  // namespace p2pllm
