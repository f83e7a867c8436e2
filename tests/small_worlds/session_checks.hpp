#pragma once

#include <catch2/catch.hpp>
#include <iostream>

#include "tests/small_worlds/session_search.hpp"

// Whether every law holds in a world of sessions, with the counts of its places, or a law breaks.
namespace p2pllm::small_worlds::session {

template <typename World>
Found search(const std::string& name, const Agreement& agreement) {
  const World world(agreement);
  Found found = Search<World>(world).run();
  std::cout << "session, " << name << ": " << found.states << " states, " << found.steps << " steps, last height "
            << found.last_height;
  if (!found.law.empty()) std::cout << ", after " << found.moves.size() << " moves " << found.law;
  std::cout << "\n";
  return found;
}
inline std::string text_of(const Found& found) {
  std::string text = found.law;
  for (const auto& move : found.moves) text += "\n  " + move;
  return text;
}
inline bool terms_are_allowed(const Agreement& agreement) {
  return first_failure(sla_terms_form(terms_of(agreement), parameters_of(agreement))) == Reason::none;
}

struct Counted {
  std::string name;
  Agreement agreement;
  I states, steps, last_height;
};
template <typename World>
void every_law_holds(const std::vector<Counted>& worlds) {
  for (const auto& [name, agreement, states, steps, last_height] : worlds) {
    REQUIRE(terms_are_allowed(agreement));
    const Found found = search<World>(name, agreement);
    INFO(name << ": " << text_of(found));
    CHECK(found.law.empty());
    CHECK(found.states == states);
    CHECK(found.steps == steps);
    CHECK(found.last_height == last_height);
  }
}

struct Harmed {
  std::string name;
  Agreement agreement;
  std::string law;
  std::size_t moves;
};
template <typename World>
void a_law_breaks(const std::vector<Harmed>& worlds) {
  for (const auto& [name, agreement, law, moves] : worlds) {
    const Found found = search<World>(name, agreement);
    INFO(name << ": " << text_of(found));
    CHECK(found.law == law);
    CHECK(found.moves.size() == moves);
  }
}

inline Agreement without(Without what, Agreement agreement = {}) {
  agreement.without = what;
  return agreement;
}

}  // namespace p2pllm::small_worlds::session
