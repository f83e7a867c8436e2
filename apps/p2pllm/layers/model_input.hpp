#pragma once

#include <string>

#include "model/layers/model_file.hpp"

namespace p2pllm::app {

inline constexpr std::size_t model_bytes_max = std::size_t{1} << 38;

/// The file of the model that is part of this program: trained on the King James text, 1 MB.
[[nodiscard]] ByteView shipped_model();

/// The bytes of a model, and the name of their source for messages.
struct ModelInput {
  std::string bytes;  ///< empty for the shipped model
  std::string name;
  [[nodiscard]] ByteView view() const { return bytes.empty() ? shipped_model() : bytes_of(bytes); }
};
/// @param path  of a file, - for standard input, or empty for the shipped model
[[nodiscard]] Result<ModelInput> read_model_input(const std::string& path);

/// Reads and verifies a whole model; long work shows a line of progress.
[[nodiscard]] Result<ExactModel> load_model(const std::string& path);

}  // namespace p2pllm::app
