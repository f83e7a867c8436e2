#pragma once

#include <deque>

#include "fuzz/contracts/frames.hpp"
#include "fuzz/contracts/jobs.hpp"
#include "fuzz/contracts/lines.hpp"

// The command language of the contracts: any bytes are a genesis and the actions of honest and malicious parties on it;
// the laws are checked at every step (fuzz/README.md).
namespace p2pllm::fuzz {

/// The parties have numbers. The honest ones do their duties by themselves, one block after they could see them.
inline constexpr std::size_t honest_count = 2;
inline constexpr std::size_t party_count = 5;
inline constexpr std::size_t bystander = 4;  ///< has no interest; ends what anyone may end

class World {
 public:
  explicit World(ByteView program, Checks checks = {});
  // The chain calls this object, and honest programs refer to their records in it.
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Runs the program to its end.
  void run();
  /// Lets everybody leave: after a bounded number of blocks, nothing is locked any more.
  void settle();
  [[nodiscard]] Chain& chain() { return chain_; }
  [[nodiscard]] const Frames& frames() const { return frames_; }
  [[nodiscard]] std::size_t jobs() const { return works_.size(); }
  /// The number of blocks within which everything ends if nobody begins anything.
  [[nodiscard]] Height blocks_to_settle() const;

 private:
  struct Prepared {
    std::size_t party;
    std::int64_t shard;
    Operation operation;
  };

  // Time and honest parties.
  void begin_block();
  void prepare_line(Line& line, int side);
  /// @returns whether the party does its duty in this block
  bool prepare(std::size_t party, std::int64_t shard, std::optional<Duty> duty);
  void prepare_work(Work& work);
  void flush();
  void end_block();
  void jump();
  void crash_or_wake(std::size_t party);
  static void applied(void* self, const Step& step, const Transaction& transaction);

  // The commands of the bytes (commands.cpp, channel_commands.cpp).
  void command();
  void channel_command();
  void dispute_command();
  void propose();
  void use_job();
  void pursue();
  Work& some_work();
  void use_registration();
  void transfer();
  void report_equivocation();
  void disturb();
  void open_channel();
  void talk();
  void use_channel();
  Operation job_operation(Work& work, const SlaRecord& job, std::int64_t which);

  // Sessions (session_commands.cpp).
  struct Talk {
    Work& work;
    const SlaRecord& job;
    std::size_t client, provider;
  };
  /// What came with a receipt: the version of the work of which it is, and whether its rows did.
  struct SentUnits {
    std::size_t version;
    bool has_rows;
  };
  [[nodiscard]] std::optional<Talk> talk_in(Work& work);
  void say_next(const Talk& talk);
  void converse();
  void converse_all();
  [[nodiscard]] bool is_there(std::size_t party) const;
  void say_order(const Talk& talk);
  void say_voucher(const Talk& talk);
  void say_last_word(const Talk& talk);
  void say_receipt(const Talk& talk);
  static void take_receipt(Work& work, const SlaRecord& job, std::int64_t units, SentUnits sent);
  std::size_t new_version(Work& work, const SlaRecord& job);
  Signature some_signature(Work& work, const SlaRecord& job, Said said);
  std::int64_t some_units(std::int64_t natural);
  ShownUnits some_shown(Work& work, const SlaRecord& job, const Commitment& said, std::int64_t units);
  template <typename Op>
  Operation provided_units(Work& work, const SlaRecord& job, const Commitment& said);
  Operation convict_of(Work& work, const SlaRecord& job, const Commitment& said, const Commitment& other);
  Operation session_operation(Work& work, const SlaRecord& job, const Commitment& said, std::int64_t which);
  SeenState some_state(const Line& line);
  void attempt(std::size_t party, std::int64_t shard, Operation operation);
  void attempt_faulty(Transaction transaction, std::size_t party, std::int64_t fault);
  std::size_t some_villain() { return static_cast<std::size_t>(program_.between(2, 3)); }
  std::int64_t some_shard() { return program_.choose(chain_.ledger().genesis().shards); }
  Amount some_amount(Amount balance);
  LayerRange some_layers();
  LayerRange layers_at_home(std::size_t party);
  std::int64_t shard_of_node(std::size_t party) const;
  std::optional<std::size_t> party_of(const AccountId& id) const { return fuzz::party_of(chain_, id); }

  // The end.
  void close_all();
  void collect_endings(std::int64_t s);
  [[nodiscard]] std::string still_locked() const;

  Program program_;
  Frames frames_;
  Chain chain_;
  Focus focus_;
  std::deque<Line> lines_;
  std::vector<Work> works_;
  std::vector<Prepared> prepared_;
  bool is_down_[honest_count]{};
  bool is_ending_ = false;
};

/// Runs a program and settles it. Throws LawBroken. With `looks_at_all`, its blocks are replayed in other orders of
/// shards, too.
/// @returns what it did
Tally run_contract_program(ByteView program, Checks checks);

}  // namespace p2pllm::fuzz
