/* SPDX-License-Identifier: Apache-2.0 */
/* The Device Permission Table as it is in registers and memory: see dpt_table.h. */
#include "dpt/dpt_table.h"

#include "stream/decode.h"
#include "vmsa/vmsa_control.h"

enum { ENTRY_LOG2 = 3, DPTPS_MAX = 6 };

/* --- registers (6.3.46, 6.3.47) -----------------------------------------------------------------
 */

/* log2 of what L0DPTSZ says; 0: Reserved. */
static unsigned l0_log2(uint64_t base_cfg)
{
    static const uint8_t sizes[16] = {[0] = 30, [4] = 34, [6] = 36, [9] = 39};
    return sizes[dpt_base_cfg_L0DPTSZ(base_cfg)];
}

unsigned dpt_l0_log2(const struct bank *bank)
{
    unsigned size = l0_log2(bank->reg[REG_DPT_BASE_CFG]);
    return size != 0 ? size : 30;
}

static uint64_t align(uint64_t addr, unsigned log2)
{
    return addr >> log2 << log2;
}

/* DPTGS is encoded as TG0 is, DPTPS as OAS. */
bool dpt_table_of(const struct smmu_config *cfg, const struct bank *bank, struct dpt_table *table)
{
    uint64_t base_cfg = bank->reg[REG_DPT_BASE_CFG];
    unsigned size = vmsa_address_bits(dpt_base_cfg_DPTPS(base_cfg));
    unsigned l0 = l0_log2(base_cfg);
    unsigned granule = decode_tg0(cfg, dpt_base_cfg_DPTGS(base_cfg));
    if (dpt_base_cfg_DPTPS(base_cfg) > DPTPS_MAX || size > cfg->oas_bits || granule == 0 ||
        l0 == 0 || l0 > size)
        return false;
    unsigned bytes = size - l0 + ENTRY_LOG2;
    *table = (struct dpt_table){
        .base = align(bank->reg[REG_DPT_BASE] & DPT_BASE_BADDR, bytes > 12 ? bytes : 12),
        .size_log2 = (uint8_t)size,
        .l0_log2 = (uint8_t)l0,
        .granule_log2 = (uint8_t)granule,
    };
    return true;
}

/* --- the walk (3.24.3, table 3.35) --------------------------------------------------------------
 */

uint64_t dpt_l0_entry(const struct dpt_table *table, uint64_t pa)
{
    return table->base + (pa >> table->l0_log2 << ENTRY_LOG2);
}

/* An entry of level 1 is about two granules. */
uint64_t dpt_l1_entry(const struct dpt_table *table, uint64_t level1, uint64_t pa)
{
    uint64_t index = bits_get(pa, table->l0_log2 - 1u, table->granule_log2 + 1u);
    return level1 + (index << ENTRY_LOG2);
}

/* --- descriptors (3.24.3.1) ---------------------------------------------------------------------
 */

/* Level 0: the type in [1:0]; of a Block the rest is as of the lower granule of level 1, of a Table
 * an address. */
enum { L0_NO_ACCESS = 0, L0_BLOCK = 1, L0_TABLE = 3 };
#define L0_TABLE_ADDRESS MASK64(55, 12)

RAW_TYPE(dpt, 1)
RAW_FIELD(dpt, Type, 1, 0)
RAW_FIELD(dpt, A, 1, 0)
RAW_FIELD(dpt, AC0, 3, 2)
RAW_FIELD(dpt, W0, 4, 4)
RAW_FIELD(dpt, Contig, 11, 8)
RAW_FIELD(dpt, VMID0, 31, 16)
RAW_FIELD(dpt, AC1, 35, 34)
RAW_FIELD(dpt, W1, 36, 36)
RAW_FIELD(dpt, VMID1, 63, 48)

/* Fields of the lower and of the upper granule, and what is part of no descriptor. */
#define LOWER  (MASK64(31, 16) | MASK64(4, 2))
#define UPPER  (MASK64(63, 48) | MASK64(36, 34))
#define CONTIG MASK64(11, 8)
#define ACCESS MASK64(1, 0)

/* What the fields of a granule say. False: that is Reserved, or not zero where it is RES0. */
static bool take(const struct smmu_config *cfg, unsigned ac, bool write, uint16_t vmid,
                 struct dpt_region *region)
{
    region->ac = (uint8_t)ac;
    region->write = write;
    region->vmid = vmid;
    return ac != 3 && !(ac == 2 && vmid != 0) && (cfg->vmid16 || vmid >> 8 == 0);
}

static bool take_lower(const struct smmu_config *cfg, const struct dpt_raw *raw,
                       struct dpt_region *region)
{
    return take(cfg, dpt_AC0(raw), dpt_W0(raw), dpt_VMID0(raw), region);
}

static bool take_upper(const struct smmu_config *cfg, const struct dpt_raw *raw,
                       struct dpt_region *region)
{
    return take(cfg, dpt_AC1(raw), dpt_W1(raw), dpt_VMID1(raw), region);
}

static void place(struct dpt_region *region, uint64_t pa, unsigned log2)
{
    region->addr = align(pa, log2);
    region->span_log2 = (uint8_t)log2;
}

enum dpt_kind dpt_l0_decode(const struct smmu_config *cfg, const struct dpt_table *table,
                            uint64_t word, uint64_t pa, struct dpt_region *region, uint64_t *level1)
{
    const struct dpt_raw raw = {{word}};
    switch (dpt_Type(&raw)) {
    case L0_NO_ACCESS:
        return word == 0 ? DPT_NO_ACCESS : DPT_INVALID;
    case L0_BLOCK:
        if ((word & ~(LOWER | ACCESS)) != 0 || !take_lower(cfg, &raw, region))
            return DPT_INVALID;
        place(region, pa, table->l0_log2);
        return DPT_REGION;
    case L0_TABLE:
        if ((word & ~(L0_TABLE_ADDRESS | ACCESS)) != 0 ||
            (word & L0_TABLE_ADDRESS) >> cfg->oas_bits != 0)
            return DPT_INVALID;
        *level1 =
            align(word & L0_TABLE_ADDRESS, table->l0_log2 - table->granule_log2 - 1u + ENTRY_LOG2);
        return DPT_TABLE;
    default:
        return DPT_INVALID;
    }
}

/* log2 of the region that Contig says, with A of 0b11; 0: Reserved. */
static unsigned contig_log2(const struct dpt_table *table, unsigned contig)
{
    static const uint8_t sizes[16] = {[1] = 16, 21, 25, 29, 30, 34, 36};
    unsigned log2 = sizes[contig];
    return log2 > table->granule_log2 && log2 <= table->l0_log2 ? log2 : 0;
}

/* The whole descriptor is valid, or nothing of it (3.24.4). */
enum dpt_kind dpt_l1_decode(const struct smmu_config *cfg, const struct dpt_table *table,
                            uint64_t word, uint64_t pa, struct dpt_region *region)
{
    const struct dpt_raw raw = {{word}};
    struct dpt_region lower = {0}, upper = {0};
    bool has_lower = (dpt_A(&raw) & 1) != 0, has_upper = (dpt_A(&raw) & 2) != 0;
    unsigned contig = has_lower && has_upper ? dpt_Contig(&raw) : 0;
    uint64_t fields = ACCESS | (has_lower ? LOWER : 0) | (has_upper && contig == 0 ? UPPER : 0) |
                      (contig != 0 ? CONTIG : 0);

    if ((word & ~fields) != 0 || (has_lower && !take_lower(cfg, &raw, &lower)) ||
        (has_upper && contig == 0 && !take_upper(cfg, &raw, &upper)) ||
        (contig != 0 && contig_log2(table, contig) == 0))
        return DPT_INVALID;
    bool in_upper = contig == 0 && (pa >> table->granule_log2 & 1) != 0;
    if (!(in_upper ? has_upper : has_lower))
        return DPT_NO_ACCESS;
    *region = in_upper ? upper : lower;
    place(region, pa, contig != 0 ? contig_log2(table, contig) : table->granule_log2);
    return DPT_REGION;
}
