#include "model/layers/float_files.hpp"

#include "model/layers/gguf.hpp"
#include "model/layers/llama2c.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/safetensors.hpp"

namespace p2pllm {
namespace {

bool begins(ByteView file, std::string_view magic) {
  return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
}

}  // namespace

Result<FloatModel> read_float_model(ByteView file, const std::string& source) {
  if (begins(file, "GGUF")) return read_gguf(file, source);
  if (begins(file, model_magic))
    return bad_input(source + ": byte 0", "the model in this file is an exact one already");
  if (is_llama2c(file)) return read_llama2c(file, source);
  if (!has_safetensors_header(file))
    return bad_input(source + ": byte 0",
                     "no file of weights: GGUF, safetensors, or llama2.c of the length that its sizes give");
  return read_safetensors(file, source);
}

Result<Bytes> read_tokenizer_file(ByteView file, const std::string& source, std::int64_t vocabulary) {
  return read_llama2c_tokenizer(file, source, vocabulary);
}

}  // namespace p2pllm
