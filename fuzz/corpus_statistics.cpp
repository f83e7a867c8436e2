#include "fuzz/corpus_statistics.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "fuzz/contracts/world.hpp"

namespace p2pllm::fuzz {
namespace {

struct Corpus {
  const char* name;
  Focus focus;
  std::size_t inputs = 0, bytes = 0;
  std::vector<std::uint32_t> accepted;
  std::map<std::string, std::size_t> reached;  ///< the number of inputs, by class
};

void read(Corpus& corpus, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes program{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const Tally tally = run_contract_program(program, {.focus = corpus.focus});
    ++corpus.inputs;
    corpus.bytes += program.size();
    corpus.accepted.push_back(tally.played);
    for (const auto& [name, count] : tally.classes()) ++corpus.reached[name];
  }
  std::ranges::sort(corpus.accepted);
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string share(const Corpus& corpus, const std::string& name) {
  const auto found = corpus.reached.find(name);
  if (found == corpus.reached.end()) return "–";
  return std::to_string((100 * found->second + corpus.inputs - 1) / corpus.inputs) + " %";
}

/// All classes that a tally can have.
Classes all_classes() {
  Tally tally;
  tally.applied.fill(1), tally.reasons.fill(1), tally.statuses.fill(1), tally.events.fill(1);
  for (const MachineKind machine : {MachineKind::registration, MachineKind::sla, MachineKind::channel})
    tally.statuses[index_of(machine, 0)] = 0;  // no object enters the status of one that is not there
  return tally.classes();
}

/// Classes that no input can reach, and why.
const std::map<std::string, std::string> impossible = {
    {"failed evidence_used",
     "REG-5: the same evidence is against a Tombstoned node, whose row of the table refuses it before"},
    {"refused halted", "LEDGER-5: a ledger halts if an invariant fails, and each input ends at once if one does"},
};

std::string unreached(const std::set<std::string>& reached) {
  std::string page = "\n" + row({"class that no corpus reaches", "why"}) + row({"---", "---"});
  for (const auto& [name, count] : all_classes()) {
    if (reached.contains(name)) continue;
    const auto known = impossible.find(name);
    page += row({name, known == impossible.end() ? "not found yet" : known->second});
  }
  return page;
}

}  // namespace

std::string corpus_statistics(const std::filesystem::path& corpora) {
  Corpus all[] = {{"contracts", Focus::all, 0, 0, {}, {}},
                  {"channel_two_parties", Focus::channels, 0, 0, {}, {}},
                  {"sla_dispute", Focus::disputes, 0, 0, {}, {}}};
  std::set<std::string> names;
  for (Corpus& corpus : all) {
    read(corpus, corpora / corpus.name);
    for (const auto& [name, count] : corpus.reached) names.insert(name);
  }
  std::string page =
      "# The corpora of the contracts\n\nMade by `build/dev/fuzz/make_corpus --statistics fuzz/corpus`; do not edit. "
      "Operations are counted\nthat took effect before everybody leaves; each share is that of the inputs that reach a "
      "class at all.\n\n";
  page += row({"corpus", "inputs", "bytes", "accepted operations an input: least", "median", "most"});
  page += row({"---", "---:", "---:", "---:", "---:", "---:"});
  for (const Corpus& corpus : all) {
    const auto& counts = corpus.accepted;
    page +=
        row({corpus.name, std::to_string(corpus.inputs), std::to_string(corpus.bytes), std::to_string(counts.front()),
             std::to_string(counts[counts.size() / 2]), std::to_string(counts.back())});
  }
  page +=
      "\n" + row({"class", "contracts", "channel_two_parties", "sla_dispute"}) + row({"---", "---:", "---:", "---:"});
  for (const std::string& name : names)
    page += row({name, share(all[0], name), share(all[1], name), share(all[2], name)});
  return page + unreached(names);
}

}  // namespace p2pllm::fuzz
