#include "proofs/cvc5.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace p2pllm::proofs {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 256> part{};
  while (pipe && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) text += part.data();
  return text;
}

std::string quoted(const std::string& path) {
  std::string text = "'";
  for (const char c : path) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

bool has_cvc5() { return output_of("cvc5 --version 2>/dev/null").find("cvc5") != std::string::npos; }

std::string ask_cvc5(const std::string& path) {
  const std::string limit = std::to_string(cvc5_resource_limit);
  const std::string text = output_of("cvc5 --lang=smt2 --nl-ext-tplanes --rlimit-per=" + limit + " " +
                                     quoted(std::filesystem::absolute(path)) + " 2>&1");
  const std::string first = text.substr(0, text.find('\n'));
  if (first.starts_with("(error")) return "error";  // cvc5 cannot read the question, which is our error
  return first == "sat" || first == "unsat" ? first : "unknown";
}

}  // namespace p2pllm::proofs
