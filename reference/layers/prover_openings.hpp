#pragma once

#include <map>

#include "model/layers/model_file.hpp"
#include "reference/layers/openings.hpp"
#include "reference/layers/schedule.hpp"

namespace p2pllm::reference {

/// The tiles of a model, for whoever opens them.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  /// @param tensor  among all of the model (MODEL-3) @returns the bytes of a tile
  [[nodiscard]] virtual Bytes tile(std::int64_t tensor, std::int64_t index) const = 0;
  [[nodiscard]] virtual MerkleLeaf leaf(std::int64_t tensor, std::int64_t index) const {
    return merkle_leaf("weight", tile(tensor, index));
  }
};

/// The tiles of a model in memory.
class ExactTensors : public TensorSource {
 public:
  /// @param model  outlives this object
  explicit ExactTensors(const ExactModel& model) : model_(&model) {}
  [[nodiscard]] Bytes tile(std::int64_t tensor, std::int64_t index) const override;

 private:
  const ExactModel* model_;
};

/// All trees of a computation, which records as a witness what a micro-step asks for (STEP-6).
class ProverOpenings : public Openings {
 public:
  /// @param header, tensors  of one model; both outlive this object
  ProverOpenings(const ModelHeader& header, const TensorSource& tensors, const Computation& computation);

  [[nodiscard]] ByteView take(const Ask& ask) override;
  void appended(const TreeName& tree, ByteView content) override;

  /// Forgets the registers of the step before.
  void clear_registers();
  /// What was asked for since the last call, in a witness's openings.
  [[nodiscard]] Bytes take_record();
  [[nodiscard]] Hash root(const TreeName& tree) { return grown(tree).tree.root(); }
  [[nodiscard]] Bytes numbers(Register r) const;

 private:
  /// A tree that grows, with what its leaves are of.
  struct Grown {
    MerkleTree tree;
    std::vector<Bytes> contents;
  };
  [[nodiscard]] Grown& grown(const TreeName& tree);
  [[nodiscard]] const MerkleTree& tree_of(const TreeName& tree);
  [[nodiscard]] const MerkleTree& tensor_tree(std::int64_t tensor);
  [[nodiscard]] Bytes content_of(const Ask& ask);

  const ModelHeader* header_;
  const TensorSource* tensors_;
  MerkleTree list_;
  std::map<std::int64_t, MerkleTree> tensor_trees_;
  std::array<Grown, register_count> registers_;
  std::vector<Grown> heads_;
  Grown cache_;
  Grown outputs_;
  Bytes record_;
};

}  // namespace p2pllm::reference
