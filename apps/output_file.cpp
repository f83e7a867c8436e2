#include "apps/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include "apps/command_line.hpp"

namespace p2pllm::app {
namespace {

namespace fs = std::filesystem;
using Status = struct stat;

std::optional<Status> status_of(const std::string& path) {
  Status status{};
  return stat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

bool is_same_file(const Status& a, const Status& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool is_standard_output(const Status& file) {
  Status status{};
  return fstat(STDOUT_FILENO, &status) == 0 && is_same_file(file, status);
}

tl::unexpected<Fault> not_written(const std::string& path, const std::string& why) {
  return bad_input(path == "-" ? path : shown_name(path), "cannot be written", why);
}

/// The file that a path names, after following symbolic links.
std::string followed(const std::string& path) {
  fs::path file = path;
  std::error_code error;
  constexpr int links_max = 40;  // as many as Linux follows
  for (int k = 0; k < links_max && fs::is_symlink(file, error); ++k)
    file = file.parent_path() / fs::read_symlink(file, error);
  return file;
}

/// Why an existing file, or the folder of a new one, cannot be written; empty if it can.
std::string obstacle(const std::string& path) {
  const auto status = status_of(path);
  if (!status && errno != ENOENT) return std::strerror(errno);
  if (!status) {
    const std::string folder = fs::path(followed(path)).parent_path() / ".";
    return faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0 ? "" : std::strerror(errno);
  }
  if (S_ISDIR(status->st_mode)) return "it is a directory";
  if (!S_ISREG(status->st_mode) || is_standard_output(*status)) return "";  // opening a pipe may wait for its reader
  if ((status->st_mode & 0222U) == 0) return "it is read-only";
  return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 ? "" : std::strerror(errno);
}

bool is_one_file(const std::string& a, const std::string& b) {
  std::error_code error;
  const auto file = [&error](const std::string& path) {
    return fs::weakly_canonical(fs::absolute(followed(path), error), error);
  };
  return !b.empty() && file(a) == file(b);
}

/// Whether the output is the regular file that is read as this input, "-" being standard input.
bool is_input(const std::string& output, const std::string& input) {
  const auto written = status_of(output), read = status_of(input == "-" ? "/dev/stdin" : input);
  return written && read && S_ISREG(written->st_mode) && is_same_file(*written, *read);
}

/// Holds back the signals that end a program, so that none ends it between creating a temporary file and renaming it.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, signal);
    sigprocmask(SIG_BLOCK, &ending, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

/// Writes the text and closes the file; if that fails, errno gives the reason.
bool put(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written == -1 && errno != EINTR) break;
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  const int why = errno;
  const bool is_closed = close(file) == 0;
  if (!text.empty()) errno = why;
  return text.empty() && is_closed;
}

mode_t mode_of_new_files() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

/// Gives an open file the owner and permissions of the file that it will replace, or of a new file.
bool takes_after(int file, const std::optional<Status>& old) {
  if (!old) return fchmod(file, mode_of_new_files()) == 0;
  // The owner is set first, because changing it removes permissions.
  Status own{};
  if (fstat(file, &own) != 0) return false;
  const bool is_owned = own.st_uid == old->st_uid && own.st_gid == old->st_gid;
  return (is_owned || fchown(file, old->st_uid, old->st_gid) == 0) && fchmod(file, old->st_mode & 07777U) == 0;
}

/// Replaces a regular file or creates one. Returns nothing if it cannot be replaced, otherwise whether it was replaced.
std::optional<bool> replaced(const std::string& path, const std::optional<Status>& old, const std::string& text) {
  const SignalsHeld held;
  std::string temporary = path + ".XXXXXX.part";
  const int file = mkostemps(temporary.data(), 5, O_CLOEXEC);
  if (file == -1) return std::nullopt;
  if (!takes_after(file, old)) {
    close(file);
    unlink(temporary.c_str());
    return std::nullopt;
  }
  if (put(file, text) && std::rename(temporary.c_str(), path.c_str()) == 0) return true;
  const int why = errno;
  unlink(temporary.c_str());
  errno = why;
  return false;
}

}  // namespace

Result<void> check_outputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs) {
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    const std::string& path = *output;
    if (path.empty()) continue;
    if (path == "-") return not_written(path, "- stands for standard input alone");
    if (std::any_of(outputs.begin(), output, [&](const auto& other) { return is_one_file(path, other); }))
      return not_written(path, "it is named for two outputs");
    if (std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) { return is_input(path, input); }))
      return not_written(path, "it is an input of this command");
    if (const std::string why = obstacle(path); !why.empty()) return not_written(path, why);
  }
  return {};
}

Result<void> write_output(const std::string& path, const std::string& text) {
  const auto old = status_of(path);
  if (old && is_standard_output(*old)) {  // after the earlier output
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
    return not_written(path, std::strerror(errno));
  }
  if (!old || S_ISREG(old->st_mode)) {
    const std::string file = followed(path);
    const auto target = status_of(file);
    const bool is_named = !old || (target && is_same_file(*old, *target));  // false for a file that was removed
    const auto done = is_named ? replaced(file, old, text) : std::nullopt;
    if (done) return *done ? Result<void>() : not_written(path, std::strerror(errno));
  }
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return file != -1 && put(file, text) ? Result<void>() : not_written(path, std::strerror(errno));
}

}  // namespace p2pllm::app
