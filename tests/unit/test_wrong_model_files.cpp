#include <catch2/catch.hpp>
#include <functional>

#include "model/layers/float_files.hpp"
#include "model/layers/gguf.hpp"
#include "model/layers/llama2c.hpp"
#include "model/layers/safetensors.hpp"
#include "tests/support/weight_files.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

namespace {

std::string fault_of(const Bytes& file) {
  const auto read = read_float_model(file, "m");
  return read ? "none" : read.error().message();
}

void refuses(const Bytes& file, const std::string& line) {
  INFO(line);
  CHECK_THAT(fault_of(file), Catch::Matchers::Contains(line) && Catch::Matchers::StartsWith("m: "));
}

/// A GGUF file with a change before the keys, and one after the tensors.
Bytes changed(const std::function<void(FloatModel&)>& change, const std::function<void(GgufWriter&)>& before,
              const std::function<void(GgufWriter&)>& after = {}) {
  FloatModel model = random_float_model(small_float_shape(), 5, false);
  if (change) change(model);
  GgufWriter writer;
  if (before) before(writer);
  write_keys(writer, model);
  write_byte_tokens(writer, model.shape.vocabulary);
  write_tensors(writer, model);
  if (after) after(writer);
  return writer.file();
}
Bytes with_keys(const std::function<void(GgufWriter&)>& keys) { return changed({}, keys); }
Bytes with_tensors(const std::function<void(GgufWriter&)>& tensors) { return changed({}, {}, tensors); }
Bytes with_shape(std::int64_t ModelShape::*size, std::int64_t value) {
  return changed([&](FloatModel& model) { model.shape.*size = value; }, {});
}

/// The first bytes of a file, and nothing after them.
Bytes beginning(std::uint64_t version, std::uint64_t tensors, std::uint64_t keys, const Bytes& rest) {
  Bytes file;
  append(file, bytes_of("GGUF"));
  append(file, version, 4);
  append(file, tensors, 8);
  append(file, keys, 8);
  append(file, rest);
  return file;
}
Bytes words(std::initializer_list<std::pair<std::uint64_t, std::size_t>> numbers) {
  Bytes out;
  for (const auto& [value, bytes] : numbers) append(out, value, bytes);
  return out;
}

}  // namespace

TEST_CASE("a GGUF file whose parts leave it is refused", "[layers][FORMAT-6]") {
  constexpr std::uint64_t huge = std::uint64_t{1} << 63;
  refuses(beginning(1, 0, 0, {}), "m: byte 4, the version: 1: must be 2 or 3, lowest byte first");
  refuses(beginning(0x03000000, 0, 0, {}), "the version: 50331648: must be 2 or 3");
  refuses(beginning(3, 0, huge, {}), "m: byte 24, a key: 8 bytes: only 0 bytes of the file are left");
  refuses(beginning(3, huge, 0, {}), "m: byte 24, the name of a tensor: 8 bytes: only 0 bytes");
  refuses(beginning(3, 0, 1, words({{huge, 8}})), "m: byte 24, a key: 9223372036854775808: a string must end");
  const auto key = [](std::initializer_list<std::pair<std::uint64_t, std::size_t>> numbers) {
    Bytes rest = words({{1, 8}, {'k', 1}});
    append(rest, words(numbers));
    return beginning(3, 0, 1, rest);
  };
  refuses(key({{13, 4}}), "m: byte 33, k: 13: the type of a value must be 0 .. 12");
  refuses(key({{9, 4}, {9, 4}}), "m: byte 24, k: an array of arrays: the items must be numbers or strings");
  refuses(key({{9, 4}, {4, 4}, {huge, 8}}), "k: 9223372036854775808 of 4 bytes: a value must end in the file");
  refuses(key({{9, 4}, {8, 4}, {huge, 8}}), "k: 8 bytes: only 0 bytes of the file are left");
  refuses(key({{8, 4}, {5, 8}}), "m: byte 37, k: 5: a string must end in the file");
  refuses(key({{4, 4}, {5, 2}}), "m: byte 37, k: 1 of 4 bytes: a value must end in the file");
  refuses(with_keys([](GgufWriter& w) { w.number("a", 1).number("a", 1); }),
          "a: there twice: a key must be there once");
}

TEST_CASE("a GGUF file of another model is refused", "[layers][FORMAT-6][MODEL-1]") {
  const auto refuses_key = [](const char* name, std::uint64_t value, const std::string& line) {
    refuses(with_keys([&](GgufWriter& w) { w.number(name, value); }), line);
  };
  refuses(changed([](FloatModel& m) { m.name = "\xff"; }, {}), "general.name: \\xff: must be UTF-8 of at most 1024");
  refuses(changed([](FloatModel& m) { m.licence.assign(1025, 'x'); }, {}), "general.license: xxx");
  refuses_key("llama.rope.scaling.factor", 8, "llama.rope.scaling.factor: unknown: no rule of LAYER has this key");
  refuses_key("llama.expert_count", 2, "llama.expert_count: 2: must be an integer in 0 .. 0");
  refuses_key("llama.vocab_size", 255, "llama.vocab_size: 255: must be 256 here");
  refuses_key("llama.rope.dimension_count", 2, "llama.rope.dimension_count: 2: must be 4 here");
  refuses_key("llama.attention.value_length", 8, "llama.attention.value_length: 8: must be 4 here");
  refuses(with_keys([](GgufWriter& w) { w.text("llama.rope.scaling.type", "yarn"); }), "type: yarn: must be none");
  refuses(with_shape(&ModelShape::context, 0), "llama.context_length: 0: must be an integer in 1 .. 131072");
  refuses(with_shape(&ModelShape::layers, -1), "llama.block_count: 4294967295: must be an integer in 1 .. 1024");
  refuses(with_shape(&ModelShape::kv_heads, 4), "m: /: the number of heads of keys must divide that of queries");
  refuses(with_shape(&ModelShape::head_width, 3), "m: /: the width of a head must be even");
  refuses(with_shape(&ModelShape::heads, 3), "tensor blk.0.attn_q.weight: [32, 24]: the shape must be [32, 12]");
  refuses(with_shape(&ModelShape::layers, 3), "m: /: the tensor blk.2.attn_norm.weight must be present");
  refuses(with_shape(&ModelShape::layers, 1), "tensor blk.1.attn_k.weight: unknown: no tensor of these layers");
  GgufWriter other;
  other.text("general.architecture", "gpt2");
  refuses(other.file(), "general.architecture: gpt2: must be llama");
  refuses(GgufWriter().file(), "m: /: the key general.architecture must be present");
  refuses(GgufWriter().number("general.architecture", 1).file(),
          "general.architecture: of another type: must be a string");
}

TEST_CASE("a GGUF file with a wrong tensor is refused", "[layers][FORMAT-6][MODEL-4]") {
  const auto refuses_entry = [](std::vector<std::int64_t> shape, std::uint64_t type, std::uint64_t place,
                                const std::string& line) {
    refuses(with_tensors([&](GgufWriter& w) { w.entry("t", shape, type, place); }), line);
  };
  refuses_entry({2, 33}, 8, 0, "tensor t: [33, 2]: dimensions must be 1 .. 2^24, and the first of a quantised tensor");
  refuses_entry({32, 33}, 8, 0,
                "tensor t: [33, 32]: dimensions must be 1 .. 2^24, and the first of a quantised tensor");
  refuses_entry({0, 32}, 0, 0, "tensor t: [32, 0]: dimensions must be");
  refuses_entry({std::int64_t{1} << 62, 4}, 0, 0, "[4, 4611686018427387904]: dimensions must be 1 .. 2^24");
  refuses_entry({-1}, 0, 0, "[18446744073709551615]: dimensions must be 1 .. 2^24");
  refuses_entry({1 << 24, 1 << 24}, 0, 0, "tensor t: 0: its 1125899906842624 bytes must lie in the file");
  refuses_entry({2, 2, 2}, 0, 0, "tensor t: 3: a tensor must have one or two dimensions");
  refuses_entry({}, 0, 0, "tensor t: 0: a tensor must have one or two dimensions");
  refuses_entry({4}, 12, 0, "tensor t: type 12 (Q4_K): the type must be F32, F16, BF16, Q8_0, Q4_0 or Q4_1");
  refuses_entry({4}, 31, 0, "tensor t: type 31: the type must be");
  refuses_entry({4}, 0, 8, "tensor t: 8: its offset must be a multiple of 32");
  refuses_entry({4}, 0, std::uint64_t{1} << 40, "tensor t: 1099511627776: its 16 bytes must lie in the file");
  refuses_entry({4}, 0, 32, "tensor t: 32: the bytes of two tensors must not overlap; see token_embd.weight");
  refuses(with_tensors([](GgufWriter& w) { w.entry("output_norm.weight", {4}, 0, 0); }),
          "tensor output_norm.weight: there twice: a tensor must be there once");
  for (const std::uint64_t alignment : {0U, 24U, 65537U})
    refuses(with_keys([&](GgufWriter& w) { w.number("general.alignment", alignment); }),
            "general.alignment: " + std::to_string(alignment) + ": must be");
  refuses(with_keys([](GgufWriter& w) { w.text("general.alignment", "x"); }), "general.alignment: of another type");
}

TEST_CASE("a safetensors file with a wrong header is refused", "[layers][FORMAT-6]") {
  const Bytes data(64);
  const auto tensor = [](const char* type, Json shape, long long begin, long long end) {
    return Json(Json::Object{{"dtype", type},
                             {"shape", std::move(shape)},
                             {"data_offsets", Json::Array{Json::integer(begin), Json::integer(end)}}});
  };
  const auto one = [&](const char* type, const Json::Array& shape, long long begin, long long end) {
    return safetensors_file(Json::Object{{"t", tensor(type, shape, begin, end)}}, data);
  };
  const Json n2 = Json::integer(2), n8 = Json::integer(8), far = Json::integer(1 << 24);
  refuses(one("I8", {n8}, 0, 8), "m: /t/dtype: \"I8\": the type must be F32, F16 or BF16");
  refuses(one("F32", {n8}, 0, 31), "m: /t/data_offsets: ");
  refuses(one("F32", {n8}, 40, 72), "m: /t/data_offsets/1: 72: data_offsets must lie in the file");
  refuses(one("F32", {n8}, 32, 0), "m: /t/data_offsets: ");
  refuses(one("F32", {n2, n2, n2}, 0, 32), "m: /t/shape: array of 3: a tensor must have one or two dimensions");
  refuses(one("F32", {Json::integer(0)}, 0, 0), "m: /t/shape/0: 0: a dimension must be 1 .. 2^24");
  refuses(one("F32", {far, far}, 0, 64), "m: /t/data_offsets: ");
  refuses(safetensors_file(
              Json::Object{{"a", tensor("F32", Json::Array{n8}, 0, 32)}, {"b", tensor("F16", Json::Array{n8}, 30, 46)}},
              data),
          "m: /: object: the bytes of two tensors must not overlap");
  refuses(safetensors_file(Json::Object{}, data), "m: /: object: the tensor model.embed_tokens.weight must be present");
  CHECK(
      read_safetensors(Bytes(7), "m").error().message() ==
      "m: byte 0: a safetensors file begins with 8 bytes of length: that of its header, at most 2^26 and in the file");
  refuses(Bytes(7), "m: byte 0: no file of weights: GGUF, safetensors, or llama2.c of the length");
  Bytes exact(bytes_of("p2pllm-model/1\n").begin(), bytes_of("p2pllm-model/1\n").end());
  refuses(exact, "m: byte 0: the model in this file is an exact one already");
}

TEST_CASE("what a safetensors file states must agree with its tensors", "[layers][FORMAT-6][MODEL-1]") {
  const Bytes file = write_safetensors(random_float_model(small_float_shape(), 5, false));
  const std::string text(file.begin(), file.end());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string header = text.substr(8, static_cast<std::size_t>(file[0]) | static_cast<std::size_t>(file[1]) << 8U);
    const std::string rest = text.substr(8 + header.size());
    REQUIRE(header.find(from) != std::string::npos);
    header.replace(header.find(from), from.size(), to);
    Bytes out;
    append(out, header.size(), 8);
    append(out, bytes_of(header));
    append(out, bytes_of(rest));
    return out;
  };
  const std::string sizes = R"("width":"32","layers":"2","hidden":"96","vocabulary":"256","epsilon":)";
  CHECK(fault_of(with("\"epsilon\":", sizes)) == "none");
  refuses(with("\"heads\":", "\"H\":"), "m: /__metadata__: object: the key \"heads\" is required here");
  refuses(with("\"epsilon\":", "\"width\":\"33\",\"epsilon\":"), "m: /__metadata__/width: \"33\": the tensors say 32");
  refuses(with("\"epsilon\":", "\"layers\":\"3\",\"epsilon\":"), "m: /__metadata__/layers: \"3\": the tensors say 2");
  refuses(with("\"rope_base\":\"10000\"", "\"rope_base\":\"1/3\""),
          "m: /__metadata__/rope_base: \"1/3\": must be a decimal");
  refuses(with("\"rope_base\":\"10000\"", "\"rope_base\":\"\""), "must be a decimal number");
  refuses(with("\"context\":\"40\"", "\"context\":\"131073\""),
          "m: /__metadata__/context: \"131073\": must be an integer");
  refuses(with("\"rope\":\"neighbours\"", "\"rope\":\"pairs\""), "m: /__metadata__/rope: \"pairs\"");
  refuses(with("\"kv_heads\":\"3\"", "\"kv_heads\":\"4\""), "m: /: object: the number of heads of keys must divide");
  refuses(with("\"heads\":\"6\"", "\"heads\":\"7\""),
          "/model.layers.0.self_attn.q_proj.weight: object: the number of heads");
  refuses(with("model.norm.weight", "model.form.weight"), "m: /: object: the tensor model.norm.weight must be present");
}

TEST_CASE("a file of llama2.c has the length of its sizes", "[layers][FORMAT-6]") {
  const auto file = [](std::initializer_list<std::int32_t> sizes) {
    Bytes out;
    for (const std::int32_t size : sizes) append(out, static_cast<std::uint32_t>(size), 4);
    return out;
  };
  const auto refused = [](const Bytes& bytes) { return read_llama2c(bytes, "m").error().message(); };
  CHECK(refused(file({8, 8, 1, 2, 1, 16, 4})) == "m: byte 0: 28 bytes: a file with these sizes must have 2236");
  for (const auto& sizes : {file({8, 8, 1, 0, 1, 16, 4}), file({8, 8, 1, 3, 1, 16, 4}), file({8, 8, 1, 8, 1, 16, 4}),
                            file({8, 8, 1, 2, 0, 16, 4}), file({-8, 8, 1, 2, 1, 16, 4}), file({8, 8, 1, 2, 1, 0, 4}),
                            file({8, 8, 1, 2, 1, INT32_MIN, 4}), file({8, 8, 1, 2, 1, 16, 0}), Bytes(27)})
    CHECK(refused(sizes) == "m: byte 0: a file of llama2.c must begin with seven sizes of MODEL-1");
}
