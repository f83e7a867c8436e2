#include <array>

#include "reference/contracts/sla_machine.hpp"

namespace p2pllm::reference {
namespace {

constexpr auto none = status_set(SlaStatus::none), proposed = status_set(SlaStatus::proposed),
               active = status_set(SlaStatus::active), delivered = status_set(SlaStatus::delivered),
               disputed = status_set(SlaStatus::disputed), settled = status_set(SlaStatus::settled),
               breached = status_set(SlaStatus::breached), cancelled = status_set(SlaStatus::cancelled),
               expired = status_set(SlaStatus::expired);

constexpr std::array<std::string_view, 9> names{"None",    "Proposed", "Active",    "Delivered", "Disputed",
                                                "Settled", "Breached", "Cancelled", "Expired"};

// In the order of SlaOperation (SLA-1).
constexpr std::array<Transition, 22> rows{{
    {"propose", none, proposed, "client", "terms within the parameters, h <= acceptBy, deliverBy <= h + D_MAX",
     "price * units from the client's account into escrow"},
    {"accept", proposed, active, "provider", "h <= acceptBy, registration Active and serving the range",
     "bond from the provider's account"},
    {"cancel", proposed, cancelled, "client", "", "escrow to the client"},
    {"expire", proposed, expired, "anyone", "h > acceptBy", "escrow to the client"},
    {"deliver", active, delivered, "provider",
     "h <= deliverBy, first <= named <= units, 0 <= had <= units, order, voucher, the last leaf opens and ends in the "
     "output's hash",
     "shown = named, acknowledged = had, owed = max(named, had), challengeUntil = h + W"},
    {"demand", delivered, delivered, "client", "acknowledged < unit <= shown, once, h < challengeUntil",
     "demandBy = h + T"},
    {"publish", delivered, delivered, "provider", "demanded, h <= demandBy, the unit's row fits the output",
     "challengeUntil = max(challengeUntil, h + W), no demand pending"},
    {"miss", delivered, breached, "anyone", "demanded, h > demandBy", "all to the client, non-delivery"},
    {"acknowledge", delivered, settled, "client", "the provider showed it", "price * owed and bond to the provider"},
    {"finalize", delivered, settled, "anyone", "h >= challengeUntil, no demand pending",
     "price * owed and bond to the provider"},
    {"timeout", active, breached, "anyone", "h > deliverBy", "all to the client, non-delivery"},
    {"challenge", active | delivered, disputed, "client",
     "Active: h <= deliverBy, Delivered: h < challengeUntil; no demand pending, 1 <= named <= units, "
     "bond >= max(B_MIN, price), receipt or what is shown, the last leaf opens",
     "bond from the client's account, shown = named, owed = max(owed, named), left = 0, right = its steps, the "
     "provider is on turn, "
     "deadline = h + T"},
    {"post_mid", disputed, disputed, "provider",
     "on turn, h <= deadline, right > left + 1, leaf floor((left + right) / 2) of all steps or micro-steps opens",
     "the client is on turn, deadline = h + T"},
    {"side", disputed, disputed, "client", "on turn, h <= deadline",
     "agreed: left = mid, else right = mid; the provider is on turn, deadline = h + T"},
    {"judge", disputed, settled | breached, "provider",
     "on turn, refined, h <= deadline, right = left + 1, witness of the agreed micro-state",
     "the micro-step is executed again; right: price * owed and bonds to the provider, wrong: all to the client, "
     "fraud"},
    {"forfeit", disputed, settled | breached, "anyone", "h > deadline",
     "the client's turn: price * owed and bonds to the provider; the provider's: all to the client, fraud"},
    {"refine", disputed, disputed, "provider",
     "on turn, not refined, h <= deadline, right = left + 1, micro-step n2 of n2 opens and ends in the state after "
     "right",
     "left = 0, right = n2: micro-steps of the step; deadline = h + T"},
    {"close", active, delivered, "client",
     "h <= deliverBy, first <= named <= units, 0 <= had <= named, receipt, the last leaf opens", "as deliver"},
    {"answer", delivered, delivered, "provider",
     "the client showed it, no demand pending, h < challengeUntil, shown < named <= units, else as deliver",
     "shown = named; acknowledged, owed and challengeUntil as deliver, but no less than before"},
    {"claim", delivered | disputed, delivered | disputed, "anyone", "owed < named <= units, voucher", "owed = named"},
    {"settle", active | delivered, settled, "provider", "0 <= named <= units, the last word",
     "price * named and bond to the provider"},
    {"convict", active | delivered | disputed, breached, "anyone",
     "two receipts of the same units and inputs, or one and what is shown, with another root or output",
     "all to the client, fraud"},
}};

constexpr Machine machine{"sla", names, settled | breached | cancelled | expired, rows};

}  // namespace

const Machine& sla_machine() { return machine; }

}  // namespace p2pllm::reference
