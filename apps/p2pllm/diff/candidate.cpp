#include "apps/p2pllm/diff/candidate.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "model/encoding/escape.hpp"

namespace p2pllm::app {
namespace {

/// A file without a name, in memory.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : descriptor_(memfd_create(name, MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool write(const std::string& bytes) const {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t put = ::write(descriptor_, bytes.data() + at, bytes.size() - at);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      at += static_cast<std::size_t>(put);
    }
    return lseek(descriptor_, 0, SEEK_SET) == 0;
  }
  [[nodiscard]] std::string text() const {
    std::string bytes(static_cast<std::size_t>(std::max<off_t>(0, lseek(descriptor_, 0, SEEK_END))), '\0');
    const ssize_t got = pread(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return bytes;
  }

 private:
  int descriptor_;
};

[[noreturn]] void become(const std::string& command, const MemoryFile& input, const MemoryFile& output,
                         const MemoryFile& errors) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit bytes{candidate_output_bytes_max, candidate_output_bytes_max};
  setrlimit(RLIMIT_FSIZE, &bytes);
  const bool connected =
      dup2(input.descriptor(), 0) == 0 && dup2(output.descriptor(), 1) == 1 && dup2(errors.descriptor(), 2) == 2;
  constexpr int exit_not_started = 127;
  if (connected) execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  _exit(exit_not_started);
}

/// Waits for the process. @returns false if it still runs after seconds_max
bool ends_within(pid_t process, double seconds_max) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (descriptor < 0) return false;
  const auto milliseconds = static_cast<int>(std::clamp(std::ceil(seconds_max * 1000), 1.0, 1e9));
  pollfd event{descriptor, POLLIN, 0};
  int ready = 0;
  do ready = poll(&event, 1, milliseconds);
  while (ready < 0 && errno == EINTR);
  close(descriptor);
  return ready > 0;
}

std::string first_line(const std::string& text) {
  constexpr std::size_t length_max = 200;
  // A traceback of Python says at its end what happened.
  std::string line = text.substr(0, text.find('\n'));
  if (line.starts_with("Traceback")) {
    const std::string whole = text.substr(0, text.find_last_not_of('\n') + 1);
    line = whole.substr(whole.find_last_of('\n') + 1);
  }
  return for_terminal(line.substr(0, length_max));
}

}  // namespace

Result<CandidateRun> run_candidate(const std::string& command, const std::string& input, double seconds_max) {
  const MemoryFile given("network");
  const MemoryFile output("answer");
  const MemoryFile errors("complaint");
  if (!given.write(input) || output.descriptor() < 0 || errors.descriptor() < 0)
    return bad_input("--candidate", "cannot be started", std::strerror(errno));
  const pid_t process = fork();
  if (process < 0) return bad_input("--candidate", "cannot be started", std::strerror(errno));
  if (process == 0) become(command, given, output, errors);
  setpgid(process, process);
  CandidateRun run;
  run.timed_out = !ends_within(process, seconds_max);
  kill(-process, SIGKILL);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) run.signal = WTERMSIG(status);
  else run.exit_code = WEXITSTATUS(status);
  run.output = output.text();
  run.complaint = first_line(errors.text());
  return run;
}

}  // namespace p2pllm::app
