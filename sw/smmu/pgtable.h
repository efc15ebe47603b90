/* SPDX-License-Identifier: Apache-2.0 */
/* Translation tables: VMSAv8-64, 4 KiB granule: of four levels for 48-bit input addresses, or of
 * three for 39-bit ones. */
#ifndef SMMU_PGTABLE_H
#define SMMU_PGTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PGTABLE_PAGE     12U /* log2 of what one leaf maps: level 3, */
#define PGTABLE_BLOCK_2M 21U /* level 2 */
#define PGTABLE_BLOCK_1G 30U /* and level 1 */

/* Restrictions of a mapping; without any, reads and writes are allowed. */
enum {
    PGTABLE_READ_ONLY = 1,
    PGTABLE_NO_ACCESS_FLAG = 2, /* AF = 0: the first access faults */
    PGTABLE_PRIVILEGED = 4,     /* unprivileged accesses fault; stage 1 */
    PGTABLE_CLEAN = 8,          /* read-only until a write makes it dirty: DBM */
};

struct pgtable {
    uint64_t *root;
    bool stage2;
    unsigned levels;
    uint64_t offset; /* of the tables as the SMMU addresses them, from where they are in memory */
};

/* Empty tables of stage 1 with four levels; of stage 1 that are behind stage 2, at intermediate
 * physical addresses `offset` beyond their physical ones; of stage 2 with three. */
struct pgtable pgtable_create(void);
struct pgtable pgtable_create_nested(uint64_t offset);
struct pgtable pgtable_create_stage2(void);

/* Empty tables of stage 1, or of stage 2, with 3 or 4 levels. */
struct pgtable pgtable_create_levels(bool stage2, unsigned levels);

/* The address of the first table, for a CD or an STE. */
uint64_t pgtable_address(const struct pgtable *table);

/* The leaf that maps `iova`, which must be mapped: for looking at it. */
uint64_t pgtable_leaf(const struct pgtable *table, uint64_t iova);

/* Map 2^log2_size bytes (one of the sizes above) at `iova` to `pa`, both aligned to it. Replaces a
 * leaf that is there; fails the run if a table is. Nothing is invalidated. */
void pgtable_map(struct pgtable *table, uint64_t iova, uint64_t pa, unsigned log2_size,
                 unsigned restrictions);

/* Map `size` bytes with the largest leaves that fit; everything aligned to a page. */
void pgtable_map_range(struct pgtable *table, uint64_t iova, uint64_t pa, size_t size,
                       unsigned restrictions);

/* Remove the leaf that maps `iova`, if there is one. Nothing is invalidated. */
void pgtable_unmap(struct pgtable *table, uint64_t iova);

#endif
