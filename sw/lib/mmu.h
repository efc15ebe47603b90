/* SPDX-License-Identifier: Apache-2.0 */
/* The PE's own translation: virtual addresses are physical addresses. */
#ifndef LIB_MMU_H
#define LIB_MMU_H

/* Map RAM as Normal Write-Back, the devices below it and the configuration space of PCI Express as
 * Device-nGnRE, then switch the MMU and the caches on. */
void mmu_enable(void);

#endif
