#pragma once

#include <array>
#include <cstring>
#include <string_view>

#include "model/assert.hpp"
#include "model/contracts/field_encoding.hpp"

namespace p2pllm::optimized {

/// The text of an object in the state (LEDGER-7), written without allocation. The number of items comes first, so it
/// must be known before the items are.
class StateRow {
 public:
  StateRow(std::uint64_t items, std::string_view kind) {
    head(0x80, items);
    head(0x60, kind.size());
    append(kind.data(), kind.size());
  }
  StateRow& add(std::int64_t value) {
    head(0, static_cast<std::uint64_t>(value));
    return *this;
  }
  StateRow& add(std::uint64_t value) {
    head(0, value);
    return *this;
  }
  StateRow& add(const Hash& value) {
    head(0x40, value.size());
    append(value.data(), value.size());
    return *this;
  }
  StateRow& add(const PublicKey& value) { return add(value.bytes); }
  StateRow& add(const LayerRange& value) { return add(value.first).add(value.last); }
  template <typename Record>
  StateRow& add_fields(const Record& record) {
    Record::fields(record, [this](std::string_view, const auto& value) { add(value); });
    return *this;
  }
  [[nodiscard]] ByteView bytes() const { return {bytes_.data(), size_}; }

 private:
  /// A head in its shortest form (COMMIT-1).
  void head(std::uint8_t major, std::uint64_t argument) {
    const auto put = [&](std::uint8_t info, unsigned length) {
      P2PLLM_ASSERT(size_ + 1 + length <= bytes_.size());
      bytes_[size_++] = static_cast<std::uint8_t>(major | info);
      for (unsigned k = length; k-- > 0;) bytes_[size_++] = static_cast<std::uint8_t>(argument >> (8 * k));
    };
    if (argument < 24) {
      P2PLLM_ASSERT(size_ < bytes_.size());
      bytes_[size_++] = static_cast<std::uint8_t>(major | argument);
    } else if (argument <= 0xff) put(24, 1);
    else if (argument <= 0xffff) put(25, 2);
    else if (argument <= 0xffff'ffff) put(26, 4);
    else put(27, 8);
  }
  void append(const void* from, std::size_t length) {
    P2PLLM_ASSERT(size_ + length <= bytes_.size());
    std::memcpy(&bytes_[size_], from, length);
    size_ += length;
  }

  std::array<std::uint8_t, 1024> bytes_;
  std::size_t size_ = 0;
};

}  // namespace p2pllm::optimized
