#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/market/network.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"
#include "optimized/market/columns.hpp"

namespace p2pllm::optimized {

/// A network that was read: in columns if they hold its numbers exactly, otherwise as the exact reader gives it.
using ReadMarket = std::variant<MarketColumns, Network>;

/// Reads `p2pllm-network/1` (FORMAT-3) into columns.
///
/// One pass over the bytes reads number texts straight into fixed-point integers, never through a double. A file with
/// any fault, and one that this pass cannot hold exactly or does not know how to read (a key with escapes, a number of
/// more than 19 digits), is read by the exact reader, `p2pllm::read_network`, which alone says what is accepted.
///
/// Law: the answer is a fault exactly if that reader reports one, and the same fault. Otherwise it states the network
/// that this reader gives; it is `columns_of` of it unless that is nothing.
/// @param bytes     the whole file
/// @param source    its name for messages, as it is to be shown
/// @param progress  called with bytes done and bytes in all, of each reader that works
/// @returns O(size of the file) time and memory.
[[nodiscard]] Result<ReadMarket> read_columns(std::string_view bytes, const std::string& source,
                                              const Progress& progress = {});

/// The one pass of `read_columns` alone.
/// @returns nothing if the file is not for it
[[nodiscard]] std::optional<MarketColumns> read_plain_columns(std::string_view bytes, const Progress& progress = {});

}  // namespace p2pllm::optimized
