#pragma once

#include <string>
#include <string_view>

#include "model/layers/commitment_record.hpp"
#include "model/result.hpp"

// The commitment to a computation, and a disputed micro-step of it, as files (FORMAT-10).
namespace p2pllm {

/// A text that a model computed, and the commitment to it. The leaves are functions of the states, so a file has only
/// these, and the rows that entered are those of the tokens.
struct CommitmentFile {
  std::vector<std::int64_t> prompt, generated;  ///< tokens; the last ones need not have been computed
  CommitmentRecord record;                      ///< without rows

  /// The token at a position. @pre below the number of both
  [[nodiscard]] std::int64_t token(std::size_t position) const {
    return position < prompt.size() ? prompt[position] : generated[position - prompt.size()];
  }
  /// The positions that were computed.
  [[nodiscard]] std::int64_t positions() const;
};

inline constexpr std::size_t commitment_bytes_max = std::size_t{1} << 26;
/// Reads the file of a commitment, whose root must be that of its states (FORMAT-10).
[[nodiscard]] Result<CommitmentFile> read_commitment(std::string_view text, const std::string& source);
[[nodiscard]] std::string write_commitment(const CommitmentFile& file);

/// A micro-step whose state after is disputed, and all that a judge needs (STEP-6).
struct DisputeFile {
  Hash model{};  ///< the id
  Computation computation;
  StepPlace place;
  Bytes before;  ///< the micro-state before
  Hash after{};  ///< the hash of the state after that a party claims
  Bytes witness;
};

inline constexpr std::size_t dispute_bytes_max = std::size_t{1} << 20;
/// Reads the file of a dispute (FORMAT-10), of which the judge may find that it is unfit.
[[nodiscard]] Result<DisputeFile> read_dispute(std::string_view text, const std::string& source);
[[nodiscard]] std::string write_dispute(const DisputeFile& file);

}  // namespace p2pllm
