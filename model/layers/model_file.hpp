#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/crypto/merkle.hpp"
#include "model/encoding/cbor.hpp"
#include "model/layers/exact_model.hpp"
#include "model/progress.hpp"
#include "model/result.hpp"

namespace p2pllm {

/// The bytes by which a file of an exact model begins (MODEL-2).
inline constexpr std::string_view model_magic = "p2pllm-model/1\n";

/// What the id of a model is the hash of (MODEL-2).
struct ModelManifest {
  ModelShape shape;
  std::int64_t epsilon = 0;
  std::vector<std::uint64_t> frequencies;
  std::string name;
  std::string licence;
  std::uint64_t tokenizer_bytes = 0;
  Hash tokenizer{};
  bool has_head = false;
  Hash tensors{};  ///< the root of the leaves of `TensorEntry`

  bool operator==(const ModelManifest&) const = default;
};

/// The sizes and the root of a tensor.
struct TensorEntry {
  std::string name;  ///< such as "layer 3 down"
  std::int64_t part = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  bool is_gain = false;            ///< the factors of a norm: `columns` numbers and no rows
  std::int64_t gain_exponent = 0;  ///< of the factors of a norm
  Hash root{};                     ///< of its tiles (MODEL-3)

  [[nodiscard]] std::int64_t bytes() const;
};

/// The beginning of a file of a model.
struct ModelHeader {
  ModelManifest manifest;
  std::vector<TensorEntry> tensors;  ///< in the order of the file
  Bytes tokenizer;
  std::uint64_t bytes = 0;  ///< of the header itself

  [[nodiscard]] Hash id() const;
  /// The file's parts after the header: the embedding, each layer, and the last norm with the head.
  [[nodiscard]] std::int64_t parts() const { return manifest.shape.layers + 2; }
  [[nodiscard]] std::int64_t part_bytes(std::int64_t part) const;
  [[nodiscard]] std::int64_t file_bytes() const;
};

/// The names of a folder of parts (MODEL-6): "header", "embedding", "layer-000" .., "head". One after the other, their
/// bytes are those of the file. @param part  -1 for the header
[[nodiscard]] std::string part_name(const ModelHeader& header, std::int64_t part);

/// The leaf of a tensor in the tree of a model (MODEL-2).
[[nodiscard]] MerkleLeaf tensor_leaf(const TensorEntry& tensor);
[[nodiscard]] Bytes encode_manifest(const ModelManifest& manifest);
/// @returns a fault for bytes of another shape; whether the sizes keep MODEL-1, `shape_fault` says
[[nodiscard]] CborResult<ModelManifest> decode_manifest(ByteView bytes);
[[nodiscard]] Hash model_id(const ModelManifest& manifest);

/// The sizes that break a rule of MODEL-1: the rule, or nothing.
[[nodiscard]] std::string shape_fault(const ModelShape& shape);
/// round(2^20 * log2(e) / sqrt(head_width)) (LAYER-7).
[[nodiscard]] std::int64_t score_scale_of(std::int64_t head_width);

inline constexpr std::string_view model_tag = "p2pllm/1/model";
inline constexpr std::string_view tokenizer_tag = "p2pllm/1/tokenizer";

/// The tensors of a model with these sizes, without roots, in the order of the file.
[[nodiscard]] std::vector<TensorEntry> tensors_of(const ModelManifest& manifest);
/// The bytes of a header (MODEL-2).
[[nodiscard]] Bytes encode_header(const ModelHeader& header);

/// The file of a model, in its parts: the header first.
[[nodiscard]] std::vector<Bytes> write_model(const ExactModel& model);
[[nodiscard]] ModelHeader header_of(const ExactModel& model);

/// Reads the beginning of a file, or the part "header".
/// @param source  the file's name for messages
/// @returns the header, whose tensor list and tokenizer have the hashes that the manifest states; or a fault with the
///   offset in the file
[[nodiscard]] Result<ModelHeader> read_model_header(ByteView file, const std::string& source);
/// A model with the sizes and the texts of a header, whose tensors are empty.
[[nodiscard]] ExactModel model_of(const ModelHeader& header);
/// Reads a part, checks each tensor against its root, and puts it into the model.
/// @param offset  of the part in the file that `source` names, for messages
[[nodiscard]] std::optional<Fault> read_model_part(const ModelHeader& header, std::int64_t part, ByteView bytes,
                                                   const std::string& source, std::uint64_t offset, ExactModel& model);
/// Reads a whole file.
/// @param progress  called with bytes done and bytes in all
[[nodiscard]] Result<ExactModel> read_model(ByteView file, const std::string& source, const Progress& progress = {});

}  // namespace p2pllm
