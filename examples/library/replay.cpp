// Does a history of a ledger follow the rules? Usage: replay TRACE.jsonl
#include <fstream>
#include <iostream>
#include <iterator>

#include "reference/contracts/replay.hpp"

int main(int argc, char** argv) {
  using namespace p2pllm;
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});  // outlives the replay
  Result<reference::Replay> replay = reference::Replay::start(text, argv[1]);
  if (!replay) {
    std::cerr << replay.error().message() << '\n';
    return 2;
  }
  std::size_t applied = 0;
  while (!replay->is_done()) {
    const Result<reference::ReplayedLine> line = replay->next();
    if (!line) {
      std::cerr << line.error().message() << '\n';
      return 2;
    }
    if (!line->differences.empty() || !replay->ledger().faults().empty()) {
      std::cout << "line " << line->number << " differs\n";
      return 1;
    }
    if (line->outcome && line->outcome->reason == contracts::Reason::none) ++applied;
  }
  std::cout << "everything is as recorded, " << applied << " transactions applied\n";
  return 0;
}
