#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/p2pllm/view/chart_svg.hpp"

namespace p2pllm::app {

/// A table whose first row is the header.
struct ReportTable {
  std::string title;
  std::string caption;
  std::vector<std::vector<std::string>> rows;
};
struct Report {
  std::string title;
  std::string description;                                 ///< empty: none
  std::vector<std::string> verdicts;                       ///< a sentence each
  std::vector<std::pair<std::string, std::string>> facts;  ///< name and value
  std::vector<Chart> charts;
  std::vector<ReportTable> tables;
  std::string command;  ///< that writes the same report
};

/// The report as one document that is well-formed XML and HTML at once. It has no script and refers to no other file or
/// address; its colours follow the reader's scheme; it needs a width of 320 pixels, where its text has at least 14.
/// Below each picture is a table of the numbers that it draws.
[[nodiscard]] std::string report_html(const Report& report);

}  // namespace p2pllm::app
