/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the traffic generator, and its streams. */
#include "generator.h"

#include "device_tree.h"
#include "gic.h"
#include "io.h"
#include "platform.h"
#include "tap.h"

#define CTRL         (PLATFORM_TRAFFIC_BASE + 0x08)
#define STATUS       (PLATFORM_TRAFFIC_BASE + 0x0c)
#define ACCESSES     (PLATFORM_TRAFFIC_BASE + 0x10)
#define ERRORS       (PLATFORM_TRAFFIC_BASE + 0x20)
#define LATENCY_MEAN (PLATFORM_TRAFFIC_BASE + 0x40)
#define FIRST        (PLATFORM_TRAFFIC_BASE + 0x78)
#define LAST         (PLATFORM_TRAFFIC_BASE + 0x80)
#define ID_VALUE     0x314e4754U

#define CTRL_START  1U
#define CTRL_IRQ_EN 4U
#define STATUS_BUSY 1U
#define STATUS_DONE 2U

static volatile uint32_t irqs;
static uint32_t runs;

static void on_interrupt(void *context)
{
    (void)context;
    write32(STATUS, STATUS_DONE);
    (void)read32(STATUS); /* the write has arrived, the line is low */
    irqs = irqs + 1;
}

uint64_t guest_asks(const char *property, uint64_t otherwise)
{
    return device_tree_number("guest", property, otherwise);
}

void generator_open(void)
{
    if (read32(PLATFORM_TRAFFIC_BASE) != ID_VALUE)
        tap_bail_out("no traffic generator at 0x%lx", PLATFORM_TRAFFIC_BASE);
    gic_enable(GIC_SPI(PLATFORM_SPI_TRAFFIC), GIC_LEVEL, on_interrupt, NULL);
}

void generator_start(void)
{
    dsb(); /* tables are in memory before the generator may use them */
    runs++;
    write32(CTRL, CTRL_START | CTRL_IRQ_EN);
}

bool generator_has_ended(void)
{
    return irqs == runs;
}

void generator_wait(void)
{
    gic_sleep_until(&irqs, runs);
}

uint64_t generator_accesses(void)
{
    return read64(ACCESSES);
}

uint64_t generator_errors(void)
{
    return read64(ERRORS);
}

uint64_t generator_mean_latency(void)
{
    return read64(LATENCY_MEAN);
}

uint64_t generator_duration(void)
{
    return read64(LAST) - read64(FIRST);
}

struct smmu_ste *generator_context(struct smmu *smmu, unsigned index, const struct pgtable *table,
                                   uint16_t asid)
{
    struct smmu_cd *cd = smmu_cd_alloc();
    struct smmu_cd_config config = {
        .table = pgtable_address(table),
        .short_va = table->levels == 3,
        .asid = asid,
        .ips = smmu->features.oas,
    };
    struct smmu_ste *ste = smmu_stream(smmu, PLATFORM_TRAFFIC_SID(index));

    smmu_cd_write(cd, &config);
    smmu_ste_write_stage1(ste, cd);
    return ste;
}
