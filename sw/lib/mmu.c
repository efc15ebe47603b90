/* SPDX-License-Identifier: Apache-2.0 */
/* Identity map of RAM and devices, 4 KiB granule, 39-bit addresses (DDI 0487 D8). */
#include "mmu.h"

#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "platform.h"

#define ENTRIES     512
#define LEVEL1_SIZE (1UL << 30)
#define LEVEL2_SIZE (1UL << 21)
#define LEVEL3_SIZE (1UL << 12)

#define DESC_TABLE    3UL
#define DESC_BLOCK    1UL
#define DESC_PAGE     3UL
#define DESC_DEVICE   (0UL << 2) /* AttrIndx of the two MAIR attributes below */
#define DESC_NORMAL   (1UL << 2)
#define DESC_READONLY (2UL << 6)
#define DESC_SH_INNER (3UL << 8)
#define DESC_AF       (1UL << 10)
#define DESC_PXN      (1UL << 53)
#define DESC_UXN      (1UL << 54)
#define ADDRESS_MASK  0x0000fffffffff000UL

#define MAIR_DEVICE_NGNRE 0x04UL
#define MAIR_NORMAL_WB    0xffUL

#define TCR_T0SZ_39BIT   (64UL - 39)
#define TCR_WALK_WB      (1UL << 8 | 1UL << 10) /* IRGN0, ORGN0: Write-Back, Write-Allocate */
#define TCR_SH0_INNER    (3UL << 12)
#define TCR_EPD1         (1UL << 23)
#define TCR_IPS_SHIFT    32
#define MMFR0_PARANGE(r) ((r)&0xf)

#define SCTLR_M    (1UL << 0)
#define SCTLR_C    (1UL << 2)
#define SCTLR_SA   (1UL << 3)
#define SCTLR_I    (1UL << 12)
#define SCTLR_RES1 0x30d00800UL /* as Armv8.0-A has them */

/* Defined by the linker script; page aligned. */
extern char image_start[], text_end[], rodata_end[];

/* Level 1: 1 GiB each. Level 2 for the first GiB of RAM, level 3 for the 2 MiB of the image. */
static uint64_t level1[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level2[ENTRIES] __attribute__((aligned(4096)));
static uint64_t level3[ENTRIES] __attribute__((aligned(4096)));

static const uint64_t normal = DESC_NORMAL | DESC_SH_INNER | DESC_AF | DESC_UXN;
static const uint64_t device = DESC_DEVICE | DESC_AF | DESC_UXN | DESC_PXN;

/* Code can be executed but not written, constants neither, data only written. */
static uint64_t image_rights(uint64_t address)
{
    if (address >= (uint64_t)image_start && address < (uint64_t)text_end)
        return DESC_READONLY;
    if (address >= (uint64_t)text_end && address < (uint64_t)rodata_end)
        return DESC_READONLY | DESC_PXN;
    return DESC_PXN;
}

static void build_tables(void)
{
    uint64_t ram = PLATFORM_RAM_BASE;
    uint64_t image = (uint64_t)image_start & ~(LEVEL2_SIZE - 1);

    for (uint64_t i = 0; i * LEVEL1_SIZE < ram; i++)
        level1[i] = (i * LEVEL1_SIZE) | device | DESC_BLOCK;
    level1[ram / LEVEL1_SIZE] = (uint64_t)level2 | DESC_TABLE;
    level1[PLATFORM_PCIE_ECAM_BASE / LEVEL1_SIZE] =
        (PLATFORM_PCIE_ECAM_BASE & ~(LEVEL1_SIZE - 1)) | device | DESC_BLOCK;

    for (uint64_t i = 0; i * LEVEL2_SIZE < PLATFORM_RAM_SIZE; i++)
        level2[i] = (ram + i * LEVEL2_SIZE) | normal | DESC_PXN | DESC_BLOCK;
    level2[(image - ram) / LEVEL2_SIZE] = (uint64_t)level3 | DESC_TABLE;

    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t address = image + i * LEVEL3_SIZE;
        level3[i] = address | normal | image_rights(address) | DESC_PAGE;
    }
}

/* The table below `*entry`, made if there is none. */
static uint64_t *table_below(uint64_t *entry)
{
    if (!(*entry & DESC_TABLE)) {
        uint64_t *table = pages_alloc(LEVEL3_SIZE, LEVEL3_SIZE);
        *entry = (uint64_t)table | DESC_TABLE;
    }
    return (uint64_t *)(*entry & ADDRESS_MASK);
}

volatile uint64_t *mmu_map_page(uint64_t virtual, const void *page, enum mmu_use use)
{
    uint64_t *middle = table_below(&level1[virtual / LEVEL1_SIZE % ENTRIES]);
    uint64_t *last = table_below(&middle[virtual / LEVEL2_SIZE % ENTRIES]);
    volatile uint64_t *entry = &last[virtual / LEVEL3_SIZE % ENTRIES];

    *entry = (uint64_t)page | normal | (use == MMU_DATA ? DESC_PXN : 0) | DESC_PAGE;
    dsb();
    isb();
    return entry;
}

void mmu_enable(void)
{
    build_tables();
    mmu_enable_cpu();
}

void mmu_enable_cpu(void)
{
    uint64_t pa_range = MMFR0_PARANGE(read_sysreg(id_aa64mmfr0_el1));

    write_sysreg(mair_el1, MAIR_DEVICE_NGNRE | MAIR_NORMAL_WB << 8);
    write_sysreg(tcr_el1, TCR_T0SZ_39BIT | TCR_WALK_WB | TCR_SH0_INNER | TCR_EPD1 |
                              pa_range << TCR_IPS_SHIFT);
    write_sysreg(ttbr0_el1, (uint64_t)level1);
    dsb();
    __asm__ volatile("tlbi vmalle1\n\tic iallu" ::: "memory");
    dsb();
    isb();
    write_sysreg(sctlr_el1, SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA);
    isb();
}
