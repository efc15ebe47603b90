/* SPDX-License-Identifier: Apache-2.0 */
/* Permission schemes: what a block or page descriptor allows, and how the dirty state is kept in
 * it. Of VMSAv8-64 with Direct and with Indirect permissions (DDI 0487 D8.4, D8.5), and of
 * VMSAv8-32 LPAE (G5.6). Pure. No one else looks at AP, S2AP, XN, DBM, PIIndex and Dirty, or at the
 * limits in table descriptors. */
#ifndef VMSA_SCHEME_H
#define VMSA_SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rights, to be combined. Stage 2 tells writes of data from those of hardware to descriptors of
 * stage 1 (Data Write and MMUWrite, tables D8-79, D8-80). */
enum { VMSA_READ = 1, VMSA_WRITE = 2, VMSA_EXECUTE = 4, VMSA_UPDATE = 8 };

/* How one stage of a regime reads its descriptors, with the controls that rights depend on. What is
 * of one stage is false for the other. */
struct vmsa_scheme {
    bool stage2;       /* else stage 1 */
    bool vmsa32;       /* VMSAv8-32 LPAE */
    bool indirect;     /* Indirect permissions, `base`. Not with vmsa32. */
    bool hd;           /* hardware manages the dirty state (D8.5.2). Not with vmsa32. */
    bool hierarchical; /* stage 1: table descriptors limit rights; not with HPDn, CD.HADn, nor with
                          Indirect permissions (R_JHSVW) or FEAT_AIE (R_MJGNV) */
    bool el0;          /* stage 1: privileged accesses and others are told apart, as in EL1&0 and
                          EL2&0. In a regime of one Exception level all are privileged. */
    bool wxn;          /* stage 1: what is writable is not executable: SCTLR_ELx.WXN, CD.WXN */
    bool uwxn;         /* stage 1 with vmsa32: the same, for privileged accesses to what others can
                          write: CD.UWXN */
    bool pan;          /* stage 1: privileged accesses do not reach data that others can: CD.PAN. (A
                          PE, whose TLB entries outlive PSTATE.PAN, has to look at each access.) */
    bool epan;         /* with pan: nor data that others can execute (FEAT_PAN3) */
    bool xnx;          /* stage 2: FEAT_XNX, XN tells privileged accesses and others apart */
    union {
        uint64_t base[2];  /* with indirect: what a PIIndex means. Stage 1: 16 interpretations of 3
                              bits for unprivileged accesses, base[0], and for privileged ones, as
                              CD.PIIU and CD.PIIP have them (IHI 0070 5.4); stage 2: 16 of 4 bits in
                              base[0], as S2PIR_EL2 has them (table D8-82) */
        uint8_t table[16]; /* else, once there is one: see vmsa_tabulate() */
    };
};

/* Limits that the table descriptors on the way to a leaf set: APTable, XNTable, PXNTable
 * (D8.4.1.2). A walk begins with 0, and goes on with `limits` and those of each descriptor that it
 * passes. */
static inline uint8_t vmsa_limit(const struct vmsa_scheme *scheme, uint8_t limits,
                                 uint64_t table_descriptor)
{
    return scheme->hierarchical ? limits | (uint8_t)(table_descriptor >> 59 & 0xf) : limits;
}

/* VMSA_* rights that `leaf` gives to privileged or unprivileged accesses (tables D8-62 to D8-68,
 * D8-76 to D8-82), VMSA_UPDATE at stage 2 alone. A writable-clean page is not writable, whoever
 * manages that, but where writable pages are not executable it counts as one (D8.5.2; IHI 0070
 * 3.13.8). */
uint8_t vmsa_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    bool privileged);

/* The same of a scheme of stage 1, or of stage 2: of unprivileged accesses, rights[0], and of
 * privileged ones, rights[1]. */
void vmsa_s1_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                    uint8_t rights[2]);
void vmsa_s2_indirect_rights(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t rights[2]);

/* Direct permissions are made of bits as they lie, S2AP[1:0] in [7:6] and XN in [54:53], for speed:
 * stage 2 is walked several times for one translation. S2AP[1] is the right to write of either kind
 * (R_TVZYF). */
static inline void vmsa_s2_rights(const struct vmsa_scheme *scheme, uint64_t leaf,
                                  uint8_t rights[2])
{
    if (__builtin_expect(scheme->indirect, 0)) {
        vmsa_s2_indirect_rights(scheme, leaf, rights);
        return;
    }
    const unsigned data = (unsigned)(leaf >> 6) & (VMSA_READ | VMSA_WRITE);
    const unsigned both = data | (data & VMSA_WRITE) << 2; /* VMSA_UPDATE */
    const unsigned may = (data & VMSA_READ) | !scheme->vmsa32;
    const unsigned xn = (unsigned)(leaf >> 54), xnx = (unsigned)(leaf >> 53) & scheme->xnx;
    rights[0] = (uint8_t)(both | (may & ~xn) << 2);
    rights[1] = (uint8_t)(both | (may & ~(xn ^ xnx)) << 2);
}

/* Work out once what Direct permissions mean that hardware does not manage (hd is false), by bits
 * [54:53] and [7:6] of a descriptor: rights of unprivileged accesses in bits [3:0], of privileged
 * ones in bits [7:4]. */
void vmsa_tabulate(struct vmsa_scheme *scheme);

/* What the table has for a leaf under such a scheme, of either stage; `limits` are 0 at stage 2. A
 * limit is as if the leaf had denied it itself. */
static inline unsigned vmsa_tabulated(const struct vmsa_scheme *scheme, uint64_t leaf,
                                      uint8_t limits)
{
    unsigned index = ((unsigned)(leaf >> 6) & 3) | ((unsigned)(leaf >> 51) & 12);
    if (__builtin_expect((limits & 15) != 0, 0))
        index = ((index & ~(unsigned)(limits >> 2 & 1)) | (limits >> 2 & 2)) | (limits & 3u) << 2;
    return scheme->table[index];
}
static inline unsigned vmsa_tabulated_for(unsigned rights, bool privileged)
{
    return privileged ? rights >> 4 : rights & 15;
}

/* VMSA_WRITE and VMSA_UPDATE, as far as these accesses get them once hardware has made a
 * writable-clean `leaf` writable-dirty (D8.5.2); 0 if it is not clean, or not hardware's. */
uint8_t vmsa_clean_with_hd(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                           bool privileged);
static inline uint8_t vmsa_clean(const struct vmsa_scheme *scheme, uint64_t leaf, uint8_t limits,
                                 bool privileged)
{
    return scheme->hd ? vmsa_clean_with_hd(scheme, leaf, limits, privileged) : 0;
}

/* A writable-clean `leaf` made writable-dirty. */
uint64_t vmsa_made_dirty(const struct vmsa_scheme *scheme, uint64_t leaf);

/* Rights that interpretation number `index`, 0 to 15, of `word` gives at stage 2, where `word` has
 * 16 of 4 bits: S2PIR_EL2, or STE.S2POI, an overlay (table D8-82). Rights under an overlay are what
 * both give (tables D8-83, D8-84). */
uint8_t vmsa_s2_interpreted(uint64_t word, unsigned index, bool privileged);

/* POIndex of a stage 2 leaf, where overlays are enabled: its interpretation in the overlay. */
static inline unsigned vmsa_po_index(uint64_t leaf)
{
    return (unsigned)(leaf >> 59 & 15);
}

/* Two more of the limits. This one is of the table alone that a descriptor leads to: its leaves
 * have no Contiguous bit (DisCH, D8.7.1). */
enum { VMSA_NO_RUNS = 32 };

/* ---- Translation hardening (FEAT_THE, D8.2.7) ---- */

/* And this: what is below has not the Assured Translation property (D8.2.7.3). */
enum { VMSA_NOT_ASSURED = 16 };

/* What stage 2 says of memory that tables of stage 1 lie in: its permission is MRO, and the first
 * table of the lower range, or of the upper, may lie there (table D8-81). */
enum { VMSA_MRO = 1, VMSA_TOP_LEVEL0 = 2, VMSA_TOP_LEVEL1 = 4 };

/* S2BasePerm of a stage 2 leaf, 4 bits of table D8-82; 0 with Direct permissions, of which none is
 * MRO. The dirty state is no matter. */
unsigned vmsa_s2_base(const struct vmsa_scheme *scheme, uint64_t leaf);

/* VMSA_MRO and VMSA_TOP_LEVEL* by S2BasePerm and S2OverlayPerm (tables D8-83, D8-84); without an
 * overlay that is VMSA_NO_OVERLAY. */
#define VMSA_NO_OVERLAY 15u
uint8_t vmsa_s2_for_tables(unsigned base, unsigned overlay);

/* Whether the first table of the lower range, or of the `upper`, may lie where stage 2 says
 * `tables`; `checks` are those that VTCR_EL2.TL0 and TL1 ask for, VMSA_TOP_LEVEL* (tables D8-14,
 * D8-15). */
static inline bool vmsa_top_level_ok(unsigned checks, unsigned tables, bool upper)
{
    const unsigned own = upper ? VMSA_TOP_LEVEL1 : VMSA_TOP_LEVEL0;
    const unsigned other = own ^ (VMSA_TOP_LEVEL0 | VMSA_TOP_LEVEL1);
    return (tables & own) || !((checks & own) || (checks & tables & other));
}

#ifdef __cplusplus
}
#endif

#endif
