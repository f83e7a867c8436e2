#include <catch2/catch.hpp>
#include <cmath>

#include "model/layers/byte_pairs.hpp"
#include "model/layers/gguf_tokenizer.hpp"
#include "model/layers/llama2c.hpp"
#include "model/layers/pieces.hpp"
#include "tests/support/weight_files.hpp"

using namespace p2pllm;
using namespace p2pllm::testing;

namespace {

using Tokens = std::vector<std::int64_t>;

const std::string loop = "{% for message in messages %}";
const std::string system_turn =
    "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe good<|im_end|>\n' }}{% endif %}";
const std::string turns =
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// The keys of a tokenizer of byte pairs; the last two tokens are those of ChatML.
struct Gpt2 {
  std::string kind = "gpt2";
  std::string pre = "smollm";
  std::vector<std::string> tokens = gpt2_characters();
  Tokens types;
  std::vector<std::string> merges = {"a b", "\u0120 ab"};
  std::string chat_template;
  std::int64_t eos = -1;
  bool begins = false;

  Gpt2() {
    for (const char* token : {"ab", "\u0120ab", "<|im_start|>", "<|im_end|>"}) tokens.emplace_back(token);
    types.assign(tokens.size(), 1);
    types[258] = types[259] = 3;
  }
  [[nodiscard]] Bytes file() const {
    GgufWriter writer;
    writer.text("tokenizer.ggml.model", kind).text("tokenizer.ggml.pre", pre);
    writer.texts("tokenizer.ggml.tokens", tokens).numbers("tokenizer.ggml.token_type", types);
    writer.texts("tokenizer.ggml.merges", merges).number("tokenizer.ggml.add_bos_token", begins, GgufType::boolean);
    writer.number("tokenizer.ggml.bos_token_id", 258);
    if (eos >= 0) writer.number("tokenizer.ggml.eos_token_id", static_cast<std::uint64_t>(eos));
    if (!chat_template.empty()) writer.text("tokenizer.chat_template", chat_template);
    return writer.file();
  }
};

std::string fault_of(const Bytes& file, std::int64_t vocabulary) {
  try {
    const GgufFile parts(file, "m");
    static_cast<void>(tokenizer_of(parts, vocabulary));
    return "none";
  } catch (const BinaryCursor::Failure& failure) {
    return failure.fault.message();
  }
}
void refuses(const Gpt2& keys, const std::string& line) {
  CHECK_THAT(fault_of(keys.file(), static_cast<std::int64_t>(keys.tokens.size())), Catch::Matchers::Contains(line));
}

std::unique_ptr<Tokenizer> tokenizer_in(const Bytes& file, std::int64_t vocabulary) {
  CHECK(fault_of(file, vocabulary) == "none");
  const GgufFile parts(file, "m");
  return *read_tokenizer(tokenizer_of(parts, vocabulary), vocabulary);
}
std::unique_ptr<Tokenizer> tokenizer_in(const Gpt2& keys) {
  return tokenizer_in(keys.file(), static_cast<std::int64_t>(keys.tokens.size()));
}

/// The keys of a tokenizer of pieces: three control tokens, the bytes, and five pieces.
GgufWriter pieces_writer() {
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  Tokens types = {2, 3, 3};
  for (unsigned byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    tokens.emplace_back(name);
    types.push_back(6);
  }
  std::vector<double> scores(tokens.size());
  for (const char* piece : {"\u2581a", "ab", "\u2581", "a", "b"}) {
    tokens.emplace_back(piece);
    types.push_back(1);
    scores.push_back(-static_cast<double>(scores.size()));
  }
  GgufWriter writer;
  writer.text("tokenizer.ggml.model", "llama").texts("tokenizer.ggml.tokens", tokens);
  writer.numbers("tokenizer.ggml.token_type", types).reals("tokenizer.ggml.scores", scores);
  writer.number("tokenizer.ggml.bos_token_id", 1).number("tokenizer.ggml.eos_token_id", 2);
  return writer;
}

/// The tokenizer.bin of llama2.c with these tokens after the bytes.
Bytes llama2c_tokenizer(const std::vector<std::pair<std::string, float>>& more) {
  std::vector<std::pair<std::string, float>> tokens = {{"<unk>", 0}, {"\n<s>\n", 0}, {"\n</s>\n", 0}};
  for (unsigned byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    tokens.emplace_back(name, 0);
  }
  tokens.insert(tokens.end(), more.begin(), more.end());
  Bytes file;
  append(file, 7, 4);
  for (const auto& [text, score] : tokens) {
    append(file, std::bit_cast<std::uint32_t>(score), 4);
    append(file, text.size(), 4);
    append(file, bytes_of(text));
  }
  return file;
}

}  // namespace

TEST_CASE("a tokenizer of byte pairs is read from a GGUF file", "[layers][MODEL-5]") {
  Gpt2 keys;
  keys.eos = 0;
  const auto tokenizer = tokenizer_in(keys);
  for (unsigned byte = 0; byte < 256; ++byte) CHECK(tokenizer->decode(byte) == std::string(1, static_cast<char>(byte)));
  CHECK(tokenizer->encode("ab ab12") == Tokens{256, 257, '1', '2'});
  CHECK(tokenizer->encode("<|im_end|>").size() == 10);
  CHECK(tokenizer->is_end(0));
  CHECK(tokenizer->is_end(259));
  CHECK_FALSE(tokenizer->is_end(258));
  CHECK_FALSE(tokenizer->has_chat());
  keys.begins = true;
  CHECK(tokenizer_in(keys)->encode("ab") == Tokens{258, 256});
}

TEST_CASE("a template of ChatML becomes the form of conversations", "[layers][MODEL-5]") {
  const auto text = [](const std::string& characters) { return Tokens(characters.begin(), characters.end()); };
  const auto joined = [](std::initializer_list<Tokens> parts) {
    Tokens all;
    for (const Tokens& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  };
  Gpt2 keys;
  keys.chat_template = loop + turns;
  const Tokens plain = joined({{258}, text("user\nhi"), {259}, text("\n"), {258}, text("assistant\n")});
  CHECK(tokenizer_in(keys)->encode_chat("hi") == plain);
  keys.chat_template = loop + system_turn + turns;
  const Tokens whole = joined({{258}, text("system\nBe good"), {259}, text("\n"), plain});
  CHECK(tokenizer_in(keys)->encode_chat("hi") == whole);
  for (std::size_t at = keys.chat_template.find('\n'); at != std::string::npos; at = keys.chat_template.find('\n'))
    keys.chat_template.replace(at, 1, "\\n");
  CHECK(tokenizer_in(keys)->encode_chat("hi") == whole);
  for (const std::string& other :
       {turns, loop, loop + "x" + turns, loop + system_turn.substr(1) + turns, std::string("{{ messages }}"),
        loop +
            "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n'+x<|im_end|>\n' }}"
            "{% endif %}" +
            turns}) {
    keys.chat_template = other;
    CHECK_FALSE(tokenizer_in(keys)->has_chat());
  }
  keys.chat_template = loop + turns;
  keys.types[259] = 4;  // a token for users, not for turns
  CHECK_FALSE(tokenizer_in(keys)->has_chat());
}

TEST_CASE("a tokenizer of a GGUF file that MODEL-5 does not have is refused", "[layers][MODEL-5][FORMAT-6]") {
  const auto with = [](const auto& change) {
    Gpt2 keys;
    change(keys);
    return keys;
  };
  refuses(with([](Gpt2& k) { k.kind = "bert"; }), "tokenizer.ggml.model: bert: must be gpt2 or llama");
  refuses(with([](Gpt2& k) { k.pre = "default"; }), "tokenizer.ggml.pre: default: must be gpt-2 or smollm");
  refuses(with([](Gpt2& k) { k.tokens[3] = "\u4e00"; }),
          "tokenizer.ggml.tokens: \u4e00: a token must be in the characters");
  refuses(with([](Gpt2& k) { k.tokens[3] = " "; }), "tokenizer.ggml.tokens:  : a token must be in the characters");
  refuses(with([](Gpt2& k) { k.types.pop_back(); }),
          "tokenizer.ggml.token_type: 259 items: there must be one for each");
  refuses(with([](Gpt2& k) { k.types[0] = 7; }), "tokenizer.ggml.token_type: 7: the type of a token must be 1 .. 6");
  refuses(with([](Gpt2& k) { k.types[0] = -1; }), "tokenizer.ggml.token_type: -1: the type of a token must be 1 .. 6");
  refuses(with([](Gpt2& k) { k.merges = {"ab"}; }), "tokenizer.ggml.merges: ab: a merge must be two tokens");
  refuses(with([](Gpt2& k) { k.merges = {"a bc"}; }), "tokenizer.ggml.merges: a bc: a merge must be two tokens");
  refuses(with([](Gpt2& k) { k.merges = {"a c"}; }),
          "tokenizer.ggml.tokens: 260 tokens: merge 0 makes no token (MODEL-5)");
  refuses(with([](Gpt2& k) { k.tokens[256] = "a", k.merges = {}; }), "256 has the bytes of another one (MODEL-5)");
  refuses(with([](Gpt2& k) { k.eos = 260; }), "tokenizer.ggml.eos_token_id: 260: must be an integer in 0 .. 259");
  CHECK_THAT(fault_of(Gpt2().file(), 261),
             Catch::Matchers::Contains("the tokenizer has 260 tokens, but the vocabulary 261"));
}

TEST_CASE("a tokenizer of pieces is read from a GGUF file", "[layers][MODEL-5]") {
  const auto tokenizer = tokenizer_in(pieces_writer().file(), 264);
  CHECK(tokenizer->encode("ab") == Tokens{1, 259, 263});
  CHECK(tokenizer->encode("aab c") == Tokens{1, 259, 260, 261, 3 + 'c'});
  CHECK(tokenizer->decode(259) == " a");
  CHECK(tokenizer->is_end(2));
  GgufWriter writer = pieces_writer();
  writer.number("tokenizer.ggml.add_space_prefix", 0, GgufType::boolean);
  CHECK_THAT(fault_of(writer.file(), 264), Catch::Matchers::Contains("add_space_prefix: false: must be true"));
}

TEST_CASE("the tokenizer of llama2.c is a file of its own", "[layers][MODEL-5][FORMAT-6]") {
  const Bytes file = llama2c_tokenizer({{" a", -1}, {"ab", -2}, {" ", -3}, {"a", -4}, {"b", -5}});
  const auto encoding = read_llama2c_tokenizer(file, "m", 264);
  REQUIRE(encoding);
  const auto tokenizer = read_tokenizer(*encoding, 264);
  CHECK((*tokenizer)->encode("ab") == Tokens{1, 259, 263});
  CHECK((*tokenizer)->is_end(1));
  const auto refused = [&](const Bytes& bytes, std::int64_t vocabulary) {
    const auto read = read_llama2c_tokenizer(bytes, "m", vocabulary);
    return read ? "none" : read.error().message();
  };
  CHECK(refused(file, 263) ==
        "m: byte " + std::to_string(file.size() - 9) + ", the end: 9 bytes more: must be the end");
  CHECK(refused(file, 265) ==
        "m: byte " + std::to_string(file.size()) + ", a score: 4 bytes: only 0 bytes of the file are left");
  CHECK_THAT(refused(llama2c_tokenizer({{"12345678", 0}}), 260), Catch::Matchers::Contains("8: must be at most 7"));
  CHECK_THAT(refused(llama2c_tokenizer({{"a", -INFINITY}}), 260), Catch::Matchers::Contains("a score must be greater"));
  CHECK_THAT(refused(llama2c_tokenizer({{"a", NAN}}), 260), Catch::Matchers::Contains("a score must be greater"));
  CHECK(refused(llama2c_tokenizer({{"a", 0}, {"a", 0}}), 261) == "m: token 260 has the bytes of another one (MODEL-5)");
  Bytes other = file;
  constexpr std::string_view newline = "<0x0A>";
  const auto name = std::search(other.begin(), other.end(), newline.begin(), newline.end());
  REQUIRE(name != other.end());
  name[3] = '1';
  CHECK_THAT(refused(other, 264), Catch::Matchers::Contains("token 13: <0x1A>: must be <0x0A>"));
}
