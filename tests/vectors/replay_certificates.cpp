#include <catch2/catch.hpp>

#include "checker/check.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using vectors::Case;

TEST_CASE("certificates are accepted or rejected as the vectors say",
          "[certificate][CERT-1][CERT-2][CERT-3][CERT-4][CERT-5][CERT-6][CERT-7][CERT-8][FORMAT-5]") {
  vectors::replay("certificate", [](const Case& c) {
    const auto network = read_network(c.given("text").string(), "network");
    if (!network) return c.require("/text", false, network.error().message());
    const auto read = read_certificate(write_json(c.given("certificate").value()), "certificate", *network);
    const auto decision = read ? checker::check(*read, *network, std::nullopt)
                               : checker::Decision{false, "CERT-1: " + read.error().message()};
    const JsonCursor& expect = c.expected();
    c.equal(expect.member("accepted"), decision.accepted);
    if (decision.accepted) return expect.require_object({"accepted"});
    expect.require_object({"accepted", "clause"});
    const std::string clause = expect.member("clause").string();
    c.require("/expect/clause", decision.reason.starts_with(clause + ": "), decision.reason);
  });
}
