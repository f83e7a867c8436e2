#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "optimized/market/route.hpp"
#include "optimized/market/route_search.hpp"

namespace p2pllm::optimized {
namespace {

constexpr std::size_t blocks_per_task = 64;

/// A search that keeps the positions that it finds.
template <typename Search>
class Kept {
 public:
  Kept(const RouteIndex& index, const Search& search, std::vector<std::uint32_t>& positions)
      : index_(index), search_(search), positions_(positions) {
    positions_.resize(index.cells.size());
  }
  [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order, std::uint64_t& skipped) const {
    return positions_[static_cast<std::size_t>(&cell - index_.cells.data())] = search_.first_of(cell, order, skipped);
  }

 private:
  const RouteIndex& index_;
  const Search& search_;
  std::vector<std::uint32_t>& positions_;
};

/// Many alphas on one index of machine integers.
template <typename T, typename F>
class Batch {
 public:
  Batch(const RouteIndex& index, const SortedCosts<T>& costs, std::span<const Rational> alphas, VectorUnit unit)
      : index_(index), costs_(costs), alphas_(alphas), unit_(unit), order_(alphas.size()), results_(alphas.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::ranges::stable_sort(order_, [&](std::size_t a, std::size_t b) { return alphas[a] < alphas[b]; });
    for (const Rational& alpha : alphas) weights_.emplace_back(index.units, alpha);
    for (std::size_t k = 0; k < scan_tile; ++k) anchors_[k].place = k * (alphas.size() - 1) / (scan_tile - 1);
  }

  [[nodiscard]] std::vector<Counted<RouteResult>> run() {
    scan_anchors();
    oneapi::tbb::parallel_for(std::size_t{0}, scan_tile, [this](std::size_t k) {
      if (k > 0 && anchors_[k].place == anchors_[k - 1].place) return;
      Anchor& anchor = anchors_[k];
      const std::size_t alpha = order_[anchor.place];
      const CellSearch<T, F> search(index_, costs_, weights_[alpha], anchor.least, unit_);
      answer(alpha, Kept(index_, search, anchor.positions));
    });
    oneapi::tbb::parallel_for(std::size_t{0}, order_.size(), [this](std::size_t place) {
      const auto above = std::ranges::lower_bound(anchors_, place, {}, &Anchor::place);
      if (above->place != place) answer(order_[place], Between(*this, *(above - 1), *above, order_[place]));
    });
    return std::move(results_);
  }

 private:
  /// One of the alphas that are scanned.
  struct Anchor {
    std::size_t place = 0;                 ///< among the alphas by size
    std::vector<F> least;                  ///< for each block
    std::vector<std::uint32_t> positions;  ///< for each cell that of its first node
  };

  /// The search at an alpha between two anchors.
  class Between {
   public:
    Between(const Batch& batch, const Anchor& below, const Anchor& above, std::size_t alpha)
        : batch_(batch), below_(below), above_(above), weights_(batch.weights_[alpha]), least_(below.least.size()) {
      const Rational& first = batch.alphas_[batch.order_[below.place]];
      const Rational& second = batch.alphas_[batch.order_[above.place]];
      const Rational& own = batch.alphas_[alpha];
      const bool differ = first < second;
      above_share_ = differ ? ((own - first) / (second - first)).raw().get_d() : 0;
      below_share_ = differ ? ((second - own) / (second - first)).raw().get_d() : 1;
      for (const Anchor* anchor : {&below, &above})
        margin_ = std::max(margin_, scan_margin(batch.weights_[batch.order_[anchor->place]], F{}));
      margin_ = std::max(margin_, scan_margin(weights_, F{}));
    }

    [[nodiscard]] std::uint32_t first_of(const RouteIndex::Cell& cell, RouteOrder& order,
                                         std::uint64_t& skipped) const {
      const auto c = static_cast<std::size_t>(&cell - batch_.index_.cells.data());
      const double least = std::min(weight_at(order, below_.positions[c]), weight_at(order, above_.positions[c]));
      const double bound = bound_of(least, static_cast<double>(margin_));
      const ScanWeights<F> coefficients = scan_weights(weights_, F{});
      for (std::uint32_t block = cell.block_begin; block < cell.block_end; ++block) {
        const double lower = interpolated_least(below_share_, static_cast<double>(below_.least[block]), above_share_,
                                                static_cast<double>(above_.least[block]));
        least_[block] = std::numeric_limits<F>::infinity();
        if (lower > bound) continue;
        const std::uint32_t begin = block == cell.block_begin ? cell.begin : batch_.index_.block_ends[block - 1];
        scan_blocks(batch_.costs_.price, batch_.costs_.time, begin, std::span(&batch_.index_.block_ends[block], 1),
                    std::span(&coefficients, 1), std::span(&least_[block], 1), batch_.unit_);
      }
      return CellSearch<T, F>(batch_.index_, batch_.costs_, weights_, least_, batch_.unit_)
          .first_of(cell, order, skipped);
    }

   private:
    [[nodiscard]] double weight_at(const RouteOrder& order, std::uint32_t position) const {
      return order.approximate_weight(static_cast<double>(batch_.costs_.price[position]),
                                      static_cast<double>(batch_.costs_.time[position]));
    }

    const Batch& batch_;
    const Anchor& below_;
    const Anchor& above_;
    const RouteWeights& weights_;
    mutable std::vector<F> least_;
    double below_share_ = 0;
    double above_share_ = 0;
    F margin_ = 0;
  };

  /// The one pass over all nodes.
  void scan_anchors() {
    std::array<ScanWeights<F>, scan_tile> coefficients;
    for (std::size_t k = 0; k < scan_tile; ++k) {
      coefficients[k] = scan_weights(weights_[order_[anchors_[k].place]], F{});
      anchors_[k].least.resize(index_.block_ends.size());
    }
    const oneapi::tbb::blocked_range<std::size_t> blocks(0, index_.block_ends.size(), blocks_per_task);
    oneapi::tbb::parallel_for(blocks, [&](const auto& range) {
      std::vector<F> tile(range.size() * scan_tile);
      scan_blocks(costs_.price, costs_.time, range.begin() == 0 ? 0 : index_.block_ends[range.begin() - 1],
                  std::span(index_.block_ends).subspan(range.begin(), range.size()), coefficients, tile, unit_);
      for (std::size_t block = 0; block < range.size(); ++block)
        for (std::size_t k = 0; k < scan_tile; ++k)
          anchors_[k].least[range.begin() + block] = tile[block * scan_tile + k];
    });
  }

  template <typename Search>
  void answer(std::size_t alpha, const Search& search) {
    RouteOrder order(weights_[alpha]);
    std::uint64_t skipped = 0;
    const auto labels = boundary_labels(index_, costs_, search, order, skipped);
    results_[alpha] = {first_chain(index_, labels, weights_[alpha]), order.counts()};
    results_[alpha].decisions.approximate += skipped;
  }

  const RouteIndex& index_;
  const SortedCosts<T>& costs_;
  std::span<const Rational> alphas_;
  VectorUnit unit_;
  std::vector<std::size_t> order_;  ///< the alphas by size
  std::vector<RouteWeights> weights_;
  std::array<Anchor, scan_tile> anchors_;  ///< by ascending place
  std::vector<Counted<RouteResult>> results_;
};

}  // namespace

std::vector<Counted<RouteResult>> routes(const RouteIndex& index, std::span<const Rational> alphas, VectorUnit unit) {
  const bool is_batch = alphas.size() > 1 && !index.unreachable;
  if (const auto* narrow = std::get_if<0>(&index.costs); is_batch && narrow != nullptr)
    return Batch<std::uint32_t, float>(index, *narrow, alphas, unit).run();
  if (const auto* wide = std::get_if<1>(&index.costs); is_batch && wide != nullptr)
    return Batch<std::uint64_t, double>(index, *wide, alphas, unit).run();
  std::vector<Counted<RouteResult>> results;
  for (const Rational& alpha : alphas) results.push_back(route(index, alpha, unit));
  return results;
}

}  // namespace p2pllm::optimized
