#include "model/crypto/sha256.hpp"

#include <openssl/evp.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>

namespace p2pllm {
namespace {

/// OpenSSL looks an algorithm up at each one-shot call. Fetching the digest once and keeping one context per thread is
/// 4 times as fast for short inputs.
class Context {
 public:
  Context() : digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    require(digest_ != nullptr && context_ != nullptr &&
            EVP_DigestInit_ex(context_.get(), digest_.get(), nullptr) == 1);
  }

  Hash hash(std::initializer_list<ByteView> parts) {
    // Without a digest argument, the digest given in the constructor is used again.
    require(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1);
    for (const ByteView part : parts) require(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
    Hash hash;
    require(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1);
    return hash;
  }

 private:
  static void require(bool done) {
    if (!done) throw std::runtime_error("OpenSSL offers no SHA-256");
  }

  struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> digest_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

Context& context() {
  thread_local Context context;
  return context;
}

}  // namespace

Hash sha256(ByteView bytes) { return context().hash({bytes}); }

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes_of(bytes))); }

Hash hash_tagged(std::string_view tag, ByteView bytes) {
  if (tag.size() > hash_tag_bytes_max) throw std::length_error("a hash tag has at most 255 bytes");
  const auto length = static_cast<std::uint8_t>(tag.size());
  return context().hash({ByteView(&length, 1), bytes_of(tag), bytes});
}

}  // namespace p2pllm
