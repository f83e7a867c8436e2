#include "optimized/market/columns.hpp"

#include <algorithm>
#include <limits>

namespace p2pllm::optimized {
namespace {

/// gcd(a, b) of rationals: the greatest rational that both are multiples of.
Rational common_unit(const Rational& a, const Rational& b) {
  mpz_class numerator;
  mpz_class denominator;
  mpz_gcd(numerator.get_mpz_t(), a.numerator().get_mpz_t(), b.numerator().get_mpz_t());
  mpz_lcm(denominator.get_mpz_t(), a.denominator().get_mpz_t(), b.denominator().get_mpz_t());
  return {numerator, denominator};
}

template <typename Member>
std::vector<Rational> values_of(const std::vector<Node>& nodes, Member member) {
  std::vector<Rational> values;
  values.reserve(nodes.size());
  for (const Node& node : nodes) values.push_back(node.*member);
  return values;
}

}  // namespace

std::size_t Column::size() const {
  return std::visit([](const auto& integers) { return integers.size(); }, integers_);
}

Rational Column::value(std::size_t i) const {
  static_assert(sizeof(unsigned long) == sizeof(std::uint64_t));
  return Rational(mpz_class(static_cast<unsigned long>(integer(i)))) * unit_;
}

std::optional<Column> Column::from(std::span<const Rational> values) {
  constexpr std::size_t integer_bits = 64;
  Rational unit = 0;
  for (const Rational& value : values) {
    unit = common_unit(unit, value);
    if (mpz_sizeinbase(unit.denominator().get_mpz_t(), 2) > integer_bits + 4096) return std::nullopt;
  }
  if (unit.sign() == 0) unit = 1;
  std::vector<std::uint64_t> integers;
  integers.reserve(values.size());
  for (const Rational& value : values) {
    const Rational multiple = value / unit;
    if (mpz_sizeinbase(multiple.numerator().get_mpz_t(), 2) > integer_bits) return std::nullopt;
    integers.push_back(multiple.numerator().get_ui());
  }
  constexpr auto is_narrow = [](std::uint64_t value) { return value <= std::numeric_limits<std::uint32_t>::max(); };
  if (!std::all_of(integers.begin(), integers.end(), is_narrow)) return Column(std::move(integers), unit);
  std::vector<std::uint32_t> narrow(integers.size());
  std::transform(integers.begin(), integers.end(), narrow.begin(),
                 [](std::uint64_t value) { return static_cast<std::uint32_t>(value); });
  return Column(std::move(narrow), unit);
}

std::optional<MarketColumns> columns_of(const Network& network) {
  if (network.size() > column_nodes_max) return std::nullopt;
  MarketColumns columns{network, {}, {}, {}, {}, {}, {}, {}};
  for (const Node& node : network.nodes) {
    columns.ids.add(node.id);
    columns.first.push_back(static_cast<std::uint32_t>(node.layers.first));
    columns.last.push_back(static_cast<std::uint32_t>(node.layers.last));
  }
  auto cost = Column::from(values_of(network.nodes, &Node::cost));
  auto price = Column::from(values_of(network.nodes, &Node::price));
  if (!cost || !price) return std::nullopt;
  columns.cost = *std::move(cost);
  columns.price = *std::move(price);
  if (!network.latency.empty()) {
    std::vector<Rational> values;
    for (const auto& row : network.latency) values.insert(values.end(), row.begin(), row.end());
    columns.latency = Column::from(values);
    if (!columns.latency) return std::nullopt;
  }
  for (const Client& client : network.clients) {
    auto to = Column::from(client.to);
    auto from = Column::from(client.from);
    if (!to || !from) return std::nullopt;
    columns.clients.push_back({client.id, *std::move(to), *std::move(from)});
  }
  return columns;
}

}  // namespace p2pllm::optimized
