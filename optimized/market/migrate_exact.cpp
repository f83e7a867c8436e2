#include <algorithm>

#include "optimized/market/migrate_state.hpp"

// The exact comparison of two loads, from the keys that they do not share (MIG-8).
namespace p2pllm::optimized {
namespace {

constexpr Precision exact_precision = {128, 32768};

/// A key, and how often one side has it more often than the other.
struct Surplus {
  Wide key;
  std::uint32_t times;
};

struct Difference {
  std::vector<Surplus> left;   ///< ascending by key
  std::vector<Surplus> right;  ///< ascending by key
};

/// @param without  a key of which the right side loses one, or null
Difference difference(const KeyMultisets::Multiset& left, const KeyMultisets::Multiset& right, const Wide* without) {
  Difference result;
  auto a = left.begin();
  auto b = right.begin();
  const auto times_of = [without](const auto& entry) {
    return entry.second - (without != nullptr && *without == entry.first ? 1 : 0);
  };
  while (a != left.end() || b != right.end()) {
    const bool has_a = a != left.end() && (b == right.end() || a->first <= b->first);
    const bool has_b = b != right.end() && (a == left.end() || b->first <= a->first);
    const Wide key = has_a ? a->first : b->first;
    const std::uint32_t on_left = has_a ? a->second : 0;
    const std::uint32_t on_right = has_b ? times_of(*b) : 0;
    if (on_left > on_right) result.left.push_back({key, on_left - on_right});
    if (on_right > on_left) result.right.push_back({key, on_right - on_left});
    if (has_a) ++a;
    if (has_b) ++b;
  }
  return result;
}

/// The sum of times / key, computed by halves so that denominators stay short for as long as possible.
Rational capacity(std::span<const Surplus> keys) {
  if (keys.empty()) return 0;
  if (keys.size() == 1) return {to_integer(keys[0].times), to_integer(keys[0].key)};
  const std::size_t half = keys.size() / 2;
  return capacity(keys.first(half)) + capacity(keys.subspan(half));
}

}  // namespace

Uncertain MigrationState::is_less(std::uint32_t range, std::uint32_t other, std::size_t node) {
  const auto approximate = [&] {
    const kernels::DoubleInterval& there = loads_[other];
    if (node == nobody) return std::tuple(loads_[range], there);
    const kernels::DoubleInterval own =
        kernels::enclosed_load(kernels::DoubleInterval(weights_[node]), factor_[length_of_[other]],
                               {0, weights_[node] == 0 ? ApproximateWeights::vanished_max : 0});
    return std::tuple(loads_[range], kernels::rivals_of(there, own));
  };
  const auto wider = [&] { return std::tuple(wider_load(range, nobody), wider_load(other, node)); };
  const Uncertain answer = keys_.rule == MigrationRule::share
                               ? less_loaded_(approximate, wider, [&] { return exact_shares(range, other, node); })
                               : less_loaded_(approximate, wider, [&] { return exact_revenues(range, other, node); });
  if (!decided(answer)) undecided_range_ = range;
  return answer;
}

std::pair<Rational, Rational> MigrationState::exact_shares(std::uint32_t range, std::uint32_t other, std::size_t node) {
  if (!multisets_) multisets_ = std::make_unique<KeyMultisets>(keys_, served_by_, index_.size());
  const Difference keys = difference(multisets_->of_range(range), multisets_->of_range(other),
                                     node == nobody ? nullptr : &keys_.keys[node]);
  return {capacity(keys.left), capacity(keys.right)};
}

std::pair<Interval, Interval> MigrationState::exact_revenues(std::uint32_t range, std::uint32_t other,
                                                             std::size_t node) {
  if (!multisets_) multisets_ = std::make_unique<KeyMultisets>(keys_, served_by_, index_.size());
  const Difference keys = difference(multisets_->of_range(range), multisets_->of_range(other),
                                     node == nobody ? nullptr : &keys_.keys[node]);
  // A sum of no terms is 0 and every other one is greater; by Lindemann and Weierstrass no others are equal.
  if (keys.left.empty() || keys.right.empty()) {
    const auto point = [](bool is_empty) { return Interval(Rational(is_empty ? 0 : 1), exact_precision.first_bits); };
    return {point(keys.left.empty()), point(keys.right.empty())};
  }
  const Wide least = std::min(keys.left.front().key, keys.right.front().key);
  const auto sum = [&](const std::vector<Surplus>& terms, long bits) {
    Interval total(Rational(0), bits);
    for (const auto& [key, times] : terms)
      total += Interval(Rational(static_cast<long>(times)), bits) * weight_of(keys_, key, least, bits);
    return total;
  };
  for (long bits = exact_precision.first_bits;; bits *= 2) {
    std::pair<Interval, Interval> sums = {sum(keys.left, bits), sum(keys.right, bits)};
    if (decided(kernels::is_less_loaded(sums.first, sums.second)) || 2 * bits > exact_precision.last_bits) return sums;
  }
}

}  // namespace p2pllm::optimized
