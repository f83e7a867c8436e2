#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/command_line.hpp"
#include "apps/output_file.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "model/market/network.hpp"
#include "optimized/market/read_network.hpp"

namespace p2pllm::app {

/// An input's bytes, and its name for messages (`shown_name`).
struct Input {
  std::string bytes;
  std::string name;
};

/// Reads a file, or standard input for "-", once: what is parsed and what is hashed are the same bytes even if somebody
/// changes the file. A file of more than bytes_max bytes is refused without being read; of a stream, a little more is
/// read, so that the reader refuses the excess.
[[nodiscard]] Result<Input> read_input(const std::string& path, std::size_t bytes_max);

/// Whether at most one of the paths is standard input.
[[nodiscard]] Result<void> check_inputs(const std::vector<std::string>& paths);

/// The exact network. Long work shows a line of progress.
[[nodiscard]] Result<Network> load_network(const std::string& path);

/// The network in columns, or the exact one where columns cannot hold it. Long work shows a line of progress.
[[nodiscard]] Result<optimized::ReadMarket> load_columns(const std::string& path);

/// The network's own prices for an empty path, otherwise those of a prices file.
[[nodiscard]] Result<Prices> load_prices(const std::string& path, const Network& network);

/// A rational in [least, most] from the command line.
[[nodiscard]] Result<Rational> parse_option(const std::string& option, const std::string& text);

/// The value of --alpha, or the file's; an error if both are missing.
[[nodiscard]] Result<Rational> chosen_alpha(const NetworkOptions& options, const MarketTerms& market);

/// The index of the client of --client, or of the only one, or nothing if there is none.
/// @param ids  of all clients, in file order
[[nodiscard]] Result<std::optional<std::size_t>> chosen_client(const NetworkOptions& options,
                                                               const std::vector<std::string>& ids);
/// The legs of that client.
[[nodiscard]] Result<ClientLegs> chosen_client(const NetworkOptions& options, const Network& network);

}  // namespace p2pllm::app
