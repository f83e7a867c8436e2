#include "kernels/market/filtered_min_plus_rules.hpp"
#include "proofs/layer_limits.hpp"

// The filter of routing with latency keeps every position whose weight can be among the least two of a row, its sums
// fit 32 bits, and its parts, rows and places are in range and distinct for every size.
namespace p2pllm::proofs {
namespace {

using N = FittingInt;
namespace k = p2pllm::kernels;

SymInt within(Scope& scope, const std::string& name, const SymInt& least, const SymInt& end) {
  const SymInt value = scope.integer(name);
  scope.assume(land(least <= value, value < end));
  return value;
}
SymInt within(Scope& scope, const std::string& name, std::int64_t least, std::int64_t end) {
  const SymInt like = scope.integer(name);
  return within(scope, name, integer_like(like, least), integer_like(like, end));
}
SymReal real_of(const SymInt& value) { return SymReal(z3::to_real(value.term())); }

/// The quantized number of a real one in units of the scale.
SymInt quantized(Scope& scope, const SymReal& number, const std::string& name) {
  const SymInt floor = scope.integer(name), cap = integer_like(floor, k::filter_cap), one = integer_like(floor, 1);
  const SymBool is_below = number < real_of(cap);
  scope.assume(implies(is_below, land(real_of(floor) <= number, number < real_of(floor + one))));
  scope.assume(implies(lnot(is_below), floor == cap));
  return floor;
}

struct Position {
  SymInt sum;      ///< of quantized numbers
  SymReal weight;  ///< the rounded sum, in units of the scale
};

/// A position with any numbers. The scale is a power of two, so that integers below 2^53 units are doubles, across
/// which no sum is rounded: that is all that the proof uses of rounding. An infinite number is one above all others.
Position position(Scope& scope, const std::string& name) {
  const SymReal latency = scope.non_negative(name + "_latency"), label = scope.non_negative(name + "_label");
  const SymReal weight = scope.real(name + "_weight"), exact = latency + label;
  const SymInt sum =
      quantized(scope, latency, name + "_short_latency") + quantized(scope, label, name + "_short_label");
  for (const std::int64_t above : {0, 1, 2}) {
    const SymReal whole = real_of(sum + integer_like(sum, above));
    scope.assume(land(implies(whole <= exact, whole <= weight), implies(exact <= whole, weight <= whole)));
  }
  return {sum, weight};
}

/// A position that no two positions surpass is kept, where the sums of two of them are at most the second least of the
/// parts. The fault: a margin of one.
Goal keeps(Scope& scope) {
  const Position own = position(scope, "own"), first = position(scope, "first"), other = position(scope, "other");
  const SymInt second = scope.integer("second"), cap = integer_like(second, k::filter_cap);
  scope.assume(land(first.sum <= second, other.sum <= second));
  const SymBool is_surpassed = land(first.weight < own.weight, other.weight < own.weight);
  const SymInt less =
      select(second < cap, second + integer_like(second, k::filter_margin - 1), k::filter_bound(second));
  return {lor(is_surpassed, own.sum <= k::filter_bound(second)), lor(is_surpassed, own.sum <= less)};
}

/// No sum reaches the number that stands for none, nor does a bound exceed 32 bits. The fault: a cap of one more.
Goal sums(Scope& scope) {
  const SymInt latency = within(scope, "latency", 0, k::filter_cap + 2),
               label = within(scope, "label", 0, k::filter_cap + 2);
  const SymInt cap = integer_like(latency, k::filter_cap), none = integer_like(latency, k::filter_none);
  const SymInt one = integer_like(latency, 1), sum = latency + label,
               end = integer_like(latency, std::int64_t{1} << 32);
  const SymInt second = within(scope, "second", 0, std::int64_t{1} << 32);
  const SymBool is_bound = land(second <= k::filter_bound(second), k::filter_bound(second) < end);
  const auto fits = [&](const SymInt& most) {
    return implies(land(latency <= most, label <= most), land(sum < none, is_bound));
  };
  return {fits(cap), fits(cap + one)};
}

/// Each position is in one part, and the lanes read whole groups. The fault: parts that leave out the row's tail.
Goal parts(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0), one = integer_like(zero, 1),
               width = scope.integer("width");
  scope.assume(zero < width);
  const SymInt at = within(scope, "position", zero, width);
  const SymInt narrow = div_floor(width, k::filter_parts * k::filter_lanes) * integer_like(zero, k::filter_lanes);
  SymInt found = zero, in_narrow = zero;
  SymBool is_in_range = scope.truth(true);
  for (std::int64_t each = 0; each < k::filter_parts; ++each) {
    const SymInt part = integer_like(zero, each), begin = k::part_begin(part, width), end = k::part_end(part, width);
    found = found + select(land(begin <= at, at < end), one, zero);
    is_in_range = land(is_in_range, land(zero <= begin, end <= width));
    in_narrow = in_narrow + select(land(part * narrow <= at, at < part * narrow + narrow), one, zero);
  }
  return {land(found == one, is_in_range), in_narrow == one};
}

/// Each row is the k-th of one warp, and no warp reads beyond the last. The fault: warps that leave out the last rows.
Goal rows(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0), one = integer_like(zero, 1), rows = scope.integer("rows");
  scope.assume(zero < rows);
  const SymInt four = integer_like(zero, k::filter_rows), warps = k::filter_warps(rows);
  const SymInt warp = within(scope, "warp", zero, warps), k_th = within(scope, "k", 0, k::filter_rows);
  const SymInt row = within(scope, "row", zero, rows), own = div_floor(row, k::filter_rows);
  const SymInt read = k::filter_row(warp, k_th, rows), place = row - own * four;
  const SymBool is_in_range = land(zero <= read, read < rows);
  const SymBool is_found = land(land(zero <= own, own < warps), k::filter_row(own, place, rows) == row);
  const SymBool is_own = implies(land(warp * four + k_th < rows, read == row), land(warp == own, k_th == place));
  return {land(is_in_range, land(is_found, is_own)), own + one <= div_floor(rows, k::filter_rows)};
}

/// Each pair has its own places in shared memory, which hold them all. The fault: a column less than there are pairs.
Goal places(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0), warps = scope.integer("warps");
  scope.assume(zero < warps);
  struct Place {
    SymInt warp, part, pair;
  };
  const auto place = [&](const std::string& name) {
    return Place{within(scope, name + "_warp", zero, warps), within(scope, name + "_part", 0, k::filter_parts),
                 within(scope, name + "_pair", 0, k::filter_pairs)};
  };
  static_assert(k::filter_parts == k::filter_list);
  const Place own = place("own"), other = place("other");
  const SymBool is_same = land(own.warp == other.warp, land(own.part == other.part, own.pair == other.pair));
  const auto check = [&](const auto& rule, std::int64_t of_warp) {
    const SymInt at = rule(own);
    return land(iff(at == rule(other), is_same), land(zero <= at, at < warps * integer_like(zero, of_warp)));
  };
  const auto minimum = [](const Place& at) { return k::minimum_place(at.warp, at.part, at.pair); };
  const auto kept = [](const Place& at) { return k::kept_place(at.warp, at.part, at.pair); };
  const auto narrow = [&](const Place& at) {
    return (at.warp * integer_like(zero, k::filter_parts) + at.part) * integer_like(zero, k::filter_pairs - 1) +
           at.pair;
  };
  return {land(check(minimum, k::filter_parts * (k::filter_pairs + 1)), check(kept, k::filter_list * k::filter_pairs)),
          check(narrow, k::filter_parts * (k::filter_pairs + 1))};
}

/// Memory has fewer than 2^56 bytes; with more positions than 2^62 the rounded width would not fit.
void parts_fit(Limits& l) {
  const N width = l.number("width", 0, l.needed(std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::max()));
  const N part = l.number("part", 0, k::filter_parts - 1);
  l.bound_product(part, k::filter_parts - 1, k::part_width(width), (std::int64_t{1} << 57) + k::filter_lanes);
  (void)k::part_end(part, width);
}

}  // namespace

std::vector<Obligation> device_filter_obligations() {
  struct Name {
    const char* clause;
    const char* obligation;
  };
  const auto filter = [](const Name& name, const char* what, const std::function<Goal(Scope&)>& write) {
    return Obligation{name.clause, name.obligation, std::string("in the device's filter of weights, ") + what,
                      "all sizes", write};
  };
  return {
      filter({"ROUTE-3", "device-filter-keeps"}, "a weight among the least two is within the bound", keeps),
      filter({"ROUTE-3", "device-filter-sums"}, "sums and bounds fit 32 bits", sums),
      filter({"ROUTE-3", "device-filter-parts"}, "each position is in one part", parts),
      filter({"ROUTE-3", "device-filter-rows"}, "each row is one warp's", rows),
      filter({"ROUTE-3", "device-filter-places"}, "places in shared memory are in it, and no two are one", places),
      {"ROUTE-3", "device-filter-fits", "machine integers hold the parts of the device's filter", "all widths to 2^62",
       within_limits(parts_fit)},
  };
}

}  // namespace p2pllm::proofs
