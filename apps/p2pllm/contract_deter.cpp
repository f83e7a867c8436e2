#include <fmt/core.h>

#include <array>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/verbs.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/encoding/json.hpp"
#include "reference/contracts/deterrence_rules.hpp"

// `contract deter` says the least bond with which false units never pay (SLA-16).
namespace p2pllm::app {
namespace {

constexpr int decimals = 9;

struct Deal {
  Rational price, cost, check, stake;
};

Result<Deal> deal_of(const DeterOptions& options) {
  Deal deal;
  struct Option {
    const char* name;
    const std::string* text;
    Rational* value;
  };
  const std::array all{Option{"--price", &options.price, &deal.price}, Option{"--cost", &options.cost, &deal.cost},
                       Option{"--check", &options.check, &deal.check}, Option{"--stake", &options.stake, &deal.stake}};
  for (const Option& option : all) {
    if (option.text->empty()) continue;
    const auto value = parse_option(option.name, *option.text);
    if (!value) return tl::unexpected<Fault>(value.error());
    *option.value = *value;
  }
  for (const Option& option : all)
    if (option.text->empty()) return bad_input(option.name, "", "a value is required");
  if (deal.price.sign() <= 0) return bad_input("--price", options.price, "the price of a unit must be above 0");
  if (deal.cost.sign() < 0 || deal.cost > deal.price)
    return bad_input("--cost", options.cost, "the cost of a unit must be from 0 to its price");
  if (deal.check.sign() <= 0 || deal.check > Rational(1))
    return bad_input("--check", options.check, "the probability that a unit is checked must be above 0 and at most 1");
  if (deal.stake.sign() < 0) return bad_input("--stake", options.stake, "the stake must be at least 0");
  return deal;
}

/// With any number of SLAs the stake counts for nothing.
Rational bond_of(const Deal& deal, const std::optional<int>& streams) {
  const Rational missed = Rational(1) - deal.check;
  Rational unseen = 1;
  for (int k = streams.value_or(1); k > 0; --k) unseen = unseen * missed;
  return reference::least_deterring_bond(deal.cost, deal.check, streams ? deal.stake : Rational(0),
                                         Rational(streams.value_or(1)), unseen);
}

void print_text(const DeterOptions& options, const Deal& deal, const Rational& bond) {
  const std::string decimal = to_decimal(bond, decimals, Rounding::up);
  const bool is_exact = to_decimal(bond, decimals, Rounding::down) == decimal;
  fmt::print("bond           {}{}, {} times the price of a unit\n", decimal, is_exact ? "" : " (rounded up)",
             to_decimal(bond / deal.price, 3, Rounding::up));
  fmt::print("false units    each saves at most {}, and is found with probability {}\n", short_exact(deal.cost),
             short_exact(deal.check));
  if (options.streams)
    fmt::print("SLAs           at most {} at a time, for which the stake of {} stands once\n", *options.streams,
               short_exact(deal.stake));
  else fmt::print("SLAs           any number: the stake, which is lost once, is not counted (--streams counts it)\n");
  fmt::print("With this bond of each SLA a provider is worth no more by any choice of false units (SLA-16).\n");
}

}  // namespace

int run_contract_deter(const DeterOptions& options) {
  const auto deal = deal_of(options);
  if (!deal) return complain(deal.error());
  const Rational bond = bond_of(*deal, options.streams);
  if (!options.json) {
    print_text(options, *deal, bond);
    return exit_holds;
  }
  fmt::print("{}", write_json(Json::Object{{"bond", to_string(bond)},
                                           {"bond_decimal", to_decimal(bond, decimals, Rounding::up)},
                                           {"saving", to_string(deal->cost)},
                                           {"check", to_string(deal->check)},
                                           {"stake", options.streams ? Json(to_string(deal->stake)) : Json()},
                                           {"streams", options.streams ? Json::integer(*options.streams) : Json()}}));
  return exit_holds;
}

}  // namespace p2pllm::app
