#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/market/filtered_min_plus_rules.hpp"
#include "kernels/market/min_plus.cuh"
#include "kernels/simt/instructions.hpp"

// The step of min_plus.cuh for matrices that serve many clients: it reads half of the memory, and takes an instruction
// a position and client. Latencies and labels are first quantized to 32 bits. A pass over them finds the least sum of
// each part of a row, and with it a bound on the sum of every weight among the least two. The parts within the bound
// are read again, and their positions within it are weighed in doubles as in min_plus.cuh: the least two and the first
// position are the same to the last bit. Equal weights cost time and change nothing.
namespace p2pllm::kernels {

inline constexpr int quantize_threads = 256;
inline constexpr int filter_threads = 64;  ///< whose shared memory every device has
static_assert(filter_clients == min_plus_clients && filter_lanes == simt::warp_size);

/// Either list may be empty, and then stays as it is: latencies are quantized once for all clients.
struct QuantizeArguments {
  simt::DeviceSpan<const std::uint64_t> latencies;
  simt::DeviceSpan<const double> labels;            ///< width x min_plus_clients, >= 0
  double coefficient = 0;                           ///< of latencies, >= 0
  double scale = 1;                                 ///< a power of two from 2^-900 to 2^900
  simt::DeviceSpan<std::uint32_t> short_latencies;  ///< in the order of latencies
  simt::DeviceSpan<std::uint32_t> short_labels;     ///< min_plus_clients x width
};

struct FilteredMinPlusArguments {
  MinPlusArguments exact;  ///< at least one row
  simt::DeviceSpan<const std::uint32_t> short_latencies, short_labels;
};
struct FilterStorage {
  static constexpr int warps = filter_threads / simt::warp_size;
  simt::SharedArray<std::uint32_t, warps * filter_parts * (filter_pairs + 1)> minima;
  simt::SharedArray<std::int64_t, warps * filter_list * filter_pairs> kept;
};

/// A scale that leaves weights up to `greatest`, at most 2^900, below the cap. Any scale gives the same results: a
/// coarse one keeps more positions, and so does one under which weights reach the cap.
[[nodiscard]] inline double filter_scale(double greatest) {
  int exponent = 0;
  (void)std::frexp(greatest, &exponent);
  return std::ldexp(1, std::clamp(30 - exponent, -900, 900));
}

/// The floor of a scaled number, or the cap. @param number  >= 0, perhaps infinite
[[nodiscard]] P2PLLM_AGENT std::uint32_t quantized(double number, double scale) {
  const double scaled = number * scale, cap = static_cast<double>(filter_cap);
  return static_cast<std::uint32_t>(scaled < cap ? scaled : cap);
}

P2PLLM_AGENT void quantize(const simt::Thread& thread, simt::NoStorage& /*storage*/,
                           const QuantizeArguments& arguments) {
  for (std::int64_t k = thread.number(); k < arguments.latencies.size(); k += thread.numbers()) {
    const double latency = static_cast<double>(arguments.latencies.load(k));
    arguments.short_latencies.store(k, quantized(arguments.coefficient * latency, arguments.scale));
  }
  const std::int64_t width = arguments.labels.size() / min_plus_clients;
  for (std::int64_t k = thread.number(); k < arguments.labels.size(); k += thread.numbers()) {
    const double label = arguments.labels.load(simt::cell<std::int64_t>(k % width, min_plus_clients, k / width));
    arguments.short_labels.store(k, quantized(label, arguments.scale));
  }
}

/// The least sum of a part for the pair of the calling lane.
[[nodiscard]] P2PLLM_AGENT std::uint32_t part_minimum(const simt::Thread& thread,
                                                      const FilteredMinPlusArguments& arguments, std::int64_t warp,
                                                      std::int64_t part) {
  const std::int64_t width = arguments.exact.width, rows = arguments.exact.least.size() / min_plus_clients;
  const std::int64_t end = part_end(part, width);
  std::uint32_t least[filter_pairs];
  P2PLLM_UNROLLED for (std::uint32_t& each : least) each = static_cast<std::uint32_t>(filter_none);
  for (std::int64_t j = part_begin(part, width) + thread.lane(); j < end; j += filter_lanes) {
    std::uint32_t labels[filter_clients];
    P2PLLM_UNROLLED for (int c = 0; c < filter_clients; ++c)
      labels[c] = arguments.short_labels.load(simt::cell<std::int64_t>(c, width, j));
    P2PLLM_UNROLLED for (int k = 0; k < filter_rows; ++k) {
      const std::int64_t row = filter_row<std::int64_t>(warp, k, rows);
      const std::uint32_t latency = arguments.short_latencies.load(simt::cell(row, width, j));
      P2PLLM_UNROLLED for (int c = 0; c < filter_clients; ++c) {
        std::uint32_t& own = least[k * filter_clients + c];
        own = simt::add_min(latency, labels[c], own);
      }
    }
  }
  // Each step halves the pairs of a lane, until lane k has pair k alone. Both loops have constant ends, so that the
  // pairs lie in registers.
  constexpr int halvings = 5, most = filter_pairs / 2;
  static_assert(filter_pairs >> halvings == 1);
  P2PLLM_UNROLLED for (int step = 0; step < halvings; ++step) {
    const int half = most >> step;
    const bool is_upper = (thread.lane() & half) != 0;
    P2PLLM_UNROLLED for (int k = 0; k < most; ++k) {
      if (k >= half) continue;
      const std::uint32_t own = is_upper ? least[k + half] : least[k], given = is_upper ? least[k] : least[k + half];
      const std::uint32_t other = thread.shuffle_xor(given, half);
      least[k] = other < own ? other : own;
    }
  }
  return least[0];
}

/// What a lane knows of its pair: the least two so far, and the number of positions kept that are not yet weighed.
struct FilterLane {
  std::int64_t row;
  int client, count;
  LeastPair best;
};

/// Each lane weighs the positions that its pair has kept.
P2PLLM_AGENT void weigh(const simt::Thread& thread, const FilterStorage& storage, const MinPlusArguments& arguments,
                        FilterLane& own) {
  thread.warp_barrier();  // after the positions are stored
  for (int k = 0; k < own.count; ++k) {
    const auto place = static_cast<int>(kept_place<std::int64_t>(thread.warp(), k, thread.lane()));
    const std::int64_t j = storage.kept.load(place);
    const double latency = static_cast<double>(arguments.latencies.load(simt::cell(own.row, arguments.width, j)));
    const double label = arguments.labels.load(simt::cell<std::int64_t>(j, min_plus_clients, own.client));
    own.best = joined(own.best, one_weight(arguments.coefficient * latency + label, j));
  }
  own.count = 0;
  thread.warp_barrier();  // before others are
}

/// Reads again the parts of all pairs that are within their bounds. @param bound  of the calling lane's pair
P2PLLM_AGENT void read_again(const simt::Thread& thread, FilterStorage& storage,
                             const FilteredMinPlusArguments& arguments, std::uint32_t bound, FilterLane& own) {
  const std::int64_t width = arguments.exact.width;
  const int lane = thread.lane();
  const std::uint32_t lanes_before = (std::uint32_t{1} << lane) - 1;
  for (int pair = 0; pair < filter_pairs; ++pair) {
    const std::uint32_t bound_of_pair = thread.shuffle(bound, pair);
    const std::int64_t row = thread.shuffle(own.row, pair), client = pair % filter_clients;
    const auto place = static_cast<int>(minimum_place<std::int64_t>(thread.warp(), lane, pair));
    std::uint32_t parts = thread.ballot(storage.minima.load(place) <= bound_of_pair);
    for (; parts != 0; parts &= parts - 1) {
      const std::int64_t part = simt::lowest_bit(parts), end = part_end(part, width);
      for (std::int64_t from = part_begin(part, width); from < end; from += filter_lanes) {
        const std::int64_t j = from + lane;
        const bool is_kept = j < end && arguments.short_latencies.load(simt::cell(row, width, j)) +
                                                arguments.short_labels.load(simt::cell(client, width, j)) <=
                                            bound_of_pair;
        const std::uint32_t kept = thread.ballot(is_kept);
        if (kept == 0) continue;
        int count = thread.shuffle(own.count, pair);
        if (count + simt::bit_count(kept) > filter_list) {
          weigh(thread, storage, arguments.exact, own);
          count = 0;
        }
        const int at = count + simt::bit_count(kept & lanes_before);
        if (is_kept) storage.kept.store(static_cast<int>(kept_place<std::int64_t>(thread.warp(), at, pair)), j);
        if (lane == pair) own.count = count + simt::bit_count(kept);
      }
    }
  }
  weigh(thread, storage, arguments.exact, own);
}

/// A warp has four rows at a time; the rows go round the warps.
P2PLLM_AGENT void filtered_min_plus(const simt::Thread& thread, FilterStorage& storage,
                                    const FilteredMinPlusArguments& arguments) {
  const std::int64_t rows = arguments.exact.least.size() / min_plus_clients, warps = filter_warps(rows);
  const int lane = thread.lane(), of_block = thread.threads() / simt::warp_size;
  for (std::int64_t warp = simt::cell<std::int64_t>(thread.block(), of_block, thread.warp()); warp < warps;
       warp += thread.blocks() * of_block) {
    std::uint32_t least = static_cast<std::uint32_t>(filter_none), second = least;
    for (std::int64_t part = 0; part < filter_parts; ++part) {
      const std::uint32_t minimum = part_minimum(thread, arguments, warp, part);
      storage.minima.store(static_cast<int>(minimum_place<std::int64_t>(thread.warp(), part, lane)), minimum);
      const std::uint32_t greater = minimum < least ? least : minimum;
      second = greater < second ? greater : second;
      least = minimum < least ? minimum : least;
    }
    thread.warp_barrier();  // after the minima are stored
    FilterLane own{filter_row<std::int64_t>(warp, lane / filter_clients, rows),
                   lane % static_cast<int>(filter_clients), 0, no_weight()};
    read_again(thread, storage, arguments, static_cast<std::uint32_t>(filter_bound<std::int64_t>(second)), own);
    // A row beyond the last stands for the last, whose own lanes store it.
    if (warp * filter_rows + lane / filter_clients < rows)
      store_least(arguments.exact, simt::cell<std::int64_t>(own.row, min_plus_clients, own.client), own.best);
  }
}

}  // namespace p2pllm::kernels
