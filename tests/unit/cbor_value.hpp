#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/encoding/cbor.hpp"

namespace p2pllm::testing {

/// Any value of COMMIT-1, for tests that expect no particular shape.
struct CborValue {
  using Array = std::vector<CborValue>;
  std::variant<std::monostate, bool, std::uint64_t, Bytes, std::string, Array> value;

  bool operator==(const CborValue&) const = default;
};

inline CborValue read_value(CborReader& reader) {
  const auto type = reader.peek();
  if (!type) return {};
  switch (*type) {
    case CborType::number: return {reader.next_number()};
    case CborType::bytes: {
      const ByteView bytes = reader.next_bytes();
      return {Bytes(bytes.begin(), bytes.end())};
    }
    case CborType::text: return {std::string(reader.next_text())};
    case CborType::boolean: return {reader.next_boolean()};
    case CborType::null: reader.next_null(); return {};
    case CborType::array: break;
  }
  CborValue::Array items;
  for (std::uint64_t left = reader.next_array(); left > 0 && !reader.failed(); --left)
    items.push_back(read_value(reader));
  return {std::move(items)};
}

inline CborResult<CborValue> decode_value(ByteView bytes) { return decode_cbor(bytes, read_value); }

inline void write_value(CborWriter& writer, const CborValue& value) {
  struct {
    CborWriter& out;
    void operator()(std::monostate) const { out.null(); }
    void operator()(bool flag) const { out.boolean(flag); }
    void operator()(std::uint64_t number) const { out.number(number); }
    void operator()(const Bytes& bytes) const { out.bytes(bytes); }
    void operator()(const std::string& text) const { out.text(text); }
    void operator()(const CborValue::Array& items) const {
      out.array(items.size());
      for (const CborValue& item : items) write_value(out, item);
    }
  } const write{writer};
  std::visit(write, value.value);
}

inline Bytes encode_value(const CborValue& value) {
  CborWriter writer;
  write_value(writer, value);
  return writer.take();
}

/// Diagnostic notation (RFC 8949, section 8), with texts as JSON writes them.
inline std::string diagnostic(const CborValue& value) {
  struct {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::uint64_t number) const { return std::to_string(number); }
    std::string operator()(const Bytes& bytes) const { return "h'" + to_hex(bytes) + "'"; }
    std::string operator()(const std::string& text) const {
      std::string shown = "\"";
      for (const char c : text) {
        if (c == '\n') shown += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20) shown += "\\u00" + to_hex(bytes_of({&c, 1}));
        else shown += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
      }
      return shown + "\"";
    }
    std::string operator()(const CborValue::Array& items) const {
      std::string shown;
      for (const CborValue& item : items) shown += (shown.empty() ? "" : ", ") + diagnostic(item);
      return "[" + shown + "]";
    }
  } const show;
  return std::visit(show, value.value);
}

}  // namespace p2pllm::testing
