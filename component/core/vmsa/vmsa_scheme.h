/* SPDX-License-Identifier: Apache-2.0 */
/* Permission schemes: what a block or page descriptor allows, and how hardware keeps the dirty
 * state in it. Of VMSAv8-64 with Direct permissions (DDI 0487 D8.4, D8.5), and of VMSAv8-32 LPAE
 * (G5.6). Pure. No one else looks at AP, S2AP, XN and DBM, or at the limits in table descriptors.
 */
#ifndef VMSA_SCHEME_H
#define VMSA_SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rights, to be combined. */
enum { VMSA_READ = 1, VMSA_WRITE = 2, VMSA_EXECUTE = 4 };

/* How one stage of a regime reads its descriptors, with the controls that rights depend on. What is
 * of one stage is false for the other. */
struct vmsa_scheme {
    bool stage2;       /* else stage 1 */
    bool vmsa32;       /* VMSAv8-32 LPAE */
    bool hd;           /* hardware manages the dirty state: DBM counts (D8.5.2). Not with vmsa32. */
    bool hierarchical; /* stage 1: table descriptors limit rights; not with HPDn, CD.HADn */
    bool el0;          /* stage 1: privileged accesses and others are told apart, as in EL1&0 and
                          EL2&0. In a regime of one Exception level all are privileged. */
    bool wxn;          /* stage 1: what is writable is not executable: SCTLR_ELx.WXN, CD.WXN */
    bool uwxn;         /* stage 1 with vmsa32: the same, for privileged accesses to what others can
                          write: CD.UWXN */
    bool pan;          /* stage 1: privileged accesses do not reach data that others can: CD.PAN. (A
                          PE, whose TLB entries outlive PSTATE.PAN, has to look at each access.) */
    bool epan;         /* with pan: nor data that others can execute (FEAT_PAN3) */
    bool xnx;          /* stage 2: FEAT_XNX, XN tells privileged accesses and others apart */
};

/* Limits that the table descriptors on the way to a leaf set: APTable, XNTable, PXNTable
 * (D8.4.1.2). A walk begins with 0, and goes on with `limits` and those of each descriptor that it
 * passes. */
static inline uint8_t vmsa_limit(const struct vmsa_scheme *scheme, uint8_t limits,
                                 uint64_t table_descriptor)
{
    return scheme->hierarchical ? limits | (uint8_t)(table_descriptor >> 59 & 0xf) : limits;
}

/* VMSA_* rights that `leaf` gives to privileged or unprivileged accesses (tables D8-62 to D8-66,
 * D8-76 to D8-78). A writable-clean page is not writable, but where writable pages are not
 * executable it counts as one (D8.5.2; IHI 0070 3.13.8). */
uint8_t vmsa_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    bool privileged);

/* The same of unprivileged accesses, rights[0], and of privileged ones, rights[1]. */
void vmsa_rights_of_both(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                         uint8_t rights[2]);

/* Whether `leaf` is writable-clean for these accesses: they may not write, and may once hardware
 * has made it writable-dirty (D8.5.2). */
bool vmsa_is_clean_with_hd(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                           bool privileged);
static inline bool vmsa_is_clean(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                                 bool privileged)
{
    return scheme->hd && vmsa_is_clean_with_hd(scheme, leaf, limits, privileged);
}

/* A writable-clean `leaf` made writable-dirty. */
uint64_t vmsa_made_dirty(const struct vmsa_scheme *scheme, uint64_t leaf);

#ifdef __cplusplus
}
#endif

#endif
