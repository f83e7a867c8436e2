#include "fuzz/changes.hpp"

#include <algorithm>
#include <set>

#include "model/numbers/parse.hpp"

namespace p2pllm::fuzz {
namespace {

class Walk {
 public:
  Walk(Json& root, const std::vector<std::string>& vocabulary,
       const std::function<bool(const Change&, const Json&)>& visit, std::optional<std::size_t> only)
      : root_(root), vocabulary_(vocabulary), visit_(visit), only_(only) {}

  bool at(Json& here, const std::string& place) {
    if ((!only_ || *only_ == places_) && !change(here, place)) return false;
    ++places_;
    if (auto* members = here.as_object())
      return std::ranges::all_of(*members, [&](auto& member) { return at(member.second, place + "/" + member.first); });
    std::size_t k = 0;
    if (auto* items = here.as_array())
      return std::ranges::all_of(*items, [&](Json& item) { return at(item, place + "/" + std::to_string(k++)); });
    return true;
  }

 private:
  bool change(Json& here, const std::string& place) {
    const Json original = here;
    const auto one = [&](Json changed, const std::string& what) {
      here = std::move(changed);
      const bool goes_on = visit_({place, what}, root_);
      here = original;
      return goes_on;
    };
    if (!kinds(original, one)) return false;
    if (original.as_object() != nullptr) return members(original, one);
    return original.as_array() != nullptr ? items(original, one) : scalar(original, one);
  }

  static bool kinds(const Json& value, const auto& one) {
    return one(Json(), "null") && one(Json(true), "true") && one(Json(false), "false") && one(Json(""), "empty text") &&
           one(Json::Array{}, "empty list") && one(Json::Object{}, "empty object") &&
           one(Json::Array{value}, "list of itself") && one(Json::integer(1), "1") && one(Json("2/3"), "2/3");
  }

  static bool members(const Json& object, const auto& one) {
    const Json::Object& original = *object.as_object();
    const auto changed = [&](const auto& change, std::size_t k, const std::string& what) {
      Json::Object result = original;
      change(result, result.begin() + static_cast<std::ptrdiff_t>(k));
      return one(Json(std::move(result)), what);
    };
    for (std::size_t k = 0; k < original.size(); ++k) {
      const std::string& key = original[k].first;
      const bool goes_on =
          changed([](auto& all, auto it) { all.erase(it); }, k, "without " + key) &&
          changed([](auto& all, auto it) { all.push_back(*it); }, k, "twice " + key) &&
          changed([](auto& all, auto it) { all.emplace_back(it->first, Json()); }, k, "again " + key) &&
          changed([](auto&, auto it) { it->first += "s"; }, k, "renamed " + key) &&
          changed([](auto& all, auto it) { std::rotate(it, it + 1, all.end()); }, k, "moved " + key);
      if (!goes_on) return false;
    }
    return changed([](auto& all, auto) { all.emplace_back("extra", Json::integer(0)); }, 0, "extra key");
  }

  static bool items(const Json& list, const auto& one) {
    const Json::Array& original = *list.as_array();
    const auto changed = [&](const auto& change, const std::string& what) {
      Json::Array result = original;
      change(result);
      return one(Json(std::move(result)), what);
    };
    for (std::size_t k = 0; k < original.size(); ++k) {
      const auto at = static_cast<std::ptrdiff_t>(k);
      const bool goes_on =
          changed([&](auto& all) { all.erase(all.begin() + at); }, "dropped " + std::to_string(k)) &&
          changed([&](auto& all) { all.insert(all.begin() + at, original[k]); }, "doubled " + std::to_string(k));
      if (!goes_on) return false;
      for (std::size_t j = 0; j < k; ++j)
        if (!changed([&](auto& all) { std::swap(all[j], all[k]); },
                     "swapped " + std::to_string(j) + " and " + std::to_string(k)))
          return false;
    }
    return changed([](auto& all) { all.emplace_back(); }, "appended null") &&
           changed([](auto& all) { std::reverse(all.begin(), all.end()); }, "turned round");
  }

  bool scalar(const Json& value, const auto& one) const {
    if (const auto* flag = value.as_bool()) return one(Json(!*flag), "negated");
    const std::string* text = value.as_string();
    const Json::Number* numeral = value.as_number();
    for (const std::string& word : vocabulary_)
      if ((text == nullptr || *text != word) && !one(Json(word), "\"" + word + "\"")) return false;
    if (text == nullptr && numeral == nullptr) return true;
    const auto number = parse_rational(text != nullptr ? *text : numeral->text, evidence_digits_max);
    if (!number && text == nullptr) return true;
    if (!number) return one(Json(*text + " "), "with a blank") && one(Json("x" + *text), "with a letter");
    const auto changed = [&](const Rational& other, const char* what) {
      const std::string written = to_string(other);
      return one(text != nullptr || !other.is_integer() ? Json(written) : Json(Json::Number{written}), what);
    };
    const Rational small(1, 1'000'000'000);
    return changed(*number + 1, "+ 1") && changed(*number - 1, "- 1") && changed(*number * 2, "doubled") &&
           changed(*number / 2, "halved") && changed(-*number, "negative") && changed(0, "0") &&
           changed(*number * (1 + small), "a little more") && changed(*number * (1 - small), "a little less") &&
           changed(*number + Rational::power_of_two(-200), "a trifle more") &&
           changed(*number - Rational::power_of_two(-200), "a trifle less") && one(Json("NaN"), "NaN") &&
           one(Json(to_string(*number) + " "), "with a blank");
  }

  Json& root_;
  const std::vector<std::string>& vocabulary_;
  const std::function<bool(const Change&, const Json&)>& visit_;
  std::optional<std::size_t> only_;
  std::size_t places_ = 0;
};

std::size_t count_places(const Json& value) {
  std::size_t count = 1;
  if (const auto* items = value.as_array())
    for (const Json& item : *items) count += count_places(item);
  if (const auto* members = value.as_object())
    for (const auto& [key, member] : *members) count += count_places(member);
  return count;
}

void collect(const Json& value, std::set<std::string>& words) {
  if (const auto* text = value.as_string(); text != nullptr && !parse_rational(*text)) words.insert(*text);
  if (const auto* items = value.as_array())
    for (const Json& item : *items) collect(item, words);
  if (const auto* members = value.as_object())
    for (const auto& [key, member] : *members) {
      words.insert(key);
      collect(member, words);
    }
}

}  // namespace

bool for_every_change(Json& document, const std::vector<std::string>& vocabulary,
                      const std::function<bool(const Change&, const Json&)>& visit, std::optional<std::size_t> only) {
  return Walk(document, vocabulary, visit, only).at(document, "");
}

std::size_t places_of(const Json& document) { return count_places(document); }

std::vector<std::string> vocabulary_of(const Json& document) {
  std::set<std::string> words;
  collect(document, words);
  return {words.begin(), words.end()};
}

}  // namespace p2pllm::fuzz
