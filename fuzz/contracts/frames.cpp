#include "fuzz/contracts/frames.hpp"

#include <unordered_map>

namespace p2pllm::fuzz {
namespace {

constexpr std::size_t remembered_max = 1U << 14;

std::unordered_map<std::uint64_t, Frames>& memory() {
  static std::unordered_map<std::uint64_t, Frames> frames;
  return frames;
}

std::uint64_t key_of(ByteView program) {
  std::uint64_t key = program.size();
  for (const std::uint8_t byte : program) key = (key ^ byte) * 0x100'0000'01b3;
  return key;
}

}  // namespace

void remember_frames(ByteView program, Frames frames) {
  if (memory().size() >= remembered_max) memory().clear();
  memory()[key_of(program)] = std::move(frames);
}

std::optional<Frames> frames_of(ByteView program) {
  const auto found = memory().find(key_of(program));
  return found == memory().end() ? std::nullopt : std::optional(found->second);
}

}  // namespace p2pllm::fuzz
