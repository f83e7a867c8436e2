#include "tests/vectors/vectors.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "checker/check.hpp"

namespace p2pllm::vectors {
namespace {

constexpr int digits = 50;

Rational power_of_ten(long exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::labs(exponent)));
  return exponent >= 0 ? Rational(power) : Rational(mpz_class(1), power);
}

/// A field's statement about a real number: a value, and a bound on its distance from the exact one.
struct Stated {
  Rational value;
  Rational radius;  ///< 0: exact
};

/// "a/b" is exact; "d.ddde-5" with 50 digits is rounded. Exponents may be beyond those of FORMAT-2.
Stated stated(const JsonCursor& field) {
  const std::string& text = field.string();
  if (text.find('.') == std::string::npos) return {field.rational(), 0};
  const auto e = text.find('e');
  const std::string mantissa = text.substr(0, e);
  const auto counted = mantissa.size() - (mantissa.front() == '-' ? 2 : 1);
  const auto value = parse_rational(mantissa);
  if (e == std::string::npos || !value || counted != digits) field.fail("a decimal of 50 digits is d.dd..de<exponent>");
  const long exponent = std::stol(text.substr(e + 1));
  return {*value * power_of_ten(exponent), Rational(1, 2) * power_of_ten(exponent - digits + 1)};
}

std::string shown(const Enclosure& value) {
  return "[" + to_decimal(value.lower, digits + 6, Rounding::down) + ", " +
         to_decimal(value.upper, digits + 6, Rounding::up) + "]";
}

std::string folder() {
  const char* chosen = std::getenv("P2PLLM_VECTORS");
  return chosen != nullptr ? chosen : P2PLLM_VECTORS_FOLDER;
}

}  // namespace

Case::Case(const JsonCursor& place, std::string file)
    : place_(place), expect_(place_.member("expect")), file_(std::move(file)), name_(place_.member("name").string()) {
  if (!place_.optional_member("network")) return;
  auto read = read_network(write_json(place_.member("network").value()), name_);
  if (!read) place_.member("network").fail(read.error().message());
  network_ = *std::move(read);
}

Prices Case::prices() const {
  const auto given = place_.optional_member("prices");
  if (!given) return posted_prices(network_);
  Json::Object document{{"format", "p2pllm-prices/1"}, {"prices", given->value()}};
  auto read = read_prices(write_json(document), name_, network_);
  if (!read) given->fail(read.error().message());
  return *std::move(read);
}

ClientLegs Case::legs() const {
  const JsonCursor id = given("client");
  if (id.value().is_null()) return {};
  for (const Client& client : network_.clients)
    if (client.id == id.string()) return {&client};
  id.fail("no client of the network has this id");
}

std::string Case::where(const JsonCursor& field) const { return field.pointer().substr(place_.pointer().size()); }

void Case::require(const std::string& field, bool holds, const std::string& computed) const {
  INFO(file_ << ": " << name_ << "\nfield " << field << "\nthe reference has " << computed);
  CHECK(holds);
}

void Case::equal(const JsonCursor& field, const std::string& computed) const {
  require(where(field), field.string() == computed, computed);
}

void Case::equal(const JsonCursor& field, const Rational& computed) const {
  require(where(field), field.string() == to_string(computed), to_string(computed));
}

void Case::equal(const JsonCursor& field, long long computed) const {
  constexpr long long most = 1LL << 62;
  require(where(field), field.integer(-most, most, "an integer is expected here") == computed,
          std::to_string(computed));
}

void Case::equal(const JsonCursor& field, bool computed) const {
  const bool* stated_flag = field.value().as_bool();
  if (stated_flag == nullptr) field.fail("true or false is expected here");
  require(where(field), *stated_flag == computed, computed ? "true" : "false");
}

void Case::equal(const JsonCursor& field, const std::vector<std::size_t>& computed) const {
  std::string expected_text;
  std::string computed_text;
  for (const JsonCursor& id : field.items()) expected_text += " " + id.string();
  for (const std::size_t node : computed) computed_text += " " + network_.nodes.at(node).id;
  require(where(field), expected_text == computed_text, "the nodes" + computed_text);
}

void Case::equal(const JsonCursor& field, const LayerRange& computed) const {
  const bool same = field.size() == 2 && field.item(0).rational() == Rational(computed.first) &&
                    field.item(1).rational() == Rational(computed.last);
  require(where(field), same, to_string(computed));
}

void Case::equal(const JsonCursor& field, const Enclosure& computed, int narrow) const {
  const auto [value, radius] = stated(field);
  const Rational size = value.sign() != 0 ? abs(value) : Rational(1);
  const bool is_narrow = computed.upper - computed.lower <= size * power_of_ten(-narrow - 3);
  const bool met = computed.lower <= value + radius && value - radius <= computed.upper;
  require(where(field), is_narrow && met, shown(computed) + (is_narrow ? "" : ", which is too wide to tell"));
}

void Case::equal(const JsonCursor& field, const std::optional<Enclosure>& computed) const {
  if (!computed || field.value().is_null())
    require(where(field), !computed && field.value().is_null(), computed ? shown(*computed) : "null");
  else equal(field, *computed);
}

void Case::certify(const std::optional<Rational>& alpha, const ClientLegs& legs, const Prices& prices,
                   Claim claim) const {
  Certificate certificate{network_.sha256, prices.sha256, alpha, {}, std::move(claim)};
  if (legs.client != nullptr) certificate.client = legs.client->id;
  const auto given_prices = prices.sha256.empty() ? std::nullopt : std::optional(prices);
  checker::Decision decision = checker::check(certificate, network_, given_prices);
  // Evidence that needs exponentials is checked at rising precision, as the program does when it writes one.
  const auto raised = [&certificate] {
    long* bits = nullptr;
    if (auto* claimed = std::get_if<EquilibriumClaim>(&certificate.claim)) bits = &claimed->bits;
    if (auto* claimed = std::get_if<BalanceClaim>(&certificate.claim)) bits = &claimed->bits;
    if (bits != nullptr) *bits *= 2;
    return bits != nullptr && *bits <= certificate_bits_max;
  };
  while (!decision.accepted && raised()) decision = checker::check(certificate, network_, given_prices);
  if (decision.accepted) {
    const auto read = read_certificate(write_certificate(certificate, network_), "certificate", network_);
    decision = read ? checker::check(*read, network_, given_prices) : checker::Decision{false, read.error().message()};
  }
  require("certificate", decision.accepted, decision.reason);
}

void replay(const std::string& topic, const std::function<void(const Case&)>& body) {
  const std::string name = topic + ".json";
  std::ifstream stream(folder() + "/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto replayed = read_document(bytes, name, network_bytes_max, [&](const JsonCursor& root) {
    root.require_object({"format", "topic", "cases"});
    require_format(root, "p2pllm-vectors/1");
    const JsonCursor cases = root.member("cases");
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const JsonCursor place = cases.item(i);
      try {
        body(Case(place, name));
      } catch (const JsonCursor::Failure& failure) {
        FAIL_CHECK(name << ": " << place.member("name").string() << "\n" << failure.fault.message());
      }
    }
    return cases.size();
  });
  INFO((replayed ? "" : replayed.error().message()));
  REQUIRE(replayed.has_value());
  CHECK(*replayed > 0);
}

}  // namespace p2pllm::vectors
