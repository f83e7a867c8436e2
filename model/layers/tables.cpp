#include "model/layers/tables.hpp"

#include "model/encoding/bytes.hpp"

namespace p2pllm {
namespace {

__extension__ using Wide = unsigned __int128;

// Numbers of 0 .. 4 in units of 2^-60, in which a product loses less than a unit.
constexpr int scale = 60;
constexpr std::uint64_t one = std::uint64_t{1} << scale;

std::uint64_t product(std::uint64_t a, std::uint64_t b) { return static_cast<std::uint64_t>((Wide{a} * b) >> scale); }

std::uint64_t square_root(std::uint64_t value) {
  const Wide square = Wide{value} << scale;
  std::uint64_t root = 0;
  for (std::uint64_t bit = one; bit != 0; bit >>= 1)
    if (Wide{root | bit} * (root | bit) <= square) root |= bit;
  return root;
}

/// The nearest multiple of 2^-30, in that unit. The errors of this file are less than 2^-50, and no entry of the tables
/// is that near to a tie; a test compares all of them with MPFR.
std::int32_t rounded(std::uint64_t value) {
  constexpr int dropped = scale - 30;
  return static_cast<std::int32_t>((value + (std::uint64_t{1} << (dropped - 1))) >> dropped);
}

/// sin(x) by its series, for x of 0 .. pi / 2.
std::uint64_t sine_of(std::uint64_t x) {
  std::uint64_t term = x;
  std::uint64_t sum = x;
  for (std::uint64_t n = 1; term != 0; ++n) {
    term = product(product(term, x), x) / (2 * n * (2 * n + 1));
    sum = n % 2 == 1 ? sum - term : sum + term;
  }
  return sum;
}

LayerTables made_tables() {
  LayerTables tables;
  std::array<std::uint64_t, 8> powers{};  // powers[k] = 2^(-2^k / 256)
  std::uint64_t root = one / 2;
  for (std::size_t k = powers.size(); k-- > 0;) powers[k] = root = square_root(root);
  for (std::size_t i = 0; i < 256; ++i) {
    std::uint64_t value = one;
    for (std::size_t k = 0; k < powers.size(); ++k)
      if ((i >> k & 1) != 0) value = product(value, powers[k]);
    tables.exp2[i] = rounded(value);
  }
  tables.exp2[256] = rounded(one / 2);

  constexpr std::uint64_t half_pi = 0x1921FB54442D1846;  // floor(pi / 2 * 2^60)
  for (std::size_t i = 0; i <= 1024; ++i) {
    const auto angle = static_cast<std::uint64_t>(Wide{half_pi} * i / 1024);
    const std::int32_t value = rounded(sine_of(angle));
    tables.sine[i] = tables.sine[2048 - i] = value;
    tables.sine[2048 + i] = tables.sine[4096 - i] = -value;
  }
  return tables;
}

void append(Bytes& bytes, std::int32_t number) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(number) >> shift));
}

}  // namespace

const LayerTables& layer_tables() {
  static const LayerTables tables = made_tables();
  return tables;
}

Hash hash_of(const LayerTables& tables) {
  Bytes bytes;
  for (const std::int32_t number : tables.exp2) append(bytes, number);
  for (const std::int32_t number : tables.sine) append(bytes, number);
  return hash_tagged("p2pllm/1/layer-tables", bytes);
}

}  // namespace p2pllm
