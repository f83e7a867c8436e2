#include "model/crypto/sha256.hpp"

// The general interface of OpenSSL takes a quarter of the time of a short hash for itself.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <cstring>
#include <initializer_list>
#include <stdexcept>

namespace p2pllm {
namespace {

Hash hash_of(std::initializer_list<ByteView> parts) {
  SHA256_CTX context;
  bool done = SHA256_Init(&context) == 1;
  for (const ByteView part : parts) done = done && SHA256_Update(&context, part.data(), part.size()) == 1;
  Hash hash;
  if (!done || SHA256_Final(hash.data(), &context) != 1) throw std::runtime_error("OpenSSL offers no SHA-256");
  return hash;
}

}  // namespace

Hash sha256(ByteView bytes) { return hash_of({bytes}); }

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes_of(bytes))); }

Hash hash_tagged(std::string_view tag, ByteView bytes) {
  if (tag.size() > hash_tag_bytes_max) throw std::length_error("a hash tag has at most 255 bytes");
  std::array<std::uint8_t, 1 + hash_tag_bytes_max> head;
  head[0] = static_cast<std::uint8_t>(tag.size());
  std::memcpy(&head[1], tag.data(), tag.size());
  return hash_of({{head.data(), 1 + tag.size()}, bytes});
}

}  // namespace p2pllm
