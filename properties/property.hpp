#pragma once

#include <catch2/catch.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/numbers/rational.hpp"

namespace p2pllm::properties {

/// Notes that the case at hand belongs to the class `name`, or that it might have.
///
/// The property prints how many of its cases fell into each class, and fails if a class that it asked about was
/// never reached: a property over cases that never occur would say nothing. For the same reason, it fails if it asks
/// about no class at all.
void reach(const char* name, bool reached);

/// Notes the same without demanding the class.
void note(const char* name, bool reached);

/// Checks `body` on `cases` random cases, shrinking the first that fails.
///
/// The body draws its case (generators/network.hpp) and throws if it finds a fault. The seed is fixed so that a run
/// repeats; RC_PARAMS="seed=7 max_success=5000" chooses another. Fewer cases than `cases` waive the classes.
void check_property(const char* sentence, int cases, void (*body)());

inline std::string shown(const Rational& value) { return to_string(value); }
inline std::string shown(bool value) { return value ? "true" : "false"; }
inline std::string shown(const std::string& value) { return value; }
inline std::string shown(const char* value) { return value; }
template <typename T>
requires std::is_arithmetic_v<T> std::string shown(T value) {
  std::ostringstream text;
  text.precision(20);
  text << value;
  return text.str();
}
template <typename T>
std::string shown(const std::vector<T>& values) {
  std::string text = "(";
  for (const T& value : values) text += (text.size() > 1 ? " " : "") + shown(value);
  return text + ")";
}

/// Fails the case unless `holds`.
inline void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

/// Fails the case unless the two are equal.
template <typename T, typename U>
void expect_equal(const T& actual, const U& expected, const std::string& what) {
  if (!(actual == expected))
    throw std::runtime_error(what + ": got " + shown(actual) + ", expected " + shown(expected));
}

}  // namespace p2pllm::properties

/// A sentence about the protocol, the clauses that it tests as tags, and the number of its random cases.
#define PROPERTY(sentence, clauses, cases) \
  P2PLLM_PROPERTY(INTERNAL_CATCH_UNIQUE_NAME(property_body_), sentence, clauses, cases)
#define P2PLLM_PROPERTY(body, sentence, clauses, cases)                                          \
  static void body();                                                                            \
  TEST_CASE(sentence, clauses) { ::p2pllm::properties::check_property(sentence, cases, &body); } \
  static void body()
