#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/layers/float_model.hpp"

namespace p2pllm {

/// How a file stores the values of a row. The last three are those of GGUF: 32 values in a row share a scale of 16
/// bits, and in `q4_1` also an offset.
enum class TensorFormat { float32, float16, bfloat16, q8_0, q4_0, q4_1 };

/// A tensor of a file of weights: a matrix of rows and columns, or a list.
struct FileTensor {
  TensorFormat format = TensorFormat::float32;
  std::vector<std::int64_t> shape;  ///< [rows, columns] or [columns], each at least 1
  ByteView bytes;                   ///< as many as `bytes_of_tensor` says
};

inline constexpr std::int64_t dimension_max = std::int64_t{1} << 24;  ///< of a tensor that is read

/// The bytes of a tensor of this shape; nothing if a dimension is not in 1 .. dimension_max, if there is not one or
/// two, or if a row is no whole number of the format's blocks.
[[nodiscard]] std::optional<std::uint64_t> bytes_of_tensor(TensorFormat format, const std::vector<std::int64_t>& shape);

/// The matrix of a tensor of two dimensions, which reads its values from the tensor's bytes, exactly.
[[nodiscard]] FloatMatrix matrix_of(const FileTensor& tensor);
/// The values of a tensor of one dimension, exactly.
[[nodiscard]] std::vector<double> values_of(const FileTensor& tensor);

/// The rows of heads in another order. HuggingFace's Llama rotates number i of a head with number i + width / 2; the
/// result rotates neighbours (LAYER-6), and all inner products of queries and keys are the same.
[[nodiscard]] FloatMatrix neighbours_of_halves(const FloatMatrix& halves, std::int64_t head_width);

/// The rule of MODEL-1 that the sizes of floating-point weights break, or nothing; they have no fraction bits yet.
[[nodiscard]] std::string float_shape_fault(ModelShape shape);
/// Whether a file of an exact model can hold the text as a name or a licence (MODEL-2).
[[nodiscard]] bool is_model_text(std::string_view text);
inline constexpr const char* model_text_rule = "must be UTF-8 of at most 1024 bytes (MODEL-2)";

}  // namespace p2pllm
