/* SPDX-License-Identifier: Apache-2.0 */
/* The Arm SMMUv3 as a C library: create one, program its registers, translate transactions. */
#ifndef SMMU_SMMU_H
#define SMMU_SMMU_H

#include <stddef.h>

#include "smmu/ats.h"
#include "smmu/config.h"
#include "smmu/dvm.h"
#include "smmu/ops.h"
#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* One SMMU. Instances share nothing. An instance is used by one thread of execution at a time,
 * except that calls may be made while an op of another call blocks (coroutines). Such a call may be
 * unwound, by an exception of C++ that the op throws or a thread's end, and has no effect then but
 * that of the accesses it has made and of the entries it has invalidated. The tag is not `smmu`:
 * that is a namespace in C++. */
typedef struct smmu_state smmu_t;

/* Size in bytes of the register frame without Command queue control pages: pages 0 and 1, and the
 * VATOS page (IHI 0070 6.1). */
#define SMMU_FRAME_SIZE 0x30000

/* Size in bytes of the register frame of an SMMU that is built from `cfg`, which is good: control
 * pages, if it has Enhanced Command queues, follow the VATOS page. Pure. */
uint32_t smmu_frame_size(const struct smmu_config *cfg);

/* Build an SMMU in its reset state. `cfg` and `ops` are copied; `user` is passed to every op and
 * must outlive the SMMU. Returns NULL if the configuration is bad, if `ops` lacks a function that
 * it needs, or if memory is short; `error`, unless it is NULL, says which. The caller owns the
 * result: smmu_destroy(). */
smmu_t *smmu_create(const struct smmu_config *cfg, const struct smmu_ops *ops, void *user,
                    struct smmu_error *error);

/* Free an SMMU and all it holds. No call into it may be under way. NULL is fine. */
void smmu_destroy(smmu_t *smmu);

/* Assert and release the reset input: registers take their reset values (IHI 0070 6.3), caches are
 * emptied, queued work is dropped, stalled transactions are aborted. Calls that wait for memory go
 * by the new state when it comes back. Statistics stay. */
void smmu_reset(smmu_t *smmu);

/* How a register access ends. */
enum smmu_reg_status {
    SMMU_REG_OK,         /* read or written, or there is no register */
    SMMU_REG_BAD_ACCESS, /* size not 4 or 8, misaligned, or outside the frame (IHI 0070 6.2) */
};

/* Read the register frame (IHI 0070 6.2). `offset` is from the base of page 0 and below
 * smmu_frame_size(); `size` is 4 or 8 bytes, naturally aligned. Locations without a register read
 * zero. Has no side effect. `value` gets what was read, zero-extended. */
enum smmu_reg_status smmu_reg_read(const smmu_t *smmu, uint32_t offset, unsigned size,
                                   uint64_t *value);

/* Write the register frame, by the same rules; locations without a register ignore it. Only rings
 * doorbells: work that follows is done in smmu_run(). The upper half of `value` is ignored for 4
 * bytes. */
enum smmu_reg_status smmu_reg_write(smmu_t *smmu, uint32_t offset, unsigned size, uint64_t value);

/* Rounds of a run at most where there is ops.defer, in each of which it consumes a command of each
 * queue. */
#define SMMU_RUN_ROUNDS 1024

/* Do the deferred work: consume commands until the queues are empty or in error. Returns when there
 * is none left, or after SMMU_RUN_ROUNDS rounds, having asked by ops.defer for the next run: a
 * write op that reaches the SMMU's own registers, as the message of a CMD_SYNC may, can give it
 * work without end. Without ops.defer a run goes on as long as there is work. A call made while
 * another blocks does what that one is not at: while it is at an Enhanced Command queue (3.5.6),
 * the work of others and all else; what is given to do meanwhile that it is at, it goes on with.
 * A host that makes as many calls as queues are to be served at a time is asked for each by
 * ops.defer. */
void smmu_run(smmu_t *smmu);

/* Take one transaction through the SMMU (IHI 0070 3.3, 15). Fills caches, records events, updates
 * statistics. `txn` is only read during the call. */
void smmu_translate(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result);

/* What a TBU does alone at the begin of smmu_translate(): ask its micro TLB (16.2). Returns whether
 * that has the answer, which `result` is then. If not, smmu_translate() does the rest, perhaps
 * later: of the same transaction with `looked_up`. Not for a transaction that retries. Never
 * blocks; tells of no unit. */
bool smmu_look_up(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result);

/* What smmu_look_up() finds out about `txn` that is the same of all that differ from it in nothing
 * but their address, for hosts that send many of a kind. Returns whether there is anything: a micro
 * TLB at its TBU. `kind` is good for as long as the SMMU is. */
bool smmu_kind_of(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_txn_kind *kind);

/* smmu_look_up() of a transaction of `kind` at `addr`, where the answer is at hand. It is returned
 * in place, until the next call for this SMMU, with the output address of the 4 KiB page that
 * `addr` is in. NULL: nothing has happened, and smmu_look_up() is to be asked. */
const struct smmu_result *smmu_look_up_kind(const struct smmu_txn_kind *kind, uint64_t addr);

/* What the TBU does next: ask its main TLB, if it has one (smmu_config.tbu_tlb); an answer enters
 * the micro TLB too. Without one, smmu_translate() does the rest, likewise. May block in ops.use.
 */
bool smmu_look_up_tlb(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result);

/* A number that is another one as soon as answers given before may be wrong: after invalidations,
 * reset and what registers do to translation. For hosts that keep a transaction between its answer
 * and the moment it goes on, and count it as answered meanwhile (smmu_ops.drain). */
uint64_t smmu_generation(const smmu_t *smmu);

/* The same answer as smmu_translate() with no side effect: no event, no cache fill, no statistics,
 * no trace. For debug transport. Memory is read through ops->read, which should not block for such
 * a call: the caller can tell by txn->cookie. */
void smmu_probe(smmu_t *smmu, const struct smmu_txn *txn, struct smmu_result *result);

/* Whether the transaction that has this room is stalled: smmu_ops.resume is to come. */
bool smmu_stall_held(const smmu_t *smmu, const struct smmu_stall *stall);

/* The host has lost the transaction that has this room, as where the process that waits for it was
 * killed: after smmu_translate() was left by unwinding, while the transaction stalls, or before it
 * is retried. Transactions that came later need not wait for it any more; those that have room now
 * are retried, by calls of smmu_ops.resume. Returns whether its event is recorded: its STAG is
 * taken then (3.12.2) and the room stays until resume is called for it, with whatever action;
 * else the room is free. `stall` is zero or as the SMMU has left it. */
bool smmu_stall_abandon(smmu_t *smmu, const struct smmu_stall *stall);

/* Serve an ATS Translation Request (3.9.1, 13.7). Fills caches, updates Access flag and dirty state
 * of what it grants. Faults are told by the completion; the Event queue gets F_BAD_ATS_TREQ and,
 * with CR2.REC_CFG_ATS, errors of the configuration. Of the translations asked for one is returned,
 * the first. */
void smmu_ats_translate(smmu_t *smmu, const struct smmu_ats_request *request,
                        struct smmu_ats_completion *completion);

/* Take a PRI message: put it into the PRI queue, or answer it (8). */
void smmu_request_page(smmu_t *smmu, const struct smmu_page_request *request);

/* Make a prefetch that ops.prefetch was given: look up and walk as a transaction does, and fill the
 * caches of the TCU with what is not there (4.2, 7.2). It takes no slot that others wait for
 * (ops.spare) and has no other effect: no event, no update of a descriptor. What would need that,
 * or is at fault, is left out. Nothing is filled that an invalidation meanwhile would have removed.
 * May block, as smmu_translate() may. */
void smmu_prefetch(smmu_t *smmu, const struct smmu_prefetch_request *what);

/* Record a client's hint as E_PAGE_REQUEST (7.3.19), if the SMMU is enabled. */
void smmu_hint_pages(smmu_t *smmu, const struct smmu_page_hint *hint);

/* A CPU's TLB maintenance arrives (IHI 0070 3.17, IDR0.BTM). Ignored where smmu_config.btm is not
 * set, by CR2.PTM, and if it is about a stage, a regime or a Security state that is absent. On
 * return no cache holds what was asked to go, but transactions that were translated before may
 * still be on their way: a host whose transactions take time completes the CPU's DSB when they have
 * arrived. May block in ops.use, once the caches are done. */
void smmu_broadcast_tlbi(smmu_t *smmu, const struct smmu_dvm *dvm);

/* Errors for tests: what hardware meets by wear or by a mistake that this model cannot make. */
enum smmu_injection {
    SMMU_INJECT_STE_ABORT,    /* a fetch of an STE or L1STD aborts */
    SMMU_INJECT_CD_ABORT,     /* a fetch of a CD or L1CD aborts */
    SMMU_INJECT_VMS_ABORT,    /* a fetch of a VMS aborts */
    SMMU_INJECT_WALK_ABORT,   /* a fetch or update of a translation table descriptor aborts */
    SMMU_INJECT_DPT_ABORT,    /* a fetch of a Device Permission Table descriptor aborts */
    SMMU_INJECT_CMDQ_ABORT,   /* a read of the Command queue aborts */
    SMMU_INJECT_EVTQ_ABORT,   /* a write of the Event queue aborts */
    SMMU_INJECT_PRIQ_ABORT,   /* a write of the PRI queue aborts */
    SMMU_INJECT_MSI_ABORT,    /* a write of an MSI aborts */
    SMMU_INJECT_TLB_CONFLICT, /* a lookup in the TLB matches more than one entry: F_TLB_CONFLICT */
    SMMU_INJECT_CFG_CONFLICT, /* the same in the configuration cache: F_CFG_CONFLICT */
    SMMU_INJECT_SFM,   /* its own state turns out to be inconsistent, in smmu_run(): Service Failure
                          Mode (12.3), which smmu_reset() ends */
    SMMU_INJECT_COUNT, /* how many there are */
};

/* Let the next `count` occasions go wrong, in place of what was still left. An access that is made
 * to abort does not reach ops. Forgotten at smmu_reset(). */
void smmu_inject(smmu_t *smmu, enum smmu_injection what, uint32_t count);

/* Counters since creation: how often each row of smmu/observations.def happened. */
struct smmu_stats {
#define SMMU_OBSERVATION(name, counter, ...) uint64_t counter;
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
};

/* The counters as they stand; the SMMU owns them, and they live as long as it. */
const struct smmu_stats *smmu_get_stats(const smmu_t *smmu);

/* The configuration it has: the one it was built from, with parameters off that lack what they need
 * (smmu/config.def). Lives as long as the SMMU. */
const struct smmu_config *smmu_get_config(const smmu_t *smmu);

/* Name of an event type (IHI 0070 7.3), for logs: "F_TRANSLATION"; "?" if there is none. */
const char *smmu_event_name(uint8_t type);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
