#include "model/encoding/text_hash.hpp"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace p2pllm {

std::size_t TextHash::operator()(std::string_view text) const {
  static const auto key = [] {
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
    std::array<unsigned char, crypto_shorthash_KEYBYTES> drawn{};
    crypto_shorthash_keygen(drawn.data());
    return drawn;
  }();
  std::size_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), reinterpret_cast<const unsigned char*>(text.data()),
                   text.size(), key.data());
  return hash;
}

}  // namespace p2pllm
