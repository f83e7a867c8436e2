#include "apps/p2pllm/diff/shrink.hpp"

#include <algorithm>
#include <array>

#include "model/crypto/sha256.hpp"

namespace p2pllm::app {
namespace {

template <typename T>
void erase_at(std::vector<T>& values, std::size_t first, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  values.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}

Network without_nodes(const Network& network, std::size_t first, std::size_t count) {
  Network result = network;
  erase_at(result.nodes, first, count);
  if (!result.latency.empty()) erase_at(result.latency, first, count);
  for (auto& row : result.latency) erase_at(row, first, count);
  for (Client& client : result.clients) {
    erase_at(client.to, first, count);
    erase_at(client.from, first, count);
  }
  return result;
}

/// The network without boundary b: layers b - 1 and b become one. Nodes that serve no layer any more stay out.
Network without_boundary(const Network& network, std::int64_t boundary) {
  const auto moved = [boundary](LayerRange range) {
    return LayerRange{range.first - (range.first >= boundary ? 1 : 0), range.last - (range.last >= boundary ? 1 : 0)};
  };
  Network result = network;
  --result.layers;
  for (std::size_t i = result.size(); i-- > 0;) {
    result.nodes[i].layers = moved(result.nodes[i].layers);
    if (result.nodes[i].layers.first == result.nodes[i].layers.last) result = without_nodes(result, i, 1);
  }
  std::vector<LayerRange> blocks;
  for (const LayerRange& block : result.blocks)
    if (const LayerRange range = moved(block); range.first < range.last) blocks.push_back(range);
  result.blocks = blocks;
  return result;
}

/// A number that shrinking may make simpler.
struct Adjustable {
  Rational* value;
  bool may_be_zero;
};

std::vector<Adjustable> numbers_of(Network& network) {
  std::vector<Adjustable> numbers{
      {&network.price_scale, false}, {&network.cost_scale, false}, {&network.temperature, false}};
  if (network.alpha) numbers.push_back({&*network.alpha, true});
  for (Node& node : network.nodes) numbers.insert(numbers.end(), {{&node.cost, false}, {&node.price, true}});
  const auto add = [&numbers](std::vector<Rational>& values) {
    for (Rational& value : values) numbers.push_back({&value, true});
  };
  for (auto& row : network.latency) add(row);
  for (Client& client : network.clients) {
    add(client.to);
    add(client.from);
  }
  return numbers;
}

/// What is simpler than a value, the simplest first: zero, one, then fewer significant digits.
std::vector<Rational> simpler_than(const Adjustable& number) {
  constexpr std::array digits{1, 2, 3, 6, 9};
  const Rational& value = *number.value;
  std::vector<Rational> forms;
  if (number.may_be_zero) forms.emplace_back(0);
  forms.emplace_back(1);
  for (const int count : digits) forms.push_back(round_decimal(value, count));
  // What follows the value itself has more digits than it.
  forms.erase(std::find(forms.begin(), forms.end(), value), forms.end());
  return forms;
}

class Shrinking {
 public:
  Shrinking(Network network, const std::function<bool(const Network&)>& has_property, std::size_t trials_max)
      : best_(std::move(network)), has_property_(has_property), trials_left_(trials_max) {}

  Network result() {
    bool progressed = true;
    while (progressed && trials_left_ > 0) {
      progressed = false;
      progressed = drop_nodes() || progressed;
      progressed = drop_parts() || progressed;
      progressed = drop_boundaries() || progressed;
      progressed = simplify_numbers() || progressed;
    }
    return best_;
  }

 private:
  bool take(Network candidate) {
    if (trials_left_ == 0) return false;
    --trials_left_;
    candidate.sha256 = sha256_hex(write_network(candidate));
    if (!has_property_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  bool drop_nodes() {
    bool progressed = false;
    for (std::size_t count = std::max<std::size_t>(1, best_.size() / 2); count > 0; count /= 2)
      for (std::size_t first = 0; first + count <= best_.size();) {
        if (take(without_nodes(best_, first, count))) progressed = true;
        else first += count;
        if (trials_left_ == 0) return progressed;
      }
    return progressed;
  }

  bool drop_parts() {
    bool progressed = false;
    const auto try_without = [&](bool has_part, const std::function<void(Network&)>& drop) {
      if (!has_part) return;
      Network candidate = best_;
      drop(candidate);
      progressed = take(std::move(candidate)) || progressed;
    };
    try_without(!best_.latency.empty(), [](Network& n) { n.latency.clear(); });
    try_without(!best_.clients.empty(), [](Network& n) { n.clients.clear(); });
    try_without(!best_.blocks.empty(), [](Network& n) { n.blocks.clear(); });
    try_without(best_.price_scale != Rational(1), [](Network& n) { n.price_scale = 1; });
    try_without(best_.cost_scale != Rational(1), [](Network& n) { n.cost_scale = 1; });
    try_without(best_.temperature != Rational(1), [](Network& n) { n.temperature = 1; });
    return progressed;
  }

  bool drop_boundaries() {
    bool progressed = false;
    for (std::int64_t boundary = std::min<std::int64_t>(best_.layers, 64); boundary > 0; --boundary)
      if (best_.layers > 1 && boundary <= best_.layers)
        progressed = take(without_boundary(best_, boundary)) || progressed;
    return progressed;
  }

  /// Zero or one instead of a number, or fewer digits, as far as the format allows.
  bool simplify_numbers() {
    bool progressed = false;
    const std::size_t count = numbers_of(best_).size();
    // Equal numbers first change together: alone, each would break a tie that they make.
    for (const bool together : {true, false})
      for (std::size_t k = 0; k < count; ++k) progressed = simplify_number(k, together) || progressed;
    return progressed;
  }

  bool simplify_number(std::size_t k, bool together) {
    const Adjustable number = numbers_of(best_)[k];
    for (const Rational& simpler : simpler_than(number)) {
      Network candidate = best_;
      const auto numbers = numbers_of(candidate);
      for (const Adjustable& other : numbers)
        if (together && *other.value == *number.value && other.may_be_zero == number.may_be_zero)
          *other.value = simpler;
      *numbers[k].value = simpler;
      if (candidate.alpha <= Rational(1) && take(std::move(candidate))) return true;
    }
    return false;
  }

  Network best_;
  const std::function<bool(const Network&)>& has_property_;
  std::size_t trials_left_;
};

}  // namespace

Network shrunk(Network network, const std::function<bool(const Network&)>& has_property, std::size_t trials_max) {
  return Shrinking(std::move(network), has_property, trials_max).result();
}

}  // namespace p2pllm::app
