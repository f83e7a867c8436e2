#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "model/assert.hpp"
#include "model/encoding/bytes.hpp"
#include "model/numbers/interval.hpp"
#include "model/simulation/record.hpp"

namespace p2pllm {

inline constexpr std::size_t run_state_bytes_max = 512UL << 20U;  ///< no longer state is kept

/// How a run is interrupted, and goes on (SIM-17). The default is a run that is not.
struct RunKeeping {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  const Bytes* from = nullptr;      ///< a state from which the run goes on; null: it starts
  std::int64_t stop_after = never;  ///< the step after which the run is stopped, unless it is the last one
  std::function<bool()> is_due;     ///< whether the state after a step is wanted; empty: only where the run is stopped
  /// Takes the state after a step. @returns whether the run goes on; empty: no state is wanted
  std::function<bool(std::int64_t step, Bytes state)> keep;

  /// Gives the state after a step to `keep`, if it is wanted.
  /// @param state  makes the bytes
  /// @returns whether the run is stopped after this step
  [[nodiscard]] bool stops(std::int64_t step, const std::function<Bytes()>& state) const {
    const bool is_last = step >= stop_after;
    if (!keep || !(is_last || (is_due && is_due()))) return is_last;
    return !keep(step, state()) || is_last;
  }
};

template <typename T, typename State>
concept KeptAsMember = requires(T& value, State& state) {
  value.keep(state);
};
template <typename T, typename State>
concept KeptFromOutside = requires(T& value, State& state) {
  keep(state, value);
};

/// Writes what a run has to remember, item by item, for a `StateReader` that asks for the same items in the same order.
///
/// A class says what these are in a member template `keep(state)`, a plain structure in a function `keep(state, it)`;
/// one text serves both directions.
class StateWriter {
 public:
  template <typename... T>
  void operator()(T&... items) {
    (put(items), ...);
  }
  /// How many items follow, each of at least one byte.
  void count(std::size_t& count) { put(count); }
  /// What holds of the items so far, if they are those of this run.
  void require(bool holds) { P2PLLM_ASSERT(holds); }
  /// Whether all that was required holds.
  [[nodiscard]] bool holds() const { return true; }
  static constexpr bool reads = false;

  [[nodiscard]] Bytes take() { return std::exchange(bytes_, {}); }

 private:
  void put(const Rational& value);
  void put(const Interval& value);
  void put_word(std::uint64_t word);
  template <std::integral T>
  void put(T value) {
    put_word(static_cast<std::uint64_t>(value));
  }
  void put(double value) { put_word(std::bit_cast<std::uint64_t>(value)); }
  void put(const Hash& value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
  template <typename T>
  void put(std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename A, typename B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  template <typename... T>
  void put(const std::tuple<T...>& value) {
    std::apply([&](const auto&... item) { (put(item), ...); }, value);
  }
  template <typename T>
  void put(std::vector<T>& list) {
    put(list.size());
    for (T& item : list) put(item);
  }
  template <typename T>
  void put(const std::set<T>& all) {
    put(all.size());
    for (const T& item : all) put(item);
  }
  template <typename K, typename V>
  void put(std::map<K, V>& all) {
    put(all.size());
    for (auto& [key, value] : all) {
      put(key);
      put(value);
    }
  }
  template <KeptAsMember<StateWriter> T>
  void put(T& value) {
    value.keep(*this);
  }
  template <KeptFromOutside<StateWriter> T>
  void put(T& value) {
    keep(*this, value);
  }

  Bytes bytes_;
};

/// Reads what a `StateWriter` wrote. After the first item that is not there, all others are 0 or empty.
class StateReader {
 public:
  explicit StateReader(ByteView bytes) : bytes_(bytes) {}

  template <typename... T>
  void operator()(T&... items) {
    (get(items), ...);
  }
  void count(std::size_t& count) { count = next_count(); }
  void require(bool holds) { fails_ = fails_ || !holds; }
  [[nodiscard]] bool holds() const { return !fails_; }
  static constexpr bool reads = true;

  /// Whether all items were there, no others, and all that was required of them holds.
  [[nodiscard]] bool is_whole() const { return !fails_ && offset_ == bytes_.size(); }

 private:
  void get(Rational& value);
  void get(Interval& value);
  [[nodiscard]] mpz_class next_integer();
  [[nodiscard]] std::uint64_t next_word();
  [[nodiscard]] std::size_t next_count();
  template <std::integral T>
  void get(T& value) {
    const std::uint64_t word = next_word();
    value = static_cast<T>(word);
    require(static_cast<std::uint64_t>(value) == word);
  }
  void get(double& value) { value = std::bit_cast<double>(next_word()); }
  void get(Hash& value);
  template <typename T>
  void get(std::optional<T>& value) {
    bool is_there = false;
    get(is_there);
    value.reset();
    if (is_there) get(value.emplace());
  }
  template <typename A, typename B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <typename... T>
  void get(std::tuple<T...>& value) {
    std::apply([&](auto&... item) { (get(item), ...); }, value);
  }
  template <typename T>
  void get(std::vector<T>& list) {
    list.clear();
    for (std::size_t k = next_count(); k > 0 && !fails_; --k) get(list.emplace_back());
  }
  template <typename T>
  void get(std::set<T>& all) {
    all.clear();
    for (std::size_t k = next_count(); k > 0 && !fails_; --k) {
      T item{};
      get(item);
      all.insert(std::move(item));
    }
  }
  template <typename K, typename V>
  void get(std::map<K, V>& all) {
    all.clear();
    for (std::size_t k = next_count(); k > 0 && !fails_; --k) {
      K key{};
      get(key);
      get(all[std::move(key)]);
    }
  }
  template <KeptAsMember<StateReader> T>
  void get(T& value) {
    value.keep(*this);
  }
  template <KeptFromOutside<StateReader> T>
  void get(T& value) {
    keep(*this, value);
  }

  ByteView bytes_;
  std::size_t offset_ = 0;
  bool fails_ = false;
};

template <typename State>
void keep(State& state, Enclosure& of) {
  state(of.lower, of.upper);
}
template <typename State>
void keep(State& state, LayerRange& of) {
  state(of.first, of.last);
}
template <typename State>
void keep(State& state, PriceSummary& of) {
  state(of.mean, of.median, of.least, of.greatest);
}
template <typename State>
void keep(State& state, RangeRecord& of) {
  state(of.range, of.nodes, of.prices, of.load, of.revenue);
}
template <typename State>
void keep(State& state, RequestRecord& of) {
  state(of.offered, of.served, of.refused, of.blocked, of.demand, of.earned, of.measured, of.mean_sojourn,
        of.median_sojourn, of.p95_sojourn, of.greatest_sojourn);
}
template <typename State>
void keep(State& state, StepRecord& of) {
  state(of.step, of.moves, of.joins, of.leaves, of.ranges, of.least_load, of.throughput, of.sole, of.regret_bound,
        of.serves, of.requests);
}
template <typename State>
void keep(State& state, SimulatedMove& of) {
  state(of.step, of.node, of.from, of.to);
}
template <typename State>
void keep(State& state, SimulatedPayment& of) {
  state(of.step, of.node, of.amount);
}
template <typename State>
void keep(State& state, SimulationRun& of) {
  state(of.records, of.moves, of.payments, of.radius);
}

}  // namespace p2pllm
