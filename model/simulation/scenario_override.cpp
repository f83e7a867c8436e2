#include "model/simulation/scenario_override.hpp"

#include <algorithm>
#include <charconv>

#include "model/encoding/escape.hpp"

namespace p2pllm {
namespace {

/// The tokens of a JSON pointer (RFC 6901).
std::vector<std::string> tokens_of(const std::string& pointer) {
  std::vector<std::string> tokens;
  for (std::size_t k = 0; k < pointer.size(); ++k) {
    if (pointer[k] == '/') {
      tokens.emplace_back();
    } else if (pointer[k] == '~' && k + 1 < pointer.size() && (pointer[k + 1] == '0' || pointer[k + 1] == '1')) {
      tokens.back() += pointer[++k] == '0' ? '~' : '/';
    } else {
      tokens.back() += pointer[k];
    }
  }
  return tokens;
}

/// The member or item that a token names; null if an array has no such item. A member that an object lacks is made.
Json* child(Json& parent, const std::string& token) {
  if (parent.is_null()) parent = Json::Object{};
  if (Json::Object* members = parent.as_object()) {
    const auto found = std::ranges::find(*members, token, [](const auto& member) { return member.first; });
    return found == members->end() ? &members->emplace_back(token, Json()).second : &found->second;
  }
  Json::Array* items = parent.as_array();
  if (items == nullptr) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool is_index = error == std::errc() && end == token.data() + token.size();
  return is_index && index < items->size() ? &(*items)[index] : nullptr;
}

}  // namespace

Result<ScenarioOverride> parse_override(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos || sign + 1 == text.size() || text.front() != '/')
    return bad_input("an override is POINTER=VALUE, such as /prices/eta=1/4");
  return ScenarioOverride{text.substr(0, sign), text.substr(sign + 1)};
}

Result<void> apply_overrides(Json& document, const std::vector<ScenarioOverride>& overrides) {
  for (auto one = overrides.begin(); one != overrides.end(); ++one) {
    const std::string place = "--set " + printable(one->pointer);
    if (std::any_of(overrides.begin(), one, [&](const auto& earlier) { return earlier.pointer == one->pointer; }))
      return bad_input(place, "a pointer is replaced at most once");
    const auto tokens = tokens_of(one->pointer);
    Json* at = &document;
    for (std::size_t k = 0; k < tokens.size() && at != nullptr; ++k) at = child(*at, tokens[k]);
    if (at == nullptr) return bad_input(place, "the scenario has no such place");
    auto value = parse_json(one->value, place);
    *at = value ? *std::move(value) : Json(one->value);
  }
  return {};
}

}  // namespace p2pllm
