#pragma once

#include <string>
#include <utility>

#include "model/result.hpp"

namespace p2pllm::app {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

/// Listens on a Unix socket that only this user may connect to. A socket that a process that was killed left is
/// replaced; one that somebody serves, or a file of another kind, is refused.
[[nodiscard]] Result<Descriptor> listen_on(const std::string& path);
/// Connects to a Unix socket.
[[nodiscard]] Result<Descriptor> connect_to(const std::string& path);
/// Whether the path is a socket.
[[nodiscard]] bool is_socket(const std::string& path);

}  // namespace p2pllm::app
