#include "apps/p2pllm/view/chart_svg.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/encoding/escape.hpp"
#include "model/result.hpp"

namespace p2pllm::app {
namespace {

constexpr double top = 34;
constexpr double bottom = 176;
constexpr double character = 9;       // no common font has wider words at 14 pixels
constexpr double line_distance = 16;  // of two labels
constexpr std::size_t dots_max = 40;  // more points of a line are not marked one by one
constexpr std::array<const char*, chart_lines_max> dashes = {"none", "7 3", "2 3", "10 3 2 3", "14 4", "5 2 1 2 1 2"};

struct Range {
  Rational least;
  Rational greatest;
};

/// Calls `visit` with each point of a chart.
template <typename Visit>
void for_points(const Chart& chart, Visit visit) {
  for (const ChartPanel& panel : chart.panels)
    for (const ChartLine& line : panel.lines)
      for (const auto& point : line.points)
        if (point) visit(*point);
}

/// The values on the axis: where they hardly differ it goes beyond them, so that it does not magnify their rounding.
Range values_of(const Chart& chart) {
  std::optional<Range> range;
  for_points(chart, [&](const ChartPoint& point) {
    if (!range) range = Range{point.low, point.high};
    range->least = std::min(range->least, point.low);
    range->greatest = std::max(range->greatest, point.high);
  });
  if (!range) return {0, 1};
  if (chart.from_zero) range->least = std::min(range->least, Rational(0));
  const Rational size = std::max(abs(range->least), abs(range->greatest));
  if (range->greatest - range->least > size * Rational(1, 1'000'000)) return *range;
  const Rational margin = size.sign() == 0 ? Rational(1) : size / Rational(20);
  return {range->least - margin, range->greatest + margin};
}

/// The axes of a chart's panels.
struct Axes {
  Axis x;
  Axis y;
};

std::size_t longest_label(const Chart& chart) {
  std::size_t longest = 0;
  for (const ChartPanel& panel : chart.panels)
    for (const ChartLine& line : panel.lines) longest = std::max(longest, line.label.size());
  return longest;
}

std::string tick_text(const Rational& tick) { return to_decimal(tick, 12); }

Axes axes_of(const Chart& chart) {
  constexpr int log_from = 50;
  const auto [least, greatest] = values_of(chart);
  Axis y = Axis::around(least, greatest, bottom, top);
  if (chart.from_zero && least.sign() == 0) {
    y.span += y.least;  // the axis begins at 0 itself
    y.least = 0;
  } else if (least.sign() > 0 && greatest >= least * Rational(log_from)) {
    y.least = least * Rational(4, 5);
    y.span = greatest * Rational(5, 4) - y.least;
    y.is_logarithmic = true;
  }
  std::size_t widest = 0;
  for (const Rational& tick : y.ticks(4)) widest = std::max(widest, tick_text(tick).size());
  const double left = 10 + character * static_cast<double>(widest);
  const double right = chart_width - 12 - character * static_cast<double>(longest_label(chart));
  const Rational last = chart.x.back().sign() > 0 ? chart.x.back() : Rational(1);
  return {Axis{0, last, left, right}, y};
}

double band_width(const ChartPoint& point, const Axis& y) { return std::abs(y.pixel(point.high) - y.pixel(point.low)); }

bool is_band_visible(const ChartLine& line, const Axis& y) {
  return std::ranges::any_of(line.points, [&](const auto& point) { return point && band_width(*point, y) > 1; });
}

/// The lines and labels of the ticks. A tick of each axis is marked for tests and readers by its class.
std::string grid(const Axes& axes) {
  std::string out;
  std::size_t longest = 0;
  for (const Rational& tick : axes.x.ticks(3)) longest = std::max(longest, tick_text(tick).size());
  for (const Rational& tick : axes.x.ticks(longest > 5 ? 2 : 3)) {
    const double x = axes.x.pixel(tick);
    out += fmt::format("<path class=\"grid\" stroke=\"currentColor\" stroke-opacity=\".2\" d=\"M{:.2f} {}V{}\"/>", x,
                       top, bottom);
    out += fmt::format("<text class=\"x\" x=\"{:.2f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x, bottom + 18,
                       tick_text(tick));
  }
  for (const Rational& tick : axes.y.ticks(4)) {
    const double y = axes.y.pixel(tick);
    out +=
        fmt::format("<path class=\"grid\" stroke=\"currentColor\" stroke-opacity=\".2\" d=\"M{:.2f} {:.2f}H{:.2f}\"/>",
                    axes.x.pixel_least, y, axes.x.pixel_greatest);
    out += fmt::format("<text class=\"y\" x=\"{:.2f}\" y=\"{:.2f}\" dy=\"5\" text-anchor=\"end\">{}</text>\n",
                       axes.x.pixel_least - 6, y, tick_text(tick));
  }
  return out;
}

/// The parts of a line between its gaps, each as two lists of pixels: one of its points, one around its band.
struct Stroke {
  std::string points;
  std::string upper;
  std::string lower;
  std::size_t length = 0;
};

std::vector<Stroke> strokes_of(const Chart& chart, const ChartLine& line, const Axes& axes) {
  std::vector<Stroke> strokes(1);
  for (std::size_t k = 0; k < line.points.size(); ++k) {
    if (!line.points[k]) {
      if (strokes.back().length > 0) strokes.emplace_back();
      continue;
    }
    const double x = axes.x.pixel(chart.x[k]);
    Stroke& stroke = strokes.back();
    ++stroke.length;
    stroke.points += fmt::format("{:.2f},{:.2f} ", x, axes.y.pixel(line.points[k]->y));
    stroke.upper += fmt::format("{:.2f},{:.2f} ", x, axes.y.pixel(line.points[k]->high));
    stroke.lower = fmt::format("{:.2f},{:.2f} ", x, axes.y.pixel(line.points[k]->low)) + stroke.lower;
  }
  if (strokes.back().length == 0) strokes.pop_back();
  for (Stroke& stroke : strokes)
    for (std::string* list : {&stroke.points, &stroke.lower}) list->pop_back();
  return strokes;
}

std::string line_svg(const Chart& chart, const ChartLine& line, std::size_t place, const Axes& axes) {
  std::string out;
  for (const Stroke& stroke : strokes_of(chart, line, axes)) {
    if (is_band_visible(line, axes.y))
      out += fmt::format("<polygon class=\"band c{}\" fill=\"currentColor\" fill-opacity=\".18\" points=\"{}{}\"/>\n",
                         place, stroke.upper, stroke.lower);
    out += fmt::format(
        "<polyline class=\"line c{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" "
        "stroke-dasharray=\"{}\" points=\"{}\"/>\n",
        place, dashes[place], stroke.points);
    if (stroke.length > 1 && line.points.size() > dots_max) continue;
    for (std::size_t begin = 0; begin < stroke.points.size();) {
      const std::size_t comma = stroke.points.find(',', begin);
      const std::size_t end = std::min(stroke.points.find(' ', begin), stroke.points.size());
      out += fmt::format("<circle class=\"dot c{}\" fill=\"currentColor\" r=\"2.5\" cx=\"{}\" cy=\"{}\"/>", place,
                         stroke.points.substr(begin, comma - begin), stroke.points.substr(comma + 1, end - comma - 1));
      begin = end + 1;
    }
    out += '\n';
  }
  return out;
}

/// Labels beside the last points of the lines, moved apart where they would overlap.
std::string labels(const ChartPanel& panel, const Axes& axes) {
  struct Label {
    double y;
    double end;  ///< of the line
    std::size_t place;
  };
  std::vector<Label> all;
  for (std::size_t k = 0; k < panel.lines.size(); ++k) {
    const auto& points = panel.lines[k].points;
    const auto last = std::find_if(points.rbegin(), points.rend(), [](const auto& point) { return point.has_value(); });
    if (last == points.rend()) continue;
    const double y = axes.y.pixel((*last)->y);
    all.push_back({y, y, k});
  }
  // Lines that end together keep their order.
  std::ranges::stable_sort(all, {}, [](const Label& label) { return std::lround(label.y); });
  for (std::size_t k = 1; k < all.size(); ++k) all[k].y = std::max(all[k].y, all[k - 1].y + line_distance);
  double limit = bottom;
  for (auto label = all.rbegin(); label != all.rend(); ++label) {
    label->y = std::min(label->y, limit);
    limit = label->y - line_distance;
  }
  std::string out;
  for (const Label& label : all) {
    const double x = axes.x.pixel_greatest;
    out +=
        fmt::format("<path class=\"lead\" fill=\"none\" stroke=\"currentColor\" d=\"M{:.2f} {:.2f}L{:.2f} {:.2f}\"/>",
                    x + 1, label.end, x + 7, label.y);
    out += fmt::format("<text class=\"label c{}\" x=\"{:.2f}\" y=\"{:.2f}\" dy=\"5\">{}</text>\n", label.place, x + 9,
                       label.y, for_xml(panel.lines[label.place].label));
  }
  return out;
}

/// What the panel shows, in a sentence for those who do not see it.
std::string panel_text(const Chart& chart, const ChartPanel& panel) {
  std::string text = fmt::format("{} over {} 0 to {}.", chart.title, chart.x_name, tick_text(chart.x.back()));
  for (const ChartLine& line : panel.lines) {
    const auto& last = line.points.back();
    text += fmt::format(" {} ends {}.", line.name, last ? "at " + to_decimal(last->y, 4) : "without a value");
  }
  return text;
}

std::string panel_body(const Chart& chart, const ChartPanel& panel) {
  const Axes axes = axes_of(chart);
  std::string out =
      fmt::format("<title>{}</title>\n<desc>{}</desc>\n", for_xml(panel.title), for_xml(panel_text(chart, panel)));
  out += fmt::format("<text class=\"panel\" x=\"4\" y=\"18\" font-weight=\"600\">{}</text>\n", for_xml(panel.title));
  out += grid(axes);
  out += fmt::format("<text x=\"{:.2f}\" y=\"{}\" text-anchor=\"middle\">{}{}</text>\n",
                     (axes.x.pixel_least + axes.x.pixel_greatest) / 2, bottom + 38, for_xml(chart.x_name),
                     axes.y.is_logarithmic ? " (values on a log scale)" : "");
  for (std::size_t k = 0; k < panel.lines.size(); ++k) out += line_svg(chart, panel.lines[k], k, axes);
  return out + labels(panel, axes);
}

}  // namespace

std::vector<std::vector<std::string>> chart_table(const Chart& chart) {
  const int digits = axes_of(chart).y.digits();
  std::vector<std::vector<std::string>> rows = {{chart.x_name, chart.name}};
  for (const std::string& name : chart.band_names) rows.front().push_back(name);
  for (std::size_t k = 0; k < chart.x.size(); ++k)
    for (const ChartPanel& panel : chart.panels)
      for (const ChartLine& line : panel.lines) {
        auto& row = rows.emplace_back(std::vector<std::string>{tick_text(chart.x[k]), line.name});
        const auto& point = line.points[k];
        const auto shown = [&](const Rational& value) { return to_decimal(value, digits); };
        if (!point) row.insert(row.end(), chart.band_names.size(), "-");
        else if (chart.band_names.size() == 1) row.push_back(shown(point->y));
        else row.insert(row.end(), {shown(point->low), shown(point->y), shown(point->high)});
      }
  return rows;
}

bool has_visible_band(const Chart& chart) {
  const Axis y = axes_of(chart).y;
  return std::ranges::any_of(chart.panels, [&](const ChartPanel& panel) {
    return std::ranges::any_of(panel.lines, [&](const ChartLine& line) { return is_band_visible(line, y); });
  });
}

std::string panel_svg(const Chart& chart, const ChartPanel& panel) {
  return svg_open(chart_width, chart_height) + panel_body(chart, panel) + "</svg>\n";
}

std::string chart_style() {
  std::string out =
      "svg text { font: 14px system-ui, sans-serif; fill: currentColor; } svg .panel { font-weight: 600; }\n";
  for (std::size_t k = 0; k < chart_lines_max; ++k)
    out += fmt::format(
        ".line.c{0} {{ stroke: var(--c{0}, currentColor); }} .band.c{0}, .dot.c{0} {{ fill: var(--c{0}, currentColor); "
        "}}\n",
        k);
  return out + ".lead { stroke-opacity: .5; }\n";
}

std::string chart_colours(bool is_dark) {
  constexpr std::array<const char*, chart_lines_max> light = {"#0b62b8", "#b3400a", "#1b7a3d",
                                                              "#8a3ab0", "#6b6000", "#b0245a"};
  constexpr std::array<const char*, chart_lines_max> dark = {"#6cb6ff", "#ffa657", "#6fd08c",
                                                             "#d2a8ff", "#d8c64a", "#ff9bc0"};
  std::string out;
  for (std::size_t k = 0; k < chart_lines_max; ++k) out += fmt::format("--c{}: {}; ", k, (is_dark ? dark : light)[k]);
  return out;
}

std::string charts_svg(const std::string& title, const std::vector<Chart>& charts) {
  constexpr std::size_t columns_max = 4;
  constexpr double margin = 16;
  constexpr double heading = 34;
  constexpr double step = chart_width + margin;
  std::size_t columns = std::min(columns_max, charts.size());
  for (const Chart& chart : charts) columns = std::min(columns_max, std::max(columns, chart.panels.size()));
  std::string body;
  std::string names;
  double y = margin + heading;  // of the row
  double below = y;
  std::size_t column = 0;  // of the next chart that has one panel
  for (const Chart& chart : charts) {
    names += (names.empty() ? "" : ", ") + chart.title;
    if (chart.panels.size() > 1 || column == columns) column = 0;
    if (column == 0) y = below;
    const double x = margin + step * static_cast<double>(column);
    body += fmt::format("<text class=\"chart\" x=\"{}\" y=\"{}\" font-weight=\"600\">{}</text>\n", x, y + 16,
                        for_xml(chart.title));
    for (std::size_t k = 0; k < chart.panels.size(); ++k) {
      const std::size_t row = k / columns, place = k % columns;
      body += fmt::format("<g transform=\"translate({} {})\">\n{}</g>\n", x + step * static_cast<double>(place),
                          y + heading + chart_height * static_cast<double>(row), panel_body(chart, chart.panels[k]));
    }
    const std::size_t rows = (chart.panels.size() + columns - 1) / columns;
    below = std::max(below, y + heading + chart_height * static_cast<double>(rows) + margin);
    column = chart.panels.size() > 1 ? columns : column + 1;
  }
  const double width = margin + step * static_cast<double>(columns);
  return svg_open(width, below) +
         fmt::format("<title>{0}</title>\n<desc>{0}: {1}.</desc>\n", for_xml(title), for_xml(names)) + "<style>\n" +
         chart_style() +
         fmt::format(
             "svg {{ color: #1c2733; --ground: #ffffff; {}}} .ground {{ fill: var(--ground, #ffffff); }}\n"
             "@media (prefers-color-scheme: dark) {{ svg {{ color: #e8edf2; --ground: #12181f; {}}} }}\n"
             "svg .heading {{ font-size: 18px; font-weight: 600; }} svg .chart {{ font-size: 16px; font-weight: 600; "
             "}}\n",
             chart_colours(false), chart_colours(true)) +
         "</style>\n" +
         fmt::format("<rect class=\"ground\" fill=\"#ffffff\" width=\"{}\" height=\"{}\"/>\n", width, below) +
         fmt::format("<text class=\"heading\" x=\"{}\" y=\"32\">{}</text>\n", margin, for_xml(title)) + body +
         "</svg>\n";
}

}  // namespace p2pllm::app
