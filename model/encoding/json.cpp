#include "model/encoding/json.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "model/assert.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm {
namespace {

// A long double's range contains every number within our limits, so none overflows before its text is examined.
using Library =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t, std::uint64_t, long double>;

constexpr const char* nul_byte = "a NUL byte: a document is text";

std::string escape_pointer(std::string_view key) {
  std::string escaped;
  for (const char c : key) {
    if (c == '~') escaped += "~0";
    else if (c == '/') escaped += "~1";
    else escaped += c;
  }
  return printable(escaped);
}

/// A place "line L, column C" of a text with its source.
std::string place_in_text(const std::string& source, const std::string& place, TextForm form) {
  if (form == TextForm::document) return source + ": " + place;
  const auto column = place.find(", ");  // the source includes the line
  return source + (column == std::string::npos ? ": " + place : place.substr(column));
}

/// Receives the library's events and builds the document.
class Builder final : public nlohmann::json_sax<Library> {
 public:
  Builder(std::string_view text, std::string source, TextForm form)
      : text_(text), source_(std::move(source)), form_(form) {}

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json::Number{std::to_string(value)}); }
  bool number_unsigned(number_unsigned_t value) override { return add(Json::Number{std::to_string(value)}); }
  bool number_float(number_float_t /*rounded*/, const string_t& text) override { return add(Json::Number{text}); }
  bool string(string_t& text) override { return add(Json(std::move(text))); }
  bool binary(binary_t& /*unused*/) override { return false; }
  bool start_object(std::size_t /*unknown*/) override { return open(Json(Json::Object())); }
  bool start_array(std::size_t /*unknown*/) override { return open(Json(Json::Array())); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second)
      return fail_at(pointer(), printable('"' + name + '"'), "an object's keys must be distinct");
    open_.back()->as_object()->emplace_back(std::move(name), Json());
    return true;
  }

  bool parse_error(std::size_t byte, const std::string& token, const nlohmann::detail::exception& error) override {
    if (error.id == 406) {  // beyond long double, and so beyond our limits
      const auto value = parse_rational(token);
      return fail_at(pointer(), printable(token), value ? "a number must be finite" : value.error().rule);
    }
    std::string text = error.what();
    const auto place = text.find("parse error at ");
    if (place != std::string::npos) text = text.substr(place + 15);
    const auto colon = text.find(": ");
    std::string detail = colon == std::string::npos ? "" : text.substr(colon + 2);
    // The library treats a NUL as the end of the text.
    if (byte >= 1 && byte <= text_.size() && text_[byte - 1] == '\0') detail = nul_byte;
    const auto last_read = std::min(detail.find("; last read: "), detail.size());  // the file's text begins there
    constexpr std::size_t shown_max = 200;
    return fail(place_in_text(source_, text.substr(0, colon), form_), "malformed JSON",
                detail.substr(0, last_read) +
                    printable(std::string_view(detail).substr(last_read), shown_max - std::min(shown_max, last_read)));
  }

  [[nodiscard]] const Fault& fault() const { return fault_; }
  Json take() { return std::move(root_); }

 private:
  Json* place(Json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (auto* items = open_.back()->as_array()) return &items->emplace_back(std::move(value));
    return &(open_.back()->as_object()->back().second = std::move(value));
  }
  bool add(Json value) {
    if (!count()) return false;
    place(std::move(value));
    return true;
  }
  bool count() {
    if (++values_ <= json_values_max) return true;
    return fail_at(pointer(), "more than " + std::to_string(json_values_max) + " values",
                   "a document may not have more");
  }
  bool open(Json container) {
    if (open_.size() == static_cast<std::size_t>(json_depth_max)) {
      return fail_at(pointer(), container.as_array() != nullptr ? "[" : "{", "nesting may be at most 16 levels deep");
    }
    if (!count()) return false;
    open_.push_back(place(std::move(container)));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  [[nodiscard]] std::string pointer() const {
    std::string path;
    for (const Json* container : open_) {
      if (const auto* items = container->as_array()) {
        path += '/' + std::to_string(items->size() - (container == open_.back() ? 0 : 1));
      } else if (!container->as_object()->empty()) {
        path += '/' + escape_pointer(container->as_object()->back().first);
      }
    }
    return path.empty() ? "/" : path;
  }
  bool fail_at(const std::string& pointer, std::string value, std::string rule) {
    return fail(source_ + ": " + pointer, std::move(value), std::move(rule));
  }
  bool fail(std::string place, std::string value, std::string rule) {
    fault_ = bad_input(std::move(place), std::move(value), std::move(rule)).value();
    return false;
  }

  std::string_view text_;
  std::string source_;
  TextForm form_;
  Fault fault_;
  Json root_;
  std::vector<Json*> open_;
  std::vector<std::unordered_set<std::string>> keys_;
  std::size_t values_ = 0;
};

bool is_container(const Json& value) { return value.as_array() != nullptr || value.as_object() != nullptr; }

std::string quote(const std::string& text) {
  return for_json(Library(text).dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace));
}

void write(const Json& value, std::size_t indent, std::string& out) {
  const auto new_line = [&out](std::size_t level) { out += '\n' + std::string(2 * level, ' '); };
  if (value.is_null()) out += "null";
  if (const auto* flag = value.as_bool()) out += *flag ? "true" : "false";
  if (const auto* number = value.as_number()) out += number->text;
  if (const auto* text = value.as_string()) out += quote(*text);
  if (const auto* items = value.as_array()) {
    const bool nested = std::any_of(items->begin(), items->end(), is_container);
    out += '[';
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (i > 0) out += nested ? "," : ", ";
      if (nested) new_line(indent + 1);
      write((*items)[i], indent + 1, out);
    }
    if (nested) new_line(indent);
    out += ']';
  }
  if (const auto* members = value.as_object()) {
    out += '{';
    for (std::size_t i = 0; i < members->size(); ++i) {
      if (i > 0) out += ',';
      new_line(indent + 1);
      out += quote((*members)[i].first) + ": ";
      write((*members)[i].second, indent + 1, out);
    }
    if (!members->empty()) new_line(indent);
    out += '}';
  }
}

void write_dense(const Json& value, std::string& out) {
  if (const auto* items = value.as_array()) {
    for (std::size_t i = 0; i < items->size(); ++i) write_dense((*items)[i], out += i == 0 ? '[' : ',');
    out += items->empty() ? "[]" : "]";
  } else if (const auto* members = value.as_object()) {
    for (std::size_t i = 0; i < members->size(); ++i)
      write_dense((*members)[i].second, (out += i == 0 ? '{' : ',') += quote((*members)[i].first) + ':');
    out += members->empty() ? "{}" : "}";
  } else {
    write(value, 0, out);
  }
}

std::string shown(const Json& value) {
  if (const auto* number = value.as_number()) return printable(number->text);
  if (const auto* text = value.as_string()) return printable('"' + *text + '"');
  if (const auto* flag = value.as_bool()) return *flag ? "true" : "false";
  if (const auto* items = value.as_array()) return "array of " + std::to_string(items->size());
  return value.is_null() ? "null" : "object";
}

}  // namespace

const Json* Json::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto found =
      std::find_if(members->begin(), members->end(), [key](const auto& member) { return member.first == key; });
  return found == members->end() ? nullptr : &found->second;
}

Result<Json> parse_json(std::string_view text, const std::string& source, TextForm form) {
  Builder builder(text, source, form);
  if (!Library::sax_parse(text.begin(), text.end(), &builder)) return tl::unexpected<Fault>(builder.fault());
  // A NUL after the document is refused, too.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    const std::string_view before = text.substr(0, nul);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = nul - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    const std::string place = "line " + std::to_string(line) + ", column " + std::to_string(column);
    return bad_input(place_in_text(source, place, form), "malformed JSON", nul_byte);
  }
  return builder.take();
}

std::string write_json(const Json& document) {
  std::string out;
  write(document, 0, out);
  return out + '\n';
}

std::string write_json_line(const Json& document) {
  std::string out;
  write_dense(document, out);
  return out;
}

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
  const Rational value = rational();
  if (!value.is_integer() || value < Rational(least) || value > Rational(most)) fail(rule);
  return value.numerator().get_si();
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
