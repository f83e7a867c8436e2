#include "model/layers/commitment_file.hpp"

#include "model/contracts/commitment.hpp"
#include "model/crypto/hash_text.hpp"
#include "model/layers/model_shape.hpp"

namespace p2pllm {
namespace {

constexpr const char* commitment_format = "p2pllm-commitment/1";
constexpr const char* dispute_format = "p2pllm-dispute/1";
constexpr std::int64_t place_max = std::int64_t{1} << 40;  // more than any place has

Bytes bytes_at(const JsonCursor& place) {
  auto bytes = from_hex(place.string());
  if (!bytes) place.fail("two lower-case hexadecimal digits for each byte are required");
  return *std::move(bytes);
}

std::int64_t number_at(const JsonCursor& place, std::int64_t most) {
  return place.integer(0, most, ("must be an integer in 0 .. " + std::to_string(most)).c_str());
}

LayerRange layers_at(const JsonCursor& place) {
  if (place.size() != 2) place.fail("the first layer and the one after the last are required");
  return {number_at(place.item(0), model_layers_max), number_at(place.item(1), model_layers_max)};
}

std::vector<std::int64_t> tokens_at(const JsonCursor& place) {
  std::vector<std::int64_t> tokens;
  for (const JsonCursor& item : place.items()) tokens.push_back(number_at(item, vocabulary_max - 1));
  return tokens;
}

Json tokens_json(const std::vector<std::int64_t>& tokens) {
  Json::Array array;
  for (const std::int64_t token : tokens) array.push_back(Json::integer(token));
  return array;
}

Json layers_json(const LayerRange& layers) {
  return Json::Array{Json::integer(layers.first), Json::integer(layers.last)};
}

/// The leaves of the states (COMMIT-4).
std::vector<MerkleLeaf> leaves_of(const CommitmentRecord& record) {
  std::vector<MerkleLeaf> leaves;
  for (std::size_t step = 0; step < record.states.size(); ++step)
    leaves.push_back(
        contracts::commitment_leaf({.model = record.model,
                                    .step = step + 1,
                                    .first_layer = static_cast<std::uint64_t>(record.computation.layers.first),
                                    .last_layer = static_cast<std::uint64_t>(record.computation.layers.last),
                                    .before = step == 0 ? record.input : record.states[step - 1],
                                    .after = record.states[step]}));
  return leaves;
}

CommitmentFile commitment_at(const JsonCursor& root) {
  if (root.optional_member("format")) require_format(root, commitment_format);
  root.require_object({"format", "model", "layers", "first_position", "prompt", "generated", "steps", "input", "inputs",
                       "outputs", "root", "states"});
  require_format(root, commitment_format);
  CommitmentFile file;
  CommitmentRecord& record = file.record;
  record.model = hash_at(root.member("model"));
  const JsonCursor layers = root.member("layers"), states = root.member("states"), steps = root.member("steps");
  record.computation.layers = layers_at(layers);
  const auto of_position = record.computation.layers.last - record.computation.layers.first;
  if (of_position <= 0) layers.fail("a range of layers has at least one");
  record.computation.first_position = number_at(root.member("first_position"), context_max);
  file.prompt = tokens_at(root.member("prompt"));
  file.generated = tokens_at(root.member("generated"));
  record.input = hash_at(root.member("input"));
  record.inputs = hash_at(root.member("inputs"));
  record.outputs = hash_at(root.member("outputs"));
  for (const JsonCursor& item : states.items()) record.states.push_back(hash_at(item));
  const std::size_t count = record.states.size();
  if (count == 0 || count % static_cast<std::size_t>(of_position) != 0)
    states.fail("there is a state for each layer of each position, and at least one position");
  if (number_at(steps, place_max) != static_cast<std::int64_t>(count)) steps.fail("there is a state for each step");
  if (file.positions() > static_cast<std::int64_t>(file.prompt.size() + file.generated.size()))
    states.fail("there is a token for each position");
  record.leaves = leaves_of(record);
  const JsonCursor root_hash = root.member("root");
  record.root = hash_at(root_hash);
  if (record.root != merkle_root(record.leaves)) root_hash.fail("it must be the root over the leaves of the states");
  return file;
}

}  // namespace

std::int64_t CommitmentFile::positions() const {
  const LayerRange& layers = record.computation.layers;
  return record.computation.first_position +
         static_cast<std::int64_t>(record.states.size()) / (layers.last - layers.first);
}

Result<CommitmentFile> read_commitment(std::string_view text, const std::string& source) {
  return read_document(text, source, commitment_bytes_max, commitment_at);
}

std::string write_commitment(const CommitmentFile& file) {
  const CommitmentRecord& record = file.record;
  Json::Array states;
  for (const Hash& state : record.states) states.push_back(to_hex(state));
  return write_json(Json::Object{{"format", commitment_format},
                                 {"model", to_hex(record.model)},
                                 {"layers", layers_json(record.computation.layers)},
                                 {"first_position", Json::integer(record.computation.first_position)},
                                 {"prompt", tokens_json(file.prompt)},
                                 {"generated", tokens_json(file.generated)},
                                 {"steps", Json::integer(static_cast<long long>(record.states.size()))},
                                 {"input", to_hex(record.input)},
                                 {"inputs", to_hex(record.inputs)},
                                 {"outputs", to_hex(record.outputs)},
                                 {"root", to_hex(record.root)},
                                 {"states", std::move(states)}});
}

Result<DisputeFile> read_dispute(std::string_view text, const std::string& source) {
  return read_document(text, source, dispute_bytes_max, [](const JsonCursor& root) {
    if (root.optional_member("format")) require_format(root, dispute_format);
    root.require_object(
        {"format", "model", "layers", "first_position", "position", "layer", "micro", "before", "after", "witness"});
    require_format(root, dispute_format);
    DisputeFile file;
    file.model = hash_at(root.member("model"));
    file.computation = {layers_at(root.member("layers")), number_at(root.member("first_position"), place_max)};
    file.place = {number_at(root.member("position"), place_max), number_at(root.member("layer"), place_max),
                  number_at(root.member("micro"), place_max)};
    file.before = bytes_at(root.member("before"));
    file.after = hash_at(root.member("after"));
    file.witness = bytes_at(root.member("witness"));
    return file;
  });
}

std::string write_dispute(const DisputeFile& file) {
  return write_json(Json::Object{{"format", dispute_format},
                                 {"model", to_hex(file.model)},
                                 {"layers", layers_json(file.computation.layers)},
                                 {"first_position", Json::integer(file.computation.first_position)},
                                 {"position", Json::integer(file.place.position)},
                                 {"layer", Json::integer(file.place.layer)},
                                 {"micro", Json::integer(file.place.micro)},
                                 {"before", to_hex(file.before)},
                                 {"after", to_hex(file.after)},
                                 {"witness", to_hex(file.witness)}});
}

}  // namespace p2pllm
