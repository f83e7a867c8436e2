#include "fuzz/contracts/program.hpp"
#include "fuzz/law.hpp"
#include "model/contracts/block.hpp"
#include "model/contracts/channel_message.hpp"
#include "model/contracts/genesis.hpp"
#include "model/contracts/transaction.hpp"

// Input: the byte FF, a key of 32 bytes, a signature of 64 and a message; or choices of what is signed, and of where
// the signature is shown again.

namespace p2pllm::fuzz {
namespace {

using namespace contracts;

constexpr std::size_t key_bytes = 32, signature_bytes = 64;
constexpr std::uint8_t raw_mark = 0xff;

KeyPair key_number(std::int64_t number) {
  KeySeed seed{};
  seed[0] = static_cast<std::uint8_t>(number + 1);
  return ed25519().key_of_seed(seed);
}

Hash hash_number(std::int64_t number) {
  Hash hash{};
  hash[0] = static_cast<std::uint8_t>(number);
  return hash;
}

/// What a key may sign: its purpose, and everything that the purpose binds.
struct Purpose {
  std::int64_t kind, chain, shard, number;
  bool operator==(const Purpose&) const = default;
};

Purpose some_purpose(Program& program) {
  return {program.choose(4), program.choose(2), program.choose(2), program.choose(3)};
}

/// The message of a purpose: a transaction's id, a channel's state or revocation, or a proposal.
Hash message_of(const Purpose& purpose) {
  const Hash chain = hash_number(purpose.chain);
  const ChannelPlace place{ledger_id(chain, purpose.shard), hash_number(9)};
  switch (purpose.kind) {
    case 0: {
      Transaction transaction;
      transaction.chain = chain;
      transaction.shard = purpose.shard;
      transaction.nonce = static_cast<std::uint64_t>(purpose.number);
      return transaction_id(transaction);
    }
    case 1: return channel_state_message(place, {purpose.number, 1, 2});
    case 2: return channel_revocation_message(place, purpose.number);
    default: return proposal_id(chain, purpose.shard, purpose.number, hash_number(9));
  }
}

/// S < l (RFC 8032, 5.1.7); other than the verifier, by comparing bytes.
bool has_small_scalar(const Signature& signature) {
  constexpr std::uint8_t order[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                    0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                    0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  for (std::size_t k = key_bytes; k-- > 0;)
    if (signature.bytes[key_bytes + k] != order[k]) return signature.bytes[key_bytes + k] < order[k];
  return false;
}

void flip(auto& bytes, std::size_t bit) { bytes[bit / 8 % bytes.size()] ^= static_cast<std::uint8_t>(1U << bit % 8); }

void run_raw(ByteView input) {
  if (input.size() < key_bytes + signature_bytes) return;
  PublicKey key;
  Signature signature;
  std::ranges::copy(input.first(key_bytes), key.bytes.begin());
  std::ranges::copy(input.subspan(key_bytes, signature_bytes), signature.bytes.begin());
  const ByteView message = input.subspan(key_bytes + signature_bytes);
  const bool accepted = ed25519().verify(key, message, signature);
  law(accepted == ed25519().verify(key, message, signature), "COMMIT-3: one decision a signature");
  ++reached[accepted ? "raw accepted" : "raw refused"];
  if (!accepted) return;
  law(has_small_scalar(signature), "COMMIT-3: S is below the order", to_hex(input));
  Bytes other(message.begin(), message.end());
  other.push_back(0);
  law(!ed25519().verify(key, other, signature), "COMMIT-3: an accepted signature is for one message", to_hex(input));
}

void run_choices(Program program) {
  const KeyPair signer = key_number(program.choose(3));
  const Purpose purpose = some_purpose(program);
  const Hash message = message_of(purpose);
  const Signature signature = ed25519().sign(signer.secret_key, message);
  law(ed25519().verify(signer.public_key, message, signature), "COMMIT-3: what a key signs verifies");
  while (!program.ended()) {
    const Purpose shown = some_purpose(program);
    const KeyPair key = key_number(program.choose(3));
    const bool is_same = shown == purpose && key.public_key == signer.public_key;
    bool accepted = ed25519().verify(key.public_key, message_of(shown), signature);
    if (has_planted_fault && !is_same) accepted = true;
    law(accepted == is_same, "COMMIT-2: a signature is for one purpose, chain, shard and number");
    ++reached[is_same ? "shown where it is valid" : shown.kind == purpose.kind ? "replayed" : "for another purpose"];
    Signature changed = signature;
    flip(changed.bytes, static_cast<std::size_t>(program.choose(256) * 2 + program.choose(2)));
    law(!ed25519().verify(signer.public_key, message, changed), "COMMIT-3: a changed signature is refused");
    PublicKey other = signer.public_key;
    flip(other.bytes, static_cast<std::size_t>(program.choose(256)));
    law(!ed25519().verify(other, message, signature), "COMMIT-3: a signature is by one key");
  }
}

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2pllm::fuzz;
  constexpr std::size_t size_max = 256;
  if (size == 0 || size > size_max) return 0;
  if (data[0] == raw_mark) run_raw(p2pllm::ByteView(data, size).subspan(1));
  else run_choices(Program({data, size}));
  return 0;
}
