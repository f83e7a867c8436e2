#pragma once

#include "model/contracts/transaction.hpp"
#include "tests/vectors/hex.hpp"

namespace p2pllm::vectors {

/// The fields of a message, or of an object of the state.
struct Fields {
  JsonCursor place;

  [[nodiscard]] std::int64_t number(std::string_view key) const {
    return place.member(key).integer(0, contracts::amount_max, "a whole number from 0 to 2^62 is expected here");
  }
  [[nodiscard]] Hash hash(std::string_view key) const { return vectors::hash_at(place.member(key)); }
  [[nodiscard]] PublicKey key(std::string_view key) const { return {hash(key)}; }
};

}  // namespace p2pllm::vectors
