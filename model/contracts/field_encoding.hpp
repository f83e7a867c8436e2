#pragma once

#include <string_view>
#include <type_traits>

#include "model/crypto/merkle.hpp"
#include "model/crypto/signature.hpp"
#include "model/encoding/cbor.hpp"
#include "model/layer_range.hpp"

// Each record lists its fields once, in the order of their encoding, by calling visit("name", member) in `fields(self,
// visit)`. The functions below encode a single field (COMMIT-1, LEDGER-3, LEDGER-7).
namespace p2pllm::contracts {

inline void encode_field(CborWriter& out, std::string_view value) { out.text(value); }
inline void encode_field(CborWriter& out, std::int64_t value) { out.number(static_cast<std::uint64_t>(value)); }
inline void encode_field(CborWriter& out, std::uint64_t value) { out.number(value); }
inline void encode_field(CborWriter& out, bool value) { out.boolean(value); }
inline void encode_field(CborWriter& out, const Bytes& value) { out.bytes(value); }
inline void encode_field(CborWriter& out, const Hash& value) { out.bytes(value); }
inline void encode_field(CborWriter& out, const PublicKey& value) { out.bytes(value.bytes); }
inline void encode_field(CborWriter& out, const Signature& value) { out.bytes(value.bytes); }
/// A range counts as two items: they are part of the record's array and form no array of their own.
inline void encode_field(CborWriter& out, const LayerRange& value) {
  encode_field(out, value.first);
  encode_field(out, value.last);
}
inline void encode_field(CborWriter& out, const MerkleProof& value) {
  out.array(value.size());
  for (const Hash& hash : value) out.bytes(hash);
}

/// The number of array items that a field takes.
template <typename T>
inline constexpr std::uint64_t item_count = std::is_same_v<T, LayerRange> ? 2 : 1;
/// The number of array items that all fields of a record take.
template <typename Record>
[[nodiscard]] std::uint64_t item_count_of_fields(const Record& record) {
  std::uint64_t count = 0;
  Record::fields(record, [&count](std::string_view, const auto& value) {
    count += item_count<std::remove_cvref_t<decltype(value)>>;
  });
  return count;
}

/// The array [kind, ..] that represents an object in a hash (LEDGER-7).
class Row {
 public:
  explicit Row(std::string_view kind) { add(kind); }

  template <typename T>
  Row& add(const T& value) {
    encode_field(items_, value);
    count_ += item_count<T>;
    return *this;
  }
  template <typename Record>
  Row& add_fields(const Record& record) {
    Record::fields(record, [this](std::string_view, const auto& value) { add(value); });
    return *this;
  }
  [[nodiscard]] Bytes take() {
    CborWriter head;
    const ByteView first = head.array(count_).view(), items = items_.view();
    Bytes bytes;
    bytes.reserve(first.size() + items.size());
    bytes.insert(bytes.end(), first.begin(), first.end());
    bytes.insert(bytes.end(), items.begin(), items.end());
    return bytes;
  }

 private:
  CborWriter items_;
  std::uint64_t count_ = 0;
};

}  // namespace p2pllm::contracts
