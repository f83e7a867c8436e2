#include <fmt/core.h>

#include <filesystem>

#include "apps/p2pllm/files.hpp"
#include "apps/p2pllm/layers/layer_verbs.hpp"
#include "apps/p2pllm/layers/model_input.hpp"
#include "apps/p2pllm/view/text.hpp"
#include "model/layers/convert.hpp"
#include "model/layers/float_files.hpp"

namespace p2pllm::app {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::int64_t weights_of(const ModelHeader& header) {
  std::int64_t weights = 0;
  for (const TensorEntry& tensor : header.tensors)
    weights += tensor.is_gain ? tensor.columns : tensor.rows * tensor.columns;
  return weights;
}

Json integer(std::int64_t value) { return Json::integer(value); }

Json model_json(const ModelHeader& header) {
  const ModelShape& s = header.manifest.shape;
  Json::Array parts;
  for (std::int64_t part = 0; part < header.parts(); ++part)
    parts.push_back(Json::Object{{"name", part_name(header, part)}, {"bytes", integer(header.part_bytes(part))}});
  return Json::Object{{"id", to_hex(header.id())},
                      {"name", header.manifest.name},
                      {"licence", header.manifest.licence},
                      {"layers", integer(s.layers)},
                      {"width", integer(s.width)},
                      {"hidden", integer(s.hidden)},
                      {"heads", integer(s.heads)},
                      {"kv_heads", integer(s.kv_heads)},
                      {"head_width", integer(s.head_width)},
                      {"vocabulary", integer(s.vocabulary)},
                      {"context", integer(s.context)},
                      {"fraction_bits", integer(s.fraction_bits)},
                      {"weights", integer(weights_of(header))},
                      {"bytes", integer(header.file_bytes())},
                      {"header_bytes", integer(static_cast<std::int64_t>(header.bytes))},
                      {"parts", std::move(parts)}};
}

void print_model(const ModelHeader& header) {
  const ModelManifest& m = header.manifest;
  const ModelShape& s = m.shape;
  const auto text = [](const std::string& value) { return value.empty() ? "not stated" : for_terminal(value); };
  fmt::print("id        {}\nname      {}\nlicence   {}\n", to_hex(header.id()), text(m.name), text(m.licence));
  fmt::print("size      {} weights in {} layers, {} bytes\n", weights_of(header), s.layers, header.file_bytes());
  fmt::print("rows      {} numbers, {} fraction bits; feed-forward {}\n", s.width, s.fraction_bits, s.hidden);
  fmt::print("heads     {} of queries, {} of keys, {} numbers each\n", s.heads, s.kv_heads, s.head_width);
  fmt::print("tokens    {}; context {} positions\n", s.vocabulary, s.context);
  fmt::print("parts     header {} bytes, embedding {}, {} layers of {}, head {}\n", header.bytes, header.part_bytes(0),
             s.layers, header.part_bytes(1), header.part_bytes(header.parts() - 1));
}

void print_either(const ModelHeader& header, bool json) {
  if (json) fmt::print("{}", write_json(model_json(header)));
  else print_model(header);
}

/// The bytes of a part in a folder, or nothing if it is not there.
Result<std::optional<std::string>> part_in(const fs::path& folder, const std::string& name, std::size_t bytes_max) {
  const fs::path path = folder / name;
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<std::string>();
  auto input = read_input(path.string(), bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  return std::optional(std::move(input->bytes));
}

struct Verified {
  ModelHeader header;
  std::vector<std::string> absent;  ///< parts that the folder does not have
};

Result<Verified> verify_folder(const fs::path& folder) {
  const auto header = part_in(folder, "header", model_bytes_max);
  if (!header) return tl::unexpected<Fault>(header.error());
  if (!*header) return bad_input(shown_name(folder.string()), "a folder of parts must have the part \"header\"");
  const std::string header_name = shown_name((folder / "header").string());
  auto read = read_model_header(bytes_of(**header), header_name);
  if (!read) return tl::unexpected<Fault>(read.error());
  if (read->bytes != (*header)->size())
    return bad_input(header_name, std::to_string((*header)->size()) + " bytes",
                     "this header must have " + std::to_string(read->bytes) + " bytes");
  Verified result{.header = *std::move(read), .absent = {}};
  ExactModel model = model_of(result.header);
  ProgressLine progress("verifying the parts");
  const Progress hook = progress.hook();
  for (std::int64_t part = 0; part < result.header.parts(); ++part) {
    const std::string name = part_name(result.header, part);
    const auto bytes = part_in(folder, name, model_bytes_max);
    if (!bytes) return tl::unexpected<Fault>(bytes.error());
    if (!*bytes) result.absent.push_back(name);
    else if (auto fault = read_model_part(result.header, part, bytes_of(**bytes), shown_name((folder / name).string()),
                                          0, model))
      return tl::unexpected<Fault>(*std::move(fault));
    report(hook, static_cast<std::size_t>(part) + 1, static_cast<std::size_t>(result.header.parts()));
  }
  if (result.absent.size() == static_cast<std::size_t>(result.header.parts()))
    return bad_input(shown_name(folder.string()), "no part beside the header is there to verify");
  return result;
}

Result<Verified> verify(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return verify_folder(path);
  const auto input = read_model_input(path);
  if (!input) return tl::unexpected<Fault>(input.error());
  ProgressLine progress("verifying the model");
  if (const auto model = read_model(input->view(), input->name, progress.hook()); !model)
    return tl::unexpected<Fault>(model.error());
  return Verified{.header = *read_model_header(input->view(), input->name), .absent = {}};
}

/// The tokenizer of a file of its own; nothing if none is given.
Result<std::optional<Bytes>> separate_tokenizer(const std::string& path, std::int64_t vocabulary) {
  if (path.empty()) return std::optional<Bytes>();
  const auto input = read_input(path, model_bytes_max);
  if (!input) return tl::unexpected<Fault>(input.error());
  auto tokenizer = read_tokenizer_file(bytes_of(input->bytes), input->name, vocabulary);
  if (!tokenizer) return tl::unexpected<Fault>(tokenizer.error());
  return std::optional(*std::move(tokenizer));
}

}  // namespace

int run_model_convert(const ModelConvertOptions& options) {
  if (const auto outputs = check_outputs({options.model}, {options.source, options.tokenizer}); !outputs)
    return complain(outputs.error());
  const auto input = read_input(options.source, model_bytes_max);
  if (!input) return complain(input.error());
  auto source = read_float_model(bytes_of(input->bytes), input->name);
  if (!source) return complain(source.error());
  auto tokenizer = separate_tokenizer(options.tokenizer, source->shape.vocabulary);
  if (!tokenizer) return complain(tokenizer.error());
  if (*tokenizer) source->tokenizer = **std::move(tokenizer);
  std::string file;
  {
    ProgressLine progress("converting");
    const auto model = convert_model(*source, input->name, options.fraction_bits, progress.hook());
    if (!model) return complain(model.error());
    for (const Bytes& part : write_model(*model)) file.append(part.begin(), part.end());
  }
  if (const auto written = write_output(options.model, file); !written) return complain(written.error());
  const auto header = read_model_header(bytes_of(file), shown_name(options.model));
  if (!header) return complain(header.error());
  print_either(*header, options.json);
  return exit_holds;
}

int run_model_show(const ModelOptions& options) {
  std::error_code error;
  const bool is_folder = fs::is_directory(options.model, error);
  const auto input = read_model_input(is_folder ? (fs::path(options.model) / "header").string() : options.model);
  if (!input) return complain(input.error());
  const auto header = read_model_header(input->view(), input->name);
  if (!header) return complain(header.error());
  print_either(*header, options.json);
  return exit_holds;
}

int run_model_verify(const ModelOptions& options) {
  const auto verified = verify(options.model);
  if (!verified) return complain(verified.error());
  const std::string id = to_hex(verified->header.id());
  if (options.json) {
    Json::Array absent(verified->absent.begin(), verified->absent.end());
    fmt::print("{}", write_json(Json::Object{{"id", id}, {"absent", std::move(absent)}}));
    return exit_holds;
  }
  const std::size_t parts = static_cast<std::size_t>(verified->header.parts());
  fmt::print("verified: {} of {} parts of the model {}\n", parts - verified->absent.size(), parts, id);
  return exit_holds;
}

int run_model_split(const ModelOptions& options) {
  const auto input = read_model_input(options.model);
  if (!input) return complain(input.error());
  const auto model = read_model(input->view(), input->name);
  if (!model) return complain(model.error());
  const ModelHeader header = *read_model_header(input->view(), input->name);
  const fs::path folder = options.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return complain(bad_input(shown_name(options.folder), "cannot be made", error.message()).value());
  const std::vector<Bytes> parts = write_model(*model);
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const std::string path = (folder / part_name(header, static_cast<std::int64_t>(k) - 1)).string();
    if (const auto written = write_output(path, text_of(parts[k])); !written) return complain(written.error());
  }
  print_either(header, options.json);
  return exit_holds;
}

}  // namespace p2pllm::app
