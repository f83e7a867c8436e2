#include "model/layers/float_files.hpp"

#include "model/layers/safetensors.hpp"

namespace p2pllm {

Result<FloatModel> read_float_model(ByteView file, const std::string& source) { return read_safetensors(file, source); }

}  // namespace p2pllm
