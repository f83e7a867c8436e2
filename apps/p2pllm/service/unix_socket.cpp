#include "apps/p2pllm/service/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/command_line.hpp"

namespace p2pllm::app {
namespace {

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return bad_input(shown_name(path), std::to_string(path.size()) + " bytes",
                     "the path of a socket has at most " + std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  path.copy(address.sun_path, path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

bool is_socket(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

Result<Descriptor> connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected<Fault>(address.error());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0 || connect(socket.number(), generic(*address), sizeof(*address)) != 0)
    return bad_input(shown_name(path), "no ledger answers", std::strerror(errno));
  return socket;
}

Result<Descriptor> listen_on(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return tl::unexpected<Fault>(address.error());
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) return bad_input(shown_name(path), "it exists, and is no socket");
    // Only a socket that refuses has nobody behind it; one that may not be asked may be served by another user.
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int why = connect(probe.number(), generic(*address), sizeof(*address)) == 0 ? 0 : errno;
    if (why == 0) return bad_input(shown_name(path), "another process serves it");
    if (why != ECONNREFUSED) return bad_input(shown_name(path), "another process may serve it", std::strerror(why));
    unlink(path.c_str());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const mode_t mask = umask(0177);
  const bool is_bound = socket.number() >= 0 && bind(socket.number(), generic(*address), sizeof(*address)) == 0;
  const int why = errno;
  umask(mask);
  if (!is_bound) return bad_input(shown_name(path), "it cannot be made", std::strerror(why));
  if (listen(socket.number(), SOMAXCONN) != 0)
    return bad_input(shown_name(path), "nothing listens", std::strerror(errno));
  return socket;
}

}  // namespace p2pllm::app
