#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/service_world.hpp"
#include "model/contracts/trace.hpp"

// Input: the bytes that clients send, and what happens meanwhile: the byte 1E and the next one are a command, and a
// few commands take one more byte. Corpus: every kind of request, and of fault.

namespace p2pllm::fuzz {
namespace {

using namespace contracts;

constexpr char command_mark = '\x1e';

/// Transactions that the bytes alone could hardly be.
class Maker {
 public:
  /// @param kind  '0': a right one; others have one fault each, or fail
  [[nodiscard]] Transaction make(char kind, const reference::ReferenceExecutor& ledger) {
    const Height height = ledger.export_state().state.height;
    Transaction made{.chain = testing::store_chain(),
                     .sender = testing::alice.id(),
                     .nonce = kind == '2' ? 0 : nonce_,
                     .valid_until = height + 5,
                     .fee = 1,
                     .operation = Transfer{testing::bob.id(), 0, 7}};
    switch (kind) {
      case '1': made.operation = Transfer{testing::bob.id(), 0, 1'000'000}; break;  // fails
      case '3': made.nonce += 2; break;
      case '5': made.chain[0] ^= 1U; break;
      case '6': made.valid_until = 0; break;
      case '7': made.fee = 0; break;
      case '8': made.operation = Register{{0, 2}, 1000, 1, 150}; break;
      case '9': made.shard = 1; break;
      default: break;
    }
    const auto& signer = kind == '4' ? testing::carol : testing::alice;
    made.signature = ideal_signatures().sign(signer.keys.secret_key, transaction_id(made));
    const bool counts = kind == '0' || kind == '1' || kind == '8';
    if (counts) ++nonce_;
    return made;
  }

 private:
  std::uint64_t nonce_ = 0;
};

/// Reads an input.
class Script {
 public:
  explicit Script(std::string_view input) : input_(input) {}

  void run() {
    while (at_ < input_.size() && !world_.is_stopped()) {
      const char c = next();
      if (c != command_mark) {
        bytes_ += c;
        continue;
      }
      command(next());
    }
    if (!world_.is_stopped()) flush();
    world_.finish();
  }

 private:
  char next() { return at_ < input_.size() ? input_[at_++] : '0'; }
  void flush() {
    if (!bytes_.empty()) world_.send(std::exchange(bytes_, {}));
  }

  void command(char which) {
    if (which == 't') {
      std::string text = write_json_line(transaction_json(maker_.make(next(), world_.ledger())));
      bytes_ += text;
      return world_.expect(std::move(text));
    }
    if (which == 'h') {
      bytes_ += to_hex(encode(maker_.make(next(), world_.ledger())));
      return;
    }
    flush();
    switch (which) {
      case 'b': return world_.end_block();
      case 'n': return world_.next_client();
      case 'e': return world_.end_input();
      case 'x': return world_.vanish();
      case 'r': return world_.read(static_cast<std::uint8_t>(next()) * 32U);
      case 'm': return world_.crowd();
      case 's': return world_.stop("stopping");
      case 'o': {  // fills the line up to its limit, or a little more or less
        const int beyond = next() - '4';
        const auto length = static_cast<std::size_t>(static_cast<int>(small_limits.request_bytes) + beyond);
        const std::size_t there = world_.line_bytes();
        if (there < length) bytes_.append(length - there, '0');
        return;
      }
      case 'f': {
        constexpr testing::DiskFault faults[] = {testing::DiskFault::crash, testing::DiskFault::torn_write,
                                                 testing::DiskFault::short_write, testing::DiskFault::eio,
                                                 testing::DiskFault::enospc};
        const auto choice = static_cast<std::uint8_t>(next());
        return world_.break_disk(faults[choice % std::size(faults)], choice / std::size(faults) % 8);
      }
      default: return;  // what was sent so far arrives by itself
    }
  }

  std::string_view input_;
  std::size_t at_ = 0;
  std::string bytes_;
  Maker maker_;
  ServiceWorld world_;
};

}  // namespace
}  // namespace p2pllm::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t size_max = 4096;
  if (size <= size_max) p2pllm::fuzz::Script({reinterpret_cast<const char*>(data), size}).run();
  return 0;
}
