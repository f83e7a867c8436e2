#include "kernels/hash/merkle_rules.hpp"
#include "kernels/layers/product_rules.hpp"
#include "kernels/market/ascent_rules.hpp"
#include "kernels/market/chunk_rules.hpp"
#include "kernels/market/scan_rules.hpp"
#include "kernels/simt/index_rules.hpp"
#include "proofs/layer_limits.hpp"
#include "proofs/within.hpp"
#include "reference/market/demand_rules.hpp"

// The indices of the device's kernels are in range for every size, every element has one place, the parts of a vector
// are the vector, and prices ascend as the reference's.
namespace p2pllm::proofs {
namespace {

using N = FittingInt;

/// Every cell of a table is in it, and no two are one. The fault: a column that may equal the width.
Goal cells(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0), one = integer_like(zero, 1);
  const SymInt rows = scope.integer("rows"), width = scope.integer("width");
  scope.assume(land(one <= rows, one <= width));
  const SymInt row = within(scope, "row", zero, rows), other_row = within(scope, "other_row", zero, rows);
  const SymInt column = within(scope, "column", zero, width), other_column = within(scope, "other_column", zero, width);
  scope.hint(implies(land(row < rows, one <= width), zero <= (rows - row - one) * width));
  scope.hint(implies(land(zero <= row, one <= width), zero <= row * width));
  scope.hint(implies(land(row < other_row, one <= width), width <= (other_row - row) * width));
  scope.hint(implies(land(other_row < row, one <= width), width <= (row - other_row) * width));
  const SymInt at = kernels::simt::cell(row, width, column);
  const SymInt other = kernels::simt::cell(other_row, width, other_column);
  const SymBool is_same = land(row == other_row, column == other_column);
  const SymBool is_in = land(zero <= at, at < rows * width);
  const SymInt beyond = kernels::simt::cell(row, width, column + one);
  return {land(is_in, iff(at == other, is_same)), land(zero <= beyond, beyond < rows * width)};
}

/// Each node belongs to one warp, and each warp has nodes. The fault: a count of warps that drops the tail.
Goal scans(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0);
  const SymInt nodes = scope.integer("nodes");
  scope.assume(zero < nodes);
  const SymInt node = within(scope, "node", zero, nodes);
  const SymInt warp = div_floor(node, kernels::scan_nodes_of_a_warp), warps = kernels::scan_warps(nodes);
  const SymInt other = within(scope, "other", zero, warps);
  const SymBool has_nodes = land(kernels::scan_begin(other) < kernels::scan_end(other, nodes),
                                 land(zero <= kernels::scan_begin(other), kernels::scan_end(other, nodes) <= nodes));
  const auto holds = [&](const SymInt& of) {
    return land(kernels::scan_begin(of) <= node, node < kernels::scan_end(of, nodes));
  };
  const SymBool is_one = iff(holds(other), other == warp);
  const SymBool is_found = land(holds(warp), land(zero <= warp, warp < warps));
  return {land(has_nodes, land(is_one, is_found)), warp < div_floor(nodes, kernels::scan_nodes_of_a_warp)};
}

/// The chunks of a text are the text, one after the other, and the padding of a message is FIPS 180-4's. The fault: the
/// last chunk is taken as a whole one, and no room is left for the length.
Goal chunks(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0);
  const SymInt bytes = scope.integer("bytes"), length = scope.integer("length");
  scope.assume(land(zero < bytes, zero <= length));
  SymBool right = scope.truth(true), faulty = right;
  for (const std::int64_t size : {std::int64_t{4}, std::int64_t{64}, std::int64_t{1024}, kernels::chunk_bytes_max}) {
    const SymInt count = kernels::chunk_count(bytes, size);
    const SymInt chunk = within(scope, "chunk" + std::to_string(size), zero, count);
    const SymInt first = kernels::chunk_word(chunk, size) * integer_like(zero, kernels::word_bytes);
    const SymInt own = kernels::chunk_length(chunk, bytes, size), whole = integer_like(zero, size);
    const SymInt next =
        kernels::chunk_word(chunk + integer_like(zero, 1), size) * integer_like(zero, kernels::word_bytes);
    const SymBool is_last = iff(chunk + integer_like(zero, 1) == count, first + own == bytes);
    right = land(right, land(land(zero < own, own <= whole), land(first + own <= bytes, is_last)));
    right = land(right, implies(own < whole, first + own == bytes));
    right = land(right, implies(lnot(own < whole), first + own == next));
    faulty = land(faulty, first + whole <= bytes);
  }
  const SymInt block = integer_like(zero, 64), blocks = kernels::padded_blocks(length) * block;
  const SymInt with_padding = length + integer_like(zero, 1 + 8);
  right = land(right, land(with_padding <= blocks, blocks < with_padding + block));
  return {right, faulty};
}

/// Each word of a tile is in the tile, and no two of weights and multipliers are one. The fault: rows of fifteen.
Goal tile_words(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0);
  const SymInt tiles = scope.integer("tiles"), tile = within(scope, "tile", zero, tiles);
  const SymInt other_tile = within(scope, "other_tile", zero, tiles);
  const SymInt group = within(scope, "group", 0, kernels::tile_column_groups);
  const SymInt other_group = within(scope, "other_group", 0, kernels::tile_column_groups);
  const SymInt row = within(scope, "row", 0, kernels::tile_row_count);
  const SymInt other_row = within(scope, "other_row", 0, kernels::tile_row_count);
  const SymInt word = kernels::weight_word(tile, group, row), multiplier = kernels::multiplier_word(tile, row);
  const SymInt all = tiles * integer_like(zero, kernels::tile_words);
  const SymInt other = kernels::weight_word(other_tile, other_group, other_row);
  const SymInt other_multiplier = kernels::multiplier_word(other_tile, other_row);
  const SymBool same_row = land(tile == other_tile, row == other_row);
  const SymBool one_place = land(iff(word == other, land(same_row, group == other_group)),
                                 land(lnot(word == other_multiplier), iff(multiplier == other_multiplier, same_row)));
  const auto is_in = [&](const SymInt& at, const SymInt& end) { return land(zero <= at, at < end); };
  const auto narrow = [&](const SymInt& g, const SymInt& r) { return g * integer_like(zero, 15) + r; };
  return {land(one_place, land(is_in(word, all), is_in(multiplier, all))),
          implies(narrow(group, row) == narrow(other_group, other_row), group == other_group)};
}

/// Each node of a group belongs to one chunk, which has at most chunk_nodes nodes. The fault: a count of chunks that
/// drops the tail.
Goal groups(Scope& scope) {
  const SymInt zero = integer_like(scope.integer("zero"), 0), one = integer_like(zero, 1);
  const SymInt begin = scope.integer("begin"), end = scope.integer("end");
  scope.assume(land(zero <= begin, begin < end));
  const SymInt count = kernels::chunks_of_group(end - begin);
  const SymInt node = within(scope, "node", begin, end), chunk = within(scope, "chunk", zero, count);
  const SymInt of_node = div_floor(node - begin, kernels::chunk_nodes);
  const auto is_last = chunk + one == count;
  const SymInt next = select(is_last, end, kernels::chunk_begin(begin, chunk + one));
  const SymInt first = kernels::chunk_begin(begin, chunk), whole = integer_like(zero, kernels::chunk_nodes);
  const SymBool has_nodes = land(land(begin <= first, first < next), land(next <= end, next - first <= whole));
  const SymBool holds = land(first <= node, node < next);
  return {land(has_nodes, land(iff(holds, chunk == of_node), land(zero <= of_node, of_node < count))),
          of_node < div_floor(end - begin, kernels::chunk_nodes)};
}

/// The parts are bytes with a sign, and the sum of products with them is that with the number. The fault: 128
/// forgotten.
Goal parts(Scope& scope) {
  const SymInt number = within(scope, "number", -32767, 32768), zero = integer_like(number, 0);
  const SymInt upper = kernels::upper_part(number), lower = kernels::lower_part(number);
  const auto is_byte = [&](const SymInt& part) {
    return land(integer_like(zero, -128) <= part, part <= integer_like(zero, 127));
  };
  const SymInt back = upper * integer_like(zero, 256) + lower + integer_like(zero, 128);
  // A sum over any numbers: by linearity, one number at a time beside the sum so far.
  const SymInt upper_sum = scope.integer("upper_sum"), lower_sum = scope.integer("lower_sum");
  const SymInt weight_sum = scope.integer("weight_sum");
  SymBool right = land(back == number, land(is_byte(upper), is_byte(lower))), faulty = right;
  for (const std::int64_t w : {-127, -1, 0, 1, 64, 127}) {
    const SymInt weight = integer_like(zero, w);
    const SymInt more =
        kernels::sum_of_parts(upper_sum + weight * upper, lower_sum + weight * lower, weight_sum + weight);
    const SymInt before = kernels::sum_of_parts(upper_sum, lower_sum, weight_sum);
    right = land(right, more == before + weight * number);
    faulty = land(faulty, kernels::sum_of_parts(upper_sum + weight * upper, lower_sum + weight * lower, weight_sum) ==
                              before + weight * number);
  }
  return {right, faulty};
}

/// The kernel's next price is the reference's. The fault: a share that does not pull.
Goal ascent(Scope& scope) {
  const SymReal price = scope.positive("price"), rate = scope.positive("rate"), share = scope.fraction("share");
  const SymReal sensitivity = scope.positive("sensitivity"), one = one_like(share);
  const SymReal expected = reference::ascent_step(price, rate, reference::revenue_gradient(sensitivity, price, share));
  const SymReal pull = sensitivity * price * (one - share);
  return {price + kernels::ascent_rise(rate, share, pull) == expected,
          price + kernels::ascent_rise(rate, share, sensitivity * price) == expected};
}

/// Memory has fewer than 2^56 bytes; with more nodes than 2^62 the count of warps would not fit.
void scans_fit(Limits& l) {
  const N nodes = l.number("nodes", 0, l.needed(std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::max()));
  const N warps = kernels::scan_warps(nodes);
  const N warp = l.number("warp", 0, std::int64_t{1} << 52);
  l.assume(warp < warps);
  (void)kernels::scan_end(warp, nodes);
}
/// Columns have fewer than 2^56 bytes.
void groups_fit(Limits& l) {
  const N begin = l.number("begin", 0, std::int64_t{1} << 62);
  const N nodes = l.number("nodes", 1, l.needed(std::int64_t{1} << 60, std::numeric_limits<std::int64_t>::max()));
  const N count = kernels::chunks_of_group(nodes);
  const N chunk = l.number("chunk", 0, std::int64_t{1} << 50);
  l.assume(chunk < count);
  (void)kernels::chunk_begin(begin, chunk);
}
void chunks_fit(Limits& l) {
  const N bytes = l.number("bytes", 1, l.needed(std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::max()));
  for (const std::int64_t size : {std::int64_t{4}, std::int64_t{64}, kernels::chunk_bytes_max}) {
    const N count = kernels::chunk_count(bytes, size);
    const N chunk = l.number("chunk" + std::to_string(size), 0, std::int64_t{1} << 60);
    l.assume(chunk < count);
    (void)kernels::chunk_word(chunk, size);
    (void)kernels::chunk_length(chunk, bytes, size);
  }
}
/// A lane adds at most 512 tiles of half of their columns; the parts of one fit 32 bits.
void products_fit(Limits& l) {
  constexpr std::int64_t columns = 32, most = columns * 127 * 128;
  const N upper = l.symmetric("upper", most), lower = l.symmetric("lower", most);
  const N weights = l.symmetric("weights", 2 * columns * 127);
  const N multiplier = l.number("multiplier", 1, std::int64_t{1} << 15);
  const N sum = kernels::sum_of_parts(upper, lower, weights);
  l.say_within(upper, -(std::int64_t{1} << 31), (std::int64_t{1} << 31) - 1);
  const std::int64_t greatest = most * 256 + most + 2 * columns * 127 * 128;
  l.bound_product(sum, greatest, multiplier, std::int64_t{1} << 15);
  const N all = l.symmetric("all", l.needed(511, std::int64_t{1} << 30) * greatest);
  (void)(all * integer_like(all, std::int64_t{1} << 15) + sum * multiplier);
}

struct Name {
  const char* clause;
  const char* obligation;
};
Obligation index(const Name& name, const char* what, const std::function<Goal(Scope&)>& write) {
  return {name.clause, name.obligation, std::string("in the device's kernels, ") + what, "all sizes", write};
}
Obligation fits(const Name& name, const char* what, const Run& run) {
  return {name.clause, name.obligation, std::string("machine integers hold the device's indices and sums of ") + what,
          "all sizes below 2^62", within_limits(run)};
}

}  // namespace

std::vector<Obligation> device_index_obligations() {
  return {
      index({"ROUTE-3", "device-index-cells"}, "cells of a table are in it, and no two are one", cells),
      index({"ROUTE-3", "device-index-scan"}, "each node is read by one warp", scans),
      index({"PRICE-15", "device-index-groups"}, "each node of a group is in one chunk", groups),
      index({"COMMIT-5", "device-index-chunks"}, "chunks are the text, and messages are padded", chunks),
      index({"LAYER-4", "device-index-tiles"}, "words of tiles are in them, and no two are one", tile_words),
      index({"LAYER-4", "device-index-parts"}, "products with the parts of a vector are those with it", parts),
      {"PRICE-5", "device-ascent", "the next price that the device's kernel computes is the reference's", "all reals",
       ascent},
      fits({"ROUTE-3", "device-index-fits-scan"}, "nodes", scans_fit),
      fits({"PRICE-15", "device-index-fits-groups"}, "groups", groups_fit),
      fits({"COMMIT-5", "device-index-fits-chunks"}, "chunks", chunks_fit),
      fits({"LAYER-4", "device-index-fits-products"}, "products", products_fit),
  };
}

}  // namespace p2pllm::proofs
