#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

// Arguments for the tests of kernels/portable: reproducible draws, where the functions are hardest too.

/// The first number of every line of a file of tests/data/core-math.
inline std::vector<double> hard_cases(const std::string& name) {
  std::ifstream file(std::string(P2PLLM_SOURCE) + "/tests/data/core-math/" + name);
  if (!file) throw std::runtime_error("no " + name);
  std::vector<double> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(std::strtod(line.c_str(), nullptr));
  return cases;
}

inline double uniform(std::mt19937_64& random, double least, double greatest) {
  return std::uniform_real_distribution<double>(least, greatest)(random);
}

/// A double with every exponent as likely as any other; infinities and NaN among them.
inline double any_double(std::mt19937_64& random) { return std::bit_cast<double>(random()); }

inline double moved(double x, std::int64_t steps) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(std::bit_cast<std::int64_t>(x) + steps));
}

/// Arguments of exp with a result that is neither zero nor infinite: uniform, of any magnitude, with a subnormal
/// result, small, and beside the odd multiples of ln(2)/2, where the reduction turns to the next multiple of ln 2.
inline std::vector<double> exp_arguments(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> arguments;
  while (arguments.size() < count) {
    const double sign = random() % 2 == 0 ? 1 : -1;
    arguments.push_back(uniform(random, -745, 709.7));
    arguments.push_back(sign * std::ldexp(uniform(random, 1, 2), static_cast<int>(random() % 68) - 60));
    arguments.push_back(uniform(random, -745.1, -708.3));
    arguments.push_back(uniform(random, -1, 1));
    const double multiple = std::floor(uniform(random, -1074, 1023)) + 0.5;
    arguments.push_back(moved(multiple * 0x1.62e42fefa39efp-1, static_cast<std::int64_t>(random() % 64) - 32));
  }
  arguments.resize(count);
  return arguments;
}

/// Arguments of log, above zero: of any magnitude, subnormal, near one, beside sqrt(1/2) and sqrt(2) times a power of
/// two, where the reduction turns to the next power.
inline std::vector<double> log_arguments(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> arguments;
  while (arguments.size() < count) {
    const int exponent = static_cast<int>(random() % 2046) - 1022;
    const double sign = random() % 2 == 0 ? 1 : -1;
    arguments.push_back(std::ldexp(uniform(random, 1, 2), exponent));
    arguments.push_back(std::bit_cast<double>((random() >> 12) | 1));
    arguments.push_back(1 + sign * std::ldexp(uniform(random, 1, 2), -2 - static_cast<int>(random() % 51)));
    arguments.push_back(uniform(random, 0.35, 2.9));
    const double turn = moved(0x1.6a09e667f3bcdp-1, static_cast<std::int64_t>(random() % 64) - 32);
    arguments.push_back(std::ldexp(turn, exponent));
  }
  arguments.resize(count);
  return arguments;
}
