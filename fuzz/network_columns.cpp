#include <cstdint>
#include <string_view>

#include "fuzz/law.hpp"
#include "tests/support/same_market.hpp"

// Input: a network.

namespace p2pllm::fuzz {
namespace {

void run(std::string_view text) {
  testing::Reading reading;
  const std::string what = testing::disagreement(text, reading);
  law(what.empty(), "FORMAT-3: the reader in columns and the exact reader are one", what);
  const std::size_t items_built_max = 2 + text.size() % 3;
  const std::string item_by_item = testing::disagreement_item_by_item(text, items_built_max);
  law(item_by_item.empty(), "FORMAT-3: a network is read item by item as a whole", item_by_item);
  ++reached[!reading.is_accepted    ? "refused"
            : reading.is_plain      ? "columns by the one pass"
            : reading.is_in_columns ? "columns by the exact reader"
                                    : "network of the exact reader"];
  if (!reading.is_plain) return;
  Network network = read_network(text, "fuzz").value();
  if (has_planted_fault) network.cost_scale += 1;
  const std::string difference = testing::difference(optimized::read_plain_columns(text).value(), network);
  law(difference.empty(), "FORMAT-3: columns state the network", difference);
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  p2pllm::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
