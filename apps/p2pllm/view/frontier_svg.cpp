#include "apps/p2pllm/view/frontier_svg.hpp"

#include <fmt/core.h>

#include "apps/p2pllm/view/svg.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

constexpr double width = 860;
constexpr double height = 540;
constexpr double left = 84;
constexpr double right = 24;
constexpr double top = 76;
constexpr double bottom = 64;

// No CSS variables: common SVG renderers do not know them.
constexpr const char* style = R"(<style>
  .ground { fill: #ffffff; } .grid { stroke: #dfe5ea; }
  text { font: 13px system-ui, sans-serif; fill: #5d6b78; }
  .title { font-size: 16px; font-weight: 600; fill: #1c2733; }
  .line { fill: none; stroke: #0b62b8; stroke-width: 1.5; opacity: .6; }
  .extreme { fill: #0b62b8; } .tie { fill: #ffffff; stroke: #0b62b8; stroke-width: 2; }
  .unsupported { fill: none; stroke: #c2410c; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12181f; } .grid { stroke: #2f3b47; } text { fill: #9fb0c0; } .title { fill: #e8edf2; }
    .line { stroke: #6cb6ff; } .extreme { fill: #6cb6ff; } .tie { fill: #12181f; stroke: #6cb6ff; }
    .unsupported { stroke: #ffa657; }
  }
</style>
)";

std::string marker(const FrontierPoint& point, double x, double y, const std::string& tip) {
  const char* kind = to_string(point.kind);
  const std::string title = tip.empty() ? "" : fmt::format("<title>{}</title>", for_xml(tip));
  if (point.kind == PointClass::unsupported)
    return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}l5 5l-5 5l-5 -5z\">{}</path>\n", kind, x, y - 5, title);
  return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\">{}</circle>\n", kind, x, y, title);
}

std::string axes(const Network& network, const Axis& x, const Axis& y) {
  std::string out;
  for (const Rational& tick : x.ticks()) {
    out += fmt::format("<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>\n", x.pixel(tick),
                       top, height - bottom);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x.pixel(tick),
                       height - bottom + 20, to_decimal(tick, 12));
  }
  for (const Rational& tick : y.ticks()) {
    out += fmt::format("<line class=\"grid\" y1=\"{0:.1f}\" y2=\"{0:.1f}\" x1=\"{1}\" x2=\"{2}\"/>\n", y.pixel(tick),
                       left, width - right);
    out += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 8, y.pixel(tick) + 4,
                       to_decimal(tick, 12));
  }
  out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">price of the chain ({})</text>\n",
                     (left + width - right) / 2, height - 18, for_xml(network.units.price));
  out += fmt::format(
      "<text transform=\"translate(22 {:.1f}) rotate(-90)\" text-anchor=\"middle\">time of the chain ({})</text>\n",
      (top + height - bottom) / 2, for_xml(network.units.cost));
  return out;
}

std::string legend() {
  const FrontierPoint extreme{};
  FrontierPoint unsupported{};
  unsupported.kind = PointClass::unsupported;
  return marker(extreme, left + 6, 54, "") +
         fmt::format("<text x=\"{}\" y=\"58\">optimal for some alpha</text>\n", left + 18) +
         marker(unsupported, left + 206, 54, "") +
         fmt::format("<text x=\"{}\" y=\"58\">Pareto-optimal, but no alpha finds it</text>\n", left + 218);
}

}  // namespace

std::string frontier_svg(const Network& network, const Frontier& frontier) {
  const PathCost& cheapest = frontier.points.front().cost;
  const PathCost& fastest = frontier.points.back().cost;
  const Axis x = Axis::around(cheapest.price, fastest.price, left, width - right);
  const Axis y = Axis::around(fastest.time, cheapest.time, height - bottom, top);
  std::string hull;
  std::string points;
  for (const FrontierPoint& point : frontier.points) {
    const double px = x.pixel(point.cost.price);
    const double py = y.pixel(point.cost.time);
    if (point.kind != PointClass::unsupported) hull += fmt::format("{:.1f},{:.1f} ", px, py);
    points += marker(
        point, px, py,
        fmt::format("{} {}, {} {}, {}: {}", readable(point.cost.price), network.units.price, readable(point.cost.time),
                    network.units.cost, to_string(point.kind), readable_path(network, point.path)));
  }
  return svg_open(width, height) + fmt::format("<title>Pareto frontier of {}</title>\n", for_xml(network.model_name)) +
         style + fmt::format("<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", width, height) +
         fmt::format("<text class=\"title\" x=\"{}\" y=\"30\">{}: {} Pareto-optimal chains</text>\n", left,
                     for_xml(network.model_name), frontier.points.size()) +
         axes(network, x, y) + legend() + fmt::format("<polyline class=\"line\" points=\"{}\"/>\n", hull) + points +
         "</svg>\n";
}

}  // namespace p2pllm::app
