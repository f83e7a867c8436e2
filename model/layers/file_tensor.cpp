#include "model/layers/file_tensor.hpp"

#include "model/layers/float_formats.hpp"
#include "model/layers/model_file.hpp"

namespace p2pllm {
namespace {

constexpr std::size_t group = 32;  ///< values that share a scale
constexpr std::size_t half_bytes = 2;

/// How many values a format packs together, and in how many bytes.
struct Packing {
  std::size_t values;
  std::size_t bytes;
};

constexpr Packing packing_of(TensorFormat format) {
  switch (format) {
    case TensorFormat::float32: return {1, 4};
    case TensorFormat::float16:
    case TensorFormat::bfloat16: return {1, half_bytes};
    case TensorFormat::q8_0: return {group, half_bytes + group};
    case TensorFormat::q4_0: return {group, half_bytes + group / 2};
    case TensorFormat::q4_1: return {group, 2 * half_bytes + group / 2};
  }
  return {1, 4};
}

double half_at(ByteView bytes, std::size_t at) {
  return float16_of(static_cast<std::uint16_t>(little_endian(bytes, at, half_bytes)));
}

/// The values of the groups, scale * q + offset. A scale and an offset are multiples of 2^-24 below 2^16 in magnitude,
/// and a q is an integer below 2^7, so that product and sum are multiples of 2^-24 below 2^24: they have at most 48
/// bits, and a double's 53 hold them without rounding. An infinite or undefined one stays so.
void read_groups(TensorFormat format, ByteView bytes, std::span<double> values) {
  const std::size_t packed = packing_of(format).bytes;
  for (std::size_t first = 0, at = 0; first < values.size(); first += group, at += packed) {
    const ByteView own = bytes.subspan(at, packed);
    const double scale = half_at(own, 0);
    if (format == TensorFormat::q8_0) {
      for (std::size_t i = 0; i < group; ++i) values[first + i] = scale * static_cast<std::int8_t>(own[half_bytes + i]);
      continue;
    }
    const bool has_offset = format == TensorFormat::q4_1;
    const double offset = has_offset ? half_at(own, half_bytes) : 0;
    const ByteView nibbles = own.last(group / 2);
    const int middle = has_offset ? 0 : 8;
    for (std::size_t i = 0; i < group / 2; ++i) {
      const int low = nibbles[i] % 16, high = nibbles[i] / 16;
      values[first + i] = scale * (low - middle) + offset;
      values[first + group / 2 + i] = scale * (high - middle) + offset;
    }
  }
}

void read_values(TensorFormat format, ByteView bytes, std::span<double> values) {
  if (packing_of(format).values == group) return read_groups(format, bytes, values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (format == TensorFormat::float32)
      values[i] = float32_of(static_cast<std::uint32_t>(little_endian(bytes, 4 * i, 4)));
    else if (format == TensorFormat::float16) values[i] = half_at(bytes, half_bytes * i);
    else values[i] = bfloat16_of(static_cast<std::uint16_t>(little_endian(bytes, half_bytes * i, half_bytes)));
  }
}

}  // namespace

std::optional<std::uint64_t> bytes_of_tensor(TensorFormat format, const std::vector<std::int64_t>& shape) {
  if (shape.empty() || shape.size() > 2) return std::nullopt;
  for (const std::int64_t dimension : shape)
    if (dimension < 1 || dimension > dimension_max) return std::nullopt;
  const Packing packing = packing_of(format);
  if (static_cast<std::uint64_t>(shape.back()) % packing.values != 0) return std::nullopt;
  const std::uint64_t row = static_cast<std::uint64_t>(shape.back()) / packing.values * packing.bytes;
  return shape.size() == 1 ? row : static_cast<std::uint64_t>(shape.front()) * row;
}

FloatMatrix matrix_of(const FileTensor& tensor) {
  const std::size_t row_bytes = tensor.bytes.size() / static_cast<std::size_t>(tensor.shape.front());
  return {
      .rows = tensor.shape.front(),
      .columns = tensor.shape.back(),
      .read = [format = tensor.format, bytes = tensor.bytes, row_bytes](std::int64_t row, std::span<double> values) {
        read_values(format, bytes.subspan(static_cast<std::size_t>(row) * row_bytes, row_bytes), values);
      }};
}

std::vector<double> values_of(const FileTensor& tensor) {
  std::vector<double> values(static_cast<std::size_t>(tensor.shape.back()));
  read_values(tensor.format, tensor.bytes, values);
  return values;
}

FloatMatrix neighbours_of_halves(const FloatMatrix& halves, std::int64_t head_width) {
  FloatMatrix result = halves;
  result.read = [read = halves.read, head_width](std::int64_t row, std::span<double> values) {
    const std::int64_t within = row % head_width;
    read(row - within + within / 2 + within % 2 * (head_width / 2), values);
  };
  return result;
}

std::string float_shape_fault(ModelShape shape) {
  shape.fraction_bits = fraction_bits_min;
  return shape_fault(shape);
}

bool is_model_text(std::string_view text) {
  constexpr std::size_t text_bytes_max = 1024;
  return text.size() <= text_bytes_max && is_utf8(bytes_of(text));
}

}  // namespace p2pllm
