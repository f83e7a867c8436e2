#include "optimized/contracts/hash_padded.hpp"

#include <type_traits>

#include "model/assert.hpp"

// Alone in its file, so that a program can have another definition: the linker takes no object for a name it has.
namespace p2pllm::optimized {

static_assert(std::is_same_v<Hash, kernels::Sha256Digest>);

void hash_padded(std::span<const kernels::PaddedMessage> messages, std::span<Hash> hashes) {
  P2PLLM_ASSERT(hashes.size() == messages.size());
  static const std::span<const kernels::Sha256Target* const> targets = kernels::sha256_targets();
  if (!targets.empty()) return targets.front()->hash(messages, hashes.data());
  for (std::size_t k = 0; k < messages.size(); ++k) hashes[k] = sha256(without_padding(messages[k]));
}

}  // namespace p2pllm::optimized
