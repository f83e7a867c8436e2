#include "model/encoding/json.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "model/assert.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/text_hash.hpp"

namespace p2pllm {
namespace {

// A long double's range contains every number within our limits, so none overflows before its text is examined.
using Library =
    nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t, std::uint64_t, long double>;

constexpr const char* nul_byte = "a NUL byte: a document is text";

/// A place "line L, column C" of a text with its source.
std::string place_in_text(const std::string& source, const std::string& place, TextForm form) {
  if (form == TextForm::document) return source + ": " + place;
  const auto column = place.find(", ");  // the source includes the line
  return source + (column == std::string::npos ? ": " + place : place.substr(column));
}

/// An iterator over bytes that tells where it is; the library keeps the one it was given to itself.
struct TracedByte {
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  reference operator*() const { return *at; }
  TracedByte& operator++() {
    *position = ++at;
    return *this;
  }
  friend bool operator==(const TracedByte& a, const TracedByte& b) { return a.at == b.at; }

  const char* at;
  const char** position;
};

/// The keys of one object. Most objects have few, and then comparing is faster than hashing.
class Keys {
 public:
  void clear() {
    few_ = 0;
    many_.clear();
  }
  [[nodiscard]] bool empty() const { return few_ == 0; }
  bool insert(const std::string& key) {
    for (std::size_t k = 0; k < few_; ++k)
      if (keys_[k] == key) return false;
    if (few_ == keys_.size()) {
      last_ = key;
      return many_.insert(key).second;
    }
    keys_[few_++] = key;
    return true;
  }
  [[nodiscard]] const std::string& last() const { return many_.empty() ? keys_[few_ - 1] : last_; }

 private:
  std::array<std::string, 12> keys_;  // the first `few_` are valid; the others keep their memory
  std::size_t few_ = 0;
  std::unordered_set<std::string, TextHash> many_;
  std::string last_;
};

/// Receives the library's events and builds the document.
class Builder final : public nlohmann::json_sax<Library> {
 public:
  Builder(std::string_view text, const std::string& source, TextForm form, const JsonLimits& limits)
      : text_(text), position_(text.data()), source_(source), form_(form), limits_(limits) {}

  bool parse() {
    const char* const end = text_.data() + text_.size();
    return Library::sax_parse(TracedByte{text_.data(), &position_}, TracedByte{end, &position_}, this);
  }

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json::Number{std::to_string(value)}); }
  bool number_unsigned(number_unsigned_t value) override { return add(Json::Number{std::to_string(value)}); }
  bool number_float(number_float_t /*rounded*/, const string_t& text) override { return add(Json::Number{text}); }
  bool string(string_t& text) override { return add(Json(std::move(text))); }
  bool binary(binary_t& /*unused*/) override { return false; }
  bool start_object(std::size_t /*unknown*/) override { return open(Json(Json::Object()), false); }
  bool start_array(std::size_t /*unknown*/) override { return open(Json(Json::Array()), true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Container& object = open_[depth_ - 1];
    if (!object.keys.insert(name))
      return fail_at(pointer(), printable('"' + name + '"'), "an object's keys must be distinct");
    if (object.json == nullptr) return true;
    auto& members = *object.json->as_object();
    object.builds_next = members.size() < limits_.members_built_max || name == "format";
    if (object.builds_next) members.emplace_back(std::move(name), Json());
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
  /// An array or object that has begun and not ended.
  struct Container {
    Json* json = nullptr;  // null if it is not built
    const char* begin = nullptr;
    bool is_array = false;
    bool builds_next = false;  // in an object: whether its last member is built
    bool is_text = false;      // an array that is left as text
    std::size_t items = 0;
    Keys keys;
  };

  /// @returns where the value is now; null if it is not built
  Json* place(Json&& value) {
    if (depth_ == 0) return &(root_ = std::move(value));
    Container& container = open_[depth_ - 1];
    if (!container.is_array) {
      const bool is_built = container.json != nullptr && container.builds_next;
      return is_built ? &(container.json->as_object()->back().second = std::move(value)) : nullptr;
    }
    if (container.items++ == limits_.items_built_max && container.json != nullptr) {
      container.is_text = true;
      *container.json->as_array() = {};
    }
    if (container.json == nullptr || container.is_text) return nullptr;
    return &container.json->as_array()->emplace_back(std::move(value));
  }
  bool add(Json&& value) {
    if (!count()) return false;
    place(std::move(value));
    return true;
  }
  bool count() {
    constexpr std::size_t reported_every = 1UL << 16U;
    if (values_ % reported_every == 0)
      report(limits_.progress, static_cast<std::size_t>(position_ - text_.data()), text_.size());
    if (++values_ <= limits_.values_max) return true;
    return fail_at(pointer(), "more than " + std::to_string(limits_.values_max) + " values",
                   "a document may not have more");
  }
  bool open(Json&& container, bool is_array) {
    if (depth_ == open_.size())
      return fail_at(pointer(), is_array ? "[" : "{", "nesting may be at most 16 levels deep");
    if (!count()) return false;
    Json* const json = place(std::move(container));
    Container& opened = open_[depth_++];
    opened.json = json;
    opened.begin = position_ - 1;
    opened.is_array = is_array;
    opened.is_text = false;
    opened.items = 0;
    opened.keys.clear();
    return true;
  }
  bool close() {
    const Container& container = open_[--depth_];
    if (container.is_text)
      *container.json = Json::ArrayText{{container.begin, static_cast<std::size_t>(position_ - container.begin)},
                                        container.items,
                                        limits_.items_built_max};
    return true;
  }
  [[nodiscard]] std::string pointer() const {
    std::string path;
    for (std::size_t k = 0; k < depth_; ++k) {
      const Container& container = open_[k];
      if (container.is_array) path += '/' + std::to_string(container.items - (k + 1 == depth_ ? 0 : 1));
      else if (!container.keys.empty()) path += '/' + escape_pointer(container.keys.last());
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
  const char* position_;
  const std::string& source_;
  TextForm form_;
  const JsonLimits& limits_;
  Fault fault_;
  Json root_;
  std::array<Container, json_depth_max> open_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
};

bool is_container(const Json& value) {
  return value.as_array() != nullptr || value.as_object() != nullptr || value.as_array_text() != nullptr;
}

std::string quote(const std::string& text) {
  return for_json(Library(text).dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace));
}

void write(const Json& value, std::size_t indent, std::string& out) {
  const auto new_line = [&out](std::size_t level) { out += '\n' + std::string(2 * level, ' '); };
  if (value.is_null()) out += "null";
  if (const auto* flag = value.as_bool()) out += *flag ? "true" : "false";
  if (const auto* number = value.as_number()) out += number->text;
  if (const auto* text = value.as_string()) out += quote(*text);
  if (const auto* items = value.as_array_text()) out += items->text;
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

}  // namespace

const Json* Json::find(std::string_view key) const {
  const Object* members = as_object();
  if (members == nullptr) return nullptr;
  const auto found =
      std::find_if(members->begin(), members->end(), [key](const auto& member) { return member.first == key; });
  return found == members->end() ? nullptr : &found->second;
}

Result<Json> parse_json(std::string_view text, const std::string& source, TextForm form, const JsonLimits& limits) {
  Builder builder(text, source, form, limits);
  if (!builder.parse()) return tl::unexpected<Fault>(builder.fault());
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

}  // namespace p2pllm
