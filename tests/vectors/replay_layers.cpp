#include <catch2/catch.hpp>
#include <cstdlib>

#include "model/layers/convert.hpp"
#include "model/layers/model_file.hpp"
#include "model/layers/tokenizer.hpp"
#include "reference/layers/layer_vectors.hpp"
#include "reference/layers/reference_layers.hpp"
#include "reference/layers/sampling.hpp"
#include "tests/vectors/hex.hpp"
#include "tests/vectors/vectors.hpp"

using namespace p2pllm;
using namespace p2pllm::reference;
using vectors::Case;

namespace {

constexpr long long word = std::numeric_limits<long long>::max();

std::int64_t integer_at(const JsonCursor& field) {
  return field.integer(-word, word, "an integer of 64 bits is expected here");
}
std::int64_t written_at(const JsonCursor& field) { return std::stoll(field.string()); }

template <typename T = std::int64_t>
std::vector<T> integers_at(const JsonCursor& field) {
  std::vector<T> numbers;
  for (const JsonCursor& item : field.items()) numbers.push_back(static_cast<T>(integer_at(item)));
  return numbers;
}
std::vector<std::uint64_t> words_at(const JsonCursor& field) {
  std::vector<std::uint64_t> numbers;
  for (const JsonCursor& item : field.items()) numbers.push_back(std::stoull(item.string()));
  return numbers;
}
double float_at(const JsonCursor& field) { return std::strtod(field.string().c_str(), nullptr); }

/// Fails at a list that has not so many items.
void has(const Case& c, const JsonCursor& list, std::int64_t items) {
  const bool holds = list.size() == static_cast<std::size_t>(items);
  c.require(c.where(list), holds, std::to_string(items) + " items");
  if (!holds) list.fail("another number of items is computed");
}

template <typename Numbers>
void equal(const Case& c, const JsonCursor& field, const Numbers& computed) {
  has(c, field, static_cast<std::int64_t>(computed.size()));
  const std::vector<JsonCursor> items = field.items();
  for (std::size_t i = 0; i < items.size(); ++i) c.equal(items[i], static_cast<long long>(computed[i]));
}

BlockVector<std::int64_t> block_at(const JsonCursor& field) {
  const std::vector<JsonCursor> parts = field.items();
  return {integers_at(parts[0]), integer_at(parts[1])};
}
std::vector<BlockVector<std::int64_t>> blocks_at(const JsonCursor& field) {
  std::vector<BlockVector<std::int64_t>> blocks;
  for (const JsonCursor& item : field.items()) blocks.push_back(block_at(item));
  return blocks;
}

/// The row that the function of a case computes.
std::vector<std::int64_t> row_of(const Case& c, const std::string& function) {
  const auto bits = [&] { return integer_at(c.given("fraction_bits")); };
  if (function == "norm") {
    const ExactGain gain{integers_at<std::int16_t>(c.given("factors")), integer_at(c.given("exponent"))};
    return normed<std::int64_t>(integers_at(c.given("row")), gain, integer_at(c.given("epsilon")), bits());
  }
  if (function == "rotated") {
    std::vector<std::int64_t> row = integers_at(c.given("row"));
    turn<std::int64_t>(row, integer_at(c.given("position")), words_at(c.given("frequencies")));
    return row;
  }
  return attended(block_at(c.given("query")), blocks_at(c.given("keys")), blocks_at(c.given("values")),
                  integer_at(c.given("scale")), bits());
}

std::int64_t value_of(const Case& c, const std::string& function) {
  if (function == "sine") return sine<std::int64_t>(static_cast<std::uint32_t>(written_at(c.given("value"))));
  if (function == "power") return power_of_half(written_at(c.given("value")));
  if (function == "rounded") return rounded_shift(written_at(c.given("value")), integer_at(c.given("shift")));
  const std::vector<std::int64_t> gate{integer_at(c.given("gate"))};
  const std::vector<std::int64_t> up{integer_at(c.given("up"))};
  return gated_row<std::int64_t>(gate, up, integer_at(c.given("fraction_bits")))[0];
}

/// Values in units of 2^-20.
std::vector<double> values_at(const JsonCursor& field) {
  std::vector<double> values;
  for (const std::int64_t number : integers_at(field)) values.push_back(static_cast<double>(number) / (1 << 20));
  return values;
}
FloatMatrix matrix_at(const JsonCursor& field) {
  std::vector<std::vector<double>> rows;
  for (const JsonCursor& row : field.items()) rows.push_back(values_at(row));
  FloatMatrix matrix{
      .rows = static_cast<std::int64_t>(rows.size()), .columns = static_cast<std::int64_t>(rows[0].size()), .read = {}};
  matrix.read = [rows](std::int64_t row, std::span<double> values) {
    std::ranges::copy(rows[static_cast<std::size_t>(row)], values.begin());
  };
  return matrix;
}

FloatModel float_model_at(const Case& c) {
  const JsonCursor size = c.given("size");
  const auto of = [&](const char* name) { return integer_at(size.member(name)); };
  FloatModel model;
  model.shape = {.layers = of("layers"),
                 .width = of("width"),
                 .hidden = of("hidden"),
                 .heads = of("heads"),
                 .kv_heads = of("kv_heads"),
                 .head_width = of("head_width"),
                 .vocabulary = of("vocabulary"),
                 .context = of("context"),
                 .fraction_bits = 0};
  model.epsilon = float_at(c.given("epsilon"));
  model.rope_base = float_at(c.given("base"));
  model.name = c.given("model_name").string();
  model.licence = c.given("licence").string();
  model.tokenizer = byte_tokenizer();
  model.embedding = matrix_at(c.given("embedding"));
  const JsonCursor layers = c.given("tensors");
  for (const JsonCursor& layer : layers.items())
    model.layers.push_back({.attention_norm = values_at(layer.member("attention_norm")),
                            .query = matrix_at(layer.member("query")),
                            .key = matrix_at(layer.member("key")),
                            .value = matrix_at(layer.member("value")),
                            .output = matrix_at(layer.member("output")),
                            .feed_norm = values_at(layer.member("feed_norm")),
                            .gate = matrix_at(layer.member("gate")),
                            .up = matrix_at(layer.member("up")),
                            .down = matrix_at(layer.member("down"))});
  model.norm = values_at(c.given("norm"));
  if (!c.given("head").value().is_null()) model.head = matrix_at(c.given("head"));
  return model;
}

/// Replays the tokens of a case on an engine.
void run_tokens(const Case& c, const LayerEngine& engine) {
  const ModelShape& shape = engine.shape();
  const auto run = engine.start({0, shape.layers});
  const std::vector<std::int64_t> tokens = integers_at(c.given("tokens"));
  const JsonCursor rows = c.expected().member("rows");
  has(c, rows, static_cast<std::int64_t>(tokens.size()));
  const std::vector<JsonCursor> expected = rows.items();
  std::vector<std::int32_t> row(static_cast<std::size_t>(shape.width));
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    engine.embed(tokens[i], row);
    run->append(row);
    equal(c, expected[i], row);
  }
  std::vector<std::int32_t> logits(static_cast<std::size_t>(shape.vocabulary));
  engine.logits(row, logits);
  equal(c, c.expected().member("logits"), logits);
  const JsonCursor kept = c.expected().member("kept");
  has(c, kept, shape.layers);
  for (std::size_t l = 0; l < kept.size(); ++l) {
    const JsonCursor layer = kept.item(l);
    has(c, layer, shape.kv_heads);
    for (std::size_t h = 0; h < layer.size(); ++h) {
      const JsonCursor head = layer.item(h);
      has(c, head, 2);
      for (const CachePart part : {CachePart::key, CachePart::value}) {
        const JsonCursor entry = head.item(part == CachePart::key ? 0 : 1);
        has(c, entry, 2);
        const CacheEntry computed = run->cache_entry(static_cast<std::int64_t>(l), static_cast<std::int64_t>(h), part,
                                                     static_cast<std::int64_t>(tokens.size()) - 1);
        equal(c, entry.item(0), computed.values);
        c.equal(entry.item(1), static_cast<long long>(computed.exponent));
      }
    }
  }
}

}  // namespace

TEST_CASE("layers are computed as the vectors say",
          "[layer][LAYER-1][LAYER-2][LAYER-3][LAYER-6][LAYER-7][LAYER-8][LAYER-9][SAMPLE-1][SAMPLE-2]") {
  vectors::replay("layer", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    const std::string function = c.given("function").string();
    if (function == "block") {
      const auto block = block_vector<std::int64_t>(integers_at(c.given("row")));
      equal(c, expect.member("numbers"), block.values);
      c.equal(expect.member("exponent"), static_cast<long long>(block.exponent));
    } else if (function == "sampled") {
      const auto sampling =
          sampling_of(c.given("temperature").rational(), static_cast<std::uint64_t>(written_at(c.given("seed"))),
                      integer_at(c.given("fraction_bits")));
      REQUIRE(sampling);
      const auto logits = integers_at<std::int32_t>(c.given("logits"));
      c.equal(expect.member("token"),
              static_cast<long long>(next_token(logits, *sampling, integer_at(c.given("position")))));
    } else if (const auto row = expect.optional_member("row")) {
      equal(c, *row, row_of(c, function));
    } else {
      c.equal(expect.member("value"), std::to_string(value_of(c, function)));
    }
  });
}

TEST_CASE("weights are converted as the vectors say", "[conversion][MODEL-3][MODEL-4][LAYER-6][LAYER-7]") {
  vectors::replay("conversion", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    const std::string kind = c.given("kind").string();
    if (kind == "scale") {
      c.equal(expect.member("scale"), static_cast<long long>(score_scale_of(integer_at(c.given("head_width")))));
      return;
    }
    if (kind == "frequencies") {
      const auto computed = rotation_frequencies(float_at(c.given("base")), integer_at(c.given("head_width")));
      const JsonCursor list = expect.member("frequencies");
      has(c, list, static_cast<std::int64_t>(computed.size()));
      for (std::size_t i = 0; i < computed.size(); ++i) c.equal(list.item(i), std::to_string(computed[i]));
      return;
    }
    std::vector<double> values;
    const JsonCursor listed = c.given("values");
    for (const JsonCursor& item : listed.items()) values.push_back(float_at(item));
    if (kind == "factors") {
      const ExactGain gain = convert_gain(values);
      equal(c, expect.member("factors"), gain.values);
      c.equal(expect.member("exponent"), static_cast<long long>(gain.exponent));
      return;
    }
    const ExactRow row = convert_row(values);
    equal(c, expect.member("weights"), row.weights);
    equal(c, expect.member("multipliers"), row.multipliers);
    c.equal(expect.member("exponent"), static_cast<long long>(row.exponent));
  });
}

TEST_CASE("models are converted, written, read and run as the vectors say",
          "[model][LAYER-4][LAYER-5][LAYER-9][LAYER-10][MODEL-1][MODEL-2][MODEL-3]") {
  vectors::replay("model", [](const Case& c) {
    const JsonCursor& expect = c.expected();
    const auto converted =
        convert_model(float_model_at(c), "case", integer_at(c.given("size").member("fraction_bits")));
    REQUIRE(converted);
    c.equal(expect.member("id"), to_hex(header_of(*converted).id()));
    Bytes file;
    for (const Bytes& part : write_model(*converted)) file.insert(file.end(), part.begin(), part.end());
    c.equal(expect.member("bytes"), static_cast<long long>(file.size()));
    c.equal(expect.member("file"), to_hex(sha256(file)));
    const auto read = read_model(file, "case");
    REQUIRE(read);
    c.require("/id", *read == *converted, "another model");
    run_tokens(c, ReferenceLayers(*read));
  });
}
