/* SPDX-License-Identifier: Apache-2.0 */
/* Stream table entries and context descriptors (IHI 0070 5.2, 5.4), written so that the SMMU never
 * sees a valid one half filled in (3.21). */
#include "io.h"
#include "pages.h"
#include "smmu.h"
#include "tap.h"

#define T0SZ_48BIT   16
#define T0SZ_39BIT   25
#define SPLIT        8U     /* log2 of the STEs in a level 2 stream table */
#define CD_SPLIT     6U     /* log2 of the CDs in a level 2 CD table: a page */
#define MAIR_WB_RAWA 0xffUL /* attribute 0; the page tables use no other */

/* Words 1 to 7 first while the structure is invalid, then word 0 with its valid bit. */
static void publish(volatile uint64_t *to, const uint64_t *from)
{
    to[0] = 0;
    dsb();
    for (unsigned i = 1; i < 8; i++)
        to[i] = from[i];
    dsb();
    to[0] = from[0];
    dsb();
}

struct smmu_ste *smmu_stream(struct smmu *smmu, uint32_t sid)
{
    if (sid >> smmu->log2_streams)
        tap_bail_out("StreamID 0x%x is outside the stream table", sid);
    if (smmu->stream_table)
        return &smmu->stream_table[sid];

    volatile uint64_t *slot = &smmu->stream_directory[sid >> SPLIT];
    if (!*slot) {
        size_t size = sizeof(struct smmu_ste) << SPLIT;
        uint64_t table = (uintptr_t)pages_alloc(size, size);
        dsb();
        *slot = hw_put(L1STD_SPAN, SPLIT + 1) | table;
    }
    return (struct smmu_ste *)(*slot & L1STD_L2PTR) + (sid & ((1U << SPLIT) - 1));
}

void smmu_use_two_level_table(struct smmu *smmu, unsigned log2_streams)
{
    smmu_set_enabled(smmu, false);
    smmu->stream_table = NULL;
    smmu->stream_directory = pages_alloc(8UL << (log2_streams - SPLIT), PAGE_SIZE);
    smmu->log2_streams = log2_streams;
    write64(smmu->base + SMMU_STRTAB_BASE, (uintptr_t)smmu->stream_directory | BASE_RA);
    write32(smmu->base + SMMU_STRTAB_BASE_CFG,
            (uint32_t)(hw_put(STRTAB_BASE_CFG_FMT, STRTAB_FMT_2LEVEL) |
                       hw_put(STRTAB_BASE_CFG_SPLIT, SPLIT) |
                       hw_put(STRTAB_BASE_CFG_LOG2SIZE, log2_streams)));
    smmu_command_sync(smmu, smmu_cmd_cfgi_all());
    smmu_set_enabled(smmu, true);
}

struct smmu_cd *smmu_cd_alloc(void)
{
    return pages_alloc(sizeof(struct smmu_cd), PAGE_SIZE);
}

uint64_t *smmu_cd_directory_alloc(unsigned log2_count)
{
    return pages_alloc(8UL << (log2_count - CD_SPLIT), PAGE_SIZE);
}

struct smmu_cd *smmu_cd_of(uint64_t *directory, uint32_t ssid)
{
    volatile uint64_t *slot = &directory[ssid >> CD_SPLIT];

    if (!(*slot & L1CD_V)) {
        uint64_t table = (uintptr_t)pages_alloc(PAGE_SIZE, PAGE_SIZE);
        dsb();
        *slot = L1CD_V | table;
    }
    return (struct smmu_cd *)(*slot & L1CD_L2PTR) + (ssid & ((1U << CD_SPLIT) - 1));
}

void smmu_cd_write(struct smmu_cd *cd, const struct smmu_cd_config *config)
{
    struct smmu_cd image = {{
        CD0_V | CD0_AA64 | CD0_R | CD0_A | CD0_ASET | CD0_EPD1 |
            hw_put(CD0_T0SZ, config->short_va ? T0SZ_39BIT : T0SZ_48BIT) |
            hw_put(CD0_TG0, CD_TG0_4K) | hw_put(CD0_IR0, CD_CACHE_WB) |
            hw_put(CD0_OR0, CD_CACHE_WB) | hw_put(CD0_SH0, SH_INNER) |
            hw_put(CD0_IPS, config->ips) | hw_put(CD0_ASID, config->asid) |
            hw_put(CD0_S, config->stall) | hw_put(CD0_HA, config->access) |
            hw_put(CD0_HD, config->dirty),
        config->table & CD1_TTB0,
        0,
        MAIR_WB_RAWA,
    }};

    publish(cd->word, image.word);
}

static void put_contexts(struct smmu_ste *image, const struct smmu_contexts *contexts)
{
    image->word[0] |= hw_put(STE0_S1CDMAX, contexts->log2_count) |
                      hw_put(STE0_S1FMT, contexts->two_level ? STE_S1FMT_4K : STE_S1FMT_LINEAR) |
                      (contexts->address & STE0_S1CONTEXTPTR);
    image->word[1] |= hw_put(STE1_S1DSS, contexts->s1dss) | hw_put(STE1_S1CIR, STE_CACHE_WB) |
                      hw_put(STE1_S1COR, STE_CACHE_WB) | hw_put(STE1_S1CSH, SH_INNER);
}

static void put_stage2(struct smmu_ste *image, const struct smmu_stage2 *stage2)
{
    image->word[2] |= hw_put(STE2_S2VMID, stage2->vmid) |
                      hw_put(STE2_S2T0SZ, stage2->long_ipa ? T0SZ_48BIT : T0SZ_39BIT) |
                      hw_put(STE2_S2SL0, stage2->long_ipa ? STE_S2SL0_LEVEL0 : STE_S2SL0_LEVEL1) |
                      hw_put(STE2_S2IR0, STE_CACHE_WB) | hw_put(STE2_S2OR0, STE_CACHE_WB) |
                      hw_put(STE2_S2SH0, SH_INNER) | hw_put(STE2_S2TG, STE_S2TG_4K) |
                      hw_put(STE2_S2PS, stage2->ps) | STE2_S2AA64 |
                      hw_put(STE2_S2HA, stage2->updates) | hw_put(STE2_S2HD, stage2->updates) |
                      hw_put(STE2_S2S, stage2->stall) | STE2_S2R;
    image->word[3] |= stage2->table & STE3_S2TTB;
}

void smmu_ste_write(struct smmu_ste *ste, const struct smmu_contexts *contexts,
                    const struct smmu_stage2 *stage2)
{
    unsigned config = !stage2     ? STE_CONFIG_STAGE1
                      : !contexts ? STE_CONFIG_STAGE2
                                  : STE_CONFIG_NESTED;
    struct smmu_ste image = {{
        STE0_V | hw_put(STE0_CONFIG, config),
        hw_put(STE1_SHCFG, STE_SHCFG_INCOMING),
    }};

    if (contexts)
        put_contexts(&image, contexts);
    if (stage2)
        put_stage2(&image, stage2);
    publish(ste->word, image.word);
}

void smmu_ste_write_stage1(struct smmu_ste *ste, const struct smmu_cd *cd)
{
    struct smmu_contexts one = {.address = (uintptr_t)cd};

    smmu_ste_write(ste, &one, NULL);
}

void smmu_ste_write_bypass(struct smmu_ste *ste)
{
    struct smmu_ste image = {{
        STE0_V | hw_put(STE0_CONFIG, STE_CONFIG_BYPASS),
        hw_put(STE1_SHCFG, STE_SHCFG_INCOMING),
    }};

    publish(ste->word, image.word);
}

void smmu_ste_write_abort(struct smmu_ste *ste)
{
    struct smmu_ste image = {{STE0_V | hw_put(STE0_CONFIG, STE_CONFIG_ABORT)}};

    publish(ste->word, image.word);
}
