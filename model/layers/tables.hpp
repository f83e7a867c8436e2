#pragma once

#include <array>
#include <cstdint>

#include "model/crypto/sha256.hpp"

namespace p2pllm {

/// The constants of LAYER-2: correctly rounded values, whose hashes the specification states.
struct LayerTables {
  std::array<std::int32_t, 257> exp2{};   ///< round(2^30 * 2^(-i / 256))
  std::array<std::int32_t, 4097> sine{};  ///< round(2^30 * sin(2 * pi * i / 4096))
};

/// Made by integer arithmetic when first asked for.
[[nodiscard]] const LayerTables& layer_tables();

/// The hash of both tables, each number in 4 bytes, least significant first: exp2, then sine (LAYER-2).
[[nodiscard]] Hash hash_of(const LayerTables& tables);

}  // namespace p2pllm
