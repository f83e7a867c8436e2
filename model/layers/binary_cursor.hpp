#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/encoding/bytes.hpp"
#include "model/encoding/escape.hpp"
#include "model/layers/float_formats.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// Reads a file of numbers and strings from the left. A fault leaves by `Failure`, which the reader of the file catches
/// and returns as a `Result`: it crosses no public function.
class BinaryCursor {
 public:
  struct Failure {
    Fault fault;
  };

  /// @param source  the file's name for messages; outlives the cursor
  BinaryCursor(ByteView file, const std::string& source) : file_(file), source_(&source) {}

  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] std::uint64_t left() const { return file_.size() - offset_; }
  /// The next `count` bytes; fails at the offset where they would begin if fewer are left.
  ByteView bytes(std::uint64_t count, std::string_view what) {
    if (count > left())
      fail(what, std::to_string(count) + " bytes", "only " + std::to_string(left()) + " bytes of the file are left");
    const ByteView result = file_.subspan(offset_, count);
    offset_ += count;
    return result;
  }
  /// An unsigned number, its lowest byte first.
  std::uint64_t number(std::size_t size, std::string_view what) { return little_endian(bytes(size, what), 0, size); }

  /// Throws the fault "source: byte N, what: value: rule", at the next byte or the one given.
  [[noreturn]] void fail(std::string_view what, const std::string& value, const std::string& rule,
                         std::optional<std::uint64_t> at = std::nullopt) const {
    throw Failure{
        bad_input(*source_ + ": byte " + std::to_string(at.value_or(offset_)) + ", " + printable(what), value, rule)
            .value()};
  }

 private:
  ByteView file_;
  const std::string* source_;
  std::uint64_t offset_ = 0;
};

}  // namespace p2pllm
