#pragma once

#include <cstddef>
#include <vector>

#include "reference/market/migration_state.hpp"

namespace p2pllm::reference {

/// What a schedule of migration asks of an allocation (SIM-8), whatever it is that nodes want to raise.
class MoveRule {
 public:
  MoveRule() = default;
  virtual ~MoveRule() = default;
  MoveRule(const MoveRule&) = delete;
  MoveRule& operator=(const MoveRule&) = delete;
  MoveRule(MoveRule&&) = delete;
  MoveRule& operator=(MoveRule&&) = delete;

  struct Wish {
    std::size_t node;
    std::size_t to;
  };
  /// The target to which a node moves, or the range that it serves; an error if that is not decided.
  [[nodiscard]] virtual Result<std::size_t> destination(std::size_t node) const = 0;
  /// All targets that are as good for the node as this one, in ascending order.
  [[nodiscard]] virtual Result<std::vector<std::size_t>> equal_targets(std::size_t node, std::size_t target) const = 0;
  /// Whether one move gives its node more than another gives to its own.
  [[nodiscard]] virtual Result<bool> gives_more(const Wish& one, const Wish& other) const = 0;
  virtual void move(std::size_t node, std::size_t to) = 0;
};

/// Nodes raise their share of a load, by weights that are rational numbers (MIG-1).
class ShareMoves : public MoveRule {
 public:
  /// @param state  changes with each move; must outlive the object
  explicit ShareMoves(MigrationState& state) : state_(state) {}
  [[nodiscard]] Result<std::size_t> destination(std::size_t node) const override { return state_.destination(node); }
  [[nodiscard]] Result<std::vector<std::size_t>> equal_targets(std::size_t node, std::size_t target) const override {
    return state_.equal_targets(node, target);
  }
  [[nodiscard]] Result<bool> gives_more(const Wish& one, const Wish& other) const override {
    return rise(other) < rise(one);
  }
  void move(std::size_t node, std::size_t to) override { state_.move(node, to); }

 private:
  [[nodiscard]] Rational rise(const Wish& wish) const {
    return state_.share_at(wish.node, wish.to) - state_.share_at(wish.node, state_.served_by(wish.node));
  }
  MigrationState& state_;
};

}  // namespace p2pllm::reference
