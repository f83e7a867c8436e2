#include "apps/p2pllm/view/text.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace p2pllm::app {
namespace {

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

long long now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Table::Table(std::vector<std::string> header) {
  for (std::string& name : header) {
    left_.push_back(left_.empty() || name.starts_with('<'));
    if (name.starts_with('<')) name.erase(0, 1);
  }
  rows_.push_back(std::move(header));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - width_of(row[c]), ' ');
      line += "  " + (left_[c] ? row[c] + space : space + row[c]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string readable(const Rational& value) { return to_decimal(value, 6); }

std::string readable(const Enclosure& value, int digits) {
  if (value.lower.sign() == 0 && value.upper.sign() > 0) return "< " + to_decimal(value.upper, 3, Rounding::up);
  constexpr int digits_min = 4;
  for (int shown = digits; shown >= digits_min; --shown)
    if (round_decimal(value.lower, shown) == round_decimal(value.upper, shown)) return to_decimal(value.lower, shown);
  return bracket(value);
}

std::string bracket(const Enclosure& value) {
  if (value.lower == value.upper) return readable(value.lower);
  return "[" + to_decimal(value.lower, 5, Rounding::down) + ", " + to_decimal(value.upper, 5, Rounding::up) + "]";
}

std::string short_exact(const Rational& value) {
  const std::string exact = to_string(value);
  return exact.size() <= 24 ? exact : readable(value);
}

std::string counted(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string readable_path(const Network& network, const std::vector<std::size_t>& path) {
  constexpr std::size_t shown_max = 8;
  std::string text;
  for (std::size_t k = 0; k < path.size(); ++k) {
    if (path.size() > shown_max && k == shown_max / 2) {
      text += fmt::format(" > ({} more)", path.size() - shown_max);
      k = path.size() - shown_max / 2;
    }
    text += (k == 0 ? "" : " > ") + network.nodes[path[k]].id;
  }
  return text;
}

void print_unreachable(const Network& network, const Unreachable& answer) {
  fmt::print("\nNo chain crosses boundary {}: of {} layers, every chain from 0 ends there or before.\n",
             answer.blocked_boundary, network.layers);
}

void add_exact(Json::Object& object, const std::string& name, const Rational& value, Rounding rounding) {
  object.emplace_back(name, to_string(value));
  object.emplace_back(name + "_decimal", to_decimal(value, 10, rounding));
}

Json enclosure_json(const Enclosure& value, int digits) {
  return Json::Object{{"lower", to_decimal(value.lower, digits, Rounding::down)},
                      {"upper", to_decimal(value.upper, digits, Rounding::up)}};
}

Json optional_enclosure_json(const std::optional<Enclosure>& value, int digits) {
  return value ? enclosure_json(*value, digits) : Json();
}

Json range_json(const LayerRange& range) { return Json::Array{Json::integer(range.first), Json::integer(range.last)}; }

Json path_json(const Network& network, const std::vector<std::size_t>& path) {
  Json::Array ids;
  for (const std::size_t node : path) ids.emplace_back(network.nodes[node].id);
  return ids;
}

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)), terminal_(isatty(STDERR_FILENO) == 1), next_ms_(now_ms() + 300) {}

ProgressLine::~ProgressLine() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

Progress ProgressLine::hook() {
  if (!terminal_) return {};
  return [this](std::size_t done, std::size_t total) { draw(done, total); };
}

void ProgressLine::draw(std::size_t done, std::size_t total) {
  const long long now = now_ms();
  if (now < next_ms_) return;
  next_ms_ = now + 100;
  drawn_ = true;
  fmt::print(stderr, "\r\033[K{}: {} of {}", what_, done, total);
  std::fflush(stderr);
}

}  // namespace p2pllm::app
