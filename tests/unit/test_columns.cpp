#include <bit>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "optimized/market/column_builder.hpp"
#include "optimized/market/columns.hpp"
#include "optimized/market/distinct.hpp"
#include "tests/support/same_market.hpp"
#include "tests/unit/market_builder.hpp"

using p2pllm::Rational;
using p2pllm::optimized::are_distinct;
using p2pllm::optimized::Column;
using p2pllm::optimized::ColumnBuilder;
using p2pllm::optimized::FixedNumber;
using p2pllm::optimized::TextColumn;
using p2pllm::testing::exact;
using p2pllm::testing::has_values;

namespace {

std::vector<Rational> values(const std::vector<std::string>& texts) {
  std::vector<Rational> result;
  for (const std::string& text : texts) result.push_back(exact(text));
  return result;
}

std::optional<Column> column(const std::vector<std::string>& texts) { return Column::from(values(texts)); }

/// The column that a builder makes of these numbers; nothing if it gives up.
std::optional<Column> built(const std::vector<FixedNumber>& numbers) {
  ColumnBuilder builder;
  for (const FixedNumber& number : numbers)
    if (!builder.add(number)) return std::nullopt;
  return std::move(builder).finish();
}

TextColumn texts(const std::vector<std::string>& items) {
  TextColumn result;
  for (const std::string& item : items) result.add(item);
  return result;
}

std::uint64_t same_for_all(std::string_view /*text*/) { return 7; }

}  // namespace

TEST_CASE("a column's unit is the greatest that its values are multiples of", "[FORMAT-2]") {
  const auto decimals = column({"0.40", "1.2", "0"}).value();
  CHECK(decimals.unit() == exact("0.4"));
  CHECK(std::vector<std::uint32_t>(decimals.narrow().begin(), decimals.narrow().end()) ==
        std::vector<std::uint32_t>{1, 3, 0});
  CHECK(has_values(decimals, values({"0.40", "1.2", "0"})));
  const auto fractions = column({"1/3", "1/2"}).value();
  CHECK(fractions.unit() == Rational(1, 6));
  CHECK(fractions.integer(0) == 2);
  CHECK(fractions.value(1) == Rational(1, 2));
  CHECK(column({"0", "0"}).value().unit() == Rational(1));
  CHECK(column({}).value().size() == 0);
}

TEST_CASE("a column has 32 bits up to 2^32 - 1 and 64 up to 2^64 - 1", "[FORMAT-2]") {
  CHECK(column({"1", "4294967295"}).value().is_narrow());
  const auto wide = column({"1", "4294967296"}).value();
  CHECK_FALSE(wide.is_narrow());
  CHECK(wide.wide()[1] == 4294967296);
  CHECK(column({"1", "18446744073709551615"}).value().integer(1) == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(column({"1", "18446744073709551616"}).has_value());
  CHECK(column({"36893488147419103232", "18446744073709551616"}).value().integer(0) == 2);
  CHECK_FALSE(column({"1e-300", "1e300"}).has_value());
}

TEST_CASE("a builder rescales what it has when a number asks for a smaller unit", "[FORMAT-2]") {
  CHECK(built({{4, -1, 1}, {125, -2, 1}}) == column({"0.4", "1.25"}));
  CHECK(built({{3, 2, 1}, {7, 0, 1}, {5, 1, 1}}) == column({"300", "7", "50"}));
  CHECK(built({{1, 0, 3}, {1, 0, 2}, {5, -1, 1}, {2, 3, 1}}) == column({"1/3", "1/2", "0.5", "2000"}));
  CHECK(built({{4, -1, 1}, {1, 0, 3}}) == column({"0.4", "1/3"}));
  CHECK(built({{1, 0, 3}, {1, 0, 6}, {1, 0, 3}}) == column({"1/3", "1/6", "1/3"}));
  CHECK(built({{6, 0, 4}}) == column({"3/2"}));
  CHECK(built({{40, -2, 1}, {4, -1, 1}}) == column({"0.40", "0.4"}));
}

TEST_CASE("a builder takes leading zeros in any unit", "[FORMAT-2]") {
  CHECK(built({{0, -300, 1}, {0, 0, 7}, {3, 5, 1}}) == column({"0", "0", "3e5"}));
  CHECK(built({{3, 5, 1}, {0, -300, 1}}) == column({"3e5", "0"}));
  CHECK(built({{0, 3, 1}, {0, -2, 1}}) == column({"0", "0"}));
  CHECK(built({}) == column({}));
}

TEST_CASE("a builder widens when a number or a rescaling needs more than 32 bits", "[FORMAT-2]") {
  CHECK(built({{1, 0, 1}, {4294967295, 0, 1}})->is_narrow());
  CHECK(built({{1, 0, 1}, {4294967296, 0, 1}}) == column({"1", "4294967296"}));
  CHECK(built({{4294967295, 0, 1}, {1, -1, 1}}) == column({"4294967295", "0.1"}));
  // Wide on the way, narrow at the end.
  CHECK(built({{5000000000, 0, 1}, {10000000000, 0, 1}}) == column({"5000000000", "10000000000"}));
  CHECK(built({{5000000000, 0, 1}, {10000000000, 0, 1}})->is_narrow());
}

TEST_CASE("a builder gives up where an integer needs more than 64 bits", "[FORMAT-2]") {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(built({{most, 0, 1}, {1, 0, 1}}) == column({"18446744073709551615", "1"}));
  CHECK_FALSE(built({{most, 0, 1}, {1, -1, 1}}));
  CHECK_FALSE(built({{1, -1, 1}, {most, 0, 1}}));
  CHECK(built({{1, 0, 1}, {1, 19, 1}}) == column({"1", "10000000000000000000"}));
  CHECK_FALSE(built({{1, 0, 1}, {1, 20, 1}}));
  CHECK_FALSE(built({{1, 20, 1}, {1, 0, 1}}));
  CHECK_FALSE(built({{1, 0, most}, {1, 0, most - 1}}));
  CHECK_FALSE(built({{1, 0, 3}, {most, 0, 1}}));
}

TEST_CASE("texts end to end keep their bounds", "[FORMAT-3]") {
  const TextColumn column = texts({"a", "", "bc", "\xC3\xA9"});
  REQUIRE(column.size() == 4);
  CHECK(column[0] == "a");
  CHECK(column[1].empty());
  CHECK(column[2] == "bc");
  CHECK(column[3] == "\xC3\xA9");
  CHECK(column == texts({"a", "", "bc", "\xC3\xA9"}));
  CHECK_FALSE(column == texts({"a", "b", "c", "\xC3\xA9"}));
}

TEST_CASE("repeated texts are found whatever their hashes", "[FORMAT-3]") {
  CHECK(are_distinct(texts({})));
  CHECK(are_distinct(texts({"a"})));
  CHECK_FALSE(are_distinct(texts({"a", "a"})));
  CHECK(are_distinct(texts({"a", "b", "ab", "ba", "", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaab"})));
  std::vector<std::string> many;
  for (int k = 0; k < 3000; ++k) many.push_back("node " + std::to_string(k));
  CHECK(are_distinct(texts(many)));
  CHECK(are_distinct(texts(many), same_for_all));
  for (const std::size_t repeated : {std::size_t{0}, std::size_t{1700}, std::size_t{2998}}) {
    std::vector<std::string> again = many;
    again.back() = many[repeated];
    CHECK_FALSE(are_distinct(texts(again)));
    CHECK_FALSE(are_distinct(texts(again), same_for_all));
  }
}

TEST_CASE("the hash of texts spreads over all bits, wherever they differ", "[FORMAT-3]") {
  using p2pllm::optimized::hash_of_text;
  CHECK(hash_of_text("") != hash_of_text(std::string(1, '\0')));
  for (const std::size_t size : {1UL, 7UL, 8UL, 9UL, 16UL, 30UL})
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      const std::uint64_t before = hash_of_text(text);
      text[at] = 'b';
      CAPTURE(size, at);
      CHECK(std::popcount(before ^ hash_of_text(text)) > 10);
    }
}

TEST_CASE("columns of a network state the same, or nothing where they cannot", "[FORMAT-3]") {
  p2pllm::Network network = p2pllm::testing::network_of(3, {{{0, 2}, "1/3", "0.40"}, {{1, 3}, "2", "0"}});
  network.latency = {{0, 1}, {Rational(1, 2), 0}};
  network.clients = {{"c", {1, 2}, {0, Rational(1, 7)}}};
  const auto columns = p2pllm::optimized::columns_of(network);
  REQUIRE(columns.has_value());
  CHECK(p2pllm::testing::difference(*columns, network).empty());
  CHECK(columns->latency->integer(2) == 1);
  for (const auto& spoil : {+[](p2pllm::Network& n) { n.nodes[0].cost = exact("1e-40"); },
                            +[](p2pllm::Network& n) { n.nodes[1].price = exact("123456789012345678901/7"); },
                            +[](p2pllm::Network& n) { n.latency[1][0] = exact("1e-40"); },
                            +[](p2pllm::Network& n) { n.clients[0].to[0] = exact("1e-40"); },
                            +[](p2pllm::Network& n) { n.clients[0].from[0] = exact("1e-40"); }}) {
    p2pllm::Network spoilt = network;
    spoil(spoilt);
    CHECK_FALSE(p2pllm::optimized::columns_of(spoilt).has_value());
  }
}
