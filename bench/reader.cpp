// Reading a network of a million nodes: the reader in columns beside simdjson, a plain read, and the exact reader.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "bench/figure.hpp"
#include "model/crypto/sha256.hpp"
#include "model/market/network.hpp"
#include "optimized/market/distinct.hpp"
#include "optimized/market/read_network.hpp"

namespace {

using p2pllm::optimized::MarketColumns;

/// A market of 32 layers with ranges of 4 to 12 layers, costs in hundredths, prices in ten thousandths.
std::string network_text(std::size_t nodes) {
  std::mt19937_64 random(14);
  const auto draw = [&random](int least, int most) { return std::uniform_int_distribution<int>(least, most)(random); };
  std::string text = R"({"format":"p2pllm-network/1","model":{"name":"bench","layers":32},"alpha":"1/2","nodes":[)";
  for (std::size_t i = 0; i < nodes; ++i) {
    const int first = draw(0, 28);
    const int last = std::min(32, first + draw(4, 12));
    char node[128];
    std::snprintf(node, sizeof node, R"(%s{"id":"n%07zu","layers":[%d,%d],"cost":%d.%02d,"price":0.%04d})",
                  i == 0 ? "" : ",\n", i, first, last, draw(10, 99), draw(0, 99), draw(0, 9999));
    text += node;
  }
  return text + "]}\n";
}

/// A file mapped into memory with simdjson's padding behind it.
class Mapped {
 public:
  explicit Mapped(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY);
    size_ = std::filesystem::file_size(path);
    data_ = static_cast<const char*>(mmap(nullptr, size_ + 4096, PROT_READ, MAP_PRIVATE, file, 0));
    close(file);
    if (data_ == MAP_FAILED) std::exit(2);
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { munmap(const_cast<char*>(data_), size_ + 4096); }
  [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

std::uint64_t plain_read(std::string_view bytes) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    sum += word;
  }
  return sum;
}

std::uint64_t dom_parse(std::string_view bytes) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(bytes.data(), bytes.size(), false).get(root) != simdjson::SUCCESS) std::exit(2);
  return root["nodes"].get_array().value().size();
}

/// Columns by simdjson's on-demand interface, with no check but its own: what a hand-written reader must beat.
std::uint64_t on_demand_columns(const simdjson::padded_string_view& bytes) {
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document root;
  if (parser.iterate(bytes).get(root) != simdjson::SUCCESS) std::exit(2);
  std::vector<std::uint32_t> first, last, cost, price;
  p2pllm::optimized::TextColumn ids;
  const auto digits = [](std::string_view token) {
    std::uint32_t value = 0;
    for (const char c : token)
      if (c >= '0' && c <= '9') value = 10 * value + static_cast<std::uint32_t>(c - '0');
    return value;
  };
  for (auto node : root["nodes"].get_array()) {
    auto object = node.get_object();
    ids.add(object["id"].get_string().value());
    auto layers = object["layers"].get_array();
    auto boundary = layers.begin();
    first.push_back(static_cast<std::uint32_t>((*boundary).get_uint64().value()));
    ++boundary;
    last.push_back(static_cast<std::uint32_t>((*boundary).get_uint64().value()));
    ++boundary;
    cost.push_back(digits(object["cost"].raw_json_token()));
    price.push_back(digits(object["price"].raw_json_token()));
  }
  return first.size() + ids.size() + last.back() + cost.back() + price.back();
}

struct Work {
  const char* name;
  std::function<std::uint64_t()> run;
  std::vector<double> seconds = {};
};

/// Seconds of this thread's processor time, since other work may share the machine.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double timed(const std::function<std::uint64_t()>& run) {
  [[maybe_unused]] static volatile std::uint64_t sink;
  const double begin = processor_seconds();
  sink = run();
  return processor_seconds() - begin;
}

/// The peak of resident memory of a process of its own that runs this, in bytes.
double peak_memory(const std::function<std::uint64_t()>& run) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(run() == 0 ? 1 : 0);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  return status == 0 ? 1024.0 * static_cast<double>(usage.ru_maxrss) : 0;
}

std::uint64_t columns_of_file(const std::string& path) {
  const Mapped file(path);
  const auto read = p2pllm::optimized::read_plain_columns(file.bytes());
  return read ? read->size() : 0;
}

std::uint64_t network_of_file(const std::string& path) {
  const Mapped file(path);
  const auto read = p2pllm::read_network(file.bytes(), "bench");
  return read ? read->size() : 0;
}

std::uint64_t dom_of_file(const std::string& path) { return dom_parse(Mapped(path).bytes()); }

/// Reads a file that must be refused, by the reader in columns and, behind it, the exact one.
std::uint64_t fault_of_file(const std::string& path) {
  const Mapped file(path);
  const auto read = p2pllm::optimized::read_columns(file.bytes(), "bench");
  return read ? 0 : read.error().message().size();
}

struct File {
  const char* name;
  std::string path;
};

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// The file with one fault near its end, in several ways.
std::vector<File> faulty_files(const std::string& folder, const std::string& text) {
  const auto first = text.find("{\"id\"");
  const auto last = text.rfind("{\"id\"");
  constexpr std::size_t id_size = 15;
  const auto with = [&](const char* name, const std::string& before, const std::string& after) {
    std::string changed = text;
    const std::string path = folder + "/" + name;
    write(path, changed.replace(changed.find(before, last), before.size(), after));
    return File{name, path};
  };
  return {with("a repeated id", text.substr(last, id_size), text.substr(first, id_size)),
          with("a negative price", "\"price\":", "\"price\":-"),
          with("a repeated key", "\"cost\":", "\"cost\":1,\"cost\":"), with("no end", "]}", "")};
}

void print(const std::vector<Work>& works) {
  using p2pllm::bench::median;
  const double dom = median(works.front().seconds);
  for (const Work& work : works)
    std::printf("%-55s %9.4f s  %6.2f x DOM parse\n", work.name, median(work.seconds), median(work.seconds) / dom);
}

void run(const std::string& folder, std::size_t nodes, int rounds) {
  const std::string path = folder + "/network.json";
  std::vector<File> faulty;
  {
    const std::string text = network_text(nodes);
    write(path, text);
    faulty = faulty_files(folder, text);
  }
  const double size = static_cast<double>(std::filesystem::file_size(path));
  std::printf("%zu nodes, %.1f MB\n", nodes, size / 1e6);
  const auto print_peak = [size](const char* name, const std::function<std::uint64_t()>& work) {
    p2pllm::bench::figure(std::string("peak memory, file included: ") + name, "size of the file",
                          peak_memory(work) / size, p2pllm::bench::at_most(2));
  };
  print_peak("columns", [&] { return columns_of_file(path); });
  for (const File& file : faulty) print_peak(file.name, [&] { return fault_of_file(file.path); });
  for (const auto& [name, work] : {std::pair{"exact network", &network_of_file}, {"simdjson's DOM", &dom_of_file}})
    std::printf("  peak memory, file included: %s: %.2f x the file\n", name,
                peak_memory([&] { return work(path); }) / size);

  const Mapped file(path);
  const simdjson::padded_string_view padded(file.bytes(), file.bytes().size() + simdjson::SIMDJSON_PADDING);
  const auto columns = p2pllm::optimized::read_plain_columns(file.bytes());
  std::vector<Work> works = {
      {"simdjson, DOM parse, allocation included", [&] { return dom_parse(file.bytes()); }},
      {"simdjson, columns on demand, unchecked", [&] { return on_demand_columns(padded); }},
      {"sequential read", [&] { return plain_read(file.bytes()); }},
      {"SHA-256", [&] { return std::uint64_t{p2pllm::sha256(p2pllm::bytes_of(file.bytes()))[0]}; }},
      {"distinct ids", [&] { return std::uint64_t{p2pllm::optimized::are_distinct(columns->ids)}; }},
      {"read_plain_columns, all checks and SHA-256 included",
       [&] { return p2pllm::optimized::read_plain_columns(file.bytes())->size(); }},
      {"the same, and the mapping of the file", [&] { return columns_of_file(path); }},
      {"exact reader", [&] { return network_of_file(path); }},
  };
  for (const File& each : faulty) works.push_back({each.name, [&] { return fault_of_file(each.path); }});
  constexpr std::size_t quick = 7;
  constexpr int slow_rounds = 3;
  for (int round = 0; round < rounds; ++round)
    for (std::size_t k = 0; k < works.size(); ++k)
      if (k < quick || round < slow_rounds) works[k].seconds.push_back(timed(works[k].run));
  print(works);
  using namespace p2pllm::bench;
  const double dom = median(works.front().seconds);
  figure("read in columns, 10^6 nodes", "simdjson's DOM parse", median(works[5].seconds) / dom, at_most(2));
  for (std::size_t k = 8; k < works.size(); ++k)
    figure(std::string("fault found: ") + works[k].name, "simdjson's DOM parse", median(works[k].seconds) / dom,
           at_most(10));
}

}  // namespace

// Without an argument: all comparisons. `--write FILE NODES` writes a network, and `--dom FILE` parses one as
// simdjson's document: both are for commands.py, which compares whole processes.
int main(int argc, char** argv) {
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  if (argc == 4 && std::strcmp(arguments[1], "--write") == 0) {
    write(arguments[2], network_text(std::strtoull(arguments[3], nullptr, 10)));
    return 0;
  }
  if (argc == 3 && std::strcmp(arguments[1], "--dom") == 0) return dom_of_file(arguments[2]) == 0 ? 1 : 0;
  const std::size_t nodes = argc > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  const int rounds = argc > 2 ? std::atoi(arguments[2]) : 11;
  const std::string folder =
      std::filesystem::temp_directory_path() / ("p2pllm_bench_reader." + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  run(folder, nodes, rounds);
  std::filesystem::remove_all(folder);
}
