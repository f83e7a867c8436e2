#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "model/encoding/json.hpp"
#include "model/layers/gguf.hpp"
#include "model/layers/tokenizer.hpp"

// The tokens that the original gives for the texts of smollm2_tokens.json, on the tokenizer of the real file (MODEL-5).
// Exits with 77, which is a skip, where the file is not: scripts/get-model fetches it.

namespace p2pllm::vectors {
namespace {

constexpr int skipped = 77;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::int64_t> tokens_at(const JsonCursor& place) {
  std::vector<std::int64_t> tokens;
  for (const JsonCursor& item : place.items()) tokens.push_back(item.integer(0, 1 << 20, "a token"));
  return tokens;
}

/// Prints each text whose tokens are others, or do not decode to it. @returns how many there are
int count_faults(const JsonCursor& root, const Tokenizer& tokenizer) {
  int faults = 0;
  for (const char* kind : {"texts", "questions"}) {
    const JsonCursor cases = root.member(kind);
    for (const JsonCursor& each : cases.items()) {
      const std::string& text = each.member("text").string();
      const auto expected = tokens_at(each.member("tokens"));
      const bool is_question = std::string_view(kind) == "questions";
      if (expected == (is_question ? tokenizer.encode_chat(text) : tokenizer.encode(text))) continue;
      std::printf("%s has other tokens\n", each.pointer().c_str());
      ++faults;
    }
    std::printf("%s: %zu\n", kind, cases.size());
  }
  return faults;
}

int run(const std::string& vectors, const std::string& folder) {
  const std::string file = content_of(folder + "/SmolLM2-135M-Instruct.Q4_1.gguf");
  if (file.empty()) {
    std::printf("skipped: scripts/get-model has not been run\n");
    return skipped;
  }
  const auto model = read_gguf(bytes_of(file), "SmolLM2");
  if (!model) return std::printf("%s\n", model.error().message().c_str()), 1;
  const auto tokenizer = read_tokenizer(model->tokenizer, model->shape.vocabulary);
  if (!tokenizer) return std::printf("%s\n", tokenizer.error().message().c_str()), 1;
  const std::string text = content_of(vectors);
  const auto faults = read_document(text, "smollm2_tokens.json", text.size(),
                                    [&](const JsonCursor& root) { return count_faults(root, **tokenizer); });
  if (!faults) return std::printf("%s\n", faults.error().message().c_str()), 1;
  return *faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace p2pllm::vectors

int main(int argc, char** argv) {
  const char* const folder = std::getenv("P2PLLM_MODELS");
  if (argc != 3) return 2;
  return p2pllm::vectors::run(argv[1], folder != nullptr ? folder : argv[2]);
}
