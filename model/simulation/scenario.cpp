#include "model/simulation/scenario.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/crypto/sha256.hpp"

namespace p2pllm {
namespace {

constexpr const char* boundary_rule = "a layer boundary must be an integer in 0 .. 1000000";
constexpr int decimals_max = 18;
constexpr std::int64_t all_ticks_max = 1'000'000'000'000'000'000;  // of a run

Rational positive(const JsonCursor& place, const char* rule) {
  Rational value = place.rational();
  if (value.sign() <= 0) place.fail(rule);
  return value;
}

Rational probability(const JsonCursor& place) {
  Rational value = place.rational();
  if (value.sign() < 0 || value > Rational(1)) place.fail("a probability must lie in [0, 1]");
  return value;
}

Rational temperature_or_scale(const JsonCursor& place) { return positive(place, "it must be greater than 0"); }

LayerRange read_range(const JsonCursor& place) {
  if (place.size() != 2) place.fail("a layer range is [first, last), two numbers");
  const LayerRange range{place.item(0).integer(0, market_layers_max, boundary_rule),
                         place.item(1).integer(0, market_layers_max, boundary_rule)};
  if (range.first >= range.last) place.fail("a layer range must not be empty or inverted: first < last");
  return range;
}

/// @param may_be_zero  whether a constant of 0 is allowed
DrawnNumber read_drawn(const JsonCursor& place, bool may_be_zero, const char* rule) {
  if (place.value().as_object() == nullptr) {
    const Rational value = place.rational();
    if (value.sign() < 0 || (value.sign() == 0 && !may_be_zero)) place.fail(rule);
    return {value, value, {}};
  }
  place.require_object({"uniform", "decimals"});
  const JsonCursor ends = place.member("uniform");
  if (ends.size() != 2) ends.fail("a uniform quantity has a least and a greatest value, two numbers");
  DrawnNumber range{ends.item(0).rational(), ends.item(1).rational(), {}};
  if (range.least.sign() < 0 || (range.least.sign() == 0 && !may_be_zero)) ends.item(0).fail(rule);
  if (range.most <= range.least) ends.item(1).fail("the greatest value must exceed the least one");
  if (const auto decimals = place.optional_member("decimals"))
    range.decimals = static_cast<int>(decimals->integer(0, decimals_max, "decimals must be an integer in 0 .. 18"));
  if (!may_be_zero && value_at(range, 0).sign() == 0) place.fail("the least value rounds to 0");
  return range;
}

/// The value of a name out of a list.
template <typename T>
T one_of(const JsonCursor& place, std::initializer_list<std::pair<std::string_view, T>> known) {
  std::string list;
  for (const auto& [name, value] : known) {
    if (place.string() == name) return value;
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  place.fail("one of these is expected: " + list);
}

/// "probability" has a number, the other choices are names.
template <typename T>
std::pair<T, Rational> choice_or_probability(const JsonCursor& place, T drawn,
                                             std::initializer_list<std::pair<std::string_view, T>> known) {
  if (place.value().as_object() == nullptr) return {one_of(place, known), 1};
  place.require_object({"probability"});
  return {drawn, probability(place.member("probability"))};
}

class ScenarioReader {
 public:
  Scenario read(const JsonCursor& root) {
    if (root.optional_member("format")) require_format(root, "p2pllm-scenario/1");
    root.require_object({"format", "name", "description", "network", "alpha", "scales", "temperature", "steps",
                         "prices", "monopoly", "migration", "script", "requests", "churn", "ledger", "step_ticks",
                         "record", "tolerance", "seeds"});
    require_format(root, "p2pllm-scenario/1");
    scenario_.name = root.member("name").string();
    if (const auto description = root.optional_member("description")) scenario_.description = description->string();
    scenario_.steps = root.member("steps").integer(0, steps_max, "steps must be an integer in 0 .. 10000000");
    read_network(root.member("network"));
    read_weights(root);
    read_prices(root.member("prices"));
    if (const auto monopoly = root.optional_member("monopoly")) read_monopoly(*monopoly);
    if (const auto migration = root.optional_member("migration"); migration && !migration->value().is_null())
      read_migration(*migration);
    if (const auto script = root.optional_member("script")) read_script(*script);
    if (const auto ticks = root.optional_member("step_ticks")) {
      scenario_.step_ticks = read_ticks(*ticks);
      if (scenario_.steps > 0 && scenario_.step_ticks > all_ticks_max / scenario_.steps)
        ticks->fail("steps times the ticks of a step may be at most 10^18");
    }
    if (const auto requests = root.optional_member("requests"); requests && !requests->value().is_null())
      read_requests(*requests);
    if (const auto churn = root.optional_member("churn"); churn && !churn->value().is_null()) read_churn(*churn);
    if (const auto ledger = root.optional_member("ledger"); ledger && !ledger->value().is_null()) read_ledger(*ledger);
    if (scenario_.prices.update == PriceUpdates::served && !scenario_.requests)
      root.member("prices").member("update").fail("without requests nobody serves any");
    read_record(root.member("record"));
    scenario_.tolerance = positive(root.member("tolerance"), "the tolerance must be greater than 0");
    if (const auto seeds = root.optional_member("seeds")) read_seeds(*seeds);
    return std::move(scenario_);
  }

 private:
  void read_network(const JsonCursor& place) {
    if (const auto file = place.optional_member("file")) {
      place.require_object({"file"});
      scenario_.network = NetworkFile{file->string()};
      return;
    }
    place.require_object({"generate"});
    read_generated(place.member("generate"));
  }

  void read_generated(const JsonCursor& place) {
    place.require_object({"layers", "counts", "cost", "price"});
    GeneratedNetwork network;
    const JsonCursor layers = place.member("layers");
    const std::int64_t m =
        layers.integer(1, market_layers_max, "the number of layers must be an integer in 1 .. 1000000");
    const JsonCursor counts = place.member("counts");
    if (counts.size() != static_cast<std::size_t>(m)) counts.fail("one count a layer is expected");
    for (const JsonCursor& count : counts.items())
      network.counts.push_back(count.integer(0, peers_max, "a count must be an integer in 0 .. 10000000"));
    const std::int64_t peers = network.peers();
    if (peers == 0) counts.fail("at least one peer is required");
    if (peers > peers_max) counts.fail("at most 10000000 peers are allowed");
    if (scenario_.steps > 0 && peers > peer_steps_max / scenario_.steps)
      counts.fail("peers times steps may be at most 10^12");
    network.cost = read_drawn(place.member("cost"), false, "a cost must be greater than 0");
    network.price = read_drawn(place.member("price"), true, "a price must be at least 0");
    scenario_.network = std::move(network);
  }

  void read_weights(const JsonCursor& root) {
    const bool is_file = std::holds_alternative<NetworkFile>(scenario_.network);
    if (const auto alpha = root.optional_member("alpha")) {
      scenario_.alpha = alpha->rational();
      if (scenario_.alpha->sign() < 0 || *scenario_.alpha > Rational(1)) alpha->fail("alpha must lie in [0, 1]");
    } else if (!is_file) {
      root.fail("the key \"alpha\" is required here");
    }
    if (const auto scales = root.optional_member("scales")) {
      if (is_file) scales->fail("a network file states its own scales");
      scales->require_object({"cost", "price"});
      if (const auto cost = scales->optional_member("cost")) scenario_.cost_scale = temperature_or_scale(*cost);
      if (const auto price = scales->optional_member("price")) scenario_.price_scale = temperature_or_scale(*price);
    }
    if (const auto temperature = root.optional_member("temperature")) {
      if (is_file) temperature->fail("a network file states its own temperature");
      scenario_.temperature = temperature_or_scale(*temperature);
    }
  }

  void read_prices(const JsonCursor& place) {
    place.require_object({"eta", "update", "every"});
    PriceRule& prices = scenario_.prices;
    prices.eta = positive(place.member("eta"), "the learning rate must be greater than 0");
    if (const auto update = place.optional_member("update"))
      std::tie(prices.update, prices.probability) = choice_or_probability<PriceUpdates>(
          *update, PriceUpdates::probability,
          {{"all", PriceUpdates::all}, {"one_layer", PriceUpdates::one_layer}, {"served", PriceUpdates::served}});
    if (const auto every = place.optional_member("every")) prices.every = period(*every);
  }

  static std::int64_t period(const JsonCursor& place) {
    return place.integer(1, steps_max, "a period is a number of steps, an integer in 1 .. 10000000");
  }

  void read_monopoly(const JsonCursor& place) {
    if (place.value().as_object() == nullptr) {
      scenario_.monopoly =
          Monopoly{one_of<MonopolyRule>(place, {{"hold", MonopolyRule::hold}, {"ascend", MonopolyRule::ascend}}), 0};
      return;
    }
    place.require_object({"cap"});
    scenario_.monopoly = Monopoly{MonopolyRule::cap, positive(place.member("cap"), "a cap must be greater than 0")};
  }

  void read_migration(const JsonCursor& place) {
    place.require_object({"period", "schedule", "rule", "tie"});
    MigrationPlan plan;
    plan.period = period(place.member("period"));
    std::tie(plan.schedule, plan.probability) =
        choice_or_probability<MigrationSchedule>(place.member("schedule"), MigrationSchedule::probability,
                                                 {{"sweep", MigrationSchedule::sweep},
                                                  {"sweep_random", MigrationSchedule::sweep_random},
                                                  {"next", MigrationSchedule::next},
                                                  {"one_random", MigrationSchedule::one_random},
                                                  {"best", MigrationSchedule::best},
                                                  {"first", MigrationSchedule::first},
                                                  {"gainer_random", MigrationSchedule::gainer_random}});
    if (const auto rule = place.optional_member("rule"))
      plan.rule = one_of<WeightRule>(
          *rule, {{"share", WeightRule::share}, {"count", WeightRule::count}, {"revenue", WeightRule::revenue}});
    if (const auto tie = place.optional_member("tie"))
      plan.tie = one_of<TieRule>(*tie, {{"lowest", TieRule::lowest}, {"random", TieRule::random}});
    scenario_.migration = plan;
  }

  void read_script(const JsonCursor& place) {
    for (const JsonCursor& move : place.items()) {
      move.require_object({"step", "from", "to"});
      const JsonCursor at = move.member("step");
      const std::int64_t step = at.integer(1, scenario_.steps, "a move's step must be an integer in 1 .. steps");
      if (!scenario_.script.empty() && step < scenario_.script.back().step)
        at.fail("moves must be listed by rising step");
      const LayerRange from = read_range(move.member("from"));
      const JsonCursor target = move.member("to");
      const LayerRange to = read_range(target);
      if (to.last - to.first != from.last - from.first) target.fail("a move keeps the length of the range");
      if (to == from) target.fail("a move leads to another range");
      scenario_.script.push_back({step, from, to});
    }
  }

  static std::int64_t read_ticks(const JsonCursor& place) {
    return place.integer(1, ticks_max, "a duration is a number of ticks, an integer in 1 .. 10^15");
  }

  void read_requests(const JsonCursor& place) {
    place.require_object({"mode", "poisson_per_step", "cost_ticks", "service", "warm_up"});
    RequestPlan plan;
    plan.mode = one_of<RequestMode>(
        place.member("mode"),
        {{"least", RequestMode::least}, {"gumbel", RequestMode::gumbel}, {"boltzmann", RequestMode::boltzmann}});
    const JsonCursor rate = place.member("poisson_per_step");
    plan.per_step = positive(rate, "the rate of requests must be greater than 0");
    if (plan.per_step * Rational(scenario_.steps) > Rational(requests_max))
      rate.fail("a run of " + std::to_string(scenario_.steps) + " steps would have more than 10^8 requests");
    check_gap(rate, plan.per_step);
    plan.cost_ticks = read_ticks(place.member("cost_ticks"));
    if (const auto service = place.optional_member("service"))
      plan.service = one_of<ServiceTime>(
          *service, {{"constant", ServiceTime::constant}, {"exponential", ServiceTime::exponential}});
    if (const auto warm_up = place.optional_member("warm_up"))
      plan.warm_up = warm_up->integer(0, scenario_.steps, "a warm-up is a number of steps, an integer in 0 .. steps");
    scenario_.requests = plan;
  }

  void read_ledger(const JsonCursor& place) {
    if (const auto* is_on = place.value().as_bool()) {
      if (*is_on) scenario_.ledger = PaymentPlan();
    } else {
      place.require_object({"unit", "deposit"});
      constexpr const char* rule = "it must be an integer in 1 .. 10^12";
      scenario_.ledger = PaymentPlan{place.member("unit").integer(1, money_max, rule),
                                     place.member("deposit").integer(1, money_max, rule)};
    }
    if (scenario_.ledger && !scenario_.requests) place.fail("without requests nobody pays any");
  }

  void read_churn(const JsonCursor& place) {
    place.require_object({"joins_per_step", "mean_lifetime", "target"});
    Churn churn;
    const auto* generated = std::get_if<GeneratedNetwork>(&scenario_.network);
    if (const auto joins = place.optional_member("joins_per_step")) {
      churn.joins_per_step = joins->rational();
      if (churn.joins_per_step.sign() < 0) joins->fail("a rate of joining must be at least 0");
      if (churn.joins_per_step.sign() > 0 && generated == nullptr)
        joins->fail("nodes join a generated network only: a network file does not say what they would be");
      if (generated != nullptr &&
          Rational(generated->peers()) + churn.joins_per_step * Rational(scenario_.steps) > Rational(peers_max))
        joins->fail("more than 10000000 peers would take part in the run");
      check_gap(*joins, churn.joins_per_step);
    }
    if (const auto lifetime = place.optional_member("mean_lifetime")) {
      churn.mean_lifetime = positive(*lifetime, "a mean lifetime must be greater than 0");
      if (*churn.mean_lifetime * Rational(scenario_.step_ticks) > Rational(ticks_max))
        lifetime->fail("a mean lifetime may have at most 10^15 ticks");
    }
    if (const auto target = place.optional_member("target"))
      churn.target = one_of<JoinTarget>(*target, {{"best", JoinTarget::best}, {"random", JoinTarget::random}});
    scenario_.churn = churn;
  }

  /// Refuses a rate at which too many ticks pass between two events.
  void check_gap(const JsonCursor& place, const Rational& per_step) const {
    if (per_step.sign() > 0 && per_step * Rational(ticks_max) < Rational(scenario_.step_ticks))
      place.fail("more than 10^15 ticks would pass between two of them");
  }

  void read_record(const JsonCursor& place) {
    for (const JsonCursor& at : place.items()) {
      const std::int64_t step = at.integer(0, scenario_.steps, "a recorded step must be an integer in 0 .. steps");
      if (!scenario_.record.empty() && step <= scenario_.record.back()) at.fail("recorded steps must rise");
      scenario_.record.push_back(step);
    }
    if (scenario_.record.empty()) place.fail("at least one step must be recorded");
  }

  void read_seeds(const JsonCursor& place) {
    if (place.size() != 2) place.fail("seeds are [first, last], two numbers");
    constexpr const char* rule = "a seed must be an integer in 0 .. 2^63 - 1";
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    scenario_.first_seed = place.item(0).integer(0, most, rule);
    scenario_.last_seed = place.item(1).integer(0, most, rule);
    if (scenario_.last_seed < scenario_.first_seed) place.item(1).fail("the last seed must not precede the first");
    if (scenario_.last_seed - scenario_.first_seed >= seeds_max) place.item(1).fail("at most 10^6 seeds are allowed");
  }

  Scenario scenario_;
};

}  // namespace

std::int64_t GeneratedNetwork::peers() const { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }

Result<Scenario> read_scenario(std::string_view bytes, const std::string& source,
                               const std::vector<ScenarioOverride>& overrides) {
  if (bytes.size() > scenario_bytes_max) return too_long(source, bytes.size(), scenario_bytes_max);
  auto document = parse_json(bytes, source);
  if (!document) return tl::unexpected<Fault>(document.error());
  if (const auto replaced = apply_overrides(*document, overrides); !replaced)
    return tl::unexpected<Fault>(replaced.error());
  try {
    Scenario scenario = ScenarioReader().read(JsonCursor(*document, source));
    scenario.sha256 = sha256_hex(write_json_line(*document));
    return scenario;
  } catch (const JsonCursor::Failure& failure) {
    return tl::unexpected<Fault>(failure.fault);
  }
}

}  // namespace p2pllm
