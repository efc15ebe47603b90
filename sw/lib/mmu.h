/* SPDX-License-Identifier: Apache-2.0 */
/* The PE's own translation: virtual addresses are physical addresses. */
#ifndef LIB_MMU_H
#define LIB_MMU_H

#include <stdint.h>

/* Map RAM as Normal Write-Back, the devices below it and the configuration space of PCI Express as
 * Device-nGnRE, then switch the MMU and the caches on. */
void mmu_enable(void);

/* The same with the tables that are there: for every PE but the first. */
void mmu_enable_cpu(void);

enum mmu_use { MMU_DATA, MMU_CODE };

/* Map another page of RAM, zeroed tables included, at `virtual`, which is from 2 GiB on and not
 * mapped yet. Returns its descriptor. */
volatile uint64_t *mmu_map_page(uint64_t virtual, const void *page, enum mmu_use use);

#endif
