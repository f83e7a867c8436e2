#include "optimized/market/read_network.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "model/crypto/sha256.hpp"
#include "model/encoding/text_hash.hpp"
#include "model/numbers/parse.hpp"
#include "optimized/market/column_builder.hpp"
#include "optimized/market/distinct.hpp"
#include "optimized/market/json_text.hpp"

namespace p2pllm::optimized {
namespace {

/// No node's text is shorter: {"id":"a","layers":[0,1],"cost":1,"price":0}
constexpr std::size_t node_bytes_min = 43;

/// The legs of one client while they are read; empty if the file gives none.
struct LegsBuilder {
  std::string id;
  std::optional<ColumnBuilder> to;
  std::optional<ColumnBuilder> from;
};

/// Reads the members of a network in any order. What one member says about another is checked at the end. Each function
/// returns false where this reader gives up.
class NetworkReader {
 public:
  NetworkReader(std::string_view bytes, const Progress& progress)
      : text_(bytes), size_(bytes.size()), progress_(progress) {}

  std::optional<MarketColumns> read() {
    text_.skip_byte_order_mark();
    if (!read_root() || !text_.at_end() || !agrees()) return std::nullopt;
    columns_.cost = std::move(cost_).finish();
    columns_.price = std::move(price_).finish();
    if (latency_ && columns_.size() > 0) columns_.latency = std::move(*latency_).finish();
    for (LegsBuilder& client : clients_)
      columns_.clients.push_back({std::move(client.id), legs_of(client.to), legs_of(client.from)});
    return std::move(columns_);
  }

 private:
  bool read_root() {
    static constexpr auto names = std::to_array<std::string_view>(
        {"format", "model", "units", "alpha", "scales", "temperature", "nodes", "latency", "client", "clients"});
    constexpr std::uint32_t required = 1U << 0U | 1U << 1U | 1U << 6U;
    constexpr std::uint32_t both_clients = 1U << 8U | 1U << 9U;
    std::uint32_t seen = 0;
    std::size_t which = 0;
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      switch (which) {
        case 0: return read_format();
        case 1: return read_model();
        case 2: return read_units();
        case 3: return read_rational(columns_.alpha.emplace());
        case 4: return read_scales();
        case 5: return read_rational(columns_.temperature);
        case 6: return read_nodes();
        case 7: return read_latency();
        case 8: return read_client(false);
        default: return text_.array([&] { return read_client(true); });
      }
    });
    return is_read && (seen & required) == required && (seen & both_clients) != both_clients;
  }

  bool read_format() {
    std::string_view format;
    return text_.string(format) && format == "p2pllm-network/1";
  }

  bool read_string(std::string& to) {
    std::string_view text;
    if (!text_.string(text)) return false;
    to = text;
    return true;
  }

  bool read_rational(Rational& to) {
    std::string_view text;
    if (!text_.number_text(text)) return false;
    auto value = parse_rational(text);
    if (value) to = *std::move(value);
    return value.has_value();
  }

  /// An integer in 0 .. market_layers_max.
  bool read_boundary(std::uint32_t& boundary) {
    FixedNumber number;
    if (!text_.number(number) || number.divisor != 1) return false;
    for (; number.exponent < 0 && number.mantissa % 10 == 0; ++number.exponent) number.mantissa /= 10;
    for (; number.exponent > 0 && number.mantissa <= market_layers_max; --number.exponent) {
      if (number.mantissa == 0) break;
      number.mantissa *= 10;
    }
    if (number.mantissa != 0 && number.exponent != 0) return false;
    boundary = static_cast<std::uint32_t>(number.mantissa);
    return number.mantissa <= market_layers_max;
  }

  /// A range; that it ends within the model is checked at the end.
  bool read_range(std::uint32_t& first, std::uint32_t& last) {
    std::size_t count = 0;
    const bool is_read = text_.array([&] { return count < 2 && read_boundary(count++ == 0 ? first : last); });
    last_max_ = std::max(last_max_, last);
    return is_read && count == 2 && first < last;
  }

  bool read_model() {
    static constexpr auto names = std::to_array<std::string_view>({"name", "layers", "blocks"});
    std::uint32_t seen = 0;
    std::size_t which = 0;
    std::uint32_t layers = 0;
    const auto read_block = [&] {
      std::uint32_t first = 0;
      std::uint32_t last = 0;
      if (!read_range(first, last)) return false;
      columns_.blocks.push_back({first, last});
      return true;
    };
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      if (which == 0) return read_string(columns_.model_name);
      if (which == 1) return read_boundary(layers) && layers >= 1;
      return text_.array(read_block);
    });
    columns_.layers = layers;
    return is_read && (seen & 3U) == 3U;
  }

  bool read_units() {
    static constexpr auto names = std::to_array<std::string_view>({"cost", "latency", "price"});
    std::uint32_t seen = 0;
    std::size_t which = 0;
    Units& units = columns_.units;
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      return read_string(which == 0 ? units.cost : which == 1 ? units.latency : units.price);
    });
    if ((seen & 2U) == 0) units.latency = units.cost;
    return is_read && units.latency == units.cost;
  }

  bool read_scales() {
    static constexpr auto names = std::to_array<std::string_view>({"price", "cost"});
    std::uint32_t seen = 0;
    std::size_t which = 0;
    return text_.object([&] {
      return text_.key(names, seen, which) && read_rational(which == 0 ? columns_.price_scale : columns_.cost_scale);
    });
  }

  bool read_nodes() {
    const std::size_t nodes_max = text_.left() / node_bytes_min + 1;
    columns_.first.reserve(nodes_max);
    columns_.last.reserve(nodes_max);
    columns_.ids.reserve(nodes_max);
    cost_.reserve(nodes_max);
    price_.reserve(nodes_max);
    return text_.array([&] {
      constexpr std::size_t reported_every = 1U << 15U;
      if (columns_.size() % reported_every == 0) report(progress_, text_.offset(), size_);
      return columns_.size() < column_nodes_max && read_node();
    });
  }

  bool read_node() {
    static constexpr auto names = std::to_array<std::string_view>({"id", "layers", "cost", "price"});
    constexpr std::uint32_t all = 0xf;
    std::uint32_t seen = 0;
    std::size_t which = 0;
    FixedNumber number;
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      switch (which) {
        case 0: return read_id();
        case 1: return read_range(columns_.first.emplace_back(), columns_.last.emplace_back());
        case 2: return text_.number(number) && number.mantissa != 0 && cost_.add(number);
        default: return text_.number(number) && price_.add(number);
      }
    });
    return is_read && seen == all;
  }

  bool read_id() {
    std::string_view id;
    if (!text_.string(id) || id.empty()) return false;
    columns_.ids.add(id);
    return true;
  }

  bool read_latency() {
    static constexpr auto names = std::to_array<std::string_view>({"kind", "values"});
    std::uint32_t seen = 0;
    std::size_t which = 0;
    latency_.emplace();
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      if (which == 1) return text_.array([&] { return read_row(); });
      std::string_view kind;
      return text_.string(kind) && kind == "matrix";
    });
    return is_read && seen == 3U;
  }

  /// A row; that all have one entry per node is checked at the end.
  bool read_row() {
    const std::size_t before = latency_->size();
    if (!read_numbers(*latency_)) return false;
    const std::size_t columns = latency_->size() - before;
    if (latency_rows_++ > 0) return columns == latency_columns_;
    latency_columns_ = columns;
    // The rest of a square has at least two bytes an entry.
    if (columns == 0 || columns - 1 > text_.left() / 2 / columns) return false;
    latency_->reserve(columns * columns);
    report(progress_, text_.offset(), size_);
    return true;
  }

  bool read_numbers(ColumnBuilder& column) {
    FixedNumber number;
    return text_.array([&] { return text_.number(number) && column.add(number); });
  }

  bool read_client(bool is_named) {
    static constexpr auto names = std::to_array<std::string_view>({"to", "from", "id"});
    LegsBuilder& client = clients_.emplace_back();
    client.id = "client";
    std::uint32_t seen = 0;
    std::size_t which = 0;
    const bool is_read = text_.object([&] {
      if (!text_.key(names, seen, which)) return false;
      if (which == 2) return is_named && read_string(client.id);
      return read_numbers((which == 0 ? client.to : client.from).emplace());
    });
    report(progress_, text_.offset(), size_);
    return is_read && (!is_named || ((seen & 4U) != 0 && client_ids_.insert(client.id).second));
  }

  /// Whether the members agree with each other.
  bool agrees() const {
    const std::size_t nodes = columns_.size();
    const auto is_complete = [nodes](const std::optional<ColumnBuilder>& legs) {
      return !legs || legs->size() == nodes;
    };
    return last_max_ <= static_cast<std::uint64_t>(columns_.layers) && is_possible(columns_) &&
           (!latency_ || (latency_rows_ == nodes && (nodes == 0 || latency_columns_ == nodes))) &&
           std::ranges::all_of(clients_,
                               [&](const LegsBuilder& c) { return is_complete(c.to) && is_complete(c.from); }) &&
           are_distinct(columns_.ids);
  }

  static bool is_possible(const MarketTerms& terms) {
    return (!terms.alpha || (terms.alpha->sign() >= 0 && *terms.alpha <= Rational(1))) &&
           terms.price_scale.sign() > 0 && terms.cost_scale.sign() > 0 && terms.temperature.sign() > 0;
  }

  Column legs_of(std::optional<ColumnBuilder>& legs) const {
    if (legs) return std::move(*legs).finish();
    return {std::vector<std::uint32_t>(columns_.size()), 1};
  }

  JsonText text_;
  std::size_t size_;
  const Progress& progress_;
  MarketColumns columns_;
  ColumnBuilder cost_;
  ColumnBuilder price_;
  std::uint32_t last_max_ = 0;
  std::optional<ColumnBuilder> latency_;
  std::size_t latency_rows_ = 0;
  std::size_t latency_columns_ = 0;
  std::vector<LegsBuilder> clients_;
  std::unordered_set<std::string, TextHash> client_ids_;
};

}  // namespace

std::optional<MarketColumns> read_plain_columns(std::string_view bytes, const Progress& progress) {
  if (bytes.size() > network_bytes_max) return std::nullopt;
  auto columns = NetworkReader(bytes, progress).read();
  if (columns) columns->sha256 = sha256_hex(bytes);
  return columns;
}

Result<ReadMarket> read_columns(std::string_view bytes, const std::string& source, const Progress& progress) {
  if (auto columns = read_plain_columns(bytes, progress)) return *std::move(columns);
  // Checked first, since the memory of a network is much more than that of a fault.
  if (const auto checked = check_network(bytes, source, progress); !checked)
    return tl::unexpected<Fault>(checked.error());
  auto network = read_network(bytes, source, progress);
  if (!network) return tl::unexpected<Fault>(network.error());
  if (auto columns = columns_of(*network)) return *std::move(columns);
  return *std::move(network);
}

}  // namespace p2pllm::optimized
