#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "fuzz/contracts/trace_text.hpp"
#include "fuzz/contracts/world.hpp"
#include "fuzz/corpus_statistics.hpp"
#include "fuzz/request_seeds.hpp"
#include "fuzz/weight_seeds.hpp"
#include "model/crypto/sha256.hpp"
#include "model/encoding/json.hpp"
#include "tests/support/random_model.hpp"
#include "tests/support/test_hash.hpp"

// Makes the corpora of the contract targets, the same ones from the same seed: programs grow by changes of their
// commands as long as they reach something new, then each is cut down to what it alone reaches.

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed);

namespace {

std::minstd_rand bytes_random;

}  // namespace

/// Stands for libFuzzer's own mutator.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max) {
  if (size < size_max && (size == 0 || bytes_random() % 4 == 0)) ++size, data[size - 1] = 0;
  data[bytes_random() % size] = static_cast<std::uint8_t>(bytes_random() % 256);
  return size;
}

namespace p2pllm::fuzz {
namespace {

constexpr std::size_t program_bytes_max = 700;
constexpr unsigned accepted_min = 20;  ///< of the operations of an input of a corpus

const std::string growth = "played ", counter = "counter ";

struct Member {
  Bytes program;
  std::set<std::string> reaches;
  std::uint32_t accepted = 0;
};

class Search {
 public:
  Search(Focus focus, unsigned seed) : focus_(focus), random_(seed) {}

  /// Begins with programs that are there already: what they reach is not looked for.
  void begin(const std::vector<Bytes>& programs) {
    for (const Bytes& program : programs) add(member_of(program));
    there_ = known_;
  }

  void run(int trials) {
    Bytes buffer(program_bytes_max);
    for (int k = 0; k < 20 && there_.empty(); ++k) {
      Bytes first(400);
      for (std::uint8_t& byte : first) byte = static_cast<std::uint8_t>(random_() % 256);
      keep(first);
    }
    for (int trial = 0; trial < trials; ++trial) {
      const Bytes parent = some_member().program;
      if (parent.size() > buffer.size()) continue;
      std::copy(parent.begin(), parent.end(), buffer.begin());
      std::size_t size = parent.size();
      (void)member_of(parent);  // so that the mutator knows where its commands begin
      for (std::uint64_t changes = 1 + random_() % 4; changes > 0; --changes)
        size = LLVMFuzzerCustomMutator(buffer.data(), size, buffer.size(), static_cast<unsigned>(random_()));
      keep(Bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size)));
    }
  }

  /// The fewest members, found one by one, that together reach all that was looked for; each without what it does not
  /// need for that.
  [[nodiscard]] std::vector<Bytes> chosen() {
    std::vector<Bytes> result;
    std::set<std::string> left;
    for (const std::string& one : known_)
      if (!one.starts_with(growth) && !there_.contains(one) && (there_.empty() || !one.starts_with(counter)))
        left.insert(one);
    while (!left.empty()) {
      const auto gain = [&](const Member& member) {
        return std::ranges::count_if(member.reaches, [&](const std::string& one) { return left.contains(one); });
      };
      const auto best = std::ranges::max_element(members_, {}, gain);
      if (gain(*best) == 0) break;
      std::set<std::string> own;
      for (const std::string& one : best->reaches)
        if (left.erase(one) > 0) own.insert(one);
      result.push_back(without_excess(best->program, own));
    }
    return result;
  }

 private:
  [[nodiscard]] Member member_of(const Bytes& program) {
    const Tally tally = run_contract_program(program, {.focus = focus_});
    Member member{program, {}, tally.played};
    if (tally.played < accepted_min) {
      (void)take_rewards();
      member.reaches = {growth + std::to_string(tally.played)};  // a step on the way, not to be chosen
      return member;
    }
    for (const auto& [name, count] : tally.classes()) member.reaches.insert(name);
    for (const std::uint32_t place : take_rewards()) member.reaches.insert(depth_class(place));
    return member;
  }
  /// The counter's place with depths from 8 on as one.
  static std::string depth_class(std::uint32_t place) {
    const std::size_t reason = place % reason_count, status = place / reason_count / depth_count;
    return counter + std::to_string(status) + " " +
           std::to_string(std::min<std::size_t>(place / reason_count % depth_count, 8)) + " " + std::to_string(reason);
  }
  void keep(const Bytes& program) {
    Member member = member_of(program);
    if (std::ranges::includes(known_, member.reaches) && !members_.empty()) return;
    add(std::move(member));
  }
  void add(Member member) {
    known_.insert(member.reaches.begin(), member.reaches.end());
    for (const std::string& one : member.reaches)
      if (!one.starts_with(counter) && !one.starts_with(growth)) reachers_[one].push_back(members_.size());
    members_.push_back(std::move(member));
  }
  /// Any one; or, if there were programs before, one of those that reach some class, so that rare ones are preferred.
  [[nodiscard]] const Member& some_member() {
    if (there_.empty() || random_() % 4 == 0) return members_[random_() % members_.size()];
    const auto& those = std::next(reachers_.begin(), static_cast<std::ptrdiff_t>(random_() % reachers_.size()))->second;
    return members_[those[random_() % those.size()]];
  }
  [[nodiscard]] Bytes without_excess(Bytes program, const std::set<std::string>& own) {
    for (std::size_t length = std::max<std::size_t>(1, program.size() / 2); length > 0; length /= 2)
      for (std::size_t at = 0; at + length <= program.size();) {
        Bytes shorter = program;
        const auto begin = shorter.begin() + static_cast<std::ptrdiff_t>(at);
        shorter.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
        if (std::ranges::includes(member_of(shorter).reaches, own)) program = std::move(shorter);
        else at += length;
      }
    return program;
  }

  Focus focus_;
  std::minstd_rand random_;
  std::vector<Member> members_;
  std::set<std::string> known_, there_;
  std::map<std::string, std::vector<std::size_t>> reachers_;  ///< the places of the members that reach a class
};

void write(const std::filesystem::path& folder, ByteView bytes) {
  testing::choose_hash(testing::HashChoice::sha256);  // for the name alone
  std::ofstream file(folder / to_hex(sha256(bytes)).substr(0, 12), std::ios::binary);
  testing::choose_hash(testing::HashChoice::fast);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// An emptied folder.
std::filesystem::path fresh_folder(const std::filesystem::path& root, const char* name) {
  std::filesystem::remove_all(root / name);
  std::filesystem::create_directories(root / name);
  return root / name;
}

/// One transaction of each operation, the shortest; and beginnings and changes of some.
void make_encodings(const std::filesystem::path& folder, const std::vector<Bytes>& programs) {
  std::map<std::size_t, Bytes> shortest;
  for (const Bytes& program : programs) {
    World world(program);
    world.run();
    for (const RecordedBlock& block : world.chain().blocks())
      for (const Bytes& encoded : block.transactions) {
        const auto decoded = decode_transaction(encoded);
        if (!decoded) continue;
        Bytes& known = shortest[decoded->operation.index()];
        if (known.empty() || encoded.size() < known.size()) known = encoded;
      }
  }
  std::minstd_rand random(1);
  for (const auto& [operation, encoded] : shortest) {
    write(folder, encoded);
    Bytes other = encoded;
    if (operation % 3 == 0) other.resize(random() % other.size());
    else other[random() % other.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    if (operation % 4 == 0) write(folder, other);
  }
}

/// Changes of traces of short programs; traces themselves, right, wrong and cut.
void make_traces(const std::filesystem::path& folder, const std::vector<Bytes>& programs) {
  std::minstd_rand random(1);
  for (std::size_t k = 0; k < programs.size() && k < 12; ++k) {
    Bytes input{static_cast<std::uint8_t>(random() % 256), static_cast<std::uint8_t>(random() % 256),
                static_cast<std::uint8_t>(random() % 256)};
    if (input[0] == '{') ++input[0];
    const std::size_t length = std::min<std::size_t>(programs[k].size(), 80);
    input.insert(input.end(), programs[k].begin(), programs[k].begin() + static_cast<std::ptrdiff_t>(length));
    write(folder, input);
  }
  World world(ByteView(programs.front()).first(12));
  world.run();
  std::string text = trace_of(world.chain());
  write(folder, bytes_of(text));
  write(folder, bytes_of(std::string_view(text).substr(0, text.size() - 20)));
  const auto at = text.find("\"outcome\":\"none\"");
  if (at != std::string::npos) text.replace(at, 16, "\"outcome\":\"halted\"");
  write(folder, bytes_of(text));
}

/// The published edge vectors, and choices of what is signed and shown.
void make_signatures(const std::filesystem::path& folder, const std::filesystem::path& vectors) {
  std::ifstream file(vectors);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto document = parse_json(text, "vectors");
  for (const Json& one : *document.value().find("cases")->as_array()) {
    Bytes input{0xff};
    for (const char* member : {"key", "signature", "message"}) {
      const Bytes part = from_hex(*one.find(member)->as_string()).value();
      input.insert(input.end(), part.begin(), part.end());
    }
    write(folder, input);
  }
  std::minstd_rand random(1);
  for (int k = 0; k < 12; ++k) {
    Bytes input(40);
    for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random() % 256);
    if (k < 3) std::fill(input.begin(), input.begin() + 12, static_cast<std::uint8_t>(k));  // shown where it is valid
    if (input[0] == 0xff) input[0] = 0;
    write(folder, input);
  }
}

void make_requests(const std::filesystem::path& folder) {
  for (const std::string& seed : request_seeds()) write(folder, bytes_of(seed));
}

/// A file, the beginning of one, one with a changed byte, and bytes around which files are made.
void make_models(const std::filesystem::path& folder) {
  testing::choose_hash(testing::HashChoice::sha256);  // as the target
  ModelShape shape = testing::odd_shape();
  shape.layers = 1;
  shape.width = shape.hidden = 8;
  const auto parts = write_model(testing::random_model(shape, 7, testing::Weights::ordinary));
  Bytes file{0};
  for (const Bytes& part : parts) file.insert(file.end(), part.begin(), part.end());
  write(folder, file);
  write(folder, ByteView(file).first(400));
  file[file.size() / 2] ^= 1U;
  write(folder, file);
  std::minstd_rand random(2);
  for (std::size_t k = 0; k < 8; ++k) {
    Bytes input(40 + 60 * k);
    for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random() % 256);
    input[0] = k % 4 == 0 ? 1 : 2;
    write(folder, input);
  }
  testing::choose_hash(testing::HashChoice::fast);
}

void make_weights(const std::filesystem::path& folder, const std::vector<Bytes>& seeds) {
  testing::choose_hash(testing::HashChoice::sha256);  // which names the files
  for (const Bytes& seed : seeds) write(folder, seed);
  testing::choose_hash(testing::HashChoice::fast);
}

const std::pair<const char*, Focus> searches[] = {
    {"contracts", Focus::all}, {"channel_two_parties", Focus::channels}, {"sla_dispute", Focus::disputes}};

/// Adds programs to a corpus for what none of its inputs reaches.
int add(const std::filesystem::path& folder, unsigned seed, int trials) {
  const auto* found =
      std::ranges::find_if(searches, [&](const auto& one) { return folder.filename().string() == one.first; });
  if (found == std::end(searches)) return std::fprintf(stderr, "%s: no corpus of programs\n", folder.c_str()), 2;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Bytes> programs;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    programs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  Search search(found->second, seed);
  search.begin(programs);
  search.run(trials);
  for (const Bytes& program : search.chosen()) write(folder, program);
  return 0;
}

int make(const std::filesystem::path& root, unsigned seed, int trials) {
  for (const auto& [name, focus] : searches) {
    Search search(focus, seed);
    search.run(trials);
    const std::vector<Bytes> programs = search.chosen();
    if (programs.empty()) return std::fprintf(stderr, "%s: too few trials\n", name), 1;
    const auto folder = fresh_folder(root, name);
    for (const Bytes& program : programs) write(folder, program);
    std::fprintf(stderr, "%s: %zu inputs\n", name, programs.size());
    if (focus != Focus::all) continue;
    make_encodings(fresh_folder(root, "encoding_roundtrip"), programs);
    make_signatures(fresh_folder(root, "signatures_real"), "spec/vectors/signature.json");
    make_traces(fresh_folder(root, "trace_replay"), programs);
    make_requests(fresh_folder(root, "service_protocol"));
    make_models(fresh_folder(root, "exact_model_parse"));
    make_weights(fresh_folder(root, "gguf_parse"), gguf_seeds());
    make_weights(fresh_folder(root, "safetensors_parse"), safetensors_seeds());
  }
  return 0;
}

}  // namespace
}  // namespace p2pllm::fuzz

/// make_corpus --statistics FOLDER prints the page of statistics. make_corpus --requests FOLDER writes the corpus of
/// `service_protocol` in that folder, and --models that of `exact_model_parse`; --weights writes those of `gguf_parse`
/// and `safetensors_parse` in a folder of these names each. make_corpus --add CORPUS SEED TRIALS
/// adds to a corpus of programs what reaches something that none of its inputs does. make_corpus FOLDER SEED TRIALS,
/// run in the root of the tree, makes all corpora.
int main(int argc, char** argv) {
  using namespace p2pllm::fuzz;
  p2pllm::testing::choose_hash(p2pllm::testing::HashChoice::fast);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (argc == 3 && mode == "--statistics") {
    std::fputs(corpus_statistics(argv[2]).c_str(), stdout);
    return 0;
  }
  if (argc == 3 && mode == "--requests") {
    make_requests(argv[2]);
    return 0;
  }
  if (argc == 3 && mode == "--models") {
    make_models(argv[2]);
    return 0;
  }
  if (argc == 3 && mode == "--weights") {
    make_weights(fresh_folder(argv[2], "gguf_parse"), gguf_seeds());
    make_weights(fresh_folder(argv[2], "safetensors_parse"), safetensors_seeds());
    return 0;
  }
  if (argc == 5 && mode == "--add") return add(argv[2], static_cast<unsigned>(std::stoul(argv[3])), std::stoi(argv[4]));
  if (argc != 4) {
    std::fprintf(stderr,
                 "usage: make_corpus FOLDER SEED TRIALS | --add CORPUS SEED TRIALS | --statistics FOLDER | "
                 "--requests CORPUS | --models CORPUS | --weights FOLDER\n");
    return 2;
  }
  return make(argv[1], static_cast<unsigned>(std::stoul(argv[2])), std::stoi(argv[3]));
}
