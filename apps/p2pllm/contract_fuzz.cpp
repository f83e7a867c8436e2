#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <random>

#include "apps/p2pllm/diff/candidate.hpp"
#include "apps/p2pllm/diff/channel_history.hpp"
#include "apps/p2pllm/diff/judge.hpp"
#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "fuzz/contracts/trace_text.hpp"
#include "fuzz/contracts/world.hpp"
#include "model/encoding/escape.hpp"

// `contract fuzz` compares somebody else's payment channel with the reference, `contract fuzz-case` shows an input of
// the fuzz targets as a trace.
namespace p2pllm::app {
namespace {

constexpr std::size_t program_bytes_max = 2048;
constexpr int shrink_trials_max = 150;

/// The first difference between a candidate and the reference in one history.
struct Divergence {
  std::string kind;      ///< what shrinking keeps: the operation and the member
  std::string sentence;  ///< of the candidate
};

class ChannelContest {
 public:
  explicit ChannelContest(const ContractFuzzOptions& options) : options_(options) {}

  /// @returns nothing if the candidate answers as the reference does
  Result<std::optional<Divergence>> compare(const ChannelHistory& history) {
    const auto run = run_candidate(options_.candidate, text_of(history), options_.timeout_s);
    if (!run) return tl::unexpected<Fault>(run.error());
    if (run->timed_out) return found("time", fmt::format("it did not answer within {} s", options_.timeout_s));
    if (run->signal != 0) return found("signal", fmt::format("it was killed: {}", strsignal(run->signal)));
    std::string_view rest = run->output;
    for (std::size_t k = 0; k < history.requests.size(); ++k) {
      const std::string where = fmt::format("line {} ({})", k + 2, history.requests[k].operation);
      const auto end = rest.find('\n');
      if (end == std::string_view::npos) {
        const std::string said = run->complaint.empty() ? "" : ": " + run->complaint;
        return found("silence", fmt::format("{}: it gave no answer, exit code {}{}", where, run->exit_code, said));
      }
      const auto given = parse_json(std::string(rest.substr(0, end)), "its answer");
      rest.remove_prefix(end + 1);
      if (!given) return found("no JSON", where + ": " + given.error().message());
      const auto difference = judge_.compare(history.requests[k].answer, *given);
      if (difference)
        return found(history.requests[k].operation + difference->place,
                     fmt::format("{}: {} is {}, the reference says {}", where, difference->place, difference->given,
                                 difference->expected));
    }
    return std::optional<Divergence>();
  }
  [[nodiscard]] std::uint64_t decisions() const { return judge_.decisions(); }

  /// A program with fewer commands that diverges alike.
  Result<Bytes> shrunk(Bytes program, const std::string& kind) {
    int trials = 0;
    for (std::size_t length = program.size(); length > 0; length /= 2)
      for (std::size_t first = 0; trials < shrink_trials_max;) {
        fuzz::Frames frames = channel_history(program).frames;
        frames.push_back(static_cast<std::uint16_t>(program.size()));
        if (first + 1 >= frames.size()) break;
        Bytes shorter = program;
        shorter.erase(shorter.begin() + frames[first],
                      shorter.begin() + frames[std::min(first + length, frames.size() - 1)]);
        ++trials;
        const auto divergence = compare(channel_history(shorter));
        if (!divergence) return tl::unexpected<Fault>(divergence.error());
        if (*divergence && (*divergence)->kind == kind) program = std::move(shorter);
        else first += length;
      }
    return program;
  }

 private:
  static std::optional<Divergence> found(std::string kind, std::string sentence) {
    return Divergence{std::move(kind), std::move(sentence)};
  }

  const ContractFuzzOptions& options_;
  Judge judge_;
};

/// The files of the corpus, in order; or as many random programs as asked for.
Result<std::vector<Bytes>> programs_of(const ContractFuzzOptions& options) {
  std::vector<Bytes> programs;
  if (options.corpus.empty()) {
    std::minstd_rand random(static_cast<unsigned>(options.seed));
    for (std::uint64_t k = 0; k < options.inputs; ++k) {
      Bytes program(100 + random() % 400);
      for (std::uint8_t& byte : program) {
        const auto small = random() % 2 == 0;  // few of the choices have many answers
        byte = static_cast<std::uint8_t>((random() >> 8) % (small ? 16 : 256));
      }
      programs.push_back(std::move(program));
    }
    return programs;
  }
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(options.corpus, error))
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  if (error) return bad_input("--corpus", shown_name(options.corpus), error.message());
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    const auto input = read_input(path, program_bytes_max);
    if (!input) return tl::unexpected<Fault>(input.error());
    programs.emplace_back(input->bytes.begin(), input->bytes.end());
  }
  if (programs.empty()) return bad_input("--corpus", shown_name(options.corpus), "a folder with inputs is required");
  return programs;
}

struct Witness {
  std::string trace, sentence;
};

Result<Witness> smallest(ChannelContest& contest, const Bytes& program, const std::string& kind) {
  const auto small = contest.shrunk(program, kind);
  if (!small) return tl::unexpected<Fault>(small.error());
  const ChannelHistory history = channel_history(*small);
  const auto divergence = contest.compare(history);
  if (!divergence) return tl::unexpected<Fault>(divergence.error());
  return Witness{history.trace, *divergence ? (*divergence)->sentence : "it does not answer the same each time"};
}

}  // namespace

int run_contract_fuzz(const ContractFuzzOptions& options) {
  if (const auto outputs = check_outputs({options.witness}, {}); !outputs) return complain(outputs.error());
  const auto programs = programs_of(options);
  if (!programs) return complain(programs.error());
  if (options.candidate.empty()) return complain(bad_input("--candidate", "a shell command is required").value());
  ChannelContest contest(options);
  std::size_t histories = 0;
  std::optional<Witness> witness;
  for (const Bytes& program : *programs) {
    const auto divergence = contest.compare(channel_history(program));
    if (!divergence) return complain(divergence.error());
    ++histories;
    if (!*divergence) continue;
    auto made = smallest(contest, program, (*divergence)->kind);
    if (!made) return complain(made.error());
    witness = *std::move(made);
    break;
  }
  if (witness && !options.witness.empty())
    if (const auto written = write_output(options.witness, witness->trace); !written) return complain(written.error());
  const auto count = [](std::uint64_t value) { return Json::integer(static_cast<long long>(value)); };
  if (options.json) {
    Json divergence;
    if (witness) divergence = Json::Object{{"sentence", witness->sentence}, {"trace", witness->trace}};
    fmt::print("{}", write_json(Json::Object{{"histories", count(histories)},
                                             {"decisions", count(contest.decisions())},
                                             {"divergence", std::move(divergence)}}));
  } else if (witness) {
    if (options.witness.empty()) fmt::print("{}", witness->trace);
    fmt::print("the candidate diverges: {}\n", for_terminal(witness->sentence));
    fmt::print("found in {}, {} compared\n", counted(histories, "program"), contest.decisions());
  } else {
    fmt::print("no divergence in {}, {} compared\n", counted(histories, "program"), contest.decisions());
  }
  return witness ? exit_refuted : exit_holds;
}

int run_contract_fuzz_case(const FuzzCaseOptions& options) {
  const auto input = read_input(options.input, program_bytes_max);
  if (!input) return complain(input.error());
  const fuzz::Focus focus = options.target == "channel_two_parties" ? fuzz::Focus::channels
                            : options.target == "sla_dispute"       ? fuzz::Focus::disputes
                                                                    : fuzz::Focus::all;
  fuzz::World world(bytes_of(input->bytes), {.focus = focus, .has_reference = true, .looks_at_all = true});
  std::string broken;
  try {
    world.run();
    if (options.settle) world.settle();
  } catch (const fuzz::LawBroken& law) {
    broken = law.what();
  }
  const std::string trace = fuzz::trace_of(world.chain());
  if (options.json) {
    Json law;
    if (!broken.empty()) law = broken;
    fmt::print("{}", write_json(Json::Object{{"holds", broken.empty()}, {"broken", std::move(law)}, {"trace", trace}}));
  } else {
    fmt::print("{}", trace);
    if (!broken.empty()) print_error(input->name + ": law broken: " + for_terminal(broken));
  }
  return broken.empty() ? exit_holds : exit_refuted;
}

}  // namespace p2pllm::app
