#include "apps/p2pllm/view/network_svg.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "apps/p2pllm/view/svg.hpp"
#include "apps/p2pllm/view/text.hpp"

namespace p2pllm::app {
namespace {

constexpr double margin = 24;
constexpr double end_width = 84;  // of the source and of the sink
constexpr double top = 108;
constexpr double lane_height = 56;
constexpr double box_height = 42;
constexpr double gutter = 64;      // between the nodes at both sides of a boundary
constexpr double character = 7.6;  // most characters are not wider at 14 pixels

constexpr const char* style = R"(<style>
  svg { color: #1c2733; --ground: #ffffff; --chosen: #0b62b8; }
  @media (prefers-color-scheme: dark) { svg { color: #e8edf2; --ground: #12181f; --chosen: #6cb6ff; } }
  text { font: 14px system-ui, sans-serif; fill: currentColor; } .title { font-size: 18px; font-weight: 600; }
  .ground, .node { fill: var(--ground, #ffffff); } .chosen { stroke: var(--chosen, currentColor); }
</style>
)";

/// The first characters of a text, and a sign that more follow.
std::string shortened(const std::string& text, std::size_t characters_max) {
  std::size_t characters = 0;
  for (std::size_t k = 0; k < text.size(); ++k)
    if ((static_cast<unsigned char>(text[k]) & 0xC0U) != 0x80U && ++characters > characters_max)
      return text.substr(0, k) + "..";
  return text;
}

/// Where everything is drawn.
struct Layout {
  std::map<std::int64_t, double> x;  ///< of each boundary at which a node begins or ends
  std::vector<std::size_t> order;    ///< the nodes, every one before those that may follow it in a chain
  std::vector<std::size_t> lane;     ///< by node
  std::size_t lanes = 1;
  double width = 0;
  double height = 0;

  [[nodiscard]] double left(const Node& node) const { return x.at(node.layers.first) + gutter / 2; }
  [[nodiscard]] double right(const Node& node) const { return x.at(node.layers.last) - gutter / 2; }
  [[nodiscard]] double middle(std::size_t node) const {
    return top + lane_height * static_cast<double>(lane[node]) + box_height / 2;
  }
  [[nodiscard]] double middle() const { return top + (height - margin - top - 12) / 2; }
};

Layout layout_of(const Network& network) {
  constexpr std::size_t wide_max = 10;
  constexpr double wide = 236;
  constexpr double narrow = 150;
  Layout layout;
  std::set<std::int64_t> boundaries = {0, network.layers};
  for (const Node& node : network.nodes) boundaries.insert({node.layers.first, node.layers.last});
  double x = margin + end_width;
  for (const std::int64_t boundary : boundaries) {
    layout.x[boundary] = x;
    x += boundaries.size() <= wide_max ? wide : narrow;
  }
  layout.width = layout.x[network.layers] + end_width + margin;
  layout.order.resize(network.size());
  std::iota(layout.order.begin(), layout.order.end(), std::size_t{0});
  std::ranges::stable_sort(layout.order, {}, [&](std::size_t i) { return network.nodes[i].layers.first; });
  layout.lane.resize(network.size());
  std::vector<std::int64_t> ends;  // of each lane
  for (const std::size_t node : layout.order) {
    const LayerRange& layers = network.nodes[node].layers;
    const auto lane = std::ranges::find_if(ends, [&](std::int64_t end) { return end <= layers.first; });
    layout.lane[node] = static_cast<std::size_t>(lane - ends.begin());
    if (lane == ends.end()) ends.push_back(layers.last);
    else *lane = layers.last;
  }
  layout.lanes = std::max<std::size_t>(1, ends.size());
  layout.height = top + lane_height * static_cast<double>(layout.lanes) + margin;
  return layout;
}

/// The vertices of an edge; nothing stands for the source as the first one, and for the sink as the last.
using Edge = std::pair<std::optional<std::size_t>, std::optional<std::size_t>>;

/// The edges of ROUTE-1; no more than `drawn_edges_max + 1`.
std::vector<Edge> edges_of(const Network& network) {
  std::map<std::int64_t, std::vector<std::size_t>> starts;
  for (std::size_t k = 0; k < network.size(); ++k) starts[network.nodes[k].layers.first].push_back(k);
  std::vector<Edge> edges;
  for (const std::size_t k : starts[0]) edges.emplace_back(std::nullopt, k);
  for (std::size_t k = 0; k < network.size() && edges.size() <= drawn_edges_max; ++k) {
    if (network.nodes[k].layers.last == network.layers) edges.emplace_back(k, std::nullopt);
    for (const std::size_t next : starts[network.nodes[k].layers.last]) edges.emplace_back(k, next);
  }
  return edges;
}

std::vector<Edge> edges_of(const Chain& chain) {
  std::vector<Edge> edges = {{std::nullopt, chain.nodes.front()}};
  for (std::size_t k = 1; k < chain.nodes.size(); ++k) edges.emplace_back(chain.nodes[k - 1], chain.nodes[k]);
  edges.emplace_back(chain.nodes.back(), std::nullopt);
  return edges;
}

std::string edge_svg(const Network& network, const Layout& layout, const Edge& edge, bool is_chosen) {
  const auto& [from, to] = edge;
  const double x1 = from ? layout.right(network.nodes[*from]) : margin + end_width - gutter / 2;
  const double x2 = to ? layout.left(network.nodes[*to]) : layout.width - margin - end_width + gutter / 2;
  const double y1 = from ? layout.middle(*from) : layout.middle();
  const double y2 = to ? layout.middle(*to) : layout.middle();
  return fmt::format(
      "<path class=\"edge{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{}\" stroke-opacity=\"{}\" "
      "d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n",
      is_chosen ? " chosen" : "", is_chosen ? "4" : "1", is_chosen ? "1" : ".3", x1, y1, x2, y2);
}

std::string node_svg(const Network& network, const Layout& layout, std::size_t place, bool is_chosen) {
  const std::size_t index = layout.order[place];
  const Node& node = network.nodes[index];
  const double x = layout.left(node);
  const double width = layout.right(node) - x;
  const double y = layout.middle(index) - box_height / 2;
  const auto fits = static_cast<std::size_t>((width - 14) / character);
  const std::string name = std::to_string(place + 1) + ". " + node.id;
  const std::string numbers = fmt::format("cost {}, price {}", readable(node.cost), readable(node.price));
  std::string out = fmt::format("<g><title>{}</title>\n",
                                for_xml(fmt::format("{}: layers {}, {}", name, to_string(node.layers), numbers)));
  out += fmt::format(
      "<rect class=\"node{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" rx=\"8\" fill=\"#ffffff\" "
      "stroke=\"currentColor\" stroke-width=\"{}\"/>\n",
      is_chosen ? " chosen" : "", x, y, width, box_height, is_chosen ? "4" : "1");
  out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x + 8, y + 17,
                     is_chosen ? " font-weight=\"700\"" : "", for_xml(shortened(name, fits - 1)));
  return out + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text></g>\n", x + 8, y + 35,
                           for_xml(shortened(numbers, fits - 1)));
}

/// The lines of the boundaries, the source and the sink.
std::string frame(const Layout& layout) {
  std::string out;
  for (const auto& [boundary, x] : layout.x) {
    out += fmt::format(
        "<path stroke=\"currentColor\" stroke-opacity=\".25\" stroke-dasharray=\"3 5\" d=\"M{:.1f} {}V{:.1f}\"/>", x,
        top - 14, layout.height - margin);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x, top - 22, boundary);
  }
  const double reach = end_width - gutter / 2;
  for (const auto& [name, x] : {std::pair("source", margin + reach / 2), {"sink", layout.width - margin - reach / 2}})
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" dy=\"5\" text-anchor=\"middle\">{}</text>\n", x,
                       layout.middle(), name);
  return out;
}

}  // namespace

std::string network_svg(const Network& network, const Chain* chain, const std::string& note) {
  const Layout layout = layout_of(network);
  std::vector<bool> is_chosen(network.size());
  if (chain != nullptr)
    for (const std::size_t node : chain->nodes) is_chosen[node] = true;
  const std::vector<Edge> edges = edges_of(network);
  const bool is_whole = edges.size() <= drawn_edges_max;
  const std::string about = is_whole ? note : note + " The other edges are too many to be drawn.";
  std::string out = svg_open(layout.width, layout.height) +
                    fmt::format("<title>{}</title>\n<desc>{}</desc>\n", for_xml("The graph of " + network.model_name),
                                for_xml(about)) +
                    style +
                    fmt::format("<rect class=\"ground\" fill=\"#ffffff\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                                layout.width, layout.height);
  out += fmt::format("<text class=\"title\" x=\"{}\" y=\"32\">{}: {}, boundaries of layers from left to right</text>\n",
                     margin, for_xml(network.model_name), counted(network.size(), "node"));
  out += fmt::format("<text x=\"{}\" y=\"56\">{}</text>\n", margin, for_xml(about)) + frame(layout);
  if (is_whole)
    for (const Edge& edge : edges) out += edge_svg(network, layout, edge, false);
  if (chain != nullptr)
    for (const Edge& edge : edges_of(*chain)) out += edge_svg(network, layout, edge, true);
  for (std::size_t place = 0; place < network.size(); ++place)
    out += node_svg(network, layout, place, is_chosen[layout.order[place]]);
  return out + "</svg>\n";
}

}  // namespace p2pllm::app
