#include "properties/generators/network_text.hpp"

#include <algorithm>
#include <vector>

#include "properties/generators/network.hpp"

namespace p2pllm::properties {
namespace {

std::string draw_space() {
  if (draw_integer(0, 3) != 0) return "";
  return draw_one_of<const char*>({" ", "\n", "\t", "\r\n", "   "});
}

std::string zeros(std::int64_t count) { return std::string(static_cast<std::size_t>(count), '0'); }

/// The decimal digits of value * 10^places, if that is an integer for some small number of places.
bool as_decimal(const Rational& value, std::string& digits, std::int64_t& places) {
  Rational scaled = value;
  for (places = 0; places <= 40 && !scaled.is_integer(); ++places) scaled *= Rational(10);
  digits = scaled.numerator().get_str();
  return scaled.is_integer();
}

/// The same value with its point elsewhere: 12.5, 12.500, 1.25e1, 125E-1.
std::string draw_decimal(std::string digits, std::int64_t places) {
  if (draw_integer(0, 3) == 0) {
    const auto more = draw_one_of<std::int64_t>({1, 2, 3, draw_integer(1, 30)});
    digits += zeros(more);
    places += more;
  }
  std::int64_t exponent = 0;
  if (draw_integer(0, 4) == 0) {
    exponent = draw_integer(0, 9) == 0 ? draw_integer(-25, 25) : draw_integer(-3, 3);
    places += exponent;
  }
  if (places < 0) {
    digits += digits == "0" ? "" : zeros(-places);
    places = 0;
  }
  const auto length = static_cast<std::int64_t>(digits.size());
  if (places >= length) digits = zeros(places - length + 1) + digits;
  std::string text = digits.substr(0, digits.size() - static_cast<std::size_t>(places));
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
  if (places > 0) text += '.' + digits.substr(digits.size() - static_cast<std::size_t>(places));
  if (exponent != 0 || draw_integer(0, 9) == 0)
    text += draw_one_of<const char*>({"e", "E"}) +
            std::string(exponent < 0  ? "-"
                        : draw_coin() ? "+"
                                      : "") +
            zeros(draw_integer(0, 2)) + std::to_string(std::abs(exponent));
  return text;
}

std::string draw_character(char c) {
  constexpr const char* hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (byte < ' ') return std::string("\\u00") + hex[byte / 16] + hex[byte % 16];
  if (c == '"' || c == '\\') return std::string("\\") + c;
  if (byte < 0x80 && draw_integer(0, 19) == 0) return std::string("\\u00") + hex[byte / 16] + hex[byte % 16];
  return std::string(1, c);
}

std::string draw_string(const std::string& text) {
  std::string quoted = "\"";
  const bool may_escape = draw_integer(0, 3) == 0;
  for (const char c : text)
    quoted += may_escape || c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ' ? draw_character(c)
                                                                                         : std::string(1, c);
  return quoted + '"';
}

using Members = std::vector<std::string>;

std::string joined(const Members& items, const char* open, const char* close) {
  std::string text = open;
  for (std::size_t k = 0; k < items.size(); ++k) text += (k == 0 ? "" : ",") + draw_space() + items[k] + draw_space();
  return text + close;
}

std::string array(const Members& items) { return joined(items, "[", "]"); }

/// An object whose members come in any order.
std::string object(const Members& members) {
  Members shuffled;
  if (draw_coin()) return joined(members, "{", "}");
  for (const std::size_t k : draw_permutation(members.size())) shuffled.push_back(members[k]);
  return joined(shuffled, "{", "}");
}

std::string member(const char* key, const std::string& value) {
  return '"' + std::string(key) + '"' + draw_space() + ':' + draw_space() + value;
}

std::string numbers(const std::vector<Rational>& values) {
  Members items;
  for (const Rational& value : values) items.push_back(draw_spelling(value));
  return array(items);
}

std::string range(const LayerRange& layers) {
  return array({draw_spelling(Rational(layers.first)), draw_spelling(Rational(layers.last))});
}

std::string node_text(const Node& node) {
  return object({member("id", draw_string(node.id)), member("layers", range(node.layers)),
                 member("cost", draw_spelling(node.cost)), member("price", draw_spelling(node.price))});
}

std::string client_text(const Client& client, bool is_named) {
  Members members = {member("to", numbers(client.to))};
  if (is_named) members.push_back(member("id", draw_string(client.id)));
  const bool is_zero = std::ranges::all_of(client.from, [](const Rational& value) { return value.sign() == 0; });
  if (!is_zero || draw_coin()) members.push_back(member("from", numbers(client.from)));
  return object(members);
}

}  // namespace

std::string draw_spelling(const Rational& value) {
  std::string digits;
  std::int64_t places = 0;
  std::string text;
  if (draw_integer(0, 3) != 0 && as_decimal(value, digits, places)) {
    text = draw_decimal(digits, places);
    if (draw_coin()) return text;
  } else {
    const auto factor = mpz_class(draw_integer(0, 3) == 0 ? draw_integer(1, 12) : 1);
    text = mpz_class(value.numerator() * factor).get_str() + '/' + mpz_class(value.denominator() * factor).get_str();
  }
  return draw_string(text);
}

std::string draw_text_of(const Network& network) {
  Members model = {member("name", draw_string(network.model_name)),
                   member("layers", draw_spelling(Rational(network.layers)))};
  Members blocks;
  for (const LayerRange& block : network.blocks) blocks.push_back(range(block));
  if (!blocks.empty() || draw_coin()) model.push_back(member("blocks", array(blocks)));
  Members nodes;
  for (const Node& node : network.nodes) nodes.push_back(node_text(node));
  Members members = {member("format", draw_string("p2pllm-network/1")), member("model", object(model)),
                     member("nodes", array(nodes))};
  members.push_back(member("units", object({member("cost", draw_string(network.units.cost)),
                                            member("latency", draw_string(network.units.latency)),
                                            member("price", draw_string(network.units.price))})));
  if (network.alpha) members.push_back(member("alpha", draw_spelling(*network.alpha)));
  members.push_back(member("scales", object({member("price", draw_spelling(network.price_scale)),
                                             member("cost", draw_spelling(network.cost_scale))})));
  members.push_back(member("temperature", draw_spelling(network.temperature)));
  if (!network.latency.empty() || (network.nodes.empty() && draw_coin())) {
    Members rows;
    for (const auto& row : network.latency) rows.push_back(numbers(row));
    members.push_back(
        member("latency", object({member("kind", draw_string("matrix")), member("values", array(rows))})));
  }
  const bool is_one = network.clients.size() == 1 && network.clients[0].id == "client";
  if (is_one) members.push_back(member("client", client_text(network.clients[0], false)));
  Members clients;
  if (!is_one)
    for (const Client& client : network.clients) clients.push_back(client_text(client, true));
  if (!clients.empty()) members.push_back(member("clients", array(clients)));
  return (draw_integer(0, 9) == 0 ? "\xEF\xBB\xBF" : "") + draw_space() + object(members) + draw_space();
}

std::string draw_damaged(std::string text) {
  for (auto left = draw_integer(1, 3); left > 0 && !text.empty(); --left) {
    const auto at = static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(text.size()) - 1));
    const auto size = static_cast<std::size_t>(draw_integer(1, 12));
    switch (draw_integer(0, 6)) {
      case 0: text[at] = static_cast<char>(draw_integer(0, 255)); break;
      case 1:
        text[at] = draw_one_of<char>({'0', '9', '.', 'e', '-', '/', '"', '\\', ',', ':', '{', '}', '[', ']'});
        break;
      case 2: text.erase(at, size); break;
      case 3: text.insert(at, text.substr(at, size)); break;
      case 4: text.resize(at); break;
      case 5:
        text.insert(at, draw_one_of<const char*>({"0", "00", "-", "1e400", "\"1/0\"", "\\u0000", "\\ud800", "\xC0\x80",
                                                  "\xF0\x9F\x98\x80", "null", "[]", "{}", "\"id\":\"n0\",", " "}));
        break;
      default: text += draw_one_of<const char*>({"}", " ", "0", ",", "\n{}"});
    }
  }
  return text;
}

}  // namespace p2pllm::properties
