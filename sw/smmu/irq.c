/* SPDX-License-Identifier: Apache-2.0 */
/* Wired interrupts of the SMMU (IHI 0070 3.18): each one advances a counter. */
#include "gic.h"
#include "platform.h"
#include "smmu.h"

static void count(void *counter)
{
    volatile uint32_t *irqs = counter;

    *irqs = *irqs + 1;
}

static void connect(unsigned spi, volatile uint32_t *counter)
{
    gic_enable(GIC_SPI(spi), GIC_EDGE, count, (void *)counter);
}

void smmu_enable_interrupts(struct smmu *smmu)
{
    connect(PLATFORM_SPI_SMMU_EVENTQ, &smmu->evtq_irqs);
    connect(PLATFORM_SPI_SMMU_SYNC, &smmu->sync_irqs);
    connect(PLATFORM_SPI_SMMU_GERROR, &smmu->gerror_irqs);
}
