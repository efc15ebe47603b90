// SPDX-License-Identifier: Apache-2.0
// Ways to break the rules of the base protocol, on a hop that the test plays by hand.
#ifndef TESTS_TLM_PROTOCOL_BREACH_HPP
#define TESTS_TLM_PROTOCOL_BREACH_HPP

#include <vector>

#include "hand_hop.hpp"

namespace tlm_test {

struct protocol_breach {
    const char *rule; // the row of protocol_rules.def
    const char *how;
    void (*run)(hand_hop &);
};

extern const std::vector<protocol_breach> phase_breaches;     // what comes when it may not
extern const std::vector<protocol_breach> exclusion_breaches; // what comes too early
extern const std::vector<protocol_breach> object_breaches;    // the transaction object
extern const std::vector<protocol_breach> attribute_breaches; // what it says

} // namespace tlm_test

#endif
