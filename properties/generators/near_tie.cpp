#include "properties/generators/near_tie.hpp"

#include <rapidcheck.h>

namespace p2pllm::properties {
namespace {

mpz_class power_of_ten(unsigned long exponent) {
  mpz_class result;
  mpz_ui_pow_ui(result.get_mpz_t(), 10, exponent);
  return result;
}

Side side_of(const Rational& value, const Rational& tie) {
  return value < tie ? Side::below : tie < value ? Side::above : Side::exact;
}

/// The chains that avoid a node.
std::vector<brute_force::Candidate> avoiding(const World& world, std::size_t node) {
  std::vector<brute_force::Candidate> result;
  for (const auto& chain : world.chains)
    if (std::find(chain.nodes.begin(), chain.nodes.end(), node) == chain.nodes.end()) result.push_back(chain);
  return result;
}

}  // namespace

Side draw_side() { return draw_one_of({Side::exact, Side::below, Side::above}); }

Rational neighbour(const Rational& value, Side side, const mpz_class& steps) {
  if (side == Side::exact) return value;
  const mpz_class& p = value.numerator();
  const mpz_class& q = value.denominator();
  // p q' - p' q = 1 below and -1 above, so q' = p^-1 or -p^-1 modulo q.
  mpz_class next = 0;
  if (q > 1) mpz_invert(next.get_mpz_t(), p.get_mpz_t(), q.get_mpz_t());
  if (side == Side::above && q > 1) next = q - next;
  next += steps * q;
  const mpz_class unit = side == Side::below ? -1 : 1;
  return {mpz_class((p * next + unit) / q), next};
}

Rational draw_neighbour(const Rational& value, Side side) {
  const auto digits = draw_one_of<unsigned long>({0, 3, 12, 40});
  return neighbour(value, side, 2 * power_of_ten(digits));  // at one step, 0 is next to 1, but it is no cost
}

std::vector<Rational> convergents(const Rational& value) {
  std::vector<Rational> result;
  mpz_class before_p = 1, before_q = 0, p = floor(value), q = 1;
  Rational rest = value;
  for (;;) {
    result.emplace_back(p, q);
    rest -= Rational(floor(rest));
    if (rest.sign() == 0) return result;
    rest = Rational(1) / rest;
    const mpz_class digit = floor(rest);
    const mpz_class next_p = digit * p + before_p;
    const mpz_class next_q = digit * q + before_q;
    before_p = p, before_q = q, p = next_p, q = next_q;
  }
}

std::optional<NearTie> draw_near_tie() {
  World world(draw_network({.nodes_min = 2, .nodes_max = 8, .layers_max = 3}));
  Rational alpha = draw_alpha();
  if (world.chains.size() < 2) return std::nullopt;
  const auto lightest = brute_force::optimal(world.network, alpha, world.chains);
  const std::size_t raised =
      lightest.nodes[static_cast<std::size_t>(draw_integer(0, static_cast<std::int64_t>(lightest.nodes.size()) - 1))];
  const auto others = avoiding(world, raised);
  if (others.empty()) return std::nullopt;
  const auto rival = brute_force::optimal(world.network, alpha, others);

  // Raising the node's cost or price by the difference lifts every chain through it, the lightest to the rival's
  // weight.
  const Rational short_of =
      brute_force::weight(world.network, alpha, rival) - brute_force::weight(world.network, alpha, lightest);
  Node& node = world.network.nodes[raised];
  const bool by_price = alpha == Rational(1) || (alpha.sign() > 0 && draw_coin());
  Rational& number = by_price ? node.price : node.cost;
  const Rational unit = by_price ? alpha / world.network.price_scale : (Rational(1) - alpha) / world.network.cost_scale;
  const Rational tie = number + short_of / unit;
  const bool beside_alpha = Rational(0) < alpha && alpha < Rational(1) && draw_integer(0, 3) == 0;
  const Side side = beside_alpha || tie.sign() == 0 ? Side::exact : draw_side();
  number = side == Side::exact ? tie : draw_neighbour(tie, side);
  const Rational gap = abs(number - tie) * unit;
  // This is shown with a counterexample, before the alpha is moved.
  RC_LOG() << network_file(world.network) << "raised: " << raised << ", tied at alpha " << to_string(alpha) << "\n";
  if (beside_alpha) alpha = draw_neighbour(alpha, draw_coin() ? Side::below : Side::above);
  return NearTie{World(std::move(world.network)), alpha, beside_alpha, raised, side_of(number, tie), gap};
}

void reach_near_tie_classes(const NearTie& near) {
  const bool is_close = near.gap.sign() > 0 && near.gap < Rational(1, 1'000'000'000'000);
  reach("on the tie", near.side == Side::exact && !near.alpha_moved);
  reach("lighter by under 1e-12", near.side == Side::below && is_close);
  reach("heavier by under 1e-12", near.side == Side::above && is_close);
  reach("closer than 1e-40", is_close && near.gap * Rational(power_of_ten(40)) < Rational(1));
  reach("an alpha next to a tie", near.alpha_moved);
}

NearCollinear draw_near_collinear() {
  Network network;
  network.model_name = "near collinear";
  network.layers = 1;
  network.price_scale = draw_positive();
  network.cost_scale = draw_positive();
  const Rational price = draw_positive();
  const Rational time = draw_positive();
  const Rational dearer = draw_positive();
  const Rational faster = draw_positive();
  const std::int64_t parts = draw_integer(2, 30);
  const Rational along(draw_integer(1, parts - 1), parts);
  const Rational on_line = time + faster * (Rational(1) - along);
  const Side side = draw_side();
  const Rational second = draw_neighbour(on_line, side);
  network.nodes = {{"first", {0, 1}, time + faster, price},
                   {"second", {0, 1}, second, price + along * dearer},
                   {"third", {0, 1}, time, price + dearer}};
  return {network, side, abs(second - on_line)};
}

}  // namespace p2pllm::properties
