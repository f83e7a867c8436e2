#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/numbers/rational.hpp"

// What all pictures share.
namespace p2pllm::app {

/// The nearest double: precise enough for a picture.
[[nodiscard]] double to_double(const Rational& value);

/// One axis, which maps values around `least` .. `least + span` to pixels, with round ticks. A linear one is exact
/// until the last step, so that neither huge values nor tiny differences are lost.
struct Axis {
  Rational least;
  Rational span;  ///< > 0
  double pixel_least = 0;
  double pixel_greatest = 0;
  bool is_logarithmic = false;  ///< then least > 0

  /// A linear axis with a margin of 6 % at both ends.
  [[nodiscard]] static Axis around(const Rational& least, const Rational& greatest, double pixel_least,
                                   double pixel_greatest);
  [[nodiscard]] double pixel(const Rational& value) const;
  /// Multiples of a power of ten, or of two or five times one: at least two, about `parts`. Of a logarithmic axis
  /// powers of ten, or one, two and five times them.
  [[nodiscard]] std::vector<Rational> ticks(int parts = 6) const;
  /// The significant digits that are enough to place a value of the axis within a hundredth of a pixel, at least 4.
  [[nodiscard]] int digits() const;
};

/// The first line of a picture, for SVG readers and for XML readers alike; `</svg>` ends it.
[[nodiscard]] std::string svg_open(double width, double height);

}  // namespace p2pllm::app
