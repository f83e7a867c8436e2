#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/encoding/json.hpp"
#include "model/market/certificate.hpp"
#include "model/market/network.hpp"

namespace p2pllm::vectors {

/// One case of a vector file: reads its fields, and reports each comparison by file, case and field.
class Case {
 public:
  Case(const JsonCursor& place, std::string file);
  Case(const Case&) = delete;  // cursors point to it
  Case& operator=(const Case&) = delete;

  [[nodiscard]] const Network& network() const { return network_; }
  /// The members of the case, and its `expect`.
  [[nodiscard]] JsonCursor given(std::string_view key) const { return place_.member(key); }
  [[nodiscard]] std::optional<JsonCursor> optional(std::string_view key) const { return place_.optional_member(key); }
  [[nodiscard]] const JsonCursor& expected() const { return expect_; }
  /// The case's `prices`, or the network's own.
  [[nodiscard]] Prices prices() const;
  [[nodiscard]] Rational alpha() const { return given("alpha").rational(); }
  [[nodiscard]] ClientLegs legs() const;

  /// Fails the test and reports the field's place, unless `holds`.
  void require(const std::string& field, bool holds, const std::string& computed) const;
  void equal(const JsonCursor& field, const std::string& computed) const;
  void equal(const JsonCursor& field, const Rational& computed) const;
  void equal(const JsonCursor& field, long long computed) const;
  void equal(const JsonCursor& field, bool computed) const;
  void equal(const JsonCursor& field, const LayerRange& computed) const;
  /// A list of node ids.
  void equal(const JsonCursor& field, const std::vector<std::size_t>& computed) const;
  /// The enclosure must contain an exact value, or meet a decimal of 50 digits up to half a unit of its last digit.
  /// Either way, the enclosure must be narrower than a thousandth of a unit of digit `narrow`.
  void equal(const JsonCursor& field, const Enclosure& computed, int narrow = 50) const;
  /// The field is null if there is no value.
  void equal(const JsonCursor& field, const std::optional<Enclosure>& computed) const;

  /// Writes the certificate of an answer and reads it once; the checker must accept it.
  void certify(const std::optional<Rational>& alpha, const ClientLegs& legs, const Prices& prices, Claim claim) const;

  [[nodiscard]] std::string where(const JsonCursor& field) const;

 private:
  JsonCursor place_;
  JsonCursor expect_;
  std::string file_;
  std::string name_;
  Network network_;
};

/// Reads TOPIC.json in the folder named by the environment variable P2PLLM_VECTORS, or in spec/vectors, and runs `body`
/// on each case. A case that breaks the format fails by its place in the file.
void replay(const std::string& topic, const std::function<void(const Case&)>& body);

}  // namespace p2pllm::vectors
