#include "fuzz/weight_laws.hpp"
#include "model/layers/gguf.hpp"
#include "model/layers/safetensors.hpp"

// Input: a GGUF file. What is read from it is written as a safetensors file, which another reader reads.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2pllm;
  auto model = read_gguf({data, size}, "m");
  if (!model) {
    fuzz::law_of_weight_message(model.error().message());
    ++fuzz::reached["refused"];
    return 0;
  }
  fuzz::law_of_weights(*model, testing::write_safetensors, read_safetensors);
  return 0;
}
