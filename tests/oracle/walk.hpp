// SPDX-License-Identifier: Apache-2.0
// Translation of one address through a valid STE and CD (IHI 0070 3.4, 3.13; DDI 0487 D8).
#ifndef TESTS_ORACLE_WALK_HPP
#define TESTS_ORACLE_WALK_HPP

#include "oracle/attributes.hpp"
#include "oracle/memory_view.hpp"
#include "oracle/structures.hpp"

namespace oracle {

enum : unsigned {
    EVENT_WALK_EABT = 0x0b,
    EVENT_TRANSLATION = 0x10,
    EVENT_ADDR_SIZE = 0x11,
    EVENT_ACCESS = 0x12,
    EVENT_PERMISSION = 0x13,
};

// CLASS of IHI 0070 7.3.
enum class fault_class : unsigned { cd = 0, tt = 1, in = 2 };

// A fault of translation, as an event record describes it.
struct walk_fault {
    unsigned number = 0; // 0: none
    bool s2 = false;
    fault_class cls = fault_class::in;
    uint64_t ipa = 0;                             // stage 2
    uint64_t fetch_addr = 0;                      // EVENT_WALK_EABT
    bool ttrnw = false;                           // EVENT_PERMISSION with fault_class::tt
    bool top_level = false, assured_only = false; // EVENT_PERMISSION of DDI 0487 D8.2.7
};

// Everything a walk depends on. `cd` is null without stage 1.
struct walk_input {
    const id_fields &id;
    const raw512 &ste;
    const raw512 *cd;
    stream_world world;
    memory_view &memory;
    label second;         // of accesses to tables of stage 2 (17.4)
    label first;          // and of stage 1
    bool assured = false; // the CD, and its L1CD, are in AssuredOnly memory (3.27.2)
};

// What the client does; after the STE overrides.
struct access {
    bool write = false;
    bool instr = false;
    bool priv = false;
    bool structure = false; // of a CD or a stage 1 descriptor
    bool assured = false;   // what gives the IPA has the Assured Translation property
    int first_table = -1;   // n, if it is the first access of a walk by TTBn
};

struct stage_result {
    walk_fault fault;
    uint64_t output = 0;
    unsigned rights = 0;
    unsigned attr_index = 0;    // of stage 1: AttrIndx
    unsigned memattr = 0;       // of stage 2: MemAttr
    unsigned sh = 0;            // what it says of shareability, or its stage for it
    bool dirty_managed = false; // hardware makes it dirty on a write
    bool assured = false;       // of stage 1: it has the Assured Translation property
    bool assured_only = false;  // of stage 2: the memory is that
    bool mro = false;           // of stage 2: the memory is that
};

stage_result stage1_translate(const walk_input &in, uint64_t va, const access &how);
stage_result stage2_translate(const walk_input &in, uint64_t ipa, fault_class cls,
                              const access &how);

// Where a CD or L1CD at `addr` is in physical memory: through stage 2 if that translates. 3.26.2,
// step 1: AssuredOnly is no matter there.
stage_result locate_structure(const walk_input &in, uint64_t addr, fault_class cls);

} // namespace oracle

#endif
