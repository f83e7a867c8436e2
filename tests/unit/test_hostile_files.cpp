#include <algorithm>

#include "tests/unit/hostile.hpp"

using namespace p2pllm;
using namespace p2pllm::hostile;

namespace {

/// A certificate of each kind and verdict.
const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = {{legs_network, "route 1/3"},
                                           {ties_network, "route 1/2"},
                                           {gap_network, "route 1/2"},
                                           {twins_network, "route 3/4"},
                                           {twins_network, "pareto"},
                                           {legs_network, "pareto"},
                                           {ties_network, "pareto"},
                                           {pair_network, "verify 1/2 0 relative"},
                                           {groups_network, "verify 1/2 1/10 relative"},
                                           {groups_network, "verify 1/2 1/10 absolute"},
                                           {groups_network, "verify 1/2 1/1000 relative"},
                                           {sole_network, "verify 1/2 1/1000 absolute"},
                                           {pair_network, "verify 1/2 1/10 relative", pair_prices},
                                           {blocks_network, "balance share"},
                                           {blocks_network, "balance 1/3", blocks_prices}};
  return all;
}

std::string text_of(const Subject& subject) { return subject.request + " of " + subject.network; }

/// Replaces each value of a document, in turn, by the other document's value at the same place, and calls
/// `visit(place, document)`.
void for_every_splice(Json& root, Json& here, const Json& other, const std::string& place, const auto& visit) {
  const Json original = here;
  here = other;
  visit(place, root);
  here = original;
  if (auto* members = here.as_object())
    for (auto& [key, value] : *members)
      if (const Json* same = other.find(key)) for_every_splice(root, value, *same, place + "/" + key, visit);
  if (auto* items = here.as_array(); items != nullptr && other.as_array() != nullptr)
    for (std::size_t k = 0; k < std::min(items->size(), other.as_array()->size()); ++k)
      for_every_splice(root, (*items)[k], (*other.as_array())[k], place + "/" + std::to_string(k), visit);
}

/// The document with the members of each object in reverse order.
Json turned_round(Json document) {
  if (auto* items = document.as_array())
    for (Json& item : *items) item = turned_round(item);
  if (auto* members = document.as_object()) {
    std::reverse(members->begin(), members->end());
    for (auto& [key, value] : *members) value = turned_round(value);
  }
  return document;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \n") == std::string::npos; }

}  // namespace

TEST_CASE("after any single change of the network an accepted certificate is true of the new one",
          "[CERT-1][CERT-2][CERT-3][CERT-4][CERT-5][CERT-6][CERT-7][CERT-8]") {
  int accepted = 0;
  for (const Subject& subject : subjects()) {
    INFO(text_of(subject));
    const Files files = certified(subject);
    const Judged original = judged(files);
    Json network = parsed(files.network);
    Tally tally;
    const auto words = fuzz::vocabulary_of(network);
    fuzz::for_every_change(network, words, [&](const fuzz::Change& change, const Json& changed) {
      tally.add(change.place, change.what, original, judged({write_json(changed), files.certificate, files.prices}));
      return true;
    });
    CHECK(tally.rejected > 5);
    accepted += tally.accepted();
  }
  CHECK(accepted > 500);
}

TEST_CASE("after any single change of the prices an accepted certificate is true of the new ones",
          "[CERT-1][CERT-6][CERT-7][CERT-8]") {
  for (const Subject& subject : subjects()) {
    if (subject.prices.empty()) continue;
    INFO(text_of(subject));
    const Files files = certified(subject);
    const Judged original = judged(files);
    Json prices = parsed(files.prices);
    Tally tally;
    fuzz::for_every_change(prices, {}, [&](const fuzz::Change& change, const Json& changed) {
      tally.add(change.place, change.what, original, judged({files.network, files.certificate, write_json(changed)}));
      return true;
    });
    CHECK(tally.accepted() > 5);
    CHECK(judged({files.network, files.certificate, ""}).outcome == Outcome::unreadable);  // an empty hash
  }
}

TEST_CASE("a certificate is rejected with any other file's bytes", "[CERT-1]") {
  for (const Subject& subject : subjects()) {
    INFO(text_of(subject));
    const Files files = certified(subject);
    const auto network = read_network(files.network, "network").value();
    const std::string fixed = replaced(files.certificate, "@network", network.sha256);
    CHECK(judged({files.network + "\n", fixed, files.prices}).outcome == Outcome::unreadable);
    if (files.prices.empty()) {
      CHECK(judged({files.network, fixed, R"({"format": "p2pllm-prices/1", "prices": {}})"}).outcome !=
            Outcome::accepted);
      continue;
    }
    const auto prices = read_prices(files.prices, "prices", network).value();
    const std::string bound = replaced(fixed, "@prices", prices.sha256);
    CHECK(judged({files.network, bound, files.prices}).outcome == Outcome::accepted);
    CHECK(judged({files.network, bound, files.prices + "\n"}).outcome == Outcome::rejected);
  }
}

TEST_CASE("a splice of two certificates is rejected or true",
          "[CERT-1][CERT-2][CERT-3][CERT-4][CERT-5][CERT-6][CERT-7][CERT-8]") {
  std::vector<Subject> all = subjects();
  for (const char* request : {"route 0", "route 1", "route 1/2"}) all.push_back({legs_network, request});
  for (const char* request : {"route 0", "route 1", "route 1/5"}) all.push_back({ties_network, request});
  for (const char* request : {"verify 1/3 1/2 relative", "verify 1 1/2 absolute", "verify 0 0 relative"})
    all.push_back({groups_network, request});
  for (const char* request : {"balance 1", "balance 0", "balance 1/3"}) all.push_back({blocks_network, request});
  int splices = 0;
  for (const Subject& one : all) {
    const Files files = certified(one);
    const Judged original = judged(files);
    Json document = parsed(files.certificate);
    for (const Subject& other : all) {
      const Json donor = parsed(certified(other).certificate);
      if (&one == &other || *donor.find("kind")->as_string() != *document.find("kind")->as_string()) continue;
      Tally tally;
      INFO(text_of(one) << "\nwith " << text_of(other));
      for_every_splice(document, document, donor, "", [&](const std::string& place, const Json& changed) {
        tally.add(place, "spliced", original, judged({files.network, write_json(changed), files.prices}));
      });
      splices += tally.changes;
    }
  }
  CHECK(splices > 1000);
}

TEST_CASE("a truncated file is an error wherever it ends", "[FORMAT-1][FORMAT-3][FORMAT-4][FORMAT-5]") {
  for (const Subject& subject : subjects()) {
    INFO(text_of(subject));
    const Files files = certified(subject);
    int cuts = 0;
    for (std::size_t size = 0; size < files.certificate.size(); ++size)
      if (!is_blank(files.certificate.substr(size)) &&
          judged({files.network, files.certificate.substr(0, size), files.prices}).outcome == Outcome::unreadable)
        ++cuts;
    CHECK(cuts == static_cast<int>(files.certificate.find_last_not_of(" \n")) + 1);
    const auto network = read_network(files.network, "network").value();
    int whole = 0;
    for (std::size_t size = 0; size < files.network.size(); ++size)
      if (read_network(files.network.substr(0, size), "network")) ++whole;
    for (std::size_t size = 0; size < files.prices.size(); ++size)
      if (read_prices(files.prices.substr(0, size), "prices", network)) ++whole;
    CHECK(whole == 0);
  }
}

TEST_CASE("the order of keys says nothing", "[FORMAT-1][FORMAT-5]") {
  for (const Subject& subject : subjects()) {
    INFO(text_of(subject));
    const Files files = certified(subject);
    const std::string turned = write_json(turned_round(parsed(files.certificate)));
    CHECK(turned != files.certificate);
    const Judged original = judged(files), other = judged({files.network, turned, files.prices});
    CHECK(other.outcome == Outcome::accepted);
    CHECK(other.meaning == original.meaning);
    const std::string network = write_json(turned_round(parsed(files.network)));
    CHECK(judged({network, files.certificate, files.prices}).outcome == Outcome::accepted);
  }
}
