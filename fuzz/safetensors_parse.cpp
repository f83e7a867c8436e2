#include "fuzz/weight_laws.hpp"
#include "model/layers/gguf.hpp"
#include "model/layers/safetensors.hpp"

// Input: a safetensors file; or, if the byte 1E is in it, a header, that byte, and the data of a file whose length of
// the header is right. What is read is written as a GGUF file, which another reader reads; if the vocabulary has more
// than 256 tokens, as a safetensors file.

namespace p2pllm::fuzz {
namespace {

Bytes file_of(ByteView input) {
  constexpr std::uint8_t mark = 0x1e;
  const auto at = std::ranges::find(input, mark);
  if (at == input.end()) return {input.begin(), input.end()};
  Bytes file;
  testing::append(file, static_cast<std::uint64_t>(at - input.begin()), 8);
  file.insert(file.end(), input.begin(), at);
  file.insert(file.end(), at + 1, input.end());
  return file;
}

void run(ByteView input) {
  constexpr std::int64_t byte_count = 256;
  const Bytes file = file_of(input);
  auto model = read_safetensors(file, "m");
  if (!model) {
    law_of_weight_message(model.error().message());
    ++reached["refused"];
  } else if (model->shape.vocabulary > byte_count) {
    law_of_weights(*model, testing::write_safetensors, read_safetensors);
  } else {
    law_of_weights(*model, testing::write_gguf, read_gguf);
  }
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({data, size});
  return 0;
}
