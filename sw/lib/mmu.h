/* SPDX-License-Identifier: Apache-2.0 */
/* The PE's own translation: virtual addresses are physical addresses. */
#ifndef LIB_MMU_H
#define LIB_MMU_H

/* Map RAM as Normal Write-Back and the devices below it as Device-nGnRE, then switch the MMU and
 * the caches on. */
void mmu_enable(void);

#endif
