#include "apps/p2pllm/layers/model_input.hpp"

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/view/text.hpp"

// The file itself, between two symbols of the linker.
asm(R"(
  .section .rodata
  .global p2pllm_shipped_model_begin
  .global p2pllm_shipped_model_end
  .balign 64
p2pllm_shipped_model_begin:
  .incbin ")" P2PLLM_SHIPPED_MODEL R"("
p2pllm_shipped_model_end:
  .previous
)");

extern "C" const std::uint8_t p2pllm_shipped_model_begin[];
extern "C" const std::uint8_t p2pllm_shipped_model_end[];

namespace p2pllm::app {

ByteView shipped_model() { return {p2pllm_shipped_model_begin, p2pllm_shipped_model_end}; }

Result<ModelInput> read_model_input(const std::string& path) {
  if (path.empty()) return ModelInput{.bytes = {}, .name = "the shipped model"};
  auto input = read_input(path, model_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  if (input->bytes.empty()) return bad_input(input->name, "the file is empty");
  return ModelInput{.bytes = std::move(input->bytes), .name = std::move(input->name)};
}

Result<ExactModel> load_model(const std::string& path) {
  const auto input = read_model_input(path);
  if (!input) return tl::unexpected<Fault>(input.error());
  ProgressLine progress("reading the model");
  return read_model(input->view(), input->name, progress.hook());
}

}  // namespace p2pllm::app
