#include "apps/p2pllm/files.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "apps/command_line.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/escape.hpp"
#include "model/encoding/json.hpp"
#include "model/numbers/parse.hpp"

namespace p2pllm::app {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// What the file system says of a path; nothing if it says nothing.
std::optional<struct stat> status_of(const std::string& path) {
  struct stat status {};
  if (path == "-" ? fstat(STDIN_FILENO, &status) != 0 : stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

}  // namespace

Result<Input> read_input(const std::string& path, std::size_t bytes_max) {
  Input input{"", shown_name(path)};
  const auto status = status_of(path);
  if (status && S_ISDIR(status->st_mode)) return bad_input(input.name, "cannot be read", "it is a directory");
  constexpr std::size_t chunk = 1UL << 20;
  if (status && S_ISREG(status->st_mode)) {
    const auto size = static_cast<std::size_t>(status->st_size);
    if (size > bytes_max && path != "-") return too_long(input.name, size, bytes_max);
    input.bytes.reserve(std::min(size, bytes_max) + chunk);  // no copy while it grows
  }
  const File file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) return bad_input(input.name, "cannot be read", std::strerror(errno));
  while (input.bytes.size() <= bytes_max) {
    const std::size_t before = input.bytes.size();
    input.bytes.resize(before + chunk);
    const std::size_t got = std::fread(input.bytes.data() + before, 1, chunk, file.get());
    input.bytes.resize(before + got);
    if (got == 0) break;
  }
  if (std::ferror(file.get()) != 0) return bad_input(input.name, "cannot be read", std::strerror(errno));
  return input;
}

Result<void> check_inputs(const std::vector<std::string>& paths) {
  if (std::count(paths.begin(), paths.end(), "-") <= 1) return {};
  return bad_input("-", "standard input", "it can be read only once");
}

Result<Network> load_network(const std::string& path) {
  const auto input = read_input(path, network_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  ProgressLine progress("reading");
  return read_network(input->bytes, input->name, progress.hook());
}

Result<optimized::ReadMarket> load_columns(const std::string& path) {
  const auto input = read_input(path, network_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  ProgressLine progress("reading");
  return optimized::read_columns(input->bytes, input->name, progress.hook());
}

Result<Prices> load_prices(const std::string& path, const Network& network) {
  if (path.empty()) return posted_prices(network);
  const auto input = read_input(path, prices_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  return read_prices(input->bytes, input->name, network);
}

Result<Rational> parse_option(const std::string& option, const std::string& text) {
  auto value = parse_rational(text);
  if (!value) return bad_input(option, '"' + printable(text) + '"', value.error().rule);
  return value;
}

Result<Rational> chosen_alpha(const NetworkOptions& options, const MarketTerms& market) {
  if (!options.alpha) {
    if (market.alpha) return *market.alpha;
    return bad_input(shown_name(options.network) + ": /alpha", "missing", "give it in the file or by --alpha");
  }
  auto alpha = parse_option("--alpha", *options.alpha);
  if (alpha && (alpha->sign() < 0 || *alpha > Rational(1)))
    return bad_input("--alpha", '"' + printable(*options.alpha) + '"', "alpha must lie in [0, 1]");
  return alpha;
}

Result<std::optional<std::size_t>> chosen_client(const NetworkOptions& options, const std::vector<std::string>& ids) {
  if (!options.client) {
    if (ids.size() > 1) {
      constexpr std::size_t listed_max = 10;
      std::string listed;
      for (std::size_t k = 0; k < std::min(ids.size(), listed_max); ++k)
        listed += (k == 0 ? "" : ", ") + printable(ids[k]);
      if (ids.size() > listed_max) listed += ", ...";
      return bad_input(shown_name(options.network) + ": /clients", fmt::format("{} clients", ids.size()),
                       "choose one by --client: " + listed);
    }
    return ids.empty() ? std::nullopt : std::optional<std::size_t>(0);
  }
  const auto found = std::find(ids.begin(), ids.end(), *options.client);
  if (found == ids.end())
    return bad_input("--client", '"' + printable(*options.client) + '"', "the network has no client of this id");
  return static_cast<std::size_t>(found - ids.begin());
}

Result<ClientLegs> chosen_client(const NetworkOptions& options, const Network& network) {
  std::vector<std::string> ids;
  for (const Client& client : network.clients) ids.push_back(client.id);
  return chosen_client(options, ids).map([&network](const std::optional<std::size_t>& index) {
    return ClientLegs{index ? &network.clients[*index] : nullptr};
  });
}

}  // namespace p2pllm::app
