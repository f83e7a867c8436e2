#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/p2pllm/view/svg.hpp"

namespace p2pllm::app {

/// A point of a line, and the ends of its band: low <= y <= high.
struct ChartPoint {
  Rational y;
  Rational low;
  Rational high;
};
/// A line over the chart's x. Lines of a panel differ by their dashes and by the labels at their ends.
struct ChartLine {
  std::string label;                              ///< at its end; short
  std::string name;                               ///< in the table
  std::vector<std::optional<ChartPoint>> points;  ///< one per x; nothing where the line has a gap
};
struct ChartPanel {
  std::string title;
  std::vector<ChartLine> lines;
};
/// Panels of one size with the same axes.
struct Chart {
  std::string id;       ///< a word of the letters a to z
  std::string title;    ///< what is drawn
  std::string caption;  ///< sentences: how it is to be read
  std::string x_name;
  std::string name;                     ///< of the quantity that tells lines apart
  std::vector<std::string> band_names;  ///< of low, y and high in the table
  bool from_zero = false;               ///< the axis of values begins at 0
  std::vector<Rational> x;              ///< >= 0, ascending
  std::vector<ChartPanel> panels;
};

/// How many lines of one panel can be told apart.
inline constexpr std::size_t chart_lines_max = 6;
/// The width of a panel in pixels, at which its text has 14.
inline constexpr double chart_width = 288;
inline constexpr double chart_height = 222;

/// A table of the very numbers that a chart draws: a row for each point, to digits that place it within a hundredth of
/// a pixel. The first row is the header.
[[nodiscard]] std::vector<std::vector<std::string>> chart_table(const Chart& chart);

/// Whether some band is wider than a pixel; narrower ones are not drawn.
[[nodiscard]] bool has_visible_band(const Chart& chart);

/// A panel as an `svg` element, for a document that has `chart_style`. The axis of values is logarithmic if the values
/// are positive and differ by a factor of 50 or more.
[[nodiscard]] std::string panel_svg(const Chart& chart, const ChartPanel& panel);

/// Rules of CSS for panels. Colours are variables with `currentColor` in their place where a reader knows none.
[[nodiscard]] std::string chart_style();
/// The values of those variables on light or dark ground.
[[nodiscard]] std::string chart_colours(bool is_dark);

/// All charts as one picture: a row for each, or several.
[[nodiscard]] std::string charts_svg(const std::string& title, const std::vector<Chart>& charts);

}  // namespace p2pllm::app
