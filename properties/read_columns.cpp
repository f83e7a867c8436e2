#include "optimized/market/columns.hpp"
#include "properties/generators/network.hpp"
#include "properties/generators/network_text.hpp"
#include "properties/property.hpp"
#include "tests/support/same_market.hpp"

namespace p2pllm::properties {
namespace {

using testing::Reading;

/// A network with what `draw_network` leaves out: blocks, units, odd names, numbers of many digits.
Network draw_whole_network() {
  Network network = draw_network({});
  network.model_name = draw_one_of<const char*>({"m", "", "a \"b\"\\/\b\f\n\r\t\x01", "\xE2\x82\xAC \xF0\x9F\x98\x80"});
  network.alpha = draw_coin() ? std::optional(draw_alpha()) : std::nullopt;
  if (draw_coin()) network.units = {"s", "s", "coin"};
  if (draw_coin()) network.blocks.push_back({0, network.layers});
  if (!network.nodes.empty() && draw_integer(0, 3) == 0)
    network.nodes.back().id = "\xC3\xA9\"" + network.nodes.back().id;
  if (network.clients.size() == 1 && draw_coin()) network.clients[0].id = "client";
  for (Node& node : network.nodes)
    if (draw_integer(0, 59) == 0) node.price = abs(draw_rational());
  return network;
}

void expect_agreement(const std::string& text, Reading& reading) {
  const std::string what = testing::disagreement(text, reading);
  expect(what.empty(), what + " of " + text);
}

PROPERTY("both readers read a network in any spelling as the same", "[FORMAT-3][FORMAT-2]", 3000) {
  const Network network = draw_whole_network();
  const std::string text = draw_text_of(network);
  Reading reading;
  expect_agreement(text, reading);
  if (reading.is_accepted) {
    const Network exact = read_network(text, "f").value();
    expect(exact.nodes == network.nodes && exact.latency == network.latency, "the exact reader reads what was drawn");
  }
  reach("the one pass takes it", reading.is_plain);
  reach("the exact reader alone takes it, into columns", reading.is_in_columns && !reading.is_plain);
  reach("no columns hold it", reading.is_accepted && !reading.is_in_columns);
  reach("a latency in columns", reading.is_plain && !network.latency.empty());
  reach("clients in columns", reading.is_plain && !network.clients.empty());
}

PROPERTY("both readers say the same of a damaged network", "[FORMAT-3][FORMAT-6]", 6000) {
  const std::string text = draw_damaged(draw_text_of(draw_whole_network()));
  Reading reading;
  expect_agreement(text, reading);
  reach("refused", !reading.is_accepted);
  reach("accepted by the one pass", reading.is_plain);
}

PROPERTY("a network is read item by item as its whole document is", "[FORMAT-1][FORMAT-3]", 6000) {
  std::string text = draw_text_of(draw_whole_network());
  if (draw_integer(0, 2) != 0) text = draw_damaged(text);
  const auto items = static_cast<std::size_t>(draw_integer(2, 4));
  const std::string what = testing::disagreement_item_by_item(text, items);
  expect(what.empty(), what + " of " + text);
  const auto network = read_network(text, "f");
  reach("accepted", network.has_value());
  reach("refused for what it states", !network && network.error().place.starts_with("f: /nodes/"));
  reach("refused for its latency", !network && network.error().place.starts_with("f: /latency/"));
  reach("no JSON", !network && network.error().place.starts_with("f: line"));
}

PROPERTY("a column has the values it was made of, in the greatest unit", "[FORMAT-2]", 3000) {
  std::vector<Rational> values(static_cast<std::size_t>(draw_integer(0, 12)));
  for (Rational& value : values) value = draw_coin() ? abs(draw_rational()) : Rational(draw_integer(0, 1000), 8);
  const auto column = optimized::Column::from(values);
  reach("no column holds them", !column);
  if (!column) return;
  expect(testing::has_values(*column, values), "each value is exact");
  mpz_class divisor;
  bool fits = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    mpz_gcd_ui(divisor.get_mpz_t(), divisor.get_mpz_t(), column->integer(i));
    fits = fits && column->integer(i) <= 0xffff'ffff;
  }
  expect(divisor <= 1, "the integers have no common divisor");
  expect(fits == column->is_narrow(), "32 bits exactly where they are enough");
  if (divisor == 0) expect_equal(column->unit(), Rational(1), "the unit of zeros");
  reach("32 bits", column->is_narrow());
  reach("64 bits", !column->is_narrow());
  reach("nothing but zeros", divisor == 0);
}

}  // namespace
}  // namespace p2pllm::properties
