#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

namespace p2pllm {

/// What two neighbouring tokens become.
struct TokenMerge {
  std::int64_t rank = 0;  ///< the least is merged first
  std::int64_t token = 0;
};

/// Merges neighbouring tokens until no two can be (MODEL-5): always the two whose merge has the least rank, and of
/// several such the leftmost.
/// @param find  std::optional<TokenMerge>(left, right)
/// @returns the tokens that are left; calls `find` at most 3 times for each token, and takes n log n steps
template <typename Find>
[[nodiscard]] std::vector<std::int64_t> merge_tokens(const std::vector<std::int64_t>& tokens, const Find& find) {
  constexpr std::size_t none = SIZE_MAX;
  struct Link {
    std::int64_t token;  ///< -1 if it was merged into the one before
    std::size_t before, after;
  };
  struct Chance {
    std::int64_t rank;
    std::size_t at;
    std::int64_t left, right, token;
    bool operator>(const Chance& other) const { return std::tie(rank, at) > std::tie(other.rank, other.at); }
  };
  std::vector<Link> links;
  for (std::size_t i = 0; i < tokens.size(); ++i)
    links.push_back({tokens[i], i == 0 ? none : i - 1, i + 1 < tokens.size() ? i + 1 : none});
  std::priority_queue<Chance, std::vector<Chance>, std::greater<>> chances;
  const auto consider = [&](std::size_t at) {
    if (at == none || links[at].after == none) return;
    const std::int64_t left = links[at].token, right = links[links[at].after].token;
    if (const std::optional<TokenMerge> merge = find(left, right))
      chances.push({merge->rank, at, left, right, merge->token});
  };
  for (std::size_t i = 0; i < links.size(); ++i) consider(i);
  while (!chances.empty()) {
    const Chance chance = chances.top();
    chances.pop();
    Link& link = links[chance.at];
    const bool is_there = link.token == chance.left && link.after != none && links[link.after].token == chance.right;
    if (!is_there) continue;
    link.token = chance.token;
    links[link.after].token = -1;
    link.after = links[link.after].after;
    if (link.after != none) links[link.after].before = chance.at;
    consider(link.before);
    consider(chance.at);
  }
  std::vector<std::int64_t> result;
  for (const Link& link : links)
    if (link.token >= 0) result.push_back(link.token);
  return result;
}

}  // namespace p2pllm
