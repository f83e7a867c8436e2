#include "apps/p2pllm/view/machine_view.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "apps/p2pllm/view/svg.hpp"
#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

using reference::Machine;
using reference::StatusSet;
using reference::Transition;

bool contains(StatusSet set, std::size_t status) { return (set >> status & 1U) != 0; }

std::string names_of(const Machine& machine, StatusSet set) {
  std::string text;
  for (std::size_t s = 0; s < machine.statuses.size(); ++s)
    if (contains(set, s)) text += (text.empty() ? "" : ", ") + std::string(machine.statuses[s]);
  return text;
}

Json names_json(const Machine& machine, StatusSet set) {
  Json::Array names;
  for (std::size_t s = 0; s < machine.statuses.size(); ++s)
    if (contains(set, s)) names.emplace_back(std::string(machine.statuses[s]));
  return names;
}

StatusSet all_of(const Machine& machine) { return (StatusSet{1} << machine.statuses.size()) - 1; }

/// Prepares text for a cell of a Markdown table.
std::string for_markdown(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

constexpr int label_width = 280, rail_distance = 104, row_height = 30, top = 122, margin = 20;

int rail(std::size_t status) { return label_width + rail_distance / 2 + static_cast<int>(status) * rail_distance; }

// No CSS variables: common SVG renderers do not know them.
constexpr const char* style = R"(<style>
  .ground { fill: #ffffff; } .rail { stroke: #d0d8e0; } .final-rail { stroke: #d0d8e0; stroke-dasharray: 3 4; }
  text { font: 13px system-ui, sans-serif; fill: #1c2733; } .who { fill: #5d6b78; }
  .title { font-size: 16px; font-weight: 600; }
  .status { fill: #eef4fb; stroke: #0b62b8; stroke-width: 1.5; } .inner { fill: none; stroke: #0b62b8; }
  .move { stroke: #0b62b8; stroke-width: 1.5; } .from { fill: #ffffff; stroke: #0b62b8; stroke-width: 1.8; }
  .to { fill: #0b62b8; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12181f; } .rail, .final-rail { stroke: #2f3b47; } text { fill: #e8edf2; } .who { fill: #9fb0c0; }
    .status { fill: #1b2733; stroke: #6cb6ff; } .inner { stroke: #6cb6ff; } .move { stroke: #6cb6ff; }
    .from { fill: #12181f; stroke: #6cb6ff; } .to { fill: #6cb6ff; }
  }
</style>
)";

std::string status_box(const Machine& machine, std::size_t s, int bottom) {
  const bool is_final = contains(machine.final_statuses, s);
  const int x = rail(s), half = rail_distance / 2 - 6, y = 72;
  std::string out = fmt::format("<line class=\"{0}\" x1=\"{1}\" x2=\"{1}\" y1=\"{2}\" y2=\"{3}\"/>\n",
                                is_final ? "final-rail" : "rail", x, y + 30, bottom);
  out += fmt::format("<rect class=\"status\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"30\" rx=\"9\"/>\n", x - half, y,
                     2 * half);
  if (is_final)
    out += fmt::format("<rect class=\"inner\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"24\" rx=\"7\"/>\n", x - half + 3,
                       y + 3, 2 * half - 6);
  return out + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", x, y + 20,
                           for_xml(machine.statuses[s]));
}

/// One row: a line along all statuses concerned, with a ring where the row may begin, an arrow where it may end, and a
/// ring with a dot where both are possible.
std::string row_of(const Machine& machine, const Transition& row, int y) {
  std::string marks;
  int least = rail(machine.statuses.size()), greatest = 0;
  constexpr StatusSet everything = ~StatusSet{0};
  for (std::size_t s = 0; s < machine.statuses.size(); ++s) {
    const bool begins = contains(row.from, s), ends = contains(row.to, s);
    if (!begins && !ends) continue;
    const int x = rail(s);
    least = std::min(least, x);
    greatest = std::max(greatest, x);
    if (begins) marks += fmt::format("<circle class=\"from\" cx=\"{}\" cy=\"{}\" r=\"6\"/>\n", x, y);
    if (begins && ends) marks += fmt::format("<circle class=\"to\" cx=\"{}\" cy=\"{}\" r=\"2.6\"/>\n", x, y);
    if (begins) continue;
    const StatusSet left = ~(everything << s);
    if ((row.from & left) != 0) marks += fmt::format("<path class=\"to\" d=\"M{} {}l-12 -6v12z\"/>\n", x, y);
    if ((row.from & ~left) != 0) marks += fmt::format("<path class=\"to\" d=\"M{} {}l12 -6v12z\"/>\n", x, y);
  }
  std::string out = fmt::format("<g><title>{}{}{}</title>\n", for_xml(row.guards), row.guards.empty() ? "" : ": ",
                                for_xml(row.effect));
  out += fmt::format("<text x=\"{}\" y=\"{}\">{} <tspan class=\"who\">{}</tspan></text>\n", margin, y + 4,
                     for_xml(row.operation), for_xml(row.sender));
  if (row.from != row.to)
    out += fmt::format("<line class=\"move\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\"/>\n", least, greatest, y);
  return out + marks + "</g>\n";
}

}  // namespace

std::string machine_text(const Machine& machine) {
  std::string out = fmt::format("{}: {}; final: {}\n", machine.name, names_of(machine, all_of(machine)),
                                names_of(machine, machine.final_statuses));
  for (const Transition& row : machine.transitions) {
    out += fmt::format("\n  {}, by {}: {} -> {}\n", row.operation, row.sender, names_of(machine, row.from),
                       names_of(machine, row.to));
    if (!row.guards.empty()) out += fmt::format("      if    {}\n", row.guards);
    if (!row.effect.empty()) out += fmt::format("      then  {}\n", row.effect);
  }
  return out;
}

std::string machine_markdown(const Machine& machine) {
  std::string out = fmt::format("## {0}\n\nStatuses: {1}. Final: {2}.\n\n![the {0} machine]({0}.svg)\n\n", machine.name,
                                names_of(machine, all_of(machine)), names_of(machine, machine.final_statuses));
  out += "| operation | from | to | by | if | then |\n|---|---|---|---|---|---|\n";
  for (const Transition& row : machine.transitions)
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", row.operation, names_of(machine, row.from),
                       names_of(machine, row.to), row.sender, for_markdown(row.guards), for_markdown(row.effect));
  return out;
}

Json machine_json(const Machine& machine) {
  Json::Array rows;
  for (const Transition& row : machine.transitions)
    rows.emplace_back(Json::Object{{"operation", std::string(row.operation)},
                                   {"from", names_json(machine, row.from)},
                                   {"to", names_json(machine, row.to)},
                                   {"by", std::string(row.sender)},
                                   {"if", std::string(row.guards)},
                                   {"then", std::string(row.effect)}});
  return Json::Object{{"machine", std::string(machine.name)},
                      {"statuses", names_json(machine, all_of(machine))},
                      {"final", names_json(machine, machine.final_statuses)},
                      {"transitions", std::move(rows)}};
}

std::string machine_svg(const Machine& machine) {
  const int rows = static_cast<int>(machine.transitions.size());
  const int width = rail(machine.statuses.size()), bottom = top + rows * row_height, height = bottom + margin;
  std::string out = svg_open(width, height);
  out += fmt::format("<title>The {} machine</title>\n{}", for_xml(machine.name), style);
  out += fmt::format("<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", width, height);
  out += fmt::format("<text class=\"title\" x=\"{}\" y=\"30\">The {} machine</text>\n", margin, for_xml(machine.name));
  out += fmt::format(
      "<text class=\"who\" x=\"{}\" y=\"50\">An operation leads from a ring to an arrow; a dotted ring is both. "
      "A double border: final.</text>\n",
      margin);
  for (std::size_t s = 0; s < machine.statuses.size(); ++s) out += status_box(machine, s, bottom - 8);
  for (int r = 0; r < rows; ++r)
    out += row_of(machine, machine.transitions[static_cast<std::size_t>(r)], top + r * row_height);
  return out + "</svg>\n";
}

}  // namespace p2pllm::app
