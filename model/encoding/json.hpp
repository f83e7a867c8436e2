#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/numbers/parse.hpp"
#include "model/numbers/rational.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// A JSON document whose numbers keep their text, so that no double ever touches an input.
class Json {
 public:
  struct Number {
    std::string text;
  };
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in document order, keys distinct
  /// A long array of a document that is left as the text it was, without white space around it
  /// (`JsonLimits::items_built_max`).
  struct ArrayText {
    std::string_view text;
    std::size_t size = 0;
    std::size_t items_built_max = 0;  ///< for the arrays in it
  };

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  Json(Number number) : value_(std::move(number)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(Array items) : value_(std::move(items)) {}
  Json(Object members) : value_(std::move(members)) {}
  Json(ArrayText items) : value_(items) {}
  static Json integer(long long value) { return Number{std::to_string(value)}; }

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const Number* as_number() const { return std::get_if<Number>(&value_); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&value_); }
  [[nodiscard]] const ArrayText* as_array_text() const { return std::get_if<ArrayText>(&value_); }
  [[nodiscard]] Array* as_array() { return std::get_if<Array>(&value_); }
  [[nodiscard]] Object* as_object() { return std::get_if<Object>(&value_); }
  /// The member `key` of an object, or null.
  [[nodiscard]] const Json* find(std::string_view key) const;

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object, ArrayText> value_;
};

inline constexpr int json_depth_max = 16;
inline constexpr std::size_t json_values_max = 16'000'000;  ///< bounds memory to well under 1 GiB

inline constexpr std::size_t json_members_built_max = 16;  ///< where long arrays are left as text
inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// Whether the source is a whole document, or one line of a file whose number is part of the source name. In a line,
/// places are columns.
enum class TextForm { document, line };

/// How much of a document is built in memory.
struct JsonLimits {
  std::size_t values_max = json_values_max;
  /// An array of more items is left as text (`Json::ArrayText`).
  std::size_t items_built_max = no_limit;
  /// An object of more members has only the first ones and "format". A reader that knows fewer keys of each object, and
  /// refuses others, gives the same answer.
  std::size_t members_built_max = no_limit;
  Progress progress = {};  ///< called with bytes done and bytes in all
};

/// Parses one UTF-8 JSON document (FORMAT-1). Duplicate keys, nesting beyond `json_depth_max`
/// and more than `limits.values_max` values are errors.
/// @param text    must outlive the document if arrays are left as text
/// @param source  the file's name for messages, as it is to be shown (`for_terminal`)
/// @returns the document; or one line `source: place: value: rule`, in which malformed text is located by line and
///   column.
[[nodiscard]] Result<Json> parse_json(std::string_view text, const std::string& source,
                                      TextForm form = TextForm::document, const JsonLimits& limits = {});

/// The document as text, indented by two spaces per level; arrays without nested containers stay on one line.
[[nodiscard]] std::string write_json(const Json& document);
/// The document as text without white space between its tokens and without an end of line.
[[nodiscard]] std::string write_json_line(const Json& document);

/// Reads the items of an array that is left as text, from the left: `parse_json` has checked it, so no fault is
/// possible.
class JsonItems {
 public:
  explicit JsonItems(const Json::ArrayText& array)
      : at_(array.text.data() + 1), end_(at_ + array.text.size() - 1), items_built_max_(array.items_built_max) {}

  /// The next item, with long arrays and objects as `parse_json` leaves them.
  /// @pre fewer items were read than the array has
  [[nodiscard]] Json next();

 private:
  [[nodiscard]] char peek();
  [[nodiscard]] Json value();
  [[nodiscard]] Json number();
  [[nodiscard]] Json array();
  [[nodiscard]] Json object();
  [[nodiscard]] std::string string();
  void skip_value();
  void skip_string();

  const char* at_;
  const char* end_;
  std::size_t items_built_max_;
};

/// A place in a document that is being read. It knows its JSON pointer, checks kinds and ranges, and throws
/// `JsonCursor::Failure` (caught by the public readers, which return it as a `Result`).
class JsonCursor {
 public:
  struct Failure {
    Fault fault;
  };

  JsonCursor(const Json& document, const std::string& source) : value_(&document), source_(&source) {}

  [[nodiscard]] const Json& value() const { return *value_; }
  /// Fails unless this is an object whose keys are all in `allowed`.
  void require_object(std::initializer_list<std::string_view> allowed) const;
  [[nodiscard]] JsonCursor member(std::string_view key) const;  ///< fails when absent
  [[nodiscard]] std::optional<JsonCursor> optional_member(std::string_view key) const;
  std::vector<JsonCursor> items() && = delete;             // items point to this cursor
  [[nodiscard]] std::vector<JsonCursor> items() const&;    ///< fails unless an array
  [[nodiscard]] std::size_t size() const;                  ///< of an array
  [[nodiscard]] JsonCursor item(std::size_t index) const;  ///< of an array that is built
  /// Calls `visit(item)` for each item of an array, also of one that is left as text; fails unless this is an array.
  template <typename Visit>
  void for_each_item(const Visit& visit) const {
    if (const Json::ArrayText* text = value_->as_array_text()) {
      JsonItems items(*text);
      for (std::size_t i = 0; i < text->size; ++i) {
        const Json item = items.next();
        visit(JsonCursor(*this, item, i));
      }
      return;
    }
    for (std::size_t i = 0; i < size(); ++i) visit(item(i));
  }
  /// A cursor for the member `key` that was already found, for walks over a large object.
  [[nodiscard]] JsonCursor child(std::string_view key, const Json& value) const { return {*this, value, key}; }
  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] Rational rational(int digits_max = number_digits_max) const;  ///< a number or a string holding one
  [[nodiscard]] long long integer(long long least, long long most, const char* rule) const;

  /// Throws the fault `source: pointer: value: rule`.
  [[noreturn]] void fail(const std::string& rule) const;
  [[nodiscard]] std::string pointer() const;

 private:
  JsonCursor(const JsonCursor& parent, const Json& value, std::string_view key)
      : value_(&value), source_(parent.source_), parent_(&parent), key_(key) {}
  JsonCursor(const JsonCursor& parent, const Json& value, std::size_t index)
      : value_(&value), source_(parent.source_), parent_(&parent), index_(index) {}

  const Json* value_;
  const std::string* source_;
  const JsonCursor* parent_ = nullptr;  // must outlive this cursor
  std::string_view key_;
  std::size_t index_ = 0;
};

/// The fault of a file that has more bytes than it may have.
[[nodiscard]] inline tl::unexpected<Fault> too_long(const std::string& source, std::size_t bytes,
                                                    std::size_t bytes_max) {
  return bad_input(source + ": /", std::to_string(bytes) + " bytes",
                   "at most " + std::to_string(bytes_max) + " are allowed");
}

/// Parses a document of at most `bytes_max` bytes, as `parse_json` does, and reads it with `reader(JsonCursor)`.
/// @returns the result of the reader, or its failure as one line.
template <typename Reader>
[[nodiscard]] auto read_document(std::string_view bytes, const std::string& source, std::size_t bytes_max,
                                 const Reader& reader, TextForm form = TextForm::document,
                                 const JsonLimits& limits = {})
    -> Result<decltype(reader(std::declval<JsonCursor>()))> {
  if (bytes.size() > bytes_max) return too_long(source, bytes.size(), bytes_max);
  const Result<Json> document = parse_json(bytes, source, form, limits);
  if (!document) return tl::unexpected<Fault>(document.error());
  try {
    return reader(JsonCursor(*document, source));
  } catch (const JsonCursor::Failure& failure) {
    return tl::unexpected<Fault>(failure.fault);
  }
}

/// Fails unless the member "format" of `root` is `format`.
void require_format(const JsonCursor& root, const std::string& format);

}  // namespace p2pllm
