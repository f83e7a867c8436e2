#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/encoding/json.hpp"

namespace p2pllm::app {

/// Where an answer differs from the reference's.
struct Difference {
  std::string place;  ///< JSON pointer
  std::string given;
  std::string expected;
};

/// Compares the answer of another implementation with the reference's, member by member (FORMAT-7, FORMAT-9).
///
/// A member that the answer leaves out is not judged, and so is one that the reference does not have. Of what is given,
/// - an exact number must be equal as a rational,
/// - a rounded one (`.._decimal`, or a plain number in place of an enclosure) must be within half a unit of its last
///   digit, or within a relative 2^-bits if the answer states `bits`,
/// - an enclosure must share a point with the reference's,
/// - everything else must be equal, lists in length and order.
/// Witnesses are not judged here, except for being there: every true one is right.
class Judge {
 public:
  /// @returns the first difference, if there is one
  [[nodiscard]] std::optional<Difference> compare(const Json& expected, const Json& given);
  /// The number of members that were judged so far.
  [[nodiscard]] std::uint64_t decisions() const { return decisions_; }

 private:
  struct Place {
    std::string pointer;
    std::string key;  ///< of the nearest object above
  };
  using Found = std::optional<Difference>;

  Found compare_at(const Place& place, const Json& expected, const Json& given);
  Found compare_objects(const Place& place, const Json& expected, const Json& given);
  Found compare_arrays(const Place& place, const Json::Array& expected, const Json& given);
  Found compare_enclosures(const Place& place, const Json& expected, const Json& given);
  Found compare_leaves(const Place& place, const Json& expected, const Json& given);

  std::uint64_t decisions_ = 0;
  std::optional<long> bits_;  ///< the answer's claim about its rounded numbers
};

/// A short form of a value for an error line, fit for a terminal.
[[nodiscard]] std::string shown_value(const Json& value);

}  // namespace p2pllm::app
