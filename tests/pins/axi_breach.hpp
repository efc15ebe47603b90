// SPDX-License-Identifier: Apache-2.0
// Ways to break the rules of AXI, and ways to go to their limits.
#ifndef TESTS_PINS_AXI_BREACH_HPP
#define TESTS_PINS_AXI_BREACH_HPP

#include <vector>

#include "hand_bus.hpp"

namespace pins_test {

// Values of AWATOP (IHI 0022 L A6.4.6).
enum : unsigned {
    atomic_store_add = 0x10,
    atomic_load_set = 0x23,
    atomic_swap = 0x30,
    atomic_compare = 0x31,
};

struct axi_breach {
    const char *rule; // the row of axi_rules.def; nullptr: none is broken
    const char *how;
    void (*run)(hand_bus &);
};

extern const std::vector<axi_breach> level_breaches;       // levels and handshakes
extern const std::vector<axi_breach> request_breaches;     // a request by itself
extern const std::vector<axi_breach> transaction_breaches; // transfers that do not fit each other
extern const std::vector<axi_breach> wide_breaches;        // on a wide_bus
extern const std::vector<axi_breach> legal_traffic;        // nothing at all

} // namespace pins_test

#endif
