#include <fmt/core.h>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/layers/engine.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/layers/micro_step_text.hpp"
#include "apps/p2pllm/layers/model_input.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/contracts/commitment.hpp"
#include "model/layers/commitment_file.hpp"
#include "reference/layers/micro_run.hpp"

namespace p2pllm::app {
namespace {

/// A place of a computation, and what is computed anew up to it.
struct Prefix {
  const LayerEngine& engine;
  const CommitmentFile& file;
  StepPlace place;

  std::vector<std::int32_t> entering = {};  ///< the row that enters the step
  std::vector<Hash> outputs = {};           ///< the hashes of the rows that left before
  std::unique_ptr<LayerRun> run = {};       ///< all layers, up to the place's position

  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(engine.shape().width); }
  /// The rows of the first tokens, as they enter.
  [[nodiscard]] std::vector<std::int32_t> rows(std::int64_t positions) const {
    std::vector<std::int32_t> rows(static_cast<std::size_t>(positions) * width());
    for (std::size_t p = 0; p < static_cast<std::size_t>(positions); ++p)
      engine.embed(file.token(p), std::span(rows).subspan(p * width(), width()));
    return rows;
  }
};

/// The first step before the place whose state is not that of the commitment, or the input as step 0; nothing if the
/// commitment is true up to there.
std::optional<std::size_t> compute(Prefix& prefix) {
  const CommitmentRecord& claimed = prefix.file.record;
  const Computation& computation = claimed.computation;
  prefix.run = prefix.engine.start(computation.layers);
  std::vector<std::int32_t> rows = prefix.rows(prefix.place.position + 1);
  const std::size_t before = static_cast<std::size_t>(computation.first_position) * prefix.width();
  if (before > 0) prefix.run->append(std::span(rows).first(before));
  prefix.run->begin_commitment(claimed.model);
  prefix.run->append(std::span(rows).subspan(before));
  for (std::size_t at = before; at + prefix.width() < rows.size(); at += prefix.width())
    prefix.outputs.push_back(row_hash(bytes_of_numbers(std::span(rows).subspan(at, prefix.width()))));
  const CommitmentRecord& own = prefix.run->commitment();
  if (own.input != claimed.input) return 0;
  const auto steps = static_cast<std::size_t>(step_number(computation, prefix.place.position, prefix.place.layer) - 1);
  for (std::size_t step = 0; step < steps; ++step)
    if (own.states[step] != claimed.states[step]) return step + 1;

  rows = prefix.rows(prefix.place.position + 1);
  if (prefix.place.layer > computation.layers.first)
    prefix.engine.start({computation.layers.first, prefix.place.layer})->append(rows);
  prefix.entering.assign(rows.end() - static_cast<std::ptrdiff_t>(prefix.width()), rows.end());
  return std::nullopt;
}

/// Gives a prover what the steps before the place kept, and runs it there.
reference::MicroRecord opened(const Prefix& prefix, reference::MicroRun& prover) {
  const LayerRange& layers = prefix.file.record.computation.layers;
  const StepPlace& place = prefix.place;
  for (std::int64_t layer = layers.first; layer < layers.last; ++layer)
    for (std::int64_t head = 0; head < prefix.engine.shape().kv_heads; ++head)
      for (std::int64_t position = 0; position < place.position + (layer < place.layer ? 1 : 0); ++position) {
        const CacheEntry key = prefix.run->cache_entry(layer, head, CachePart::key, position);
        const std::vector<std::int16_t> numbers(key.values.begin(), key.values.end());
        const CacheEntry value = prefix.run->cache_entry(layer, head, CachePart::value, position);
        prover.remember(layer, head, encode_cache_entry(numbers, key.exponent, value.values, value.exponent));
      }
  const bool enters = place.layer == layers.first;
  prover.resume(place.position, place.layer, prefix.outputs,
                !enters                  ? row_hash(bytes_of_numbers(prefix.entering))
                : prefix.outputs.empty() ? merkle_root({})
                                         : prefix.outputs.back());
  prover.begin(prefix.entering);
  reference::MicroRecord record = prover.next();
  while (record.place.micro < place.micro) record = prover.next();
  return record;
}

/// The place that the options name, in the computation and in the schedule.
Result<StepPlace> place_of(const DisputeOptions& options, const CommitmentFile& file, const ModelShape& shape) {
  const Computation& computation = file.record.computation;
  StepPlace place{options.position < 0 ? computation.first_position : options.position,
                  options.layer < 0 ? computation.layers.first : options.layer, options.micro};
  if (place.position < computation.first_position || place.position >= file.positions())
    return bad_input(
        "--position", std::to_string(place.position),
        fmt::format("the computation has the positions {} to {}", computation.first_position, file.positions() - 1));
  if (place.layer < computation.layers.first || place.layer >= computation.layers.last)
    return bad_input(
        "--layer", std::to_string(place.layer),
        fmt::format("the computation has the layers {} to {}", computation.layers.first, computation.layers.last - 1));
  const std::int64_t count = reference::micro_step_count(shape, place.position);
  if (place.micro > count)
    return bad_input("--micro", std::to_string(place.micro), fmt::format("the step has {} micro-steps", count));
  if (place.micro == 0) place.micro = count;
  return place;
}

/// Whether the file can be of a computation of this model, from tokens on.
Result<void> check_model(const CommitmentFile& file, const ModelHeader& header, const std::string& name) {
  const ModelShape& shape = header.manifest.shape;
  const LayerRange& layers = file.record.computation.layers;
  if (file.record.model != header.id())
    return bad_input(name + ": /model", to_hex(file.record.model),
                     "it must be the id of the model, " + to_hex(header.id()));
  if (layers.first != 0 || layers.last > shape.layers)
    return bad_input(name + ": /layers", to_string(layers),
                     fmt::format("it must begin at 0, and the model has {} layers", shape.layers));
  if (file.positions() > shape.context)
    return bad_input(name + ": /states", counted(static_cast<std::size_t>(file.positions()), "position"),
                     fmt::format("the model's context has {} positions", shape.context));
  for (std::int64_t p = 0; p < file.positions(); ++p)
    if (file.token(static_cast<std::size_t>(p)) >= shape.vocabulary)
      return bad_input(name + ": /prompt or /generated", std::to_string(file.token(static_cast<std::size_t>(p))),
                       fmt::format("the model has {} tokens", shape.vocabulary));
  return {};
}

/// @param differs  the first step before that differs: nothing was made
void print_made(const DisputeFile& made, const ModelShape& shape, std::optional<std::size_t> differs, bool json) {
  if (!json && differs) {
    fmt::print("differs: the state after step {} is another one than the model computes\n", *differs);
    return;
  }
  if (!json) {
    fmt::print("opened   {}\n         {}\n", place_text(shape, made.place), micro_step_text(shape, made.place));
    return;
  }
  fmt::print("{}",
             write_json(Json::Object{
                 {"model", to_hex(made.model)},
                 {"position", Json::integer(made.place.position)},
                 {"layer", Json::integer(made.place.layer)},
                 {"micro", Json::integer(made.place.micro)},
                 {"micro_steps", Json::integer(reference::micro_step_count(shape, made.place.position))},
                 {"micro_step", micro_step_text(shape, made.place)},
                 {"false_step", differs ? Json::integer(static_cast<long long>(*differs)) : Json()},
                 {"witness_bytes", differs ? Json() : Json::integer(static_cast<long long>(made.witness.size()))}}));
}

}  // namespace

int run_dispute(const DisputeOptions& options) {
  if (const auto inputs = check_inputs({options.commitment, options.model}); !inputs) return complain(inputs.error());
  if (const auto outputs = check_outputs({options.dispute}, {options.commitment, options.model}); !outputs)
    return complain(outputs.error());
  const auto input = read_input(options.commitment, commitment_bytes_max);
  if (!input) return complain(input.error());
  const auto file = read_commitment(input->bytes, input->name);
  if (!file) return complain(file.error());
  const auto model = load_model(options.model);
  if (!model) return complain(model.error());
  const ModelHeader header = header_of(*model);
  if (const auto fits = check_model(*file, header, input->name); !fits) return complain(fits.error());
  const auto place = place_of(options, *file, model->shape);
  if (!place) return complain(place.error());

  const auto engine = fast_layers(0, *model);
  Prefix prefix{.engine = *engine, .file = *file, .place = *place};
  const Computation& computation = file->record.computation;
  DisputeFile made;
  made.model = file->record.model;
  made.computation = computation;
  made.place = *place;
  if (const auto differs = compute(prefix)) {
    print_made(made, model->shape, differs, options.json);
    return exit_refuted;
  }
  const reference::ExactTensors tensors(*model);
  reference::MicroRun prover(header, tensors, computation);
  reference::MicroRecord record = opened(prefix, prover);
  const auto step = static_cast<std::size_t>(step_number(computation, place->position, place->layer));
  const bool is_last = place->micro == reference::micro_step_count(model->shape, place->position);
  made.before = std::move(record.before);
  made.after = is_last ? file->record.states[step - 1] : record.after_hash;
  made.witness = std::move(record.witness);
  if (options.falsify) made.after[0] ^= 1;
  if (const auto written = write_output(options.dispute, write_dispute(made)); !written)
    return complain(written.error());
  print_made(made, model->shape, std::nullopt, options.json);
  return exit_holds;
}

}  // namespace p2pllm::app
