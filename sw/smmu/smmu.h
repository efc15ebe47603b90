/* SPDX-License-Identifier: Apache-2.0 */
/* A small SMMUv3 driver: reset, stream table, commands, events, interrupts. Stage 1, Non-secure. */
#ifndef SMMU_SMMU_H
#define SMMU_SMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "smmuv3_hw.h"

/* What the ID registers say that the driver cares about. */
struct smmu_features {
    bool stage1, stage2;
    bool coherent; /* walks and queues snoop the PE's caches */
    bool asid16;
    bool terminate_always; /* TERM_MODEL: CD.A must be 1 */
    unsigned sid_bits, ssid_bits;
    unsigned cmdq_log2_max, evtq_log2_max;
    unsigned oas; /* IDR5.OAS; the encoding of CD.IPS too */
};

/* A circular queue in memory (IHI 0070 3.5). Indexes carry the wrap bit above the index bits. */
struct smmu_queue {
    uint64_t *entries;
    unsigned log2_size;
    uint32_t prod, cons;
};

struct smmu {
    uintptr_t base;
    struct smmu_features features;
    struct smmu_ste *stream_table;
    unsigned log2_streams;
    struct smmu_queue cmdq, evtq;
    /* Interrupts seen so far; the handlers do nothing else. */
    volatile uint32_t evtq_irqs, sync_irqs, gerror_irqs;
};

/* How a CD is filled in. */
struct smmu_cd_config {
    const void *table; /* level 0 table for TTB0: 48-bit input addresses, 4 KiB granule */
    uint16_t asid;
    unsigned ips; /* output address size, as CD.IPS encodes it */
};

/* An event record, field by field (IHI 0070 7.3). Fields the type does not have are 0. */
struct smmu_event {
    uint8_t type;
    bool ssv;
    uint32_t ssid;
    uint32_t sid;
    bool has_access; /* the fields from here to input_addr are in the record */
    bool rnw, ind, pnu;
    bool stall;
    uint16_t stag;
    bool s2;
    uint8_t class;
    bool ttrnw;
    uint64_t input_addr;
    uint64_t ipa;
    bool has_fetch; /* fetch_addr is in the record */
    uint64_t fetch_addr;
};

/* Probe and reset (smmu.c). */

/* Read the ID registers of the SMMU at `base` and print them in one line. Fails the run if the
 * SMMU lacks what this driver needs. */
void smmu_probe(struct smmu *smmu, uintptr_t base);

/* From any state to translating, with 2^log2_streams invalid STEs and empty queues of
 * 2^log2_queue entries. */
void smmu_reset(struct smmu *smmu, unsigned log2_streams, unsigned log2_queue);

/* Switch translation on or off. */
void smmu_set_enabled(struct smmu *smmu, bool enabled);

/* What happens to traffic while translation is off: abort, or pass unchanged. */
void smmu_set_bypass_abort(struct smmu *smmu, bool abort);

/* Change what is only writable while translation is off (IHI 0070 6.3.12, 6.3.25); off and on. */
void smmu_set_stream_limit(struct smmu *smmu, unsigned log2_streams, bool record_invalid);

/* Connect the wired interrupts to the counters of `smmu` and enable them (irq.c). */
void smmu_enable_interrupts(struct smmu *smmu);

/* Streams and contexts (tables.c). Nothing is invalidated: that is the caller's business. */

struct smmu_ste *smmu_stream(struct smmu *smmu, uint32_t sid);
struct smmu_cd *smmu_cd_alloc(void);
void smmu_cd_write(struct smmu_cd *cd, const struct smmu_cd_config *config);
void smmu_ste_write_stage1(struct smmu_ste *ste, const struct smmu_cd *cd);
void smmu_ste_write_bypass(struct smmu_ste *ste);
void smmu_ste_write_abort(struct smmu_ste *ste);

/* Commands (cmdq.c). */

/* Append a command and announce it. Waits for room; fails the run if none comes. */
void smmu_cmdq_push(struct smmu *smmu, struct smmu_command command);

/* Wait until all commands are consumed. Returns CERROR_NONE, or the code of the error that stopped
 * the queue. */
unsigned smmu_cmdq_wait(struct smmu *smmu);

/* After an error: put `replacement` in place of the command that caused it and go on. */
void smmu_cmdq_recover(struct smmu *smmu, struct smmu_command replacement);

struct smmu_command smmu_cmd_cfgi_ste(uint32_t sid);
struct smmu_command smmu_cmd_cfgi_cd(uint32_t sid, uint32_t ssid);
struct smmu_command smmu_cmd_cfgi_all(void);
struct smmu_command smmu_cmd_tlbi_va(uint16_t asid, uint64_t address);
struct smmu_command smmu_cmd_tlbi_asid(uint16_t asid);
struct smmu_command smmu_cmd_tlbi_nh_all(void);
struct smmu_command smmu_cmd_tlbi_nsnh_all(void);
struct smmu_command smmu_cmd_sync(unsigned signal);

/* CMD_SYNC with SIG_NONE, and wait. Any command error fails the run. */
void smmu_sync(struct smmu *smmu);

/* `command`, then smmu_sync(). */
void smmu_command_sync(struct smmu *smmu, struct smmu_command command);

/* Events (evtq.c). */

/* Take the oldest event off the queue. Returns false if there is none. */
bool smmu_event_pop(struct smmu *smmu, struct smmu_event *event);

struct smmu_event smmu_event_decode(const struct smmu_event_record *record);
const char *smmu_event_name(uint8_t type);

/* One comment line with every field the event has. */
void event_print(const struct smmu_event *event);

/* Queue arithmetic (IHI 0070 3.5.1), shared by both queues. */

static inline bool smmu_queue_empty(const struct smmu_queue *queue)
{
    return queue->prod == queue->cons;
}

/* Same index, other wrap bit. */
static inline bool smmu_queue_full(const struct smmu_queue *queue)
{
    return (queue->prod ^ queue->cons) == 1U << queue->log2_size;
}

static inline uint32_t smmu_queue_next(const struct smmu_queue *queue, uint32_t index)
{
    return (index + 1) & ((2U << queue->log2_size) - 1);
}

static inline uint32_t smmu_queue_slot(const struct smmu_queue *queue, uint32_t index)
{
    return index & ((1U << queue->log2_size) - 1);
}

#endif
