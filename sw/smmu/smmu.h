/* SPDX-License-Identifier: Apache-2.0 */
/* A small SMMUv3 driver: reset, stream table, commands, events, interrupts. Non-secure. */
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
    bool stall;            /* faults may stall or terminate, as the CD says */
    bool dirty;            /* Access flag and dirty state are updated in tables */
    bool broadcast;        /* takes part in TLB maintenance of PEs */
    bool ats, pri;         /* translations for functions, page requests */
    bool messages;         /* interrupts may be messages */
    bool two_level;        /* stream tables and CD tables may have two levels */
    unsigned sid_bits, ssid_bits;
    unsigned cmdq_log2_max, evtq_log2_max, priq_log2_max; /* entries of the queues */
    unsigned oas;                                         /* IDR5.OAS; the encoding of CD.IPS too */
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
    struct smmu_ste *stream_table; /* linear, or NULL */
    uint64_t *stream_directory;    /* level 1 of a 2-level table, or NULL */
    unsigned log2_streams;
    struct smmu_queue cmdq, evtq, priq;
    /* Interrupts seen so far; the handlers do nothing else. */
    volatile uint32_t evtq_irqs, sync_irqs, gerror_irqs;
};

/* How a CD is filled in. */
struct smmu_cd_config {
    uint64_t
        table;     /* first table for TTB0, 4 KiB granule: of level 0 for 48-bit input addresses, */
    bool short_va; /* or of level 1 for 39-bit ones */
    uint16_t asid;
    unsigned ips; /* output address size, as CD.IPS encodes it */
    bool stall;   /* faults stall */
    bool access;  /* the SMMU sets the Access flag, */
    bool dirty;   /* and with it the dirty state */
};

/* Where the CDs of a stream are, as the SMMU addresses them. */
struct smmu_contexts {
    uint64_t address;    /* of the CD or table: physical, or intermediate behind stage 2 */
    unsigned log2_count; /* log2 of the SubstreamIDs; 0: one CD and none */
    bool two_level;      /* L1CDs that point to pages of CDs */
    unsigned s1dss;      /* what happens without SubstreamID, as STE.S1DSS encodes it */
};

/* Stage 2 of a stream. */
struct smmu_stage2 {
    uint64_t table; /* first table, 4 KiB granule: of level 1 for 39-bit input addresses, */
    bool long_ipa;  /* or of level 0 for 48-bit ones */
    uint16_t vmid;
    unsigned ps;  /* output address size, as STE.S2PS encodes it */
    bool stall;   /* faults stall */
    bool updates; /* the SMMU sets Access flag and dirty state */
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
    bool has_treq; /* the fields of an ATS Translation Request, and input_addr, are in the record */
    uint8_t treq_span;
    uint8_t treq_rights;
    bool has_fetch; /* fetch_addr is in the record */
    uint64_t fetch_addr;
};

/* Probe and reset (smmu.c). */

/* Read the ID registers of the SMMU at `base` and print them in one line. Fails the run if the
 * SMMU lacks what this driver needs. */
void smmu_probe(struct smmu *smmu, uintptr_t base);

/* From any state to translating, with 2^log2_streams invalid STEs and empty queues of
 * 2^log2_queue entries, or as many as the SMMU can have. */
void smmu_reset(struct smmu *smmu, unsigned log2_streams, unsigned log2_queue);

/* Switch translation on or off. */
void smmu_set_enabled(struct smmu *smmu, bool enabled);

/* What happens to traffic while translation is off: abort, or pass unchanged. */
void smmu_set_bypass_abort(struct smmu *smmu, bool abort);

/* Whether it takes part in the TLB maintenance that PEs broadcast (CR2.PTM). */
void smmu_set_broadcast(struct smmu *smmu, bool takes_part);

/* Change what is only writable while translation is off (IHI 0070 6.3.12, 6.3.25); off and on. */
void smmu_set_stream_limit(struct smmu *smmu, unsigned log2_streams, bool record_invalid);

/* Replace the stream table by a 2-level one for 2^log2_streams StreamIDs, without any STE. */
void smmu_use_two_level_table(struct smmu *smmu, unsigned log2_streams);

/* Have the interrupt with the CFG0 register `cfg0` write `data` to `address` as well; 0: not. */
void smmu_set_message(struct smmu *smmu, uintptr_t cfg0, uint64_t address, uint32_t data);

/* Connect the wired interrupts to the counters of `smmu` and enable them (irq.c). */
void smmu_enable_interrupts(struct smmu *smmu);

/* Streams and contexts (tables.c). Nothing is invalidated: that is the caller's business. */

/* The STE of `sid`. In a 2-level table its level 2 table is made if there is none. */
struct smmu_ste *smmu_stream(struct smmu *smmu, uint32_t sid);
struct smmu_cd *smmu_cd_alloc(void);

/* A 2-level CD table for 2^log2_count SubstreamIDs, without any CD; and a CD of it, whose level 2
 * table is made if there is none. */
uint64_t *smmu_cd_directory_alloc(unsigned log2_count);
struct smmu_cd *smmu_cd_of(uint64_t *directory, uint32_t ssid);

void smmu_cd_write(struct smmu_cd *cd, const struct smmu_cd_config *config);

/* Translation by stage 1, by stage 2 or by both: whichever is not NULL. */
void smmu_ste_write(struct smmu_ste *ste, const struct smmu_contexts *contexts,
                    const struct smmu_stage2 *stage2);
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
struct smmu_command smmu_cmd_cfgi_cd_all(uint32_t sid);
struct smmu_command smmu_cmd_cfgi_all(void);
struct smmu_command smmu_cmd_cfgi_vms_pidm(uint16_t vmid);

/* Of stage 1; `vmid` is 0 for streams without stage 2. By address: leaves alone; tables too; leaves
 * of 2^log2_pages pages, for an SMMU with range invalidation. */
struct smmu_command smmu_cmd_tlbi_va(uint16_t vmid, uint16_t asid, uint64_t address);
struct smmu_command smmu_cmd_tlbi_va_tables(uint16_t vmid, uint16_t asid, uint64_t address);
struct smmu_command smmu_cmd_tlbi_range(uint16_t vmid, uint16_t asid, uint64_t address,
                                        unsigned log2_pages);
struct smmu_command smmu_cmd_tlbi_asid(uint16_t vmid, uint16_t asid);
struct smmu_command smmu_cmd_tlbi_nh_all(uint16_t vmid);

/* Of stage 2 by address; of both stages; of every VMID. */
struct smmu_command smmu_cmd_tlbi_ipa(uint16_t vmid, uint64_t ipa);
struct smmu_command smmu_cmd_tlbi_vmid(uint16_t vmid);
struct smmu_command smmu_cmd_tlbi_nsnh_all(void);

/* What becomes of a stalled transaction; of all those of a stream. */
enum smmu_action { SMMU_RETRY, SMMU_TERMINATE_ABORT, SMMU_TERMINATE_RAZWI };
struct smmu_command smmu_cmd_resume(uint32_t sid, uint16_t stag, enum smmu_action action);
struct smmu_command smmu_cmd_stall_term(uint32_t sid);

/* A function forgets its translations of 2^log2_pages pages at `address`, those of all PASIDs; of
 * everything. */
struct smmu_command smmu_cmd_atc_inv(uint32_t sid, uint64_t address, unsigned log2_pages);
struct smmu_command smmu_cmd_atc_inv_all(uint32_t sid);

/* What the Device Permission Table says of a page; of everything. */
struct smmu_command smmu_cmd_dpti_page(uint64_t address);
struct smmu_command smmu_cmd_dpti_all(void);

struct smmu_command smmu_cmd_sync(unsigned signal);

/* CMD_SYNC that writes `data` to `address` when it completes. */
struct smmu_command smmu_cmd_sync_message(uint64_t address, uint32_t data);

/* CMD_SYNC with SIG_NONE, and wait. Any command error fails the run. */
void smmu_sync(struct smmu *smmu);

/* `command`, then smmu_sync(). */
void smmu_command_sync(struct smmu *smmu, struct smmu_command command);

/* Events (evtq.c). */

/* Take the oldest event off the queue. Returns false if there is none; if none comes. */
bool smmu_event_pop(struct smmu *smmu, struct smmu_event *event);
bool smmu_event_wait(struct smmu *smmu, struct smmu_event *event);

struct smmu_event smmu_event_decode(const struct smmu_event_record *record);
const char *smmu_event_name(uint8_t type);

/* One comment line with every field the event has. */
void event_print(const struct smmu_event *event);

/* ATS and page requests (ats.c). */

/* Give a function translations if it asks for them, or not: STE.EATS. */
void smmu_ste_set_ats(struct smmu *smmu, uint32_t sid, bool allowed);

/* The same where the Device Permission Table is asked about each access of the function, which is
 * the virtual machine's with `vmid`. */
void smmu_ste_set_checked_ats(struct smmu *smmu, uint32_t sid, uint16_t vmid);

/* Have accesses that functions have translated checked by STEs, and by the Device Permission Table
 * at `level0`, with DPT_BASE_CFG `config`, where they say so. */
void smmu_use_device_permissions(struct smmu *smmu, const void *level0, uint32_t config);

/* A page request of a function (IHI 0070 chapter 8). */
struct smmu_page_request {
    uint32_t sid;
    bool ssv;
    uint32_t ssid;
    bool last, read, write;
    uint16_t group;
    uint64_t address;
};

/* Give the SMMU a queue of 2^log2_size page requests, or as many as it can have; switch it on. */
void smmu_enable_page_requests(struct smmu *smmu, unsigned log2_size);

/* Take the oldest page request off the queue. Returns false if there is none; if none comes. */
bool smmu_page_request_pop(struct smmu *smmu, struct smmu_page_request *request);
bool smmu_page_request_wait(struct smmu *smmu, struct smmu_page_request *request);

/* How many requests are in the queue. */
unsigned smmu_page_requests_waiting(const struct smmu *smmu);

/* Whether the queue has overflowed: no request enters it until software, having read it to the end,
 * resumes (8.1.1). */
bool smmu_page_requests_lost(const struct smmu *smmu);
void smmu_page_requests_resume(const struct smmu *smmu);

/* The answer to the group of `request`. */
enum smmu_page_answer { SMMU_PAGES_FAILED, SMMU_PAGES_INVALID, SMMU_PAGES_READY };
struct smmu_command smmu_cmd_pri_resp(const struct smmu_page_request *request,
                                      enum smmu_page_answer answer);

/* Queue arithmetic (IHI 0070 3.5.1), shared by all queues. */

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
