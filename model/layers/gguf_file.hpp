#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/layers/binary_cursor.hpp"
#include "model/layers/file_tensor.hpp"

namespace p2pllm {

/// The types of values of a GGUF file, by their numbers there.
enum class GgufType : std::uint32_t {
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  float32,
  boolean,
  string,
  array,
  uint64,
  int64,
  float64
};

/// The value of a key, which is a view of the file.
struct GgufValue {
  GgufType type = GgufType::uint8;
  GgufType item_type = GgufType::uint8;  ///< of an array; never an array
  std::uint64_t items = 1;               ///< of an array
  ByteView bytes;                        ///< of the number, the string, or all items
  std::uint64_t offset = 0;              ///< of the value in the file
};

struct GgufTensor {
  FileTensor tensor;
  std::uint64_t offset = 0;  ///< of the tensor's entry in the file's table
};

/// A GGUF file of version 2 or 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): key-values and tensors
/// with their names, nothing of which has a meaning yet.
class GgufFile {
 public:
  /// Takes the file apart.
  /// @throws BinaryCursor::Failure  for a string or an array that leaves the file, a type that is unknown, a key or a
  ///   tensor that is there twice, an alignment that is no power of two, and for a tensor whose format, shape or place
  ///   is none: outside of the file, not aligned, or over another one
  GgufFile(ByteView file, const std::string& source);

  [[nodiscard]] const std::map<std::string, GgufValue, std::less<>>& values() const { return values_; }
  [[nodiscard]] const std::map<std::string, GgufTensor, std::less<>>& tensors() const { return tensors_; }

  /// The value of a key, or null.
  [[nodiscard]] const GgufValue* find(std::string_view key) const;
  /// The same; each fails if the key is not there, or has a value of another type.
  [[nodiscard]] const GgufValue& at(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
  [[nodiscard]] double real(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] std::string_view string(std::string_view key) const;
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key) const;
  [[nodiscard]] std::vector<std::string_view> strings(std::string_view key) const;
  [[nodiscard]] std::vector<double> reals(std::string_view key) const;

  /// Throws the fault "source: byte N, key: value: rule". @param key  which is there
  [[noreturn]] void fail(std::string_view key, const std::string& value, const std::string& rule) const;
  /// Throws a fault of the whole file.
  [[noreturn]] void fail_whole(const std::string& rule) const;
  /// Throws the fault "source: byte N, tensor NAME: value: rule". @param name  of a tensor that is there
  [[noreturn]] void fail_tensor(const std::string& name, const std::string& value, const std::string& rule) const;

 private:
  void read_value(BinaryCursor& cursor);
  /// Reads the entry of a tensor. @returns its place in the data
  static std::uint64_t read_tensor(BinaryCursor& cursor, const std::string& name, GgufTensor& tensor);
  void place_tensors(const BinaryCursor& cursor, const std::map<std::string, std::uint64_t>& places);

  ByteView file_;
  const std::string* source_;
  std::map<std::string, GgufValue, std::less<>> values_;
  std::map<std::string, GgufTensor, std::less<>> tensors_;
};

}  // namespace p2pllm
