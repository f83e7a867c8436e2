#include "optimized/layers/hash_form.hpp"

#include <algorithm>

#include "model/assert.hpp"

namespace p2pllm::optimized {

HashForm::HashForm(std::string_view tag, std::size_t bytes)
    : before_(1 + tag.size()), stride_(64 * kernels::sha256_blocks(before_ + bytes)) {
  P2PLLM_ASSERT(tag.size() <= hash_tag_bytes_max);
  form_.resize(stride_);
  form_[0] = static_cast<std::uint8_t>(tag.size());
  std::copy(tag.begin(), tag.end(), form_.begin() + 1);
  form_[before_ + bytes] = 0x80;
  std::uint64_t bits = 8 * (before_ + bytes);
  for (auto at = form_.rbegin(); bits != 0; ++at, bits >>= 8U) *at = static_cast<std::uint8_t>(bits & 0xffU);
}

void HashForm::grow(std::size_t messages) {
  const std::size_t count = std::max(messages, 2 * messages_.size());
  for (std::size_t k = messages_.size(); k < count; ++k) text_.insert(text_.end(), form_.begin(), form_.end());
  messages_.resize(count);
  for (std::size_t k = 0; k < count; ++k) messages_[k] = {&text_[k * stride_], stride_ / 64};
}

}  // namespace p2pllm::optimized
