#pragma once

#include <stdexcept>
#include <string>

#include "model/encoding/bytes.hpp"

namespace p2pllm::fuzz {

/// A byte string as a sequence of choices. It never fails: after its end, every choice is the first one.
class Program {
 public:
  explicit Program(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ended() const { return at_ >= bytes_.size(); }
  [[nodiscard]] std::size_t place() const { return at_; }
  /// One of 0 .. count - 1; takes a byte.
  [[nodiscard]] std::int64_t choose(std::int64_t count) {
    return ended() ? 0 : static_cast<std::int64_t>(bytes_[at_++]) % count;
  }
  [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most) { return least + choose(most - least + 1); }
  /// True once in `count` times.
  [[nodiscard]] bool rarely(std::int64_t count) { return choose(count) == count - 1; }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

/// A law of the contracts that an execution broke.
struct LawBroken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void must(bool holds, const char* law) {
  if (!holds) throw LawBroken(law);
}
inline void must(bool holds, const std::string& law) {
  if (!holds) throw LawBroken(law);
}

}  // namespace p2pllm::fuzz
