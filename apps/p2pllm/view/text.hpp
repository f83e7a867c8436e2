#pragma once

#include <string>
#include <vector>

#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "model/market/chain.hpp"
#include "model/market/network.hpp"
#include "model/market/verdict.hpp"
#include "model/progress.hpp"

namespace p2pllm::app {

/// Columns of text, right-aligned; left-aligned are the first and those whose header begins with "<" (not shown).
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// The table, with every line indented by two spaces; wide characters count once.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<bool> left_;
};

/// Six significant digits, rounded to nearest: for people, never for machines.
[[nodiscard]] std::string readable(const Rational& value);
/// The digits, at most `digits`, to which both ends round alike; both ends if those are few; "< x" from 0.
[[nodiscard]] std::string readable(const Enclosure& value, int digits = 6);
/// "[lower, upper]", rounded outward to five digits.
[[nodiscard]] std::string bracket(const Enclosure& value);
/// "a/b" if it is short, otherwise six significant digits.
[[nodiscard]] std::string short_exact(const Rational& value);
/// "1 node", "2 nodes".
[[nodiscard]] std::string counted(std::size_t count, const std::string& noun);
/// "a > b > c", shortened in the middle if it is long; the ids are as in the file.
[[nodiscard]] std::string readable_path(const Network& network, const std::vector<std::size_t>& path);

/// "no chain crosses boundary b".
void print_unreachable(const Network& network, const Unreachable& answer);

/// Adds `name`: "a/b" and `name_decimal` to a JSON object (FORMAT-7).
void add_exact(Json::Object& object, const std::string& name, const Rational& value,
               Rounding rounding = Rounding::nearest);
/// {"lower", "upper"} as outward-rounded decimals of `digits` digits.
[[nodiscard]] Json enclosure_json(const Enclosure& value, int digits = 25);
[[nodiscard]] Json optional_enclosure_json(const std::optional<Enclosure>& value, int digits = 25);
[[nodiscard]] Json range_json(const LayerRange& range);
[[nodiscard]] Json path_json(const Network& network, const std::vector<std::size_t>& path);

/// A progress line on standard error, if it is a terminal; cleared at the end.
class ProgressLine {
 public:
  explicit ProgressLine(std::string what);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  [[nodiscard]] Progress hook();

 private:
  void draw(std::size_t done, std::size_t total);
  std::string what_;
  bool terminal_;
  bool drawn_ = false;
  long long next_ms_ = 0;
};

}  // namespace p2pllm::app
