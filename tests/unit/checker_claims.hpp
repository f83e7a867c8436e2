#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "checker/check.hpp"

namespace p2pllm::testing {

inline bool is_accepted(const Certificate& certificate, const Network& network,
                        const std::optional<Prices>& prices = {}) {
  const checker::Decision decision = checker::check(certificate, network, prices);
  UNSCOPED_INFO(decision.reason);
  return decision.accepted && decision.reason.empty();
}

/// Whether the certificate is rejected for breaking `clause`, in one line.
inline bool is_rejected(const Certificate& certificate, const Network& network, const std::string& clause,
                        const std::optional<Prices>& prices = {}) {
  const checker::Decision decision = checker::check(certificate, network, prices);
  UNSCOPED_INFO(decision.accepted << " " << decision.reason);
  return !decision.accepted && decision.reason.rfind(clause + ": ", 0) == 0 &&
         decision.reason.find('\n') == std::string::npos;
}

template <typename Change>
Certificate changed(Certificate certificate, const Change& change) {
  change(certificate);
  return certificate;
}

}  // namespace p2pllm::testing
