#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/market/network.hpp"

namespace p2pllm::optimized {

/// Non-negative rationals as fixed-point integers with one exact unit.
///
/// Law: value(i) = integer(i) * unit(), exactly. The integers have 32 bits if all of them fit, otherwise 64.
class Column {
 public:
  Column() = default;
  Column(std::vector<std::uint32_t> integers, Rational unit)
      : integers_(std::move(integers)), unit_(std::move(unit)) {}
  Column(std::vector<std::uint64_t> integers, Rational unit)
      : integers_(std::move(integers)), unit_(std::move(unit)) {}

  /// The column of these values: its unit is the greatest that they are multiples of; 1 if all are 0.
  /// @param values  each >= 0
  /// @returns nothing if an integer needs more than 64 bits
  [[nodiscard]] static std::optional<Column> from(std::span<const Rational> values);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool is_narrow() const { return integers_.index() == 0; }
  /// All integers, in the width that `is_narrow` names.
  [[nodiscard]] std::span<const std::uint32_t> narrow() const { return std::get<0>(integers_); }
  [[nodiscard]] std::span<const std::uint64_t> wide() const { return std::get<1>(integers_); }
  [[nodiscard]] std::uint64_t integer(std::size_t i) const { return is_narrow() ? narrow()[i] : wide()[i]; }
  [[nodiscard]] const Rational& unit() const { return unit_; }
  [[nodiscard]] Rational value(std::size_t i) const;

 private:
  std::variant<std::vector<std::uint32_t>, std::vector<std::uint64_t>> integers_;
  Rational unit_ = 1;
};

/// Strings end to end in one buffer.
class TextColumn {
 public:
  void add(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

/// A client's legs, one entry per node in file order.
struct LegColumns {
  std::string id;
  Column to;
  Column from;
};

inline constexpr std::size_t column_nodes_max = 0xffff'ffff;  ///< a node's index has 32 bits

/// A network in columns, one entry per node in file order.
///
/// Law: it states the same terms, nodes, latency and clients as the Network that its file describes.
struct MarketColumns : MarketTerms {
  TextColumn ids;
  std::vector<std::uint32_t> first;  ///< boundary x of the range [x, y)
  std::vector<std::uint32_t> last;   ///< boundary y
  Column cost;
  Column price;
  std::optional<Column> latency;    ///< row by row, size() * size(); the diagonal is ignored
  std::vector<LegColumns> clients;  ///< empty: one client, all legs 0

  [[nodiscard]] std::size_t size() const { return first.size(); }
};

/// The network in columns.
/// @returns nothing if a column cannot hold its numbers exactly, or if there are more than column_nodes_max nodes
[[nodiscard]] std::optional<MarketColumns> columns_of(const Network& network);

}  // namespace p2pllm::optimized
