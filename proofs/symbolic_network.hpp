#pragma once

#include <map>
#include <optional>

#include "proofs/routing_terms.hpp"

namespace p2pllm::proofs {

/// The layers that a node serves; these are known, while labels are not.
struct Served {
  int first;
  int last;
};

/// Makes the stated number of nodes on each layer.
[[nodiscard]] std::vector<Served> one_layer_nodes(int layers, int nodes_per_layer);

/// A network of known ranges whose labels are unknowns (ROUTE-1), and the two ways to compute its optimum.
class SymbolicNetwork {
 public:
  enum class Legs { none, client, all };                        ///< edges with a label of their own
  using Unknown = Label (*)(const Scope&, const std::string&);  ///< any_label or any_weight

  SymbolicNetwork(const Scope& scope, int layers, std::vector<Served> nodes, Legs legs, Unknown unknown);

  using Chain = std::vector<std::size_t>;
  [[nodiscard]] std::vector<Chain> chains() const;
  [[nodiscard]] Label label_of(const Chain& chain) const;
  /// The label of the suffix from the chain's k-th node.
  [[nodiscard]] Label suffix_label(const Chain& chain, std::size_t k) const;

  /// The label of being at `vertex` and stepping to `next`; size() is the source and size() + 1 the target.
  [[nodiscard]] Label step(std::size_t vertex, std::size_t next) const;
  [[nodiscard]] std::vector<std::size_t> successors(std::size_t vertex) const;
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::size_t source() const { return size(); }
  [[nodiscard]] std::size_t target() const { return size() + 1; }

  /// L of each vertex (ROUTE-3): the least over its successors, in order of falling first layer.
  [[nodiscard]] std::vector<std::optional<Label>> node_labels() const;
  /// D(0) of ROUTE-7. @param forgotten  a node left out by mistake
  [[nodiscard]] Label boundary_merge(std::optional<std::size_t> forgotten = {}) const;

 private:
  void extend(Chain& chain, std::vector<Chain>& found) const;
  [[nodiscard]] bool has_own_label(std::size_t vertex, std::size_t next) const;
  const Scope& scope_;
  int layers_;
  std::vector<Served> nodes_;
  Legs legs_;
  std::vector<Label> own_;
  std::map<std::pair<std::size_t, std::size_t>, Label> leg_;
};

}  // namespace p2pllm::proofs
