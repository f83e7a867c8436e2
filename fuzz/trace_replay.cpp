#include "fuzz/contracts/trace_text.hpp"
#include "fuzz/contracts/world.hpp"
#include "fuzz/law.hpp"
#include "reference/contracts/replay.hpp"
#include "tests/support/test_hash.hpp"

// Input: the text of a trace, which begins with a brace; or three bytes that choose a change, and a program of the
// command language whose trace is changed there.

namespace p2pllm::fuzz {
namespace {

using reference::Replay;

/// How a replay ends: with a line about a fault, with a difference, or well.
enum class Ending { refused, differs, holds };

Ending replay(std::string_view text, std::string* why = nullptr) {
  auto replay = Replay::start(text, "trace");
  if (!replay) {
    law_of_messages(replay.error().message(), "trace");
    if (why != nullptr) *why = replay.error().message();
    return Ending::refused;
  }
  if (!replay->head_differences().empty()) return Ending::differs;
  while (!replay->is_done()) {
    const auto line = replay->next();
    if (!line) {
      law_of_messages(line.error().message(), "trace");
      if (why != nullptr) *why = line.error().message();
      return Ending::refused;
    }
    if (line->differences.empty()) continue;
    const auto& [pointer, recorded, computed] = line->differences.front();
    if (why != nullptr) *why = std::to_string(line->number) + ": " + pointer + ": " + recorded + ", " + computed;
    return Ending::differs;
  }
  return Ending::holds;
}

void run_text(std::string_view text) {
  constexpr const char* names[] = {"text refused", "text differs", "text holds"};
  ++reached[names[static_cast<int>(replay(text))]];
}

/// Another character; a digit for a digit, so that most changes can be read.
char other_than(char was, std::uint8_t choice) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(was);
  if (at == std::string_view::npos) return static_cast<char>(was ^ static_cast<char>(1U + choice % 127U));
  return digits[(at + 1 + choice % (digits.size() - 1)) % digits.size()];
}

void run_program(ByteView input) {
  constexpr std::size_t change_bytes = 3;
  if (input.size() < change_bytes) return;
  World world(input.subspan(change_bytes));
  world.run();
  std::string text = trace_of(world.chain());
  std::string why;
  law(replay(text, &why) == Ending::holds, "LEDGER-9: a history that took place is replayed without a difference", why);
  const std::size_t place = (input[0] * 256U + input[1]) * text.size() / 65536U;
  const char was = text[place], other = other_than(was, input[2]);
  text[place] = other;
  Ending ending = replay(text);
  if (has_planted_fault) ending = Ending::holds;
  law(ending != Ending::holds, "LEDGER-9: every change of a trace is noticed",
      "at " + std::to_string(place) + ": " + std::string(1, was) + " to " + std::string(1, other));
  ++reached[ending == Ending::refused ? "change refused" : "change shown as a difference"];
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2pllm::fuzz;
  const p2pllm::ByteView input(data, size);
  const bool is_exact = p2pllm::testing::is_for_sha256(input);
  p2pllm::testing::choose_hash(is_exact ? p2pllm::testing::HashChoice::sha256 : p2pllm::testing::HashChoice::fast);
  if (size > 0 && data[0] == '{') run_text({reinterpret_cast<const char*>(data), size});
  else run_program(input);
  return 0;
}
