/* SPDX-License-Identifier: Apache-2.0 */
/* Geometry of VMSAv8-64 translation tables and the format of their descriptors (DDI 0487 D8.2,
 * D8.3), for whoever walks them: an SMMU, a PE. All functions are pure; they neither read memory
 * nor decide what a fault is. Levels count from -1 to 3.
 *
 * Tables of VMSAv9-128 have the same geometry with larger descriptors, and levels from -2 on: what
 * is about geometries alone is about them too. vmsa128.h has the rest of them. */
#ifndef VMSA_H
#define VMSA_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMSA_LAST_LEVEL  3  /* that of pages */
#define VMSA_NO_LEVEL    4  /* in place of a start level: there is none */
#define VMSA_GRANULE_4K  12 /* log2 of the granules that have peculiarities */
#define VMSA_GRANULE_64K 16

/* How descriptors hold addresses: bits [47:12] where they are, and those above. */
enum vmsa_format {
    VMSA_48_BITS, /* none */
    VMSA_LPA,     /* FEAT_LPA, with the 64 KiB granule: [51:48] in [15:12] */
    VMSA_LPA2,    /* FEAT_LPA2 (TCR_ELx.DS), with the others: [49:48] there, [51:50] in [9:8] */
    VMSA_128,     /* VMSAv9-128: [55:48] there, of descriptors of 16 bytes */
};

/* The geometry of the tables of one stage, as a walk has to know it. */
struct vmsa_geometry {
    uint8_t granule;     /* log2 of its bytes: 12, 14 or 16 */
    uint8_t input_bits;  /* of an address to translate: more than `granule`, at most 56 */
    uint8_t output_bits; /* that the address of a table, block or page may have: 32 to 56 */
    int8_t start_level;  /* of the first lookup */
    uint8_t format;      /* enum vmsa_format */
};

/* The format of descriptors of `granule`, with FEAT_LPA or without, and with the Effective value of
 * TCR_ELx.DS, `ds`. */
static inline enum vmsa_format vmsa_format_of(unsigned granule, bool lpa, bool ds)
{
    if (granule == VMSA_GRANULE_64K)
        return lpa ? VMSA_LPA : VMSA_48_BITS;
    return ds ? VMSA_LPA2 : VMSA_48_BITS;
}

/* Value of the bits [msb:lsb] of `word`; 63 >= msb >= lsb. */
static inline uint64_t vmsa_bits(uint64_t word, unsigned msb, unsigned lsb)
{
    return word << (63 - msb) >> (63 - msb + lsb);
}

/* ---- Levels and tables (D8.2) ---- */

/* log2 of the bytes of a descriptor. */
static inline unsigned vmsa_descriptor_log2(const struct vmsa_geometry *g)
{
    return g->format == VMSA_128 ? 4 : 3;
}

/* Address bits that one level resolves, but for the first: 9, 11 or 13, or one less. */
static inline unsigned vmsa_stride(const struct vmsa_geometry *g)
{
    return g->granule - vmsa_descriptor_log2(g);
}

/* log2 of the bytes that one descriptor of `level` stands for. */
static inline unsigned vmsa_span_log2(const struct vmsa_geometry *g, int level)
{
    return g->granule + (unsigned)(VMSA_LAST_LEVEL - level) * vmsa_stride(g);
}

/* Level at which a stage 1 walk begins, by the granule, format and input bits of `g` (tables D8-18,
 * D8-28, D8-37). With VMSAv9-128 it is the regular one of both stages (table D8-44). */
int vmsa_start_level(const struct vmsa_geometry *g);

/* Whether a stage 2 walk may begin at the start level of `g`, -1 to 3: the first lookup resolves at
 * least one bit, in at most 16 concatenated tables (D8.2, tables D8-20 to D8-24 and their like).
 * Not for VMSAv9-128. */
bool vmsa_s2_start_ok(const struct vmsa_geometry *g);

/* log2 of the bytes of the first table, concatenated ones included. */
static inline unsigned vmsa_first_table_log2(const struct vmsa_geometry *g)
{
    return g->input_bits - vmsa_span_log2(g, g->start_level) + vmsa_descriptor_log2(g);
}

/* Address of the first table, of which `base` holds all bits: a table is aligned to its size, and
 * in VMSAv8-64 to 64 bytes where output addresses have 52 bits, and the bits below are ignored
 * (D8.2, TTBR_ELx; IHI 0070 5.2, S2TTB). */
uint64_t vmsa_first_table(const struct vmsa_geometry *g, uint64_t base);

/* vmsa_descriptor_addr() where it is known what vmsa_descriptor_log2() is, and vmsa_span_log2() of
 * the level, `lsb`. */
static inline uint64_t vmsa_descriptor_addr_at(const struct vmsa_geometry *g,
                                               unsigned descriptor_log2, uint64_t table, int level,
                                               unsigned lsb, unsigned skipped, uint64_t ia)
{
    unsigned stride = g->granule - descriptor_log2;
    unsigned bits = level == g->start_level ? g->input_bits - lsb : (skipped + 1) * stride;
    uint64_t index = ia >> lsb & ((UINT64_C(1) << bits) - 1);
    return table + (index << descriptor_log2);
}

/* Address of the descriptor for `ia` in the table of `level` at `table`. The first table is indexed
 * by all the input bits there are above it; another one by those of one level, and of the `skipped`
 * ones above, which are 0 but in VMSAv9-128. */
static inline uint64_t vmsa_descriptor_addr(const struct vmsa_geometry *g, uint64_t table,
                                            int level, unsigned skipped, uint64_t ia)
{
    return vmsa_descriptor_addr_at(g, vmsa_descriptor_log2(g), table, level,
                                   vmsa_span_log2(g, level), skipped, ia);
}

/* ---- Descriptors of any kind (D8.3). Of VMSAv9-128 their lower 64 bits, but for their kind ----
 */

enum vmsa_kind {
    VMSA_INVALID, /* nothing is translated: a Translation fault */
    VMSA_TABLE,   /* leads to a table of the next level */
    VMSA_LEAF,    /* a block or page */
};

/* Whether descriptors of `level`, below the last, can be blocks: from level 1 on with the 4 KiB
 * granule, from 2 with the others, and from one above where addresses have 52 bits (tables D8-17,
 * D8-27, D8-36). */
static inline bool vmsa_block_allowed(const struct vmsa_geometry *g, int level)
{
    int first = g->granule == VMSA_GRANULE_4K ? 1 : 2;
    return level >= first - (g->format != VMSA_48_BITS);
}

/* The kind of a descriptor of `level`: bit 0 makes it valid, bit 1 a table or, at the last level, a
 * page (table D8-48). */
static inline enum vmsa_kind vmsa_kind(const struct vmsa_geometry *g, uint64_t descriptor,
                                       int level)
{
    if (!(descriptor & 1))
        return VMSA_INVALID;
    bool table = (descriptor & 2) != 0;
    if (level == VMSA_LAST_LEVEL)
        return table ? VMSA_LEAF : VMSA_INVALID;
    if (table)
        return VMSA_TABLE;
    return vmsa_block_allowed(g, level) ? VMSA_LEAF : VMSA_INVALID;
}

/* The address in a descriptor, of bits [47:lsb] and those that its format has above. */
static inline uint64_t vmsa_address(const struct vmsa_geometry *g, uint64_t descriptor,
                                    unsigned lsb)
{
    uint64_t addr = (descriptor & ((UINT64_C(1) << 48) - 1)) >> lsb << lsb;
    if (g->format == VMSA_48_BITS)
        return addr;
    if (g->format == VMSA_128)
        return addr | vmsa_bits(descriptor, 55, 48) << 48;
    if (g->format == VMSA_LPA)
        return addr | vmsa_bits(descriptor, 15, 12) << 48;
    return addr | vmsa_bits(descriptor, 49, 48) << 48 | vmsa_bits(descriptor, 9, 8) << 50;
}

/* Address of the table that a table descriptor leads to, having `skipped` levels, 0 but in
 * VMSAv9-128. A table is aligned to its size (table D8-45). */
static inline uint64_t vmsa_next_table(const struct vmsa_geometry *g, uint64_t descriptor,
                                       unsigned skipped)
{
    return vmsa_address(g, descriptor, g->granule + skipped * vmsa_stride(g));
}

/* Address of the block or page that a leaf of `level` maps: of its first byte. */
static inline uint64_t vmsa_output(const struct vmsa_geometry *g, uint64_t descriptor, int level)
{
    return vmsa_address(g, descriptor, vmsa_span_log2(g, level));
}

/* Whether a table, block or page lies beyond the output size: an Address size fault. */
static inline bool vmsa_too_large(const struct vmsa_geometry *g, uint64_t addr)
{
    return addr >> g->output_bits != 0;
}

/* ---- The Contiguous bit (D8.7.1) ---- */

/* log2 of the bytes that a run of leaves of `level` with the Contiguous bit translates (tables
 * D8-104, D8-105); 0: there are no runs of that level. */
unsigned vmsa_run_log2(const struct vmsa_geometry *g, int level);

/* ---- Fields of block and page descriptors (tables D8-52, D8-53) ---- */

/* The Contiguous bit, of both stages, but where it is Protected: PnCH is 1 (D8.2.7.1). */
static inline bool vmsa_contiguous(uint64_t leaf)
{
    return (leaf & UINT64_C(1) << 52) != 0;
}

/* The Access flag, of both stages (D8.5); that of table descriptors, with FEAT_HAFT, is the same
 * bit.
 */
static inline bool vmsa_accessed(uint64_t leaf)
{
    return (leaf & UINT64_C(1) << 10) != 0;
}

/* `leaf` with its Access flag set. */
static inline uint64_t vmsa_made_accessed(uint64_t leaf)
{
    return leaf | UINT64_C(1) << 10;
}

/* Stage 1, regimes with ASIDs: whether the translation is that of all ASIDs, nG being 0. */
static inline bool vmsa_global(uint64_t leaf)
{
    return !(leaf & UINT64_C(1) << 11);
}

/* nT of a block, of both stages: it is not to be cached so that what is of another size conflicts
 * with it (D8.7.3). Bit 16 lies below the output address of every block, but not of pages. */
static inline bool vmsa_block_nt(uint64_t block)
{
    return (block & UINT64_C(1) << 16) != 0;
}

/* Stage 1, table descriptors too: Protected, where PnCH is 1 or of VMSAv9-128 (D8.2.7.1). */
static inline bool vmsa_protected(uint64_t descriptor)
{
    return (descriptor & UINT64_C(1) << 52) != 0;
}

/* Stage 2: AssuredOnly, where VTCR_EL2.AssuredOnly is 1 or of VMSAv9-128 (D8.2.7.3). */
static inline bool vmsa_assured_only(uint64_t leaf)
{
    return (leaf & UINT64_C(1) << 58) != 0;
}

/* SH[1:0], of both stages: 0 Non-shareable, 2 Outer Shareable, 3 Inner Shareable, 1 reserved. Not
 * with VMSA_LPA2, whose addresses take the place of it. */
static inline uint8_t vmsa_sh(uint64_t leaf)
{
    return (uint8_t)vmsa_bits(leaf, 9, 8);
}

/* PBHA[3:0], of both stages: page-based hardware attributes. */
static inline uint8_t vmsa_pbha(uint64_t leaf)
{
    return (uint8_t)vmsa_bits(leaf, 62, 59);
}

/* Stage 1: AttrIndx[2:0], which byte of the MAIR has the memory attributes. */
static inline unsigned vmsa_attr_index(uint64_t leaf)
{
    return (unsigned)vmsa_bits(leaf, 4, 2);
}

/* Stage 1 with FEAT_AIE: AttrIndx[3:0], bit 3 of which is bit 59. */
static inline unsigned vmsa_wide_attr_index(uint64_t leaf)
{
    return vmsa_attr_index(leaf) | (unsigned)vmsa_bits(leaf, 59, 59) << 3;
}

/* Stage 2: MemAttr[3:0], bits [3:2] of the outer domain and [1:0] of the inner one, or 0 and a type
 * of Device memory (D8.6). */
static inline unsigned vmsa_s2_memattr(uint64_t leaf)
{
    return (unsigned)vmsa_bits(leaf, 5, 2);
}

#ifdef __cplusplus
}
#endif

#endif
