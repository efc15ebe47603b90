// SPDX-License-Identifier: Apache-2.0
// The permission tables of DDI 0487 D8.4, and of IHI 0070 3.26 and 5.4 for the Indirect Permission
// Scheme.
#ifndef TESTS_ORACLE_RIGHTS_HPP
#define TESTS_ORACLE_RIGHTS_HPP

#include <string>

#include "oracle/structures.hpp"

namespace oracle {

// What stage 1 Table descriptors take away from everything below them.
struct hierarchical {
    bool no_el0 = false;    // APTable[0]
    bool read_only = false; // APTable[1]
    bool uxn = false;
    bool pxn = false;

    void add(uint64_t table_descriptor);
};

// RIGHT_* of a stage 1 leaf, `_32` of VMSAv8-32 (DDI 0487 G5.6). With `hd`, DBM stands for write
// permission (IHI 0070 3.13.3; 3.13.8 for what that does to execute permission).
unsigned rights_with_el0(const id_fields &id, const raw512 &cd, uint64_t leaf,
                         const hierarchical &limits, bool priv, bool hd);
unsigned rights_with_el0_32(const raw512 &cd, uint64_t leaf, const hierarchical &limits, bool priv);
unsigned rights_without_el0(const raw512 &cd, uint64_t leaf, const hierarchical &limits, bool hd);

// What the Indirect Permission Scheme looks at in a leaf.
struct indexes {
    unsigned pi = 0, po = 0;
};

// PIIndex[3:0] and stage 2's POIndex[3:0] of VMSAv8-64.
indexes indexes_of(uint64_t leaf);

// RIGHT_* of a stage 1 leaf by its PIIndex, as though it were dirty; `el0` with two privileges.
unsigned indirect_rights_stage1(const raw512 &cd, const indexes &of, bool priv, bool el0);

// The name of the permission for data that a stage 2 leaf has by PIIndex and, with an overlay,
// POIndex, as DDI 0487 Table D8-82 has it.
std::string stage2_permission_of(const id_fields &id, const raw512 &ste, const indexes &of);

// RIGHT_* that a stage 2 leaf gives by PIIndex and, with an overlay, POIndex, as though it were
// dirty. RIGHT_WRITE is that to update descriptors if `structure`, else that to write data.
unsigned indirect_rights_stage2(const id_fields &id, const raw512 &ste, const indexes &of,
                                bool priv, bool structure);

// RIGHT_* of a stage 2 leaf; XN[1:0] if SMMU_IDR3.XNX, else XN[1].
unsigned rights_stage2(const id_fields &id, const raw512 &ste, uint64_t leaf, bool priv);

} // namespace oracle

#endif
