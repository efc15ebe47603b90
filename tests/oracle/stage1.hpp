// SPDX-License-Identifier: Apache-2.0
// Stage 1 translation of one address through a valid CD (IHI 0070 3.4, DDI 0487 D8).
#ifndef TESTS_ORACLE_STAGE1_HPP
#define TESTS_ORACLE_STAGE1_HPP

#include "oracle/structures.hpp"

namespace oracle {

// Kinds of stage 1 fault; the values are the event numbers.
enum class stage1_fault : unsigned {
    none = 0,
    walk_eabt = 0x0b,
    translation = 0x10,
    addr_size = 0x11,
    access = 0x12,
    permission = 0x13,
};

struct stage1_result {
    stage1_fault fault = stage1_fault::none;
    uint64_t fetch_addr = 0; // descriptor whose fetch aborted
    uint64_t output = 0;
    unsigned rights = 0;
};

struct stage1_input {
    const id_fields &id;
    const raw512 &cd;
    stream_world world;
    const memory_reader &memory;
};

// `priv` and `instr` are after the STE overrides.
stage1_result stage1_translate(const stage1_input &in, uint64_t va, bool write, bool instr,
                               bool priv);

} // namespace oracle

#endif
