/* SPDX-License-Identifier: Apache-2.0 */
/* Stream table entries and context descriptors (IHI 0070 5.2, 5.4), written so that the SMMU never
 * sees a valid one half filled in (3.21). */
#include "io.h"
#include "pages.h"
#include "smmu.h"
#include "tap.h"

#define T0SZ_48BIT   16
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
    return &smmu->stream_table[sid];
}

struct smmu_cd *smmu_cd_alloc(void)
{
    return pages_alloc(sizeof(struct smmu_cd), PAGE_SIZE);
}

void smmu_cd_write(struct smmu_cd *cd, const struct smmu_cd_config *config)
{
    struct smmu_cd image = {{
        CD0_V | CD0_AA64 | CD0_R | CD0_A | CD0_ASET | CD0_EPD1 | hw_put(CD0_T0SZ, T0SZ_48BIT) |
            hw_put(CD0_TG0, CD_TG0_4K) | hw_put(CD0_IR0, CD_CACHE_WB) |
            hw_put(CD0_OR0, CD_CACHE_WB) | hw_put(CD0_SH0, SH_INNER) |
            hw_put(CD0_IPS, config->ips) | hw_put(CD0_ASID, config->asid),
        (uintptr_t)config->table & CD1_TTB0,
        0,
        MAIR_WB_RAWA,
    }};

    publish(cd->word, image.word);
}

void smmu_ste_write_stage1(struct smmu_ste *ste, const struct smmu_cd *cd)
{
    struct smmu_ste image = {{
        STE0_V | hw_put(STE0_CONFIG, STE_CONFIG_STAGE1) | ((uintptr_t)cd & STE0_S1CONTEXTPTR),
        hw_put(STE1_S1CIR, STE_CACHE_WB) | hw_put(STE1_S1COR, STE_CACHE_WB) |
            hw_put(STE1_S1CSH, SH_INNER) | hw_put(STE1_SHCFG, STE_SHCFG_INCOMING),
    }};

    publish(ste->word, image.word);
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
