#include "optimized/contracts/trusting_signatures.hpp"

#include <algorithm>

#include "model/encoding/cbor.hpp"

namespace p2pllm::optimized {
namespace {

// The encoding of a transaction is an array of 8 items, of which the signature is the last (LEDGER-3). Its id is the
// hash of the array of the first 7, which has the same bytes between.
constexpr std::uint8_t head_of_8 = 0x88, head_of_7 = 0x87;
constexpr std::size_t signature_bytes = sizeof(Signature), signature_head_bytes = 2;

}  // namespace

void TrustingSignatures::trust(std::span<const Bytes> transactions) {
  trusted_.clear();
  for (const Bytes& encoded : transactions) {
    if (encoded.size() <= 1 + signature_head_bytes + signature_bytes || encoded.front() != head_of_8) continue;
    CborReader in(encoded);
    in.next_array(8);
    (void)in.next_bytes();
    (void)in.next_number();
    const PublicKey sender{in.next_bytes_of<32>()};
    if (in.failed()) continue;
    Bytes named(encoded.begin(), encoded.end() - signature_head_bytes - signature_bytes);
    named.front() = head_of_7;
    Signature signature;
    std::copy(encoded.end() - signature_bytes, encoded.end(), signature.bytes.begin());
    trusted_[hash_tagged("p2pllm/1/transaction", named)] = {sender, signature};
  }
}

bool TrustingSignatures::verify(const PublicKey& key, ByteView message, const Signature& signature) const {
  Hash id{};
  if (message.size() == id.size()) {
    std::ranges::copy(message, id.begin());
    const auto found = trusted_.find(id);
    if (found != trusted_.end() && found->second.sender == key && found->second.signature == signature) return true;
  }
  return scheme_->verify(key, message, signature);
}

}  // namespace p2pllm::optimized
