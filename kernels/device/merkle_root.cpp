#include "kernels/device/merkle_root.hpp"

#include <array>
#include <cstring>

namespace p2pllm::kernels {

DeviceResult<Sha256Digest> merkle_root(Device& device, simt::DeviceSpan<const std::uint32_t> text, std::int64_t bytes,
                                       std::int64_t chunk_bytes, std::span<const std::uint8_t> leaf_prefix,
                                       std::span<const std::uint8_t> node_prefix) {
  constexpr std::int64_t node_bytes = digest_words * word_bytes;
  if (bytes <= 0 || bytes > word_bytes * text.size() || chunk_bytes <= 0 || chunk_bytes > chunk_bytes_max ||
      chunk_bytes % word_bytes != 0)
    return tl::unexpected(
        DeviceFault{DeviceFault::Kind::too_large,
                    "a tree over " + std::to_string(bytes) + " bytes in chunks of " + std::to_string(chunk_bytes)});
  const std::int64_t leaves = chunk_count(bytes, chunk_bytes);
  auto leaf = DeviceArray<std::uint8_t>::of(device, leaf_prefix);
  if (!leaf) return tl::unexpected(leaf.error());
  auto node = DeviceArray<std::uint8_t>::of(device, node_prefix);
  if (!node) return tl::unexpected(node.error());
  auto level = DeviceArray<std::uint32_t>::of_size(device, leaves * digest_words);
  if (!level) return tl::unexpected(level.error());
  auto next = DeviceArray<std::uint32_t>::of_size(device, parts_of(leaves, 2) * digest_words);
  if (!next) return tl::unexpected(next.error());

  auto done = device.launch(MerkleArguments{text, bytes, chunk_bytes, leaf->constant(), false, level->span()});
  std::int64_t nodes = leaves;
  while (done && nodes > 1) {
    done = device.launch(
        MerkleArguments{level->constant(), nodes * node_bytes, 2 * node_bytes, node->constant(), true, next->span()});
    std::swap(*level, *next);
    nodes = parts_of(nodes, 2);
  }
  if (!done) return tl::unexpected(done.error());
  Sha256Digest root;
  if (done = device.download(root.data(), level->constant().data(), root.size()); !done)
    return tl::unexpected(done.error());
  return root;
}

}  // namespace p2pllm::kernels
