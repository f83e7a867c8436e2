#pragma once

#include <string>
#include <vector>

#include "fuzz/contracts/frames.hpp"
#include "model/encoding/json.hpp"

// Histories of payment channels as another implementation is asked about them: JSON lines, without encodings, hashes
// and signatures, of which only the verdicts are told (examples/candidates/README.md).
namespace p2pllm::app {

/// One operation in a block, and what the reference answers.
struct ChannelRequest {
  std::string line;
  std::string operation;  ///< its name
  Json answer;            ///< {"reason", "balances"}
};

struct ChannelHistory {
  std::string head;  ///< the first line: parameters and accounts
  std::vector<ChannelRequest> requests;
  fuzz::Frames frames;  ///< where the commands of the program begin
  std::string trace;    ///< p2pllm-trace/3
};

/// The history of a program of the command language about channels (fuzz/README.md). Operations that no block contains
/// are left out.
/// @returns also for a program that breaks a law: up to there
[[nodiscard]] ChannelHistory channel_history(ByteView program);

/// All lines, as a candidate reads them.
[[nodiscard]] std::string text_of(const ChannelHistory& history);

}  // namespace p2pllm::app
