#include "optimized/simulation/device_ascent.hpp"

namespace p2pllm::optimized {

void DeviceAscent::ascend(std::span<GroupPrices* const> groups, const AscentConstants& constants, std::int64_t steps) {
  std::vector<std::int64_t> begins{0}, sizes, bases, ages;
  std::vector<double> price, cost_weight, radius;
  for (const GroupPrices* group : groups) {
    const GroupPrices::Ascent at = group->ascent();
    price.insert(price.end(), at.price.begin(), at.price.end());
    cost_weight.insert(cost_weight.end(), at.cost_weight.begin(), at.cost_weight.end());
    begins.push_back(static_cast<std::int64_t>(price.size()));
    sizes.push_back(static_cast<std::int64_t>(group->size()));
    bases.push_back(static_cast<std::int64_t>(at.base));
    ages.push_back(at.base_age);
    radius.push_back(group->radius());
  }
  const auto all_begins = copied(device_, begins), all_sizes = copied(device_, sizes);
  auto all_bases = copied(device_, bases), all_ages = copied(device_, ages);
  auto prices = copied(device_, price), radii = copied(device_, radius);
  const auto weights = copied(device_, cost_weight);
  auto terms = array_of<double>(device_, weights.size());
  expect_done(device_.launch(kernels::AscentArguments{
      all_begins.constant(), all_sizes.constant(), prices.span(), weights.constant(), terms.span(), all_bases.span(),
      all_ages.span(), radii.span(), constants.sensitivity, constants.rate, steps}));
  expect_done(prices.read(price));
  expect_done(all_bases.read(bases));
  expect_done(all_ages.read(ages));
  expect_done(radii.read(radius));
  for (std::size_t g = 0; g < groups.size(); ++g)
    groups[g]->set_ascended(std::span<const double>(price).subspan(static_cast<std::size_t>(begins[g])),
                            static_cast<std::size_t>(bases[g]), static_cast<std::uint32_t>(ages[g]), radius[g]);
}

}  // namespace p2pllm::optimized
