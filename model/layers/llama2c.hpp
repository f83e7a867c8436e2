#pragma once

#include <string>

#include "model/layers/float_model.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Whether a file has the length that the sizes in its first 28 bytes ask for: a file of llama2.c has no other mark.
[[nodiscard]] bool is_llama2c(ByteView file);

/// Reads a model from a file of llama2.c (https://github.com/karpathy/llama2.c) of version 0: seven sizes, and float32.
/// Its epsilon, 10^-5 in float32, and its base of the rotation, 10000, are llama2.c's; it states no name and no
/// licence. Its tokenizer is the one of bytes for a vocabulary of 256, and none for any other: `read_llama2c_tokenizer`
/// reads it.
/// @param file  outlives the model, whose matrices read from it
/// @param source  the file's name for messages
[[nodiscard]] Result<FloatModel> read_llama2c(ByteView file, const std::string& source);

/// Reads the tokenizer of llama2.c, a file of its own.
/// @param vocabulary  of the model
/// @returns the encoding (MODEL-5)
[[nodiscard]] Result<Bytes> read_llama2c_tokenizer(ByteView file, const std::string& source, std::int64_t vocabulary);

}  // namespace p2pllm
