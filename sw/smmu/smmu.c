/* SPDX-License-Identifier: Apache-2.0 */
/* Probe, reset and global switches of the SMMU, in the order of IHI 0070 3.11. */
#include "smmu.h"

#include "io.h"
#include "pages.h"
#include "printf.h"
#include "tap.h"
#include "wait.h"

#define COMMAND_SIZE      sizeof(struct smmu_command)
#define EVENT_SIZE        sizeof(struct smmu_event_record)
#define PAGE_REQUEST_SIZE 16U

static const unsigned oas_bits[8] = {32, 36, 40, 42, 44, 48, 52, 56};

static void read_features(struct smmu *smmu)
{
    uint32_t idr0 = read32(smmu->base + SMMU_IDR0);
    uint32_t idr1 = read32(smmu->base + SMMU_IDR1);
    uint32_t idr5 = read32(smmu->base + SMMU_IDR5);

    smmu->features = (struct smmu_features){
        .stage1 = hw_get(IDR0_S1P, idr0),
        .stage2 = hw_get(IDR0_S2P, idr0),
        .coherent = hw_get(IDR0_COHACC, idr0),
        .asid16 = hw_get(IDR0_ASID16, idr0),
        .terminate_always = hw_get(IDR0_TERM_MODEL, idr0),
        .stall = hw_get(IDR0_STALL, idr0) == IDR0_STALL_BOTH,
        .dirty = hw_get(IDR0_HTTU, idr0) == IDR0_HTTU_DIRTY,
        .broadcast = hw_get(IDR0_BTM, idr0),
        .ats = hw_get(IDR0_ATS, idr0),
        .pri = hw_get(IDR0_PRI, idr0),
        .messages = hw_get(IDR0_MSI, idr0),
        .two_level = hw_get(IDR0_CD2L, idr0) && hw_get(IDR0_ST_LEVEL, idr0) == IDR0_ST_LEVEL_2,
        .sid_bits = (unsigned)hw_get(IDR1_SIDSIZE, idr1),
        .ssid_bits = (unsigned)hw_get(IDR1_SSIDSIZE, idr1),
        .cmdq_log2_max = (unsigned)hw_get(IDR1_CMDQS, idr1),
        .evtq_log2_max = (unsigned)hw_get(IDR1_EVENTQS, idr1),
        .priq_log2_max = (unsigned)hw_get(IDR1_PRIQS, idr1),
        .oas = (unsigned)hw_get(IDR5_OAS, idr5),
    };
    if (!smmu->features.stage1 || !(hw_get(IDR0_TTF, idr0) & IDR0_TTF_AA64))
        tap_bail_out("the SMMU has no VMSAv8-64 stage 1: IDR0=0x%08x", idr0);
    if (!smmu->features.coherent)
        tap_bail_out("the SMMU is not I/O coherent: IDR0=0x%08x", idr0);
    if (!(idr5 & IDR5_GRAN4K))
        tap_bail_out("the SMMU has no 4 KiB granule: IDR5=0x%08x", idr5);
    if (idr1 & (IDR1_QUEUES_PRESET | IDR1_TABLES_PRESET))
        tap_bail_out("tables or queues are at fixed addresses: IDR1=0x%08x", idr1);
}

void smmu_probe(struct smmu *smmu, uintptr_t base)
{
    *smmu = (struct smmu){.base = base};
    read_features(smmu);

    const struct smmu_features *f = &smmu->features;
    printf("# smmu at 0x%lx: stages %s%s, OAS %u bits, StreamID %u bits, SubstreamID %u bits, "
           "ASID %u bits, CMDQ 2^%u, EVENTQ 2^%u\n",
           base, f->stage1 ? "1" : "", f->stage2 ? "2" : "", oas_bits[f->oas], f->sid_bits,
           f->ssid_bits, f->asid16 ? 16 : 8, f->cmdq_log2_max, f->evtq_log2_max);
}

/* Write a register that has an acknowledge register and wait for the Update (IHI 0070 6.3.9). */
static void write_and_ack(const struct smmu *smmu, uintptr_t reg, uintptr_t ack, uint32_t value)
{
    dsb(); /* tables and guarded registers are in place before they are switched on */
    write32(smmu->base + reg, value);
    if (!wait_until(read32(smmu->base + ack) == value))
        tap_bail_out("register 0x%lx never acknowledged 0x%x", reg, value);
}

static uint32_t read_cr0(const struct smmu *smmu)
{
    return read32(smmu->base + SMMU_CR0);
}

static void write_cr0(const struct smmu *smmu, uint32_t value)
{
    write_and_ack(smmu, SMMU_CR0, SMMU_CR0ACK, value);
}

void smmu_set_bypass_abort(struct smmu *smmu, bool abort)
{
    uintptr_t gbpa = smmu->base + SMMU_GBPA;

    if (!wait_until(!(read32(gbpa) & GBPA_UPDATE)))
        tap_bail_out("GBPA.Update stays set");
    write32(gbpa, (uint32_t)(hw_put(GBPA_SHCFG, GBPA_SHCFG_INCOMING) | hw_put(GBPA_ABORT, abort) |
                             GBPA_UPDATE));
    if (!wait_until(!(read32(gbpa) & GBPA_UPDATE)))
        tap_bail_out("GBPA.Update stays set");
}

static void set_table_attributes(const struct smmu *smmu)
{
    write32(smmu->base + SMMU_CR1,
            (uint32_t)(hw_put(CR1_TABLE_SH, SH_INNER) | hw_put(CR1_TABLE_OC, CR1_CACHE_WB) |
                       hw_put(CR1_TABLE_IC, CR1_CACHE_WB) | hw_put(CR1_QUEUE_SH, SH_INNER) |
                       hw_put(CR1_QUEUE_OC, CR1_CACHE_WB) | hw_put(CR1_QUEUE_IC, CR1_CACHE_WB)));
}

static void write_stream_limit(const struct smmu *smmu, unsigned log2_streams)
{
    write32(smmu->base + SMMU_STRTAB_BASE_CFG,
            (uint32_t)(hw_put(STRTAB_BASE_CFG_FMT, STRTAB_FMT_LINEAR) |
                       hw_put(STRTAB_BASE_CFG_LOG2SIZE, log2_streams)));
}

static void init_stream_table(struct smmu *smmu, unsigned log2_streams)
{
    size_t size = sizeof(struct smmu_ste) << log2_streams;

    smmu->log2_streams = log2_streams;
    smmu->stream_table = pages_alloc(size, size > PAGE_SIZE ? size : PAGE_SIZE);
    write64(smmu->base + SMMU_STRTAB_BASE, (uintptr_t)smmu->stream_table | BASE_RA);
    write_stream_limit(smmu, log2_streams);
}

/* A queue of as many entries as are wanted and supported. Returns what its BASE register gets. */
static uint64_t init_queue(struct smmu_queue *queue, unsigned log2_wanted, unsigned log2_max,
                           size_t entry_size)
{
    unsigned log2_size = log2_wanted < log2_max ? log2_wanted : log2_max;
    size_t size = entry_size << log2_size;

    *queue = (struct smmu_queue){
        .entries = pages_alloc(size, size > PAGE_SIZE ? size : PAGE_SIZE),
        .log2_size = log2_size,
    };
    return (uintptr_t)queue->entries | hw_put(QUEUE_BASE_LOG2SIZE, log2_size) | BASE_RA;
}

static void init_queues(struct smmu *smmu, unsigned log2_queue)
{
    const struct smmu_features *f = &smmu->features;

    write64(smmu->base + SMMU_CMDQ_BASE,
            init_queue(&smmu->cmdq, log2_queue, f->cmdq_log2_max, COMMAND_SIZE));
    write32(smmu->base + SMMU_CMDQ_PROD, 0);
    write32(smmu->base + SMMU_CMDQ_CONS, 0);
    write64(smmu->base + SMMU_EVENTQ_BASE,
            init_queue(&smmu->evtq, log2_queue, f->evtq_log2_max, EVENT_SIZE));
    write32(smmu->base + SMMU_EVENTQ_PROD, 0);
    write32(smmu->base + SMMU_EVENTQ_CONS, 0);
}

void smmu_reset(struct smmu *smmu, unsigned log2_streams, unsigned log2_queue)
{
    write_cr0(smmu, 0);
    write_and_ack(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, 0);
    set_table_attributes(smmu);
    write32(smmu->base + SMMU_CR2, CR2_PTM | CR2_RECINVSID);
    write32(smmu->base + SMMU_GERRORN, read32(smmu->base + SMMU_GERROR));

    init_stream_table(smmu, log2_streams);
    init_queues(smmu, log2_queue);

    write_cr0(smmu, CR0_CMDQEN);
    smmu_cmdq_push(smmu, smmu_cmd_cfgi_all());
    smmu_cmdq_push(smmu, smmu_cmd_tlbi_nsnh_all());
    smmu_sync(smmu);

    write_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN);
    write_and_ack(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK,
                  IRQ_CTRL_EVENTQ_IRQEN | IRQ_CTRL_GERROR_IRQEN);
    write_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

/* The configuration of a message is only writable while its interrupt is disabled (6.3.21). */
void smmu_set_message(struct smmu *smmu, uintptr_t cfg0, uint64_t address, uint32_t data)
{
    uint32_t enabled = read32(smmu->base + SMMU_IRQ_CTRL);

    write_and_ack(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, 0);
    write64(smmu->base + cfg0, address);
    write32(smmu->base + cfg0 + IRQ_CFG1, data);
    write32(smmu->base + cfg0 + IRQ_CFG2, (uint32_t)(hw_put(IRQ_CFG2_SH, SH_INNER) |
                                                     hw_put(IRQ_CFG2_MEMATTR, MEMATTR_NORMAL_WB)));
    write_and_ack(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, enabled);
}

void smmu_enable_page_requests(struct smmu *smmu, unsigned log2_size)
{
    write64(smmu->base + SMMU_PRIQ_BASE,
            init_queue(&smmu->priq, log2_size, smmu->features.priq_log2_max, PAGE_REQUEST_SIZE));
    write32(smmu->base + SMMU_PRIQ_PROD, 0);
    write32(smmu->base + SMMU_PRIQ_CONS, 0);
    write_cr0(smmu, read_cr0(smmu) | CR0_PRIQEN);
}

void smmu_use_device_permissions(struct smmu *smmu, const void *level0, uint32_t config)
{
    uint32_t others = read_cr0(smmu) & (uint32_t)~CR0_DPT_WALK;

    write_cr0(smmu, others);
    write64(smmu->base + SMMU_DPT_BASE, (uintptr_t)level0);
    write32(smmu->base + SMMU_DPT_BASE_CFG, config);
    write_cr0(smmu, others | CR0_ATSCHK | CR0_DPT_WALK);
}

void smmu_set_enabled(struct smmu *smmu, bool enabled)
{
    uint32_t others = read_cr0(smmu) & (uint32_t)~CR0_SMMUEN;

    write_cr0(smmu, others | (uint32_t)hw_put(CR0_SMMUEN, enabled));
}

void smmu_set_broadcast(struct smmu *smmu, bool takes_part)
{
    smmu_set_enabled(smmu, false);
    write32(smmu->base + SMMU_CR2, (uint32_t)(CR2_RECINVSID | hw_put(CR2_PTM, !takes_part)));
    smmu_set_enabled(smmu, true);
}

void smmu_set_stream_limit(struct smmu *smmu, unsigned log2_streams, bool record_invalid)
{
    smmu_set_enabled(smmu, false);
    write_stream_limit(smmu, log2_streams);
    write32(smmu->base + SMMU_CR2, (uint32_t)(CR2_PTM | hw_put(CR2_RECINVSID, record_invalid)));
    smmu_command_sync(smmu, smmu_cmd_cfgi_all());
    smmu_set_enabled(smmu, true);
}
