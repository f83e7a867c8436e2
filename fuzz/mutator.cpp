#include <cstdint>
#include <cstring>
#include <random>

#include "fuzz/changes.hpp"
#include "fuzz/honest.hpp"
#include "fuzz/law.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace p2pllm::fuzz {
namespace {

using Random = std::minstd_rand;

std::string fraction(Random& random) {
  return std::to_string(random() % 12) + (random() % 2 == 0 ? "" : "/" + std::to_string(1 + random() % 12));
}

/// One of all single changes of a document, or the text itself if it is not a document.
std::string changed(const std::string& text, Random& random) {
  auto document = parse_json(text, "");
  if (!document) return text;
  auto words = vocabulary_of(*document);
  for (int k = 0; k < 6; ++k) words.push_back(fraction(random));
  const std::size_t place = random() % places_of(*document);
  std::size_t changes = 0;
  for_every_change(
      *document, words, [&](const Change&, const Json&) { return ++changes > 0; }, place);
  std::string result;
  std::size_t left = random() % changes;
  const auto write_chosen = [&](const Change&, const Json& other) {
    if (left-- > 0) return true;
    result = write_json(other);
    return false;
  };
  for_every_change(*document, words, write_chosen, place);
  return result.empty() ? text : result;
}

std::string request(Random& random) {
  const std::string alpha = random() % 8 == 0 ? std::to_string(random() % 2) : "1/" + std::to_string(1 + random() % 9);
  if (random() % 3 == 0) return "pareto";
  if (random() % 4 == 0) return random() % 2 == 0 ? "balance share" : "balance " + alpha;
  if (random() % 3 == 0) return "route " + alpha;
  const char* epsilons[] = {"0", "1/10", "1/1000", "1/1000000", "99/100"};
  return "verify " + alpha + " " + epsilons[random() % 5] + (random() % 2 == 0 ? " relative" : " absolute");
}

/// Replaces a request by the certificate that answers it; later changes then tamper with the certificate.
std::string answered(const std::vector<std::string>& documents) {
  const auto network = read_network(documents[0], "");
  if (!network || network->size() > work_nodes_max) return documents[1];
  std::optional<Prices> prices;
  if (documents.size() == 3 && is_of_prices(documents[1])) {
    auto read = read_prices(documents[2], "", *network);
    if (!read) return documents[1];
    prices = *std::move(read);
  }
  auto honest = honest_certificate(documents[1], *network, prices);
  if (!honest) return documents[1];
  std::string text = write_certificate(*honest, *network);
  const auto name = [&text](const std::string& hash, const char* by) {
    if (const auto at = text.find(hash); !hash.empty() && at != std::string::npos) text.replace(at, hash.size(), by);
  };
  name(network->sha256, "@network");
  if (prices) name(prices->sha256, "@prices");
  return text;
}

}  // namespace
}  // namespace p2pllm::fuzz

/// Makes libFuzzer's own changes of bytes a third of the time, otherwise a change of the documents' contents.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
  using namespace p2pllm::fuzz;
  Random random(seed);
  random.discard(4);
  auto documents = documents_of({reinterpret_cast<const char*>(data), size});
  if (random() % 3 == 0) return LLVMFuzzerMutate(data, size, size_max);
  const std::size_t place = random() % documents.size();
  if (documents.size() > 1 && random() % 12 == 0) documents[1] = request(random);
  else if (documents.size() > 1 && documents[1].size() < 60 && random() % 2 == 0) documents[1] = answered(documents);
  else documents[place] = changed(documents[place], random);
  std::string result;
  for (std::size_t k = 0; k < documents.size(); ++k) result += (k > 0 ? "\x1e" : "") + documents[k];
  if (result.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
  std::memcpy(data, result.data(), result.size());
  return result.size();
}
