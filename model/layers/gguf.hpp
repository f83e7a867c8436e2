#pragma once

#include <string>

#include "model/layers/float_model.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Reads a Llama-like model from a GGUF file of version 2 or 3, whose tensors are in F32, F16, BF16, Q8_0, Q4_0 or
/// Q4_1. A key of the model that the rules of LAYER know nothing of, such as one that scales the rotation, is refused,
/// and so is a tensor.
/// @param file  outlives the model, whose matrices read from it
/// @param source  the file's name for messages
/// @returns the model; whether its values are finite and small enough is for the conversion to check (MODEL-4), which
///   reads each of them. A fault names a byte of the file, and the key or the tensor.
[[nodiscard]] Result<FloatModel> read_gguf(ByteView file, const std::string& source);

}  // namespace p2pllm
