#include "optimized/market/migrate_state.hpp"

#include <algorithm>

#include "optimized/market/market_loops.hpp"

namespace p2pllm::optimized {

MigrationState::MigrationState(const MigrationKeys& keys, const RangeIndex& index, const Allocation* allocation)
    : keys_(keys), index_(index), served_by_(index.of_node), servers_(index.size()) {
  if (allocation != nullptr)
    for (std::size_t i = 0; i < served_by_.size(); ++i) served_by_[i] = index.place((*allocation)[i]);
  for (const std::uint32_t range : served_by_) ++servers_[range];
  compare_by_length();
  sum_loads();
  for (std::uint32_t length = 0; length < of_length_.size(); ++length) {
    const std::size_t leaves = of_length_[length].size();
    auto& winners = tournament_.emplace_back(2 * leaves);
    std::ranges::copy(of_length_[length], winners.begin() + static_cast<std::ptrdiff_t>(leaves));
    for (std::size_t place = leaves; place-- > 1;) is_decided_ = is_decided_ && play(length, place);
  }
}

void MigrationState::compare_by_length() {
  std::map<std::int64_t, std::vector<std::uint32_t>> by_length;
  for (std::uint32_t r = 0; r < index_.size(); ++r)
    by_length[index_.ranges[r].last - index_.ranges[r].first].push_back(r);
  length_of_.resize(index_.size());
  leaf_of_.resize(index_.size());
  for (auto& [length, ranges] : by_length) {
    for (std::uint32_t k = 0; k < ranges.size(); ++k) {
      length_of_[ranges[k]] = static_cast<std::uint32_t>(of_length_.size());
      leaf_of_[ranges[k]] = k;
    }
    of_length_.push_back(std::move(ranges));
  }
}

void MigrationState::sum_loads() {
  std::vector<std::vector<std::uint32_t>> nodes(of_length_.size());
  for (std::size_t i = 0; i < served_by_.size(); ++i)
    nodes[length_of_[served_by_[i]]].push_back(static_cast<std::uint32_t>(i));
  weights_.resize(served_by_.size());
  sums_.resize(index_.size());
  vanished_.resize(index_.size());
  loads_.resize(index_.size());
  for (const auto& of_one_length : nodes) {
    const ApproximateWeights weights = approximate_weights(keys_, of_one_length);
    Wide least = of_one_length.empty() ? 0 : keys_.keys[of_one_length.front()];
    for (std::size_t k = 0; k < of_one_length.size(); ++k) {
      const std::uint32_t i = of_one_length[k];
      least = std::min(least, keys_.keys[i]);
      weights_[i] = weights.approximate[k];
      sums_[served_by_[i]].add(weights_[i]);
      if (weights_[i] == 0) ++vanished_[served_by_[i]];
    }
    factor_.push_back(weights.factor);
    least_key_.push_back(least);
  }
  for (std::uint32_t r = 0; r < index_.size(); ++r) set_load(r);
}

void MigrationState::set_load(std::uint32_t range) {
  const ExactSum::Bounds sum = sums_[range].bounds();
  const kernels::DoubleInterval missing(0, vanished_[range] * ApproximateWeights::vanished_max);
  loads_[range] = kernels::enclosed_load({sum.lower, sum.upper}, factor_[length_of_[range]], missing);
}

bool MigrationState::play(std::uint32_t length, std::size_t place) {
  auto& winners = tournament_[length];
  const std::uint32_t lower = std::min(winners[2 * place], winners[2 * place + 1]);
  const std::uint32_t higher = std::max(winners[2 * place], winners[2 * place + 1]);
  const Uncertain less = is_less(higher, lower, nobody);
  winners[place] = certainly(less) ? higher : lower;  // of equal loads the lowest x
  return decided(less);
}

std::optional<std::uint32_t> MigrationState::destination(std::size_t node) {
  const std::uint32_t here = served_by_[node];
  if (!keys_.may_gain[node] || servers_[here] == 1) return here;  // MIG-3; MIG-4
  const std::uint32_t least = tournament_[length_of_[here]][1];
  if (least == here) return here;
  const Uncertain moves = is_less(least, here, node);
  if (!decided(moves)) return std::nullopt;
  return certainly(moves) ? least : here;
}

std::vector<kernels::MigrationScore> MigrationState::scores(MarketLoops* loops) const {
  std::vector<kernels::ScoredRange> ranges;
  for (std::uint32_t r = 0; r < index_.size(); ++r) {
    const kernels::DoubleInterval& factor = factor_[length_of_[r]];
    ranges.push_back({loads_[r].lower(), loads_[r].upper(), factor.lower(), factor.upper(), least_loaded(r),
                      static_cast<std::int64_t>(servers_[r])});
  }
  if (loops != nullptr)
    return loops->scores(ranges, served_by_, weights_,
                         std::vector<std::uint8_t>(keys_.may_gain.begin(), keys_.may_gain.end()));
  std::vector<kernels::MigrationScore> scores;
  scores.reserve(served_by_.size());
  for (std::size_t i = 0; i < served_by_.size(); ++i) {
    const kernels::ScoredRange& here = ranges[served_by_[i]];
    scores.push_back(kernels::score_of(weights_[i], keys_.may_gain[i], ApproximateWeights::vanished_max, served_by_[i],
                                       here, ranges[static_cast<std::size_t>(here.least)]));
  }
  return scores;
}

std::optional<std::vector<std::uint32_t>> MigrationState::equal_destinations(std::uint32_t to) {
  std::vector<std::uint32_t> equal;
  for (const std::uint32_t range : of_length_[length_of_[to]]) {
    const Uncertain less = is_less(to, range, nobody);
    if (!decided(less)) return std::nullopt;
    if (!certainly(less)) equal.push_back(range);
  }
  return equal;
}

bool MigrationState::move(std::size_t node, std::uint32_t to) {
  const std::uint32_t from = served_by_[node];
  take_away(node);
  put(node, to);
  return replay(from, to);
}

bool MigrationState::leave(std::size_t node) {
  const std::uint32_t from = served_by_[node];
  take_away(node);
  return replay(from, from);
}

bool MigrationState::join(std::size_t node, std::uint32_t to) {
  put(node, to);
  return replay(to, to);
}

void MigrationState::take_away(std::size_t node) {
  const std::uint32_t from = served_by_[node];
  sums_[from].subtract(weights_[node]);
  if (weights_[node] == 0) --vanished_[from];
  if (wider_) {
    const WiderWeight& weight = wider_->weights[node];
    subtract(wider_->sums[from], weight);
    if (weight.leading == 0) --wider_->vanished[from];
  }
  if (multisets_) multisets_->leave(node, from);
  --servers_[from];
  served_by_[node] = static_cast<std::uint32_t>(index_.size());
  set_load(from);
}

void MigrationState::put(std::size_t node, std::uint32_t to) {
  sums_[to].add(weights_[node]);
  if (weights_[node] == 0) ++vanished_[to];
  if (wider_) {
    const WiderWeight& weight = wider_->weights[node];
    add(wider_->sums[to], weight);
    if (weight.leading == 0) ++wider_->vanished[to];
  }
  if (multisets_) multisets_->join(node, to);
  ++servers_[to];
  served_by_[node] = to;
  set_load(to);
}

/// Decides again who is least loaded, after the loads of two ranges of one length have changed.
bool MigrationState::replay(std::uint32_t range, std::uint32_t other) {
  bool decisive = true;
  const std::uint32_t length = length_of_[range];
  const std::size_t leaves = of_length_[length].size();
  std::size_t left = leaf_of_[range] + leaves, right = leaf_of_[other] + leaves;
  while (left > 1 || right > 1) {  // both paths, the deeper place first
    std::size_t& deeper = left >= right ? left : right;
    const bool meet = left / 2 == right / 2;
    deeper /= 2;
    if (meet) left = right = deeper;
    decisive = play(length, deeper) && decisive;
  }
  return decisive;
}

void MigrationState::add(ExactSum& sum, const WiderWeight& weight) {
  sum.add(weight.leading);
  if (weight.rest >= 0) sum.add(weight.rest);
  else sum.subtract(-weight.rest);
}
void MigrationState::subtract(ExactSum& sum, const WiderWeight& weight) {
  sum.subtract(weight.leading);
  if (weight.rest >= 0) sum.subtract(weight.rest);
  else sum.add(-weight.rest);
}

void MigrationState::make_wider() {
  if (wider_) return;
  wider_ = std::make_unique<Wider>();
  wider_->sums.resize(index_.size());
  wider_->vanished.resize(index_.size());
  for (std::size_t i = 0; i < served_by_.size(); ++i) {
    const std::uint32_t range = served_by_[i];
    const std::uint32_t length = length_of_[index_.of_node[i]];  // no move changes it
    const WiderWeight& weight = wider_->weights.emplace_back(wider_weight(keys_, i, least_key_[length]));
    if (range == index_.size()) continue;
    add(wider_->sums[range], weight);
    if (weight.leading == 0) ++wider_->vanished[range];
  }
}

Interval MigrationState::wider_load(std::uint32_t range, std::size_t without) {
  make_wider();
  Rational sum = wider_->sums[range].value();
  std::uint32_t vanished = wider_->vanished[range];
  if (without != nobody) {
    const WiderWeight& own = wider_->weights[without];
    sum -= Rational::from_canonical(mpq_class(own.leading)) + Rational::from_canonical(mpq_class(own.rest));
    if (own.leading == 0) --vanished;
  }
  const Rational vanished_max = Rational::from_canonical(mpq_class(ApproximateWeights::vanished_max));
  const Interval missing(Rational(0), Rational(static_cast<long>(vanished)) * vanished_max, wider_bits);
  return kernels::enclosed_load(Interval(sum, wider_bits), wider_factor(), missing);
}

}  // namespace p2pllm::optimized
