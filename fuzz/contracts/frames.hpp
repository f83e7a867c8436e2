#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/encoding/bytes.hpp"

// Where the commands of a program begin. That depends on the state in which each is read, so it is noted while the
// program runs, for the mutator.
namespace p2pllm::fuzz {

/// The places of the first bytes of the commands, ascending; the genesis comes before the first.
using Frames = std::vector<std::uint16_t>;

/// Remembers the frames of a program; after many thousands, all are forgotten.
void remember_frames(ByteView program, Frames frames);
/// Nothing if the program is not remembered.
[[nodiscard]] std::optional<Frames> frames_of(ByteView program);

}  // namespace p2pllm::fuzz
