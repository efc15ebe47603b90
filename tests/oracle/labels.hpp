// SPDX-License-Identifier: Apache-2.0
// PARTID and PMG of an access (IHI 0070 17.2, 17.4).
#ifndef TESTS_ORACLE_LABELS_HPP
#define TESTS_ORACLE_LABELS_HPP

#include "oracle/structures.hpp"

namespace oracle {

// A label that software asks for. Numbers above PARTID_MAX and PMG_MAX are UNKNOWN; 0 is what this
// SMMU takes.
label permitted(const id_fields &id, uint64_t partid, uint64_t pmg);

// Of accesses to the Stream table, to VMSs, queues and messages.
label label_of_gmpam(const id_fields &id, const registers &regs);

// Of transactions while the SMMU is disabled.
label label_of_gbpmpam(const id_fields &id, const registers &regs);

// STE.PARTID and STE.PMG.
label label_of_ste(const id_fields &id, const raw512 &ste);

// Whether CDs have labels of their own: STE.S1MPAM.
bool s1mpam(const id_fields &id, const raw512 &ste);

// Whether STE.VMSPtr is enabled (5.2).
bool vms_enabled(const id_fields &id, const raw512 &ste);

} // namespace oracle

#endif
