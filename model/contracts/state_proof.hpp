#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/contracts/units.hpp"
#include "model/crypto/merkle_map.hpp"
#include "model/result.hpp"

// What a ledger has for one key, as a file that anyone can check against a state root (LEDGER-10).
namespace p2pllm::contracts {

/// What a key field of an object is (LEDGER-7).
enum class KeyField { shard, number, id };

/// A kind of object that a state between two blocks can have.
struct ObjectKind {
  std::string_view name;
  std::vector<KeyField> key;  ///< a kind without a shard belongs to the rotation

  [[nodiscard]] bool is_of_shard() const { return key.front() == KeyField::shard; }
};
/// All of them, in the order of LEDGER-7's table.
[[nodiscard]] std::span<const ObjectKind> object_kinds();
/// The kind of this name, or null.
[[nodiscard]] const ObjectKind* find_object_kind(std::string_view name);

/// A field of an object: a number, or an id of 32 bytes.
using StateField = std::variant<std::uint64_t, Hash>;

/// The key of an object: its kind, and as many key fields as the kind has.
struct StateKey {
  const ObjectKind* kind = nullptr;
  std::vector<StateField> fields;

  [[nodiscard]] std::int64_t shard() const { return static_cast<std::int64_t>(std::get<std::uint64_t>(fields[0])); }
  [[nodiscard]] Hash hash() const;  ///< the key in its map
};

/// An object as a leaf commits to it.
struct StateRow {
  StateKey key;
  std::vector<StateField> others;
};
/// @returns nothing unless the text is the canonical encoding of an object of a known kind, with all its key fields
[[nodiscard]] std::optional<StateRow> read_state_row(ByteView text);

struct StateProof {
  Hash chain{};
  Height height = 0;  ///< of the block that was open: the state is that after the block before
  std::int64_t round = 0;
  Hash rotation{};           ///< the root of the rotation's map
  std::vector<Hash> shards;  ///< the roots of the shards' maps
  StateKey key;
  std::optional<Bytes> row;    ///< the text of the witness; none in an empty map
  std::vector<MapStep> steps;  ///< from the witness upwards
};

/// The state root that the proof is about (LEDGER-7).
[[nodiscard]] Hash root_of(const StateProof& proof);

enum class Shown { presence, absence };
/// What the proof shows of its key under its root (LEDGER-10); or the rule that it breaks.
[[nodiscard]] tl::expected<Shown, Fault> shown_by(const StateProof& proof);

inline constexpr std::size_t state_proof_bytes_max = 1UL << 20;
/// Reads the file of a proof (LEDGER-10), which may break its rules all the same.
[[nodiscard]] Result<StateProof> read_state_proof(std::string_view text, const std::string& source);
[[nodiscard]] std::string write_state_proof(const StateProof& proof);

}  // namespace p2pllm::contracts
