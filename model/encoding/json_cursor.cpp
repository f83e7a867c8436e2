#include <algorithm>
#include <charconv>

#include "model/assert.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"

namespace p2pllm {
namespace {

std::string shown(const Json& value) {
  if (const auto* number = value.as_number()) return printable(number->text);
  if (const auto* text = value.as_string()) return printable('"' + *text + '"');
  if (const auto* flag = value.as_bool()) return *flag ? "true" : "false";
  if (const auto* items = value.as_array()) return "array of " + std::to_string(items->size());
  if (const auto* text = value.as_array_text()) return "array of " + std::to_string(text->size);
  return value.is_null() ? "null" : "object";
}

}  // namespace

void JsonCursor::require_object(std::initializer_list<std::string_view> allowed) const {
  const Json::Object* members = value_->as_object();
  if (members == nullptr) fail("an object is expected here");
  for (const auto& [key, value] : *members) {
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      std::string list;
      for (const auto name : allowed) list += (list.empty() ? "" : ", ") + std::string(name);
      JsonCursor(*this, value, std::string_view(key)).fail("unknown key; known here: " + list);
    }
  }
}

JsonCursor JsonCursor::member(std::string_view key) const {
  const Json* found = value_->find(key);
  if (found == nullptr) fail("the key \"" + std::string(key) + "\" is required here");
  return {*this, *found, key};
}

std::optional<JsonCursor> JsonCursor::optional_member(std::string_view key) const {
  const Json* found = value_->find(key);
  if (found == nullptr) return std::nullopt;
  return JsonCursor(*this, *found, key);
}

std::size_t JsonCursor::size() const {
  if (const Json::ArrayText* text = value_->as_array_text()) return text->size;
  if (value_->as_array() == nullptr) fail("an array is expected here");
  return value_->as_array()->size();
}

JsonCursor JsonCursor::item(std::size_t index) const {
  P2PLLM_ASSERT(value_->as_array() != nullptr && index < value_->as_array()->size());
  return {*this, (*value_->as_array())[index], index};
}

std::vector<JsonCursor> JsonCursor::items() const& {
  std::vector<JsonCursor> result;
  result.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) result.push_back(item(i));
  return result;
}

const std::string& JsonCursor::string() const {
  if (value_->as_string() == nullptr) fail("a string is expected here");
  return *value_->as_string();
}

Rational JsonCursor::rational(int digits_max) const {
  const auto* number = value_->as_number();
  if (number == nullptr && value_->as_string() == nullptr) fail("a number is expected here");
  auto parsed = parse_rational(number != nullptr ? number->text : *value_->as_string(), digits_max);
  if (!parsed) fail(parsed.error().rule);
  return *std::move(parsed);
}

long long JsonCursor::integer(long long least, long long most, const char* rule) const {
  if (const auto* number = value_->as_number()) {  // most integers are written as such
    const char* const end = number->text.data() + number->text.size();
    long long integer = 0;
    const auto [after, error] = std::from_chars(number->text.data(), end, integer);
    if (error == std::errc() && after == end && integer >= least && integer <= most) return integer;
  }
  const Rational value = rational();
  if (!value.is_integer() || !value.numerator().fits_slong_p()) fail(rule);
  const long integer = value.numerator().get_si();
  if (integer < least || integer > most) fail(rule);
  return integer;
}

std::string JsonCursor::pointer() const {
  if (parent_ == nullptr) return "";
  return parent_->pointer() + '/' + (key_.data() != nullptr ? escape_pointer(key_) : std::to_string(index_));
}

void JsonCursor::fail(const std::string& rule) const {
  const std::string place = pointer();
  throw Failure{{.kind = Fault::Kind::bad_input,
                 .clause = {},
                 .place = *source_ + ": " + (place.empty() ? "/" : place),
                 .value = shown(*value_),
                 .rule = rule}};
}

void require_format(const JsonCursor& root, const std::string& format) {
  const JsonCursor place = root.member("format");
  if (place.string() != format) place.fail("the format must be \"" + format + "\"");
}

}  // namespace p2pllm
