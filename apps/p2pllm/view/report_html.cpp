#include "apps/p2pllm/view/report_html.hpp"

#include <fmt/core.h>

#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

// No character that XML or HTML would take for their own.
constexpr const char* style = R"(* { box-sizing: border-box; }
body { margin: 0; padding: 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; }
h1 { font-size: 26px; line-height: 1.2; margin: 8px 0; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 0 0 8px; }
section { margin: 32px 0; }
p, li, dd { overflow-wrap: anywhere; max-width: 46em; }
ul { padding-left: 20px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 16px 0; font-size: 15px; }
dt { color: var(--faint); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 32px; }
figure { margin: 0; min-width: 0; }
.many { grid-column: 1 / -1; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 288px), 1fr)); gap: 8px 16px; }
.panels svg { display: block; width: 100%; max-width: 380px; height: auto; }
figcaption, summary, .note { color: var(--faint); font-size: 15px; }
summary { cursor: pointer; padding: 4px 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 10px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th { text-align: right; color: var(--faint); font-weight: 600; }
.names th:first-child, .names td:first-child { text-align: left; padding-left: 0; }
pre { background: var(--code); padding: 12px; border-radius: 6px; font-size: 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
)";
constexpr const char* light = "--ground: #ffffff; --ink: #1c2733; --faint: #546270; --rule: #d6dde4; --code: #f1f5f9; ";
constexpr const char* dark = "--ground: #12181f; --ink: #e8edf2; --faint: #a3b3c2; --rule: #33404d; --code: #1b2430; ";

std::string table_html(const std::vector<std::vector<std::string>>& rows, bool has_names) {
  std::string out = has_names ? "<table class=\"names\">\n" : "<table>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const char* cell = r == 0 ? "th" : "td";
    out += r == 0 ? "<thead><tr>" : r == 1 ? "<tbody><tr>" : "<tr>";
    for (const std::string& text : rows[r]) out += fmt::format("<{0}>{1}</{0}>", cell, for_xml(text));
    out += r == 0 ? "</tr></thead>\n" : "</tr>\n";
  }
  return out + (rows.size() > 1 ? "</tbody></table>\n" : "</table>\n");
}

/// A part that is scrolled where it is too wide, by keys too.
std::string scrolled(const std::string& name, const std::string& content) {
  return fmt::format("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n{}</div>\n", for_xml(name),
                     content);
}

std::string figure_html(const Chart& chart) {
  std::string out = fmt::format("<figure id=\"{}\"{}>\n<h2>{}</h2>\n<div class=\"panels\">\n", chart.id,
                                chart.panels.size() > 1 ? " class=\"many\"" : "", for_xml(chart.title));
  for (const ChartPanel& panel : chart.panels) out += panel_svg(chart, panel);
  return out +
         fmt::format("</div>\n<figcaption>{}</figcaption>\n<details>\n<summary>The numbers</summary>\n{}</details>\n",
                     for_xml(chart.caption), scrolled(chart.title, table_html(chart_table(chart), false))) +
         "</figure>\n";
}

std::string head_html(const Report& report) {
  std::string out = fmt::format("<header>\n<h1>{}</h1>\n", for_xml(report.title));
  if (!report.description.empty()) out += fmt::format("<p>{}</p>\n", for_xml(report.description));
  out += "<ul>\n";
  for (const std::string& verdict : report.verdicts) out += fmt::format("<li>{}</li>\n", for_xml(verdict));
  out += "</ul>\n<dl>\n";
  for (const auto& [name, value] : report.facts)
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", for_xml(name), for_xml(value));
  return out + "</dl>\n</header>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{}</title>\n<style>\n"
      ":root {{ color-scheme: light dark; {}{}}}\n"
      "@media (prefers-color-scheme: dark) {{ :root {{ {}{}}} }}\n{}{}</style>\n</head>\n<body>\n<main>\n",
      for_xml(report.title), light, chart_colours(false), dark, chart_colours(true), style, chart_style());
  out += head_html(report) + "<section class=\"figures\">\n";
  for (const Chart& chart : report.charts) out += figure_html(chart);
  out += "</section>\n";
  for (const ReportTable& table : report.tables)
    out += fmt::format("<section>\n<h2>{}</h2>\n<p class=\"note\">{}</p>\n{}</section>\n", for_xml(table.title),
                       for_xml(table.caption), scrolled(table.title, table_html(table.rows, true)));
  return out + fmt::format(
                   "<footer>\n<h2>The same again</h2>\n<pre><code>{}</code></pre>\n</footer>\n</main>\n</body>\n"
                   "</html>\n",
                   for_xml(report.command));
}

}  // namespace p2pllm::app
