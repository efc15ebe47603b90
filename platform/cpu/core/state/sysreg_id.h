/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of sysreg.def by name: what the register file is indexed by. */
#ifndef A64_SYSREG_ID_H
#define A64_SYSREG_ID_H

enum sysreg_id {
#define SYSREG(name, op0, op1, crn, crm, op2, access, guard, reset, writable, read, write, raw_r,  \
               raw_w)                                                                              \
    SR_##name,
#include "sysreg/sysreg.def"
    SYSREG_COUNT,
    SYSREG_RESERVED_ID = SYSREG_COUNT + 1, /* reserved identification registers: read as zero */
    SYSREG_IMPDEF_ID,                      /* IMPLEMENTATION DEFINED: UNDEFINED, but EL2 may trap */
};

#endif
