#pragma once

#include <span>

#include "kernels/device/device.hpp"
#include "kernels/hash/sha256.hpp"

namespace p2pllm::kernels {

/// The root of the tree over the chunks of a text that lies on a device (COMMIT-5).
/// @param text  words in the byte order of the memory; at least `bytes` bytes, bytes > 0
/// @param chunk_bytes  of a leaf, a multiple of 4; the last may be shorter
/// @param leaf_prefix, node_prefix  the tags of COMMIT-2 with their lengths, at most 256 bytes
/// Waits for the device.
[[nodiscard]] DeviceResult<Sha256Digest> merkle_root(Device& device, simt::DeviceSpan<const std::uint32_t> text,
                                                     std::int64_t bytes, std::int64_t chunk_bytes,
                                                     std::span<const std::uint8_t> leaf_prefix,
                                                     std::span<const std::uint8_t> node_prefix);

}  // namespace p2pllm::kernels
