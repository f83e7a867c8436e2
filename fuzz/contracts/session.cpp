#include "fuzz/contracts/session.hpp"

#include <algorithm>

namespace p2pllm::fuzz {
namespace {

using Terms = SlaTerms<std::int64_t>;

/// Whether an honest client still goes on in the session.
bool goes_on(const Session& session) {
  const ClientMemory& client = session.client;
  return session.is_open && !client.is_wrong && !client.other && !client.wants_stop && session.last_words.is_empty();
}

}  // namespace

Hash message_of(const SessionPlace& place, const Said& said) {
  switch (said.word) {
    case Word::order: return order_message(place, {said.units, said.inputs});
    case Word::voucher: return voucher_message(place, said.units);
    case Word::last: return final_message(place, said.units);
    default: return receipt_message(place, {said.units, said.inputs}, said.root, said.output);
  }
}

std::optional<std::int64_t> next_receipt(const Session& session, const Terms& terms) {
  const ProviderMemory& mine = session.provider;
  if (!session.is_open || mine.has_left) return std::nullopt;
  if (mine.receipted == 0) return terms.first_units;
  const std::int64_t ordered = mine.orders.greatest();
  return ordered > mine.receipted ? std::optional(ordered) : std::nullopt;
}

void take_order(Session& session, const Terms& terms, std::int64_t units) {
  ProviderMemory& mine = session.provider;
  if (!session.is_open || mine.has_left || units > terms.units) return;
  const bool is_next = std::max(terms.first_units, mine.receipted) < units;
  if (is_next && units - mine.voucher <= 1) mine.orders.insert(units);
}

void take_voucher(Session& session, const Terms& terms, std::int64_t units) {
  ProviderMemory& mine = session.provider;
  if (session.is_open && !mine.has_left && units <= terms.units) mine.voucher = std::max(mine.voucher, units);
}

void restore_backup(Session& session, const Terms& terms, std::int64_t receipted) {
  ProviderMemory& mine = session.provider;
  if (receipted >= mine.receipted) return;
  UnitSet orders;
  for (std::int64_t units = terms.first_units + 1; units <= receipted; ++units)
    if (mine.orders.contains(units)) orders.insert(units);
  mine.orders = orders;
  mine.receipted = std::max(orders.greatest(), receipted < terms.first_units ? 0 : terms.first_units);
  mine.voucher = std::min(mine.voucher, std::max<std::int64_t>(0, mine.orders.greatest() - 1));
  mine.last_word = -1;
}

std::optional<std::int64_t> next_order(const Session& session, const Terms& terms) {
  const std::int64_t had = session.vouchers.greatest();
  const bool may_go_on = goes_on(session) && had == session.client.taken && had >= terms.first_units;
  if (may_go_on && had < terms.units) return had + 1;
  return std::nullopt;
}

std::optional<std::int64_t> next_voucher(const Session& session) {
  const ClientMemory& client = session.client;
  if (!session.is_open) return std::nullopt;
  if (goes_on(session) && client.rows == client.taken && client.taken > 0) return client.taken;
  return session.vouchers.is_empty() ? std::nullopt : std::optional(session.vouchers.greatest());
}

std::optional<std::int64_t> last_word(const Session& session, const Terms& terms) {
  if (!session.last_words.is_empty()) return session.last_words.greatest();
  const std::int64_t taken = session.client.taken;
  const bool has_all = session.client.rows == taken && taken >= terms.first_units;
  return goes_on(session) && has_all && session.orders.greatest() <= taken ? std::optional(taken) : std::nullopt;
}

bool takes_receipt(const Session& session, const Terms& terms, std::int64_t units) {
  const bool is_ordered = units == terms.first_units || session.orders.contains(units);
  return goes_on(session) && is_ordered && units >= session.client.taken;
}

}  // namespace p2pllm::fuzz
