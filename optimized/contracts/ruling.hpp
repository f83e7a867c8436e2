#pragma once

#include <concepts>

#include "model/contracts/reason.hpp"
#include "model/numbers/integer.hpp"

// What the rules of the fast ledger are made of. A rule is a template over the integer type, so that machine integers
// run the text that is proved over a solver's terms: `reason_*` decides whether a transition is possible, and the
// function of the transition's own name changes the object if it is.
namespace p2pllm::optimized {

using namespace contracts;  // the vocabulary of the ledger

/// The reason of the first condition that does not hold, as its code; 0 if all hold.
template <Integer N>
class FirstReason {
 public:
  explicit FirstReason(const N& like) : zero_(integer_like(like, 0)), code_(zero_) {}

  FirstReason& require(const Truth<N>& holds, Reason otherwise) {
    const N code = integer_like(zero_, static_cast<std::int64_t>(otherwise));
    code_ = select(lor(holds, lnot(code_ == zero_)), code_, code);
    return *this;
  }
  [[nodiscard]] const N& code() const { return code_; }

 private:
  N zero_, code_;
};

/// Whether a status, held as an integer, is one of these.
template <Integer N, typename Status, std::same_as<Status>... Others>
[[nodiscard]] Truth<N> is_one_of(const N& status, Status first, Others... others) {
  const auto is = [&status](Status one) { return status == integer_like(status, static_cast<std::int64_t>(one)); };
  Truth<N> result = is(first);
  ((result = lor(result, is(others))), ...);
  return result;
}

/// A choice between two truths; both are evaluated.
template <typename T>
[[nodiscard]] T select_truth(const T& condition, const T& if_true, const T& if_false) {
  return lor(land(condition, if_true), land(lnot(condition), if_false));
}

template <Integer N>
[[nodiscard]] Truth<N> is_within(const N& low, const N& value, const N& high) {
  return land(low <= value, value <= high);
}

}  // namespace p2pllm::optimized
