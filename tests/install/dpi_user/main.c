/* SPDX-License-Identifier: Apache-2.0 */
/* A user of the installed C side of the DPI, which stands in for a simulator. */
#include <string.h>

#include <smmu/dpi.h>

int smmu_sv_read(int smmu, const uint32_t *access, uint32_t *data)
{
    (void)smmu, (void)access;
    memset(data, 0, 64);
    return 1;
}

int smmu_sv_write(int smmu, const uint32_t *access, const uint32_t *data)
{
    (void)smmu, (void)access, (void)data;
    return 1;
}

int smmu_sv_compare_and_swap(int smmu, const uint32_t *access, const uint32_t *expected,
                             const uint32_t *value, uint32_t *old)
{
    (void)smmu, (void)access, (void)expected, (void)value, (void)old;
    return 1;
}

void smmu_sv_interrupt(int smmu, int sec, int irq)
{
    (void)smmu, (void)sec, (void)irq;
}

void smmu_sv_resumed(int smmu, int stall, int action)
{
    (void)smmu, (void)stall, (void)action;
}

void smmu_sv_invalidated(int smmu, const uint32_t *inval)
{
    (void)smmu, (void)inval;
}

void smmu_sv_atc_invalidate(int smmu, const uint32_t *inval)
{
    (void)smmu, (void)inval;
}

int smmu_sv_atc_sync(int smmu, uint32_t cmdq)
{
    (void)smmu, (void)cmdq;
    return 1;
}

void smmu_sv_page_response(int smmu, const uint32_t *response)
{
    (void)smmu, (void)response;
}

int main(void)
{
    const int smmu = smmu_dpi_create("preset=small,sid_bits=5");
    unsigned long long idr1;
    return smmu_dpi_reg_read(smmu, 4, 4, &idr1) && (idr1 & 0x3f) == 5 && smmu_dpi_destroy(smmu) ? 0
                                                                                                : 1;
}
