#pragma once

#include <cstdint>
#include <tuple>
#include <utility>

#include "model/numbers/uncertain.hpp"

namespace p2pllm {

/// The number of answers that each arithmetic of a filter gave.
struct FilterCounts {
  std::uint64_t approximate = 0;
  std::uint64_t wider = 0;
  std::uint64_t exact = 0;
  std::uint64_t undecided = 0;  ///< decided by none: possible only if the last arithmetic is itself an enclosure
  FilterCounts& operator+=(const FilterCounts& more) {
    approximate += more.approximate;
    wider += more.wider;
    exact += more.exact;
    undecided += more.undecided;
    return *this;
  }
  friend bool operator==(const FilterCounts&, const FilterCounts&) = default;
};

/// A rule that is decided by the cheapest arithmetic that is certain of it: approximate, wider, exact (PRICE-15).
///
/// Law: if the arguments in each arithmetic enclose the exact ones, a decided answer is the answer of the rule over the
/// exact arguments, whichever arithmetic gave it.
/// @tparam Rule  a callable over several number types that returns their Truth: a comparison of the protocol
template <typename Rule>
class Filtered {
 public:
  explicit Filtered(Rule rule) : rule_(std::move(rule)) {}

  /// @param approximate, wider, exact  callables that return a tuple of the rule's arguments in their arithmetic; each
  ///   is called only if those before it leave the rule undecided
  /// @returns the first decided answer; `undecided` if there is none
  template <typename Approximate, typename Wider, typename Exact>
  [[nodiscard]] Uncertain operator()(const Approximate& approximate, const Wider& wider, const Exact& exact) {
    Uncertain answer = answer_over(approximate());
    if (decided(answer)) return counted(answer, counts_.approximate);
    answer = answer_over(wider());
    if (decided(answer)) return counted(answer, counts_.wider);
    answer = answer_over(exact());
    return counted(answer, decided(answer) ? counts_.exact : counts_.undecided);
  }

  [[nodiscard]] const FilterCounts& counts() const { return counts_; }

 private:
  template <typename Arguments>
  [[nodiscard]] Uncertain answer_over(const Arguments& arguments) const {
    return to_uncertain(std::apply(rule_, arguments));
  }
  static Uncertain counted(Uncertain answer, std::uint64_t& count) {
    ++count;
    return answer;
  }

  Rule rule_;
  FilterCounts counts_;
};

}  // namespace p2pllm
