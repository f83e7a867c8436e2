#include "reference/contracts/footprint.hpp"

#include "model/contracts/channel_message.hpp"

namespace p2pllm::reference {
namespace {

/// Copies those objects of a shard that exist.
struct Collector {
  const Shard& from;
  Shard& to;

  template <typename Objects>
  static auto copy(const Objects& all, Objects& chosen, const typename Objects::key_type& id) {
    const auto found = all.find(id);
    if (found != all.end()) chosen.insert(*found);
    return found;
  }
  void add(const AccountId& id) {
    copy(from.accounts, to.accounts, id);
    copy(from.nodes, to.nodes, id);
    if (from.away.contains(id)) to.away.insert(id);
  }
  void add_sla(const Hash& id) {
    const auto sla = copy(from.slas, to.slas, id);
    if (sla == from.slas.end()) return;
    add(sla->second.client);
    add(sla->second.provider);
  }
  void add_channel(const Hash& id) {
    const auto entry = copy(from.channels, to.channels, id);
    if (entry == from.channels.end()) return;
    add(entry->second.a);
    add(entry->second.b);
  }
};

/// Puts objects back; a new object must not replace another.
template <typename Objects>
void put_objects(const Objects& before, const Objects& after, Objects& all, std::vector<std::string>& faults) {
  for (const auto& [id, object] : after) {
    if (!before.contains(id) && all.contains(id))
      faults.emplace_back("within_footprint: an object that the transaction does not name");
    all.insert_or_assign(id, object);
  }
}

}  // namespace

Shard footprint(const Shard& shard, const WellFormed& form, const BlockContext& context) {
  const Transaction& transaction = form.transaction();
  Shard part;
  Collector collector{shard, part};
  collector.add(transaction.sender);
  collector.add(context.proposer);
  std::visit(
      [&]<typename Op>(const Op& op) {
        Op::fields(op, [&collector](std::string_view, const auto& value) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, AccountId>) collector.add(value);
        });
        if constexpr (requires { op.sla; }) collector.add_sla(op.sla);
        if constexpr (requires { op.channel; }) collector.add_channel(op.channel);
        if constexpr (std::derived_from<Op, WithChannelTerms>)
          collector.add_channel(channel_id(ledger_id(context.chain(), transaction.shard), op.terms));
        if constexpr (std::is_same_v<Op, Propose>) collector.add_sla(form.id());
        if constexpr (std::is_same_v<Op, ReportEquivocation>) part.evidence = shard.evidence;
      },
      transaction.operation);
  return part;
}

std::vector<std::string> put_back(const Shard& before, const Shard& after, Shard& shard) {
  std::vector<std::string> faults;
  put_objects(before.accounts, after.accounts, shard.accounts, faults);
  put_objects(before.nodes, after.nodes, shard.nodes, faults);
  put_objects(before.slas, after.slas, shard.slas, faults);
  put_objects(before.channels, after.channels, shard.channels, faults);
  shard.evidence.insert(after.evidence.begin(), after.evidence.end());
  shard.outgoing.insert(shard.outgoing.end(), after.outgoing.begin(), after.outgoing.end());
  shard.queued_moves.insert(shard.queued_moves.end(), after.queued_moves.begin(), after.queued_moves.end());
  shard.burned += after.burned;
  return faults;
}

}  // namespace p2pllm::reference
