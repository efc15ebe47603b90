// SPDX-License-Identifier: Apache-2.0
// The Device Permission Table of Non-secure state, walked anew for each access (IHI 0070 3.24).
#ifndef TESTS_ORACLE_DPT_HPP
#define TESTS_ORACLE_DPT_HPP

#include "oracle/memory_view.hpp"
#include "oracle/structures.hpp"

namespace oracle {

// DPT_FAULTCODE, but for faults of granule protection.
enum class dpt_fault { none = -1, disabled = 0, walk = 1, external_abort = 3 };

struct dpt_answer {
    bool granted = false;
    dpt_fault fault = dpt_fault::none; // a DPT lookup fault, and its level
    unsigned level = 0;
};

// Whether a stream with `ste`, whose EATS is 0b11, may access `pa`.
dpt_answer dpt_check(const id_fields &id, const registers &regs, memory_view &memory,
                     const raw512 &ste, uint64_t pa, bool write);

} // namespace oracle

#endif
