#include "kernels/layers/prefill_rules.hpp"
#include "proofs/layer_limits.hpp"
#include "proofs/within.hpp"

// The fragments of a warp's product have one place for each element, and the kernel for many vectors multiplies each
// row's weights by the numbers of the same columns, once.
namespace p2pllm::proofs {
namespace {

using namespace kernels;
using namespace kernels::simt;

SymBool is_within(const SymInt& value, std::int64_t end) {
  return land(integer_like(value, 0) <= value, value < integer_like(value, end));
}
SymInt any_lane(Scope& scope, const std::string& name) { return within(scope, name, 0, 32); }

/// The fault: the left matrix has the rows of the sums.
Goal left_fragments(Scope& scope) {
  const SymInt lane = any_lane(scope, "lane"), at = within(scope, "at", 0, left_registers);
  const SymInt row = within(scope, "row", 0, fragment_rows), word = within(scope, "word", 0, fragment_words);
  const SymInt own_row = left_row(lane, at), own_word = left_word(lane, at);
  const SymInt holder = left_lane(row, word), place = left_register(row, word);
  const SymBool is_in = land(is_within(own_row, fragment_rows), is_within(own_word, fragment_words));
  const SymBool is_found = land(left_lane(own_row, own_word) == lane, left_register(own_row, own_word) == at);
  const SymBool has_place = land(is_within(holder, 32), is_within(place, left_registers));
  const SymBool is_held = land(left_row(holder, place) == row, left_word(holder, place) == word);
  return {land(land(is_in, is_found), land(has_place, is_held)), sum_row(lane, at) == own_row};
}
/// The fault: a lane's words follow one another.
Goal right_fragments(Scope& scope) {
  const SymInt lane = any_lane(scope, "lane"), at = within(scope, "at", 0, right_registers);
  const SymInt word = within(scope, "word", 0, fragment_words), column = within(scope, "column", 0, fragment_columns);
  const SymInt own_word = right_word(lane, at), own_column = right_column(lane, at);
  const SymInt holder = right_lane(word, column), place = right_register(word, column);
  const SymBool is_in = land(is_within(own_word, fragment_words), is_within(own_column, fragment_columns));
  const SymBool is_found = land(right_lane(own_word, own_column) == lane, right_register(own_word, own_column) == at);
  const SymBool has_place = land(is_within(holder, 32), is_within(place, right_registers));
  const SymBool is_held = land(right_word(holder, place) == word, right_column(holder, place) == column);
  return {land(land(is_in, is_found), land(has_place, is_held)),
          own_word == place_in_group(lane) * integer_like(lane, right_registers) + at};
}
/// The fault: the sums have the rows of the left matrix.
Goal sum_fragments(Scope& scope) {
  const SymInt lane = any_lane(scope, "lane"), at = within(scope, "at", 0, sum_registers);
  const SymInt other = any_lane(scope, "other"), other_at = within(scope, "other_at", 0, sum_registers);
  const SymInt row = within(scope, "row", 0, fragment_rows), column = within(scope, "column", 0, fragment_columns);
  const SymInt eight = integer_like(lane, 8), two = integer_like(lane, 2), four = integer_like(lane, 4);
  const SymBool is_in =
      land(is_within(sum_row(lane, at), fragment_rows), is_within(sum_column(lane, at), fragment_columns));
  const SymBool is_same =
      land(sum_row(lane, at) == sum_row(other, other_at), sum_column(lane, at) == sum_column(other, other_at));
  const SymInt holder = (row - div_floor(row, 8) * eight) * four + div_floor(column, 2);
  const SymInt place = div_floor(row, 8) * two + parity(column);
  const SymBool is_held = land(sum_row(holder, place) == row, sum_column(holder, place) == column);
  const SymBool has_place = land(is_within(holder, 32), is_within(place, sum_registers));
  const auto faulty_row = [&](const SymInt& of, const SymInt& k) { return left_row(of, k); };
  const SymBool is_faulty =
      land(faulty_row(lane, at) == faulty_row(other, other_at), sum_column(lane, at) == sum_column(other, other_at));
  return {land(land(is_in, iff(is_same, land(lane == other, at == other_at))), land(is_held, has_place)),
          iff(is_faulty, land(lane == other, at == other_at))};
}

SymInt first_row(const SymInt& warp, const SymInt& lane) {
  return prefill_tile(warp, lane) * integer_like(warp, tile_row_count) + prefill_row(lane);
}

/// Each row and vector of a block has one sum. The fault: a lane's rows are those that it gives.
Goal prefill_sums(Scope& scope) {
  struct Place {
    SymInt warp, lane, part, group, at;
  };
  const auto any = [&](const std::string& name) {
    return Place{within(scope, name + "warp", 0, prefill_warps), any_lane(scope, name + "lane"),
                 within(scope, name + "part", 0, prefill_warp_tiles),
                 within(scope, name + "group", 0, prefill_vector_groups), within(scope, name + "at", 0, sum_registers)};
  };
  const Place one = any("one_"), other = any("other_");
  const auto row = [](const Place& of) { return first_row(of.warp, of.lane) + row_summed(of.part, of.at); };
  const auto given = [](const Place& of) { return first_row(of.warp, of.lane) + row_given(of.part, of.at); };
  const auto vector = [](const Place& of) { return summed_vector(of.group, of.lane, of.at); };
  const SymBool is_same = land(land(one.warp == other.warp, one.lane == other.lane),
                               land(one.part == other.part, land(one.group == other.group, one.at == other.at)));
  const SymBool same_vector = vector(one) == vector(other);
  const SymBool is_in =
      land(is_within(row(one), prefill_tiles * tile_row_count), is_within(vector(one), prefill_vectors));
  return {land(is_in, iff(is_same, land(row(one) == row(other), same_vector))),
          iff(is_same, land(given(one) == given(other), same_vector))};
}

/// What meets in a product is of one column and goes to the row's own sum, and a tile's columns are taken once. The
/// fault: the halves of a step are exchanged in one of the factors.
Goal prefill_products(Scope& scope) {
  const SymInt lane = any_lane(scope, "lane"), other = any_lane(scope, "other"), one = integer_like(lane, 1);
  const SymInt at = within(scope, "at", 0, left_registers), half = within(scope, "half", 0, right_registers);
  const SymInt step = within(scope, "step", 0, steps_of_tile),
               other_step = within(scope, "other_step", 0, steps_of_tile);
  const SymInt warp = within(scope, "warp", 0, prefill_warps), part = within(scope, "part", 0, prefill_warp_tiles);
  const SymInt sum_at = within(scope, "sum_at", 0, sum_registers);
  const SymInt left = prefill_column_group(lane, step, div_floor(at, 2));
  const SymBool meets = left_word(lane, at) == right_word(other, half);
  const SymBool same_row = left_row(lane, at) == sum_row(other, sum_at);
  const SymBool own_sum =
      first_row(warp, lane) + row_given(part, at) == first_row(warp, other) + row_summed(part, sum_at);
  const SymBool once =
      iff(left == prefill_column_group(other, other_step, half),
          land(place_in_group(lane) == place_in_group(other), land(step == other_step, div_floor(at, 2) == half)));
  const SymBool of_one_column = iff(meets, left == prefill_column_group(other, step, half));
  return {land(land(of_one_column, iff(same_row, own_sum)), land(once, is_within(left, tile_column_groups))),
          iff(meets, left == prefill_column_group(other, step, one - half))};
}

/// The words that a lane reads were brought for it, and no vector is left out. The fault: groups that must be whole.
Goal prefill_vectors_brought(Scope& scope) {
  const SymInt lane = any_lane(scope, "lane"), group = within(scope, "group", 0, prefill_vector_groups);
  const SymInt step = within(scope, "step", 0, steps_of_tile), half = within(scope, "half", 0, right_registers);
  const SymInt left = scope.integer("left"), vector = within(scope, "vector", 0, prefill_vectors);
  const SymInt one = integer_like(left, 1), eight = integer_like(left, fragment_columns);
  scope.assume(one <= left);
  const SymInt thread = bringing_thread(group, lane), groups = groups_of_vectors(left);
  const SymBool is_brought = land(
      brought_vector(thread) == group * eight + right_column(lane, half),
      brought_column_group(thread) + step * integer_like(step, 2) + half == prefill_column_group(lane, step, half));
  const SymBool is_thread = is_within(thread, prefill_warps * 32);
  const SymBool is_taken = implies(vector < left, div_floor(vector, fragment_columns) < groups);
  const SymBool none_is_empty =
      land((groups - one) * eight < left, groups <= integer_like(left, prefill_vector_groups));
  return {land(land(is_brought, is_thread), land(is_taken, none_is_empty)),
          implies(vector < left, div_floor(vector, fragment_columns) < div_floor(left, fragment_columns))};
}

/// The sums of a tile fit 32 bits, for all bytes, and those of 512 tiles 64.
void prefill_fits(Limits& l) {
  constexpr std::int64_t most = std::int64_t{64} * 128 * 128;
  const FittingInt upper = l.symmetric("upper", most), lower = l.symmetric("lower", most);
  const FittingInt weights = l.symmetric("weights", std::int64_t{64} * 128);
  const FittingInt start = sum_of_parts(upper, integer_like(upper, 0), weights), sum = start + lower;
  for (const FittingInt& each : {upper, start, sum})
    l.say_within(each, -(std::int64_t{1} << 31), (std::int64_t{1} << 31) - 1);
  constexpr std::int64_t greatest = most * 256 + most + std::int64_t{64} * 128 * 128;
  const FittingInt multiplier = l.number("multiplier", 1, std::int64_t{1} << 15);
  l.bound_product(sum, greatest, multiplier, std::int64_t{1} << 15);
  const FittingInt all = l.symmetric("all", l.needed(511, std::int64_t{1} << 30) * greatest);
  (void)(all * integer_like(all, std::int64_t{1} << 15) + sum * multiplier);
}

struct Name {
  const char* clause;
  const char* obligation;
};
Obligation prefill(const Name& name, const char* what, const std::function<Goal(Scope&)>& write) {
  return {name.clause, name.obligation, std::string("in the device's product of many vectors, ") + what, "all sizes",
          write};
}

}  // namespace

std::vector<Obligation> device_prefill_obligations() {
  return {
      prefill({"LAYER-4", "device-fragments-left"}, "each word of the left matrix has one place", left_fragments),
      prefill({"LAYER-4", "device-fragments-right"}, "each word of the right matrix has one place", right_fragments),
      prefill({"LAYER-4", "device-fragments-sums"}, "each sum has one place", sum_fragments),
      prefill({"LAYER-4", "device-prefill-sums"}, "each row and vector of a block has one sum", prefill_sums),
      prefill({"LAYER-4", "device-prefill-products"}, "factors are of one column, and sums of their row",
              prefill_products),
      prefill({"LAYER-4", "device-prefill-vectors"}, "what a lane reads was brought for it, and no vector is left out",
              prefill_vectors_brought),
      {"LAYER-4", "device-prefill-fits", "machine integers hold the sums of the device's product of many vectors",
       "at most 512 tiles", within_limits(prefill_fits)},
  };
}

}  // namespace p2pllm::proofs
