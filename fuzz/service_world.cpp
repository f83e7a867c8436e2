#include "fuzz/service_world.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fuzz/law.hpp"
#include "optimized/contracts/engine.hpp"

namespace p2pllm::fuzz {
namespace {

using namespace contracts;
using optimized::DurableLedger;
using optimized::Store;

constexpr const char* path = "a.ledger";

Result<DurableLedger> recover(const std::string& vfs) {
  auto store = Store::open(path, path, Store::Access::write, vfs);
  if (!store) return tl::unexpected<Fault>(store.error());
  const auto make = [](const SignatureScheme& signatures) {
    return std::make_unique<optimized::Engine>(testing::store_genesis(), signatures, sample_executor());
  };
  return DurableLedger::recover(*std::move(store), ideal_signatures(), make);
}

}  // namespace

ServiceWorld::ServiceWorld() {
  law(Store::create(path, path, testing::store_chain(), "the head", disk_.name()).has_value(),
      "STORE-1: a file is made");
  auto ledger = recover(disk_.name());
  law(ledger.has_value(), "STORE-1: a file opens");
  ledger_.emplace(*std::move(ledger));
  handler_.emplace(*ledger_, small_limits);
}

ServiceWorld::Client& ServiceWorld::client() {
  auto& current = clients_[current_];
  if (!current) {
    const auto id = handler_->open();
    law(id.has_value(), "STORE-8: as many connections as the limit are accepted");
    current.emplace().id = *id;
  }
  return *current;
}

std::size_t ServiceWorld::line_bytes() {
  const Client& current = client();
  const std::string all = current.rest + current.unsent;
  const auto end = all.rfind('\n');
  return end == std::string::npos ? all.size() : all.size() - end - 1;
}

void ServiceWorld::send(std::string_view bytes) {
  Client& current = client();
  if (current.wants_end) return;
  current.unsent += bytes;
  deliver(current);
}

void ServiceWorld::end_input() {
  Client& current = client();
  current.wants_end = true;
  deliver(current);
}

void ServiceWorld::vanish() {
  if (!clients_[current_]) return;
  handler_->close(clients_[current_]->id);
  clients_[current_].reset();
  check_unchanged();
}

void ServiceWorld::read(std::size_t bytes) {
  if (!clients_[current_]) return;
  Client& current = client();
  const std::size_t pending = handler_->pending(), count = std::min(bytes, handler_->output(current.id).size());
  current.judged -= count;
  handler_->sent(current.id, count);
  check_taken(current, pending);
  deliver(current);
  (void)drop_if_over(current_);
}

/// A connection whose input is over and whose answers were read is closed.
bool ServiceWorld::drop_if_over(std::size_t k) {
  const Client& over = *clients_[k];
  const bool is_owed = std::ranges::any_of(waiting_, [&over](const Waiting& one) { return one.client == over.id; });
  const bool is_over = over.is_cut && !is_owed && handler_->output(over.id).empty();
  law(handler_->is_over(over.id) == is_over, "STORE-8: a connection is closed after the answers due, and else kept");
  if (!is_over) return false;
  handler_->close(over.id);
  clients_[k].reset();
  return true;
}

/// Gives the service what it takes, and then the end.
void ServiceWorld::deliver(Client& to) {
  while (!to.unsent.empty() && handler_->wants_input(to.id)) {
    const std::string bytes = std::exchange(to.unsent, {});
    for (const char c : bytes)
      if (c == '\n') to.lines.push_back(std::exchange(to.rest, {}));
      else to.rest += c;
    const std::size_t pending = handler_->pending();
    handler_->receive(to.id, bytes);
    check_taken(to, pending);
  }
  if (!to.wants_end || to.is_cut || !handler_->wants_input(to.id)) return;
  to.is_cut = true;
  handler_->end_input(to.id);
  check_taken(to, handler_->pending());
  const auto due = static_cast<std::int64_t>(to.lines.size() + (to.rest.empty() ? 0 : 1));
  law(to.taken == due, "STORE-8: what was cut off is answered");
}

/// The lines that the service took in one go: each was answered, or waits for a block.
void ServiceWorld::check_taken(Client& of, std::size_t pending_before) {
  const Answers answers = new_answers(of);
  const auto first = of.taken + 1;
  const auto last = of.taken + static_cast<std::int64_t>(answers.size() + handler_->pending() - pending_before);
  law(answers.empty() || (first <= answers.begin()->first && answers.rbegin()->first <= last),
      "STORE-8: an answer has the number of its line");
  for (std::int64_t line = first; line <= last; ++line) {
    const bool is_whole = line <= static_cast<std::int64_t>(of.lines.size());
    law(is_whole || line == static_cast<std::int64_t>(of.lines.size()) + 1, "STORE-8: an answer is to a line");
    law(!of.is_cut || (!is_whole && of.wants_end), "STORE-8: nothing is read after a line that is too long");
    const auto found = answers.find(line);
    if (found == answers.end()) take_waiting(of, line);
    else check_at_once(of, line, found->second);
    of.is_cut |= of.text(line).size() > small_limits.request_bytes;
  }
  of.taken = last;
  check_left(of);
  check_unchanged();
}

void ServiceWorld::take_waiting(const Client& of, std::int64_t line) {
  law(line <= static_cast<std::int64_t>(of.lines.size()), "STORE-8: what waits is a whole line");
  const std::string& text = of.text(line);
  auto transaction = transaction_of(text);
  law(text.size() <= small_limits.request_bytes && transaction, "STORE-8: what waits is a request", text);
  law(!is_full_for(transaction->size()), "STORE-8: at most so many wait");
  waiting_.push_back({of.id, line, *std::move(transaction)});
}

void ServiceWorld::crowd() {
  std::vector<ConnectionId> others;
  while (const auto id = handler_->open()) others.push_back(*id);
  const auto here =
      static_cast<std::size_t>(std::ranges::count_if(clients_, [](const auto& one) { return one.has_value(); }));
  law(here + others.size() == small_limits.connections, "STORE-8: as many connections as the limit are accepted");
  check_refusal();
  for (const ConnectionId id : others) handler_->close(id);
  check_unchanged();
}

/// The transactions of the next block, in the order of their arrival.
std::vector<ServiceWorld::Waiting> ServiceWorld::next_batch() {
  std::vector<Waiting> batch;
  std::size_t bytes = 0;
  while (!waiting_.empty() && batch.size() < small_limits.block_transactions) {
    bytes += waiting_.front().transaction.size();
    if (!batch.empty() && bytes > small_limits.block_bytes) break;
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
}

void ServiceWorld::end_block() {
  const std::vector<Waiting> batch = next_batch();
  std::vector<Bytes> all, included;
  for (const Waiting& one : batch) all.push_back(one.transaction);
  const Candidate expected = reference_.candidate(0, all);
  reference_.discard();
  for (std::size_t k = 0; k < batch.size(); ++k)
    if (is_included(expected.outcomes[k].reason)) included.push_back(all[k]);
  law(reference_.candidate(0, included).block.header == expected.block.header,
      "LEDGER-3: what is malformed or refused changes nothing");
  const auto made = handler_->end_block();
  if (made) {
    reference_.apply();
    ++height_;
    check_unchanged();
    return check_block(batch, expected);
  }
  reference_.discard();
  check_errors(batch, "not_durable");
  stop("not_durable");
  check_recovery(expected.block.header.state);
}

void ServiceWorld::stop(const char* reason) {
  handler_->stop(reason, "the service ends");
  is_stopped_ = true;
  const std::vector<Waiting> left(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  for (auto& one : clients_)
    if (one) one->is_cut = true;
  check_errors(left, reason);
  law(handler_->pending() == 0, "STORE-8: nobody waits for a service that ended");
}

/// After a fault of the disk, the file has the blocks that were acknowledged, and perhaps the one that was not.
void ServiceWorld::check_recovery(const Hash& appeared) {
  for (std::size_t k = 0; k < clients_max; ++k)
    if (clients_[k]) current_ = k, read(handler_->output(clients_[k]->id).size());
  handler_.reset();
  ledger_.reset();
  if (disk_.is_stopped()) disk_.reboot(testing::Kept::none, 0);
  else disk_.repair();
  const auto again = recover(disk_.name());
  law(again.has_value(), "STORE-4: a file opens after any fault", again ? "" : again.error().message());
  const Hash root = again->executor().root();
  law(root == reference_.root() || root == appeared, "STORE-4: what was acknowledged is there");
}

void ServiceWorld::finish() {
  if (!handler_) return;
  const auto read_all = [this] {
    for (current_ = 0; current_ < clients_max; ++current_)
      for (std::size_t left = 1; left > 0 && clients_[current_];) {
        left = handler_->output(clients_[current_]->id).size();
        read(left);
      }
    current_ = 0;
  };
  read_all();
  while (!is_stopped_ && !waiting_.empty()) end_block();
  if (!handler_) return;
  if (!is_stopped_) law(handler_->pending() == 0, "STORE-8: all that waited is answered");
  read_all();
  for (const auto& one : clients_)
    law(!one || (!one->is_cut && one->unsent.empty() && one->taken == static_cast<std::int64_t>(one->lines.size())),
        "STORE-8: each line is answered, or waits for a block");
}

}  // namespace p2pllm::fuzz
