#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/contracts/channel_rules.hpp"
#include "tests/support/lock_step.hpp"

// Visits every state that a payment channel alone can reach with deposits of at most one unit, a closing time of two
// blocks, four versions and heights up to 5; every operation is tried by every sender, with signatures valid or not.
// Machine integers and rationals run side by side.
namespace p2pllm::small_worlds {
namespace {

using namespace reference;

constexpr std::int64_t height_last = 5;
constexpr std::array<std::int64_t, 4> versions{0, 1, 2, channel_version_final};
constexpr std::array<std::int64_t, 5> bounds{0, 1, 2, 3, channel_version_final};  // of revocations
constexpr std::array<std::pair<std::int64_t, std::int64_t>, 7> balances{
    {{0, 1}, {1, 0}, {0, 2}, {1, 1}, {2, 0}, {-1, 2}, {0, 0}}};
constexpr std::array<std::int64_t, 3> fund_bys{0, 1, 4};

/// A channel, the height, and the amounts that A and B have outside it: one unit each at first.
struct World {
  Channel<std::int64_t> channel = no_channel(std::int64_t{0});
  std::int64_t height = 0, account_a = 1, account_b = 1;
};

using Key = std::array<std::int64_t, 14>;

std::array<std::int64_t, 11> fields(const Channel<std::int64_t>& c) {
  return {c.status,  c.deposit_a, c.deposit_b, c.fund_by,        c.closing_time,  c.timeout,
          c.version, c.balance_a, c.balance_b, c.least_posted_a, c.least_posted_b};
}

using Both = testing::LockStep<std::int64_t, Rational>;

Channel<Both> in_lock_step(const Channel<std::int64_t>& c) {
  return {c.status,  c.deposit_a, c.deposit_b, c.fund_by,        c.closing_time,  c.timeout,
          c.version, c.balance_a, c.balance_b, c.least_posted_a, c.least_posted_b};
}
Channel<std::int64_t> agreed(const Channel<Both>& c) {
  return {c.status.value(),       c.deposit_a.value(),      c.deposit_b.value(),     c.fund_by.value(),
          c.closing_time.value(), c.timeout.value(),        c.version.value(),       c.balance_a.value(),
          c.balance_b.value(),    c.least_posted_a.value(), c.least_posted_b.value()};
}
ChannelFlow<std::int64_t> agreed(const ChannelFlow<Both>& f) {
  return {f.from_a.value(), f.from_b.value(), f.to_a.value(), f.to_b.value()};
}

Key key_of(const World& world) {
  Key key{};
  const auto numbers = fields(world.channel);
  std::copy(numbers.begin(), numbers.end(), key.begin());
  key[11] = world.height;
  key[12] = world.account_a;
  key[13] = world.account_b;
  return key;
}

World world_of(const Key& k) {
  return {{k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9], k[10]}, k[11], k[12], k[13]};
}

/// One attempt: an operation and all inputs of its rules.
struct Attempt {
  ChannelOperation operation{};
  int sender = 2;
  bool truth = true;  ///< whether the signatures are valid; for an opening, whether the parties differ
  std::int64_t version = 0, balance_a = 0, balance_b = 0;
  std::int64_t deposit_a = 0, deposit_b = 0, closing_time = 2, fund_by = 0;
};

template <typename N>
Parameters<N> parameters() {
  Parameters<N> p{};
  p.closing_min = N(std::int64_t{2});
  p.closing_max = N(std::int64_t{2});
  return p;
}

template <typename N>
ChannelStep<N> step_of(const Channel<N>& c, const N& h, const Attempt& t) {
  const Parameters<N> p = parameters<N>();
  const ChannelSender<N> sender{t.sender == 0, t.sender == 1};
  const ChannelBalanceNumbers<N> state{N(t.version), N(t.balance_a), N(t.balance_b)};
  const ChannelTermNumbers<N> terms{N(t.deposit_a), N(t.deposit_b), N(t.closing_time), N(t.fund_by)};
  switch (t.operation) {
    case ChannelOperation::open: return channel_open(c, p, h, terms, sender, t.truth);
    case ChannelOperation::fund: return channel_fund(c, h, sender);
    case ChannelOperation::reclaim: return channel_reclaim(c, h);
    case ChannelOperation::cooperative_close: return channel_cooperative_close(c, h, state, t.truth);
    case ChannelOperation::close: return channel_close(c, h, state, sender, t.truth);
    case ChannelOperation::refute: return channel_refute(c, h, state, sender, t.truth);
    case ChannelOperation::punish: return channel_punish(c, h, N(t.version), sender, t.truth);
    case ChannelOperation::settle: return channel_settle(c, h);
  }
  throw std::logic_error("no such operation");
}

/// All attempts that differ in an input that their operation reads.
std::vector<Attempt> all_attempts() {
  std::vector<Attempt> all;
  for (int sender = 0; sender < 3; ++sender) {
    all.push_back({ChannelOperation::fund, sender});
    for (const bool truth : {false, true}) {
      for (const std::int64_t bound : bounds) all.push_back({ChannelOperation::punish, sender, truth, bound});
      for (const auto& [a, b] : {std::pair{0, 0}, {0, 1}, {1, 1}})
        for (std::int64_t closing = 1; closing <= 3; ++closing)
          for (const std::int64_t fund_by : fund_bys)
            all.push_back({ChannelOperation::open, sender, truth, 0, 0, 0, a, b, closing, fund_by});
      for (const std::int64_t version : versions)
        for (const auto& [a, b] : balances)
          for (const auto operation :
               {ChannelOperation::cooperative_close, ChannelOperation::close, ChannelOperation::refute})
            if (sender == 2 || operation != ChannelOperation::cooperative_close)
              all.push_back({operation, sender, truth, version, a, b});
    }
  }
  all.push_back({ChannelOperation::reclaim});
  all.push_back({ChannelOperation::settle});
  return all;
}

class Exploration {
 public:
  void run(const World& first = {}) {
    visit(first);
    while (!queue_.empty()) {
      const World world = world_of(queue_.back());
      queue_.pop_back();
      check(world);
      for (const Attempt& attempt : attempts_)
        if (leads(world, attempt.operation) || refused_.insert({world.channel.status, attempt.operation}).second)
          take(world, attempt);
      if (world.height < height_last) {
        World later = world;
        ++later.height;
        visit(later);
      }
    }
  }

  std::map<std::int64_t, int> states;  ///< the number of states of each status
  std::set<std::string> transitions;   ///< "operation: from -> to"
  std::map<std::string, std::set<std::string>> refusals;

 private:
  void visit(const World& world) {
    if (!seen_.insert(key_of(world)).second) return;
    ++states[world.channel.status];
    queue_.push_back(key_of(world));
  }

  static bool leads(const World& world, ChannelOperation operation) {
    return (row_of(operation).from >> static_cast<unsigned>(world.channel.status) & 1U) != 0;
  }

  static std::string name(const std::string_view& text) { return std::string(text); }

  void take(const World& world, const Attempt& attempt) {
    const auto step = step_of<Both>(in_lock_step(world.channel), world.height, attempt);
    const ChannelFlow<std::int64_t> flow = agreed(step.flow);
    const std::string operation = name(row_of(attempt.operation).operation);
    const Reason reason = first_failure(step.guards);
    if (reason != Reason::none) {
      refusals[operation].insert(name(name_of(reason)));
      return;
    }
    World next = world;
    next.channel = agreed(step.next);
    next.account_a += flow.to_a - flow.from_a;
    next.account_b += flow.to_b - flow.from_b;
    const auto& statuses = channel_machine().statuses;
    transitions.insert(operation + ": " + name(statuses[static_cast<std::size_t>(world.channel.status)]) + " -> " +
                       name(statuses[static_cast<std::size_t>(next.channel.status)]));
    check_step(world, attempt, next);
    visit(next);
  }

  static std::string in_words(const World& world) {
    std::string text;
    for (const std::int64_t number : key_of(world)) text += std::to_string(number) + " ";
    return text;
  }

  static void require(bool holds, const char* what, const World& world) {
    if (!holds) FAIL(what << ": " << in_words(world));
  }

  /// Checks statements that hold in every state, in plain numbers.
  static void check(const World& world) {
    const auto& c = world.channel;
    require(world.account_a >= 0 && world.account_b >= 0, "nothing is negative", world);
    require(world.account_a + world.account_b + value(c) == 2, "the supply is constant", world);
    if (c.status == 3) {
      require(c.balance_a >= 0 && c.balance_b >= 0 && c.balance_a + c.balance_b == c.deposit_a + c.deposit_b,
              "what is posted pays out the deposits", world);
      const std::int64_t least = std::min(c.least_posted_a, c.least_posted_b);
      require(least <= c.version, "a party posted first", world);
    }
    if (c.status != 3 && c.status != 4)
      require(c.least_posted_a > channel_version_final && c.least_posted_b > channel_version_final,
              "nothing is posted before a closing", world);
    check_end(world);
  }

  /// Checks that the channel can be ended: after a deadline by a stranger; while it is open, by each party alone.
  static void check_end(const World& world) {
    const auto& c = world.channel;
    const auto ends = [&](const Channel<std::int64_t>& channel, ChannelOperation operation, std::int64_t height) {
      const auto step = step_of<std::int64_t>(channel, height, {operation});
      return first_failure(step.guards) == Reason::none && step.next.status == 4;
    };
    if (c.status == 1) require(ends(c, ChannelOperation::reclaim, c.fund_by + 1), "an opening ends", world);
    if (c.status == 3) {
      require(ends(c, ChannelOperation::settle, std::max(world.height, c.timeout)), "a closing ends", world);
      require(c.timeout <= world.height + 2, "a closing ends in time", world);
    }
    if (c.status != 2) return;
    for (int sender = 0; sender < 2; ++sender) {
      const auto closing =
          step_of<std::int64_t>(c, world.height, {ChannelOperation::close, sender, false, 0, c.deposit_a, c.deposit_b});
      require(first_failure(closing.guards) == Reason::none, "each party can close with the deposits", world);
      require(ends(closing.next, ChannelOperation::settle, world.height + c.closing_time), "and it settles", world);
    }
  }

  /// Checks statements that hold for every step, in plain numbers.
  static void check_step(const World& before, const Attempt& attempt, const World& after) {
    const auto& c = before.channel;
    const auto& n = after.channel;
    require(c.status != 4, "a settled channel is left", before);
    if (c.status == 0) return;
    require(n.deposit_a == c.deposit_a && n.deposit_b == c.deposit_b && n.closing_time == c.closing_time &&
                n.fund_by == c.fund_by,
            "terms change", before);
    if (c.status != 3) return;
    require(n.timeout == c.timeout, "the timeout moves", before);
    const bool is_late = before.height >= c.timeout;
    require(is_late == (attempt.operation == ChannelOperation::settle), "settled early, or posted late", before);
    if (n.status == 3) require(n.version > c.version && attempt.truth, "replaced by what is not newer", before);
    if (attempt.operation != ChannelOperation::punish) return;
    const auto posted = attempt.sender == 0 ? c.least_posted_b : c.least_posted_a;
    require(posted <= channel_version_final && posted < attempt.version && attempt.truth && attempt.sender < 2,
            "punished without a revoked posting", before);
  }

  const std::vector<Attempt> attempts_ = all_attempts();
  std::set<Key> seen_;
  std::set<std::pair<std::int64_t, ChannelOperation>> refused_;  // by the table alone: one attempt per status suffices
  std::vector<Key> queue_;
};

// The numbers of states, by hand. Terms: deposits (0, 1) or (1, 1), fundBy 0, 1 or 4, the last from height 2 on.
constexpr int terms = 2;
// The heights of a state: 0 .. 5, or 2 .. 5 where fundBy is 4.
constexpr int heights = 6 + 6 + 4;
// fundBy < height <= 5.
constexpr int heights_to_reclaim = 5 + 4 + 1;
// Pairs of the height of a closing and a height at which it is seen: the same or later; at least two later.
constexpr int closed_and_now = 21 + 21 + 10;
constexpr int closed_and_due = 10 + 10 + 3;
// The balances for deposits (0, 1) and (1, 1).
constexpr int splits = 2 + 3;
// (version, least posted by A, by B) for the k-th version: A or B posted first, and posted version f; if f < k, the
// other posted nothing or began with a version in (f, k]. That makes 1 + (2 + .. + (k + 1)) for each first poster.
// Version 0 has the deposits alone.
constexpr int posted_below_final = 2 * (terms * 1 + splits * (3 + 6));
constexpr int posted = posted_below_final + 2 * splits * 10;
// Of these (version, least, least), those in which a given party's least is below the final version: 1, 4, 9, 12.
constexpr int punishable = 2 * (terms * 1 + splits * (4 + 9 + 12));
// Punishments that pay what was posted and is due: all to one party, by versions above 0; and version 0 of the deposits
// (0, 1).
constexpr int punished_as_posted = (2 * terms * (4 + 9 + 12) + 1) * closed_and_due;
// Reclaimed, closed by agreement, posted and due, or punished.
constexpr int settled = terms * heights_to_reclaim + splits * heights + posted * closed_and_due +
                        punishable * closed_and_now - punished_as_posted;

TEST_CASE("every state of a small channel keeps its invariants and can be ended",
          "[CHAN-1][CHAN-2][CHAN-3][CHAN-6][CHAN-7][CHAN-8]") {
  Exploration exploration;
  exploration.run();
  CHECK(exploration.states ==
        std::map<std::int64_t, int>{
            {0, 6}, {1, terms * heights}, {2, terms * heights}, {3, posted * closed_and_now}, {4, settled}});
  std::set<std::string> table;
  const Machine& machine = channel_machine();
  for (const Transition& row : machine.transitions)
    for (std::size_t from = 0; from < machine.statuses.size(); ++from)
      for (std::size_t to = 0; to < machine.statuses.size(); ++to)
        if ((row.from >> from & 1U) != 0 && (row.to >> to & 1U) != 0)
          table.insert(std::string(row.operation) + ": " + std::string(machine.statuses[from]) + " -> " +
                       std::string(machine.statuses[to]));
  CHECK(exploration.transitions == table);
  CHECK(exploration.refusals ==
        std::map<std::string, std::set<std::string>>{
            {"open", {"wrong_status", "terms_out_of_range", "not_permitted", "too_late", "too_early"}},
            {"fund", {"wrong_status", "not_permitted", "too_late"}},
            {"reclaim", {"wrong_status", "too_early"}},
            {"cooperative_close", {"wrong_status", "not_final", "wrong_state_signature", "wrong_balances"}},
            {"close", {"wrong_status", "not_permitted", "wrong_state_signature", "wrong_balances"}},
            {"refute", {"wrong_status", "too_late", "wrong_state_signature", "wrong_balances", "not_newer"}},
            {"punish", {"wrong_status", "too_late", "not_permitted", "wrong_state_signature", "not_posted"}},
            {"settle", {"wrong_status", "too_early"}}});
}

TEST_CASE("canary: a refutation puts the timeout off", "[.][canary]") {
  Exploration exploration;
  World refuted;
  refuted.channel = {3, 1, 1, 0, 2, 4, 2, 1, 1, 1, channel_nothing_posted};  // closed at 1, refuted just now
  refuted.height = 1;
  refuted.account_a = refuted.account_b = 0;
  exploration.run(refuted);
}

}  // namespace
}  // namespace p2pllm::small_worlds
