#pragma once

#include "kernels/portable/lane.hpp"
#include "kernels/simt/index_rules.hpp"
#include "kernels/simt/memory.hpp"

// One step of routing with latency: for each row of latencies and each of eight clients the least of
// coefficient * row[j] + label[j] over all j, the first position that has it, and the second least. The numbers are
// those of the CPU's loop: each operation is rounded alone, and the two least numbers and the first position do not
// depend on the order in which parts are joined. Deterministic from run to run and from device to device.
namespace p2pllm::kernels {

inline constexpr int min_plus_clients = 8;
inline constexpr int min_plus_threads = 256;  ///< 32 parts of a row times the clients

struct MinPlusArguments {
  simt::DeviceSpan<const std::uint64_t> latencies;  ///< rows x width
  simt::DeviceSpan<const double> labels;            ///< width x min_plus_clients
  std::int64_t width = 0;
  double coefficient = 0;                  ///< of latencies
  simt::DeviceSpan<double> least, second;  ///< rows x min_plus_clients
  simt::DeviceSpan<std::int64_t> position;
};
struct MinPlusStorage {
  simt::SharedArray<double, min_plus_threads> least, second;
  simt::SharedArray<std::int64_t, min_plus_threads> position;
};

/// The least two of some weights, and the first position of the least.
struct LeastPair {
  double least, second;
  std::int64_t position;
};

/// The least two of two lists of weights. Commutative, and associative.
[[nodiscard]] P2PLLM_AGENT LeastPair joined(const LeastPair& a, const LeastPair& b) {
  const bool is_b = b.least < a.least || (b.least == a.least && b.position < a.position);
  const double second = is_b ? b.second : a.second, other = is_b ? a.least : b.least;
  return {is_b ? b.least : a.least, other < second ? other : second, is_b ? b.position : a.position};
}

inline constexpr std::int64_t no_position = std::int64_t{1} << 62;  ///< after every position

[[nodiscard]] P2PLLM_AGENT LeastPair no_weight() { return {infinity, infinity, no_position}; }
/// A list of one weight. An infinite one has no position.
[[nodiscard]] P2PLLM_AGENT LeastPair one_weight(double weight, std::int64_t position) {
  return {weight, infinity, weight < infinity ? position : no_position};
}
/// @param at  of a row and a client
P2PLLM_AGENT void store_least(const MinPlusArguments& arguments, std::int64_t at, const LeastPair& best) {
  arguments.least.store(at, best.least);
  arguments.second.store(at, best.second);
  arguments.position.store(at, best.position == no_position ? -1 : best.position);
}

/// A block has a row at a time; the rows go round the blocks.
P2PLLM_AGENT void min_plus(const simt::Thread& thread, MinPlusStorage& storage, const MinPlusArguments& arguments) {
  const int self = thread.index(), client = self % min_plus_clients;
  const std::int64_t rows = arguments.least.size() / min_plus_clients;
  for (std::int64_t row = thread.block(); row < rows; row += thread.blocks()) {
    LeastPair best = no_weight();
    for (std::int64_t j = self / min_plus_clients; j < arguments.width; j += min_plus_threads / min_plus_clients) {
      const double latency = static_cast<double>(arguments.latencies.load(simt::cell(row, arguments.width, j)));
      const double weight = arguments.coefficient * latency +
                            arguments.labels.load(simt::cell<std::int64_t>(j, min_plus_clients, client));
      best = joined(best, one_weight(weight, j));
    }
    storage.least.store(self, best.least);
    storage.second.store(self, best.second);
    storage.position.store(self, best.position);
    for (int half = min_plus_threads / 2; half >= min_plus_clients; half /= 2) {
      thread.barrier();
      if (self < half) {
        const int other = self + half;
        best = joined(best, {storage.least.load(other), storage.second.load(other), storage.position.load(other)});
        storage.least.store(self, best.least);
        storage.second.store(self, best.second);
        storage.position.store(self, best.position);
      }
    }
    if (self < min_plus_clients) store_least(arguments, simt::cell<std::int64_t>(row, min_plus_clients, client), best);
    thread.barrier();  // before the next row's numbers
  }
}

}  // namespace p2pllm::kernels
