#pragma once

#include <bit>
#include <optional>

#include "model/contracts/session_message.hpp"
#include "model/contracts/sla.hpp"

// What the parties of an SLA say to each other off the ledger (SLA-17), and what honest ones remember of it.
namespace p2pllm::fuzz {

using namespace contracts;

/// A set of numbers of units, all below 16.
class UnitSet {
 public:
  void insert(std::int64_t units) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(units); }
  [[nodiscard]] bool contains(std::int64_t units) const {
    return 0 <= units && units < 16 && (bits_ >> static_cast<unsigned>(units) & 1U) != 0;
  }
  [[nodiscard]] bool is_empty() const { return bits_ == 0; }
  /// 0 if there is none.
  [[nodiscard]] std::int64_t greatest() const { return bits_ == 0 ? 0 : std::bit_width(bits_) - 1; }

 private:
  std::uint32_t bits_ = 0;
};

/// What an honest provider remembers.
struct ProviderMemory {
  UnitSet orders;               ///< of its client, for inputs that it has
  std::int64_t receipted = 0;   ///< the most units for which it remembers a receipt of its own
  std::int64_t voucher = 0;     ///< the greatest one of its client
  std::int64_t last_word = -1;  ///< the greatest one of its client, or -1
  bool has_left = false;        ///< it signed a delivery or another end, and answers no order any more
  Height leaves_at = 0;         ///< from here on it delivers what it has
};

/// What an honest client remembers.
struct ClientMemory {
  std::int64_t taken = 0;            ///< the units of the last receipt that it took
  std::size_t version = 0;           ///< of the work, of which that receipt is
  std::optional<std::size_t> other;  ///< of which the provider signed another receipt for the same units
  std::int64_t rows = 0;             ///< the first units whose rows it has
  bool is_wrong = false;             ///< the receipt is of a wrong computation
  bool wants_stop = false;           ///< it closes, and takes and orders nothing more
};

/// Only honest parties have a memory of what they signed; others sign anything at any time.
struct Session {
  UnitSet orders, vouchers, last_words;  ///< that an honest client signed
  UnitSet receipts;                      ///< that an honest provider signed, all of the right computation
  ProviderMemory provider;
  ClientMemory client;
  bool is_open = false;  ///< the SLA was Active when the last block ended
};

/// The kinds of what is signed in a session.
enum class Word { order, voucher, last, receipt };
struct Said {
  Word word = Word::order;
  std::int64_t units = 0;
  Hash inputs{};                    ///< of an order or a receipt
  Hash root = Hash{}, output = {};  ///< of a receipt
};
/// What is signed to say this.
/// @pre the units are a number that the ledger can encode
[[nodiscard]] Hash message_of(const SessionPlace& place, const Said& said);

// The conduct of honest parties off the ledger. They are asked only while they are there.

/// The units for which an honest provider signs a receipt next, if it does.
[[nodiscard]] std::optional<std::int64_t> next_receipt(const Session& session, const SlaTerms<std::int64_t>& terms);
/// It takes an order for inputs that it has, if it may.
void take_order(Session& session, const SlaTerms<std::int64_t>& terms, std::int64_t units);
void take_voucher(Session& session, const SlaTerms<std::int64_t>& terms, std::int64_t units);
/// An older copy of its memory takes its place.
void restore_backup(Session& session, const SlaTerms<std::int64_t>& terms, std::int64_t receipted);

/// The units that an honest client orders, vouches for, or pays with its last word, if it does; also what it said
/// before, if that did not arrive.
[[nodiscard]] std::optional<std::int64_t> next_order(const Session& session, const SlaTerms<std::int64_t>& terms);
[[nodiscard]] std::optional<std::int64_t> next_voucher(const Session& session);
[[nodiscard]] std::optional<std::int64_t> last_word(const Session& session, const SlaTerms<std::int64_t>& terms);
/// Whether it takes a receipt for so many units now.
[[nodiscard]] bool takes_receipt(const Session& session, const SlaTerms<std::int64_t>& terms, std::int64_t units);

}  // namespace p2pllm::fuzz
