#include <catch2/catch.hpp>

#include "model/contracts/trace.hpp"
#include "model/encoding/cbor.hpp"
#include "model/encoding/json.hpp"
#include "reference/market/migrate.hpp"
#include "reference/market/route.hpp"
#include "tests/unit/channel_bench.hpp"
#include "tests/unit/market_builder.hpp"

// Functions that return nothing, or an error, in a case that their documentation names.
namespace p2pllm::testing {
namespace {

ChannelParty party_of(const ChannelBench& bench, ChannelSide side) {
  return {ideal_signatures(), bench.ledger, bench.terms, side, bench.key(side), [](const ChannelPartyState&) {}};
}

TEST_CASE("a party proposes no payment before it knows that the channel is open", "[CHAN-9]") {
  const ChannelBench bench = open_channel();
  ChannelParty a = party_of(bench, ChannelSide::a);
  CHECK(a.pay(1).empty());
  CHECK_FALSE(a.act(bench.channel, bench.height, false));
  CHECK(a.pay(1).size() == 1);
}

TEST_CASE("a trace states every nonce that a transaction may have, and none beyond", "[LEDGER-8]") {
  const std::string source = "t";
  const auto read_with = [&](const std::string& nonce) {
    contracts::Transaction transaction;
    transaction.operation = contracts::Unbond{};
    Json json = contracts::transaction_json(transaction);
    for (auto& [key, value] : *json.as_object())
      if (key == "nonce") value = Json::Number{nonce};
    return contracts::read_transaction(JsonCursor(json, source), Hash{}).nonce;
  };
  CHECK(read_with("18446744073709551615") == 18446744073709551615U);
  CHECK(read_with("4611686018427387905") == 4611686018427387905U);
  for (const char* wrong : {"18446744073709551616", "-1", "0.5"})
    CHECK_THROWS_AS(read_with(wrong), JsonCursor::Failure);
}

TEST_CASE("a party pays from 0 up to what it has", "[CHAN-9]") {
  const ChannelBench bench = open_channel();
  for (const ChannelSide side : {ChannelSide::a, ChannelSide::b}) {
    const auto is_proposed = [&](std::int64_t amount) {
      ChannelParty party = party_of(bench, side);
      CHECK_FALSE(party.act(bench.channel, bench.height, false));
      const bool proposed = !party.pay(amount).empty();
      CHECK(proposed == party.record().pending.has_value());
      return proposed;
    };
    CHECK_FALSE(is_proposed(-1));
    CHECK(is_proposed(0));
    CHECK(is_proposed(10));
    CHECK_FALSE(is_proposed(11));
  }
}

TEST_CASE("a party whose proposal is pending proposes neither a payment nor the end", "[CHAN-9]") {
  const ChannelBench bench = open_channel();
  ChannelParty b = party_of(bench, ChannelSide::b);
  CHECK_FALSE(b.act(bench.channel, bench.height, false));
  REQUIRE(b.pay(1).size() == 1);
  const ChannelPartyState before = b.record();
  CHECK(b.pay(1).empty());
  CHECK(b.end().empty());
  CHECK(b.record() == before);
}

TEST_CASE("no item is next at the end of the bytes or where it is outside the subset", "[COMMIT-1]") {
  const auto next = [](const Bytes& bytes) { return CborReader(bytes).peek(); };
  CHECK(next({0x01}) == CborType::number);
  CHECK_FALSE(next({}).has_value());
  for (const std::uint8_t head : Bytes{0x20, 0xa0, 0xc0, 0xf7, 0xf9, 0xfb, 0xff}) CHECK_FALSE(next({head}).has_value());
  const Bytes negative{0x20};
  CborReader reader(negative);
  CHECK_FALSE(reader.peek().has_value());
  CHECK(reader.finish() == CborError{CborFault::not_in_subset, 0});
}

TEST_CASE("a member is found in an object that has it, and nowhere else", "[FORMAT-1]") {
  const Json object(Json::Object{{"a", Json(true)}});
  CHECK(object.find("a") != nullptr);
  CHECK(object.find("b") == nullptr);
  for (const Json& other : {Json(), Json(true), Json("a"), Json(Json::Array{Json("a")})})
    CHECK(other.find("a") == nullptr);
  const std::string source = "f";
  CHECK(JsonCursor(object, source).optional_member("a").has_value());
  CHECK_FALSE(JsonCursor(object, source).optional_member("b").has_value());
}

TEST_CASE("chains are counted exactly below 2^4096, and from there on that limit is returned", "[ROUTE-1]") {
  const auto count = [](std::int64_t layers) {
    std::vector<Peer> peers;
    for (std::int64_t k = 0; k < layers; ++k)
      for (int twin = 0; twin < 2; ++twin) peers.push_back({{k, k + 1}, "1", "1"});
    return Rational(reference::count_chains(network_of(layers, peers)));
  };
  CHECK(count(4095) == Rational::power_of_two(4095));
  CHECK(count(4096) == Rational::power_of_two(4096));
  CHECK(count(4097) == Rational::power_of_two(4096));
}

TEST_CASE("moves that gain are not told where a comparison stays undecided", "[MIG-8][MIG-9]") {
  Network network = network_of(2, {{{0, 1}, "1", "5"}, {{0, 1}, "1", "1"}, {{1, 2}, "1", "1"}});
  network.alpha = 1;
  Rational tiny = exact("1e-300");
  for (int i = 0; i < 6; ++i) tiny *= tiny;
  network.nodes[2].price += tiny;
  const auto weights = reference::revenue_weights(network, posted_prices(network), *network.alpha);
  const auto moves = reference::gaining_moves(network, weights, reference::initial_allocation(network));
  REQUIRE_FALSE(moves.has_value());
  CHECK(moves.error().kind == Fault::Kind::limit_reached);
}

}  // namespace
}  // namespace p2pllm::testing
