/* SPDX-License-Identifier: Apache-2.0 */
/* The host of an SMMU: memory, interrupt wires, background work, notice of change. */
#ifndef SMMU_OPS_H
#define SMMU_OPS_H

#include "smmu/ats.h"
#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Why the SMMU accesses memory on its own (IHI 0070 3.4.3). */
enum smmu_fetch {
    SMMU_FETCH_L1STD,      /* level 1 Stream table descriptor */
    SMMU_FETCH_STE,        /* Stream table entry */
    SMMU_FETCH_L1CD,       /* level 1 Context descriptor */
    SMMU_FETCH_CD,         /* Context descriptor */
    SMMU_FETCH_VMS,        /* Virtual Machine Structure */
    SMMU_FETCH_TTD,        /* translation table descriptor */
    SMMU_FETCH_TTD_UPDATE, /* the same, compare-and-swap */
    SMMU_FETCH_DPT,        /* Device Permission Table descriptor */
    SMMU_FETCH_CMDQ,       /* Command queue entry, read */
    SMMU_FETCH_EVTQ,       /* Event queue entry, write */
    SMMU_FETCH_PRIQ,       /* PRI queue entry, write */
    SMMU_FETCH_MSI,        /* message-signalled interrupt, write */
};

/* One access of the SMMU's own. */
struct smmu_mem_req {
    uint64_t addr;            /* physical, aligned to its size, and below 2^OAS */
    uint32_t size;            /* bytes, a power of two from 4 to 64 */
    uint8_t fetch;            /* enum smmu_fetch */
    uint8_t pas;              /* enum smmu_pas */
    struct smmu_memattr attr; /* memory type, cacheability and shareability */
    struct smmu_mpam mpam;    /* by what the access is for (17.4, 17.5) */
    uint8_t stage;            /* 1 or 2, of translation table descriptors; else 0 */
    int8_t level;             /* theirs, -2 to 3 (DDI 0487 D8.2) */
    uint32_t sid;             /* the stream it is made for; 0 for queue accesses */
    uint32_t id; /* of messages whose they are: 0 the SMMU's, n + 1 those of counter group n; else 0
                  */
    void *cookie; /* smmu_txn.cookie of the transaction it is made for; NULL from smmu_run() */
};

/* How an access of the SMMU's own ends. */
enum smmu_mem_status {
    SMMU_MEM_OK,    /* done */
    SMMU_MEM_ABORT, /* external abort */
};

/* Wired interrupt outputs of one security state (IHI 0070 3.18.2). */
enum smmu_irq {
    SMMU_IRQ_EVTQ,     /* the Event queue is no longer empty */
    SMMU_IRQ_PRIQ,     /* the PRI queue is no longer empty, or has the last request of a group */
    SMMU_IRQ_CMD_SYNC, /* a CMD_SYNC with CS == SIG_IRQ has completed */
    SMMU_IRQ_GERROR,   /* a global error has become active */
    SMMU_IRQ_COUNT,    /* how many there are */
};

/* The scopes of invalidations: a selector over smmu_tag. Fields not used by a kind are zero. */
enum smmu_inval_kind {
    SMMU_INVAL_ALL,        /* every translation and every configuration of security state `sec` */
    SMMU_INVAL_CFG_ALL,    /* configuration of all streams */
    SMMU_INVAL_CFG_SIDS,   /* configuration of streams sid .. sid_last, CDs included */
    SMMU_INVAL_CFG_CD,     /* CD number ssid of stream sid */
    SMMU_INVAL_CFG_CD_ALL, /* all CDs of stream sid */
    SMMU_INVAL_CFG_VMS,    /* what is cached of the VMS of this VMID, by VMID and not by stream: no
                              tag has any of it */
    SMMU_INVAL_TLB_NH,     /* translations of the EL1 regime, all stages and VMIDs */
    SMMU_INVAL_TLB_EL2,    /* translations of the EL2 and EL2-E2H regimes */
    SMMU_INVAL_TLB_S12,    /* translations of the EL1 regime with this VMID, all stages */
    SMMU_INVAL_TLB_IPA,    /* stage 2 translations with this VMID that hold an IPA of these */
    SMMU_INVAL_TLB_S1,     /* stage 1 translations of `world` (with this VMID, if EL1) */
    SMMU_INVAL_TLB_ASID,   /* ... with this ASID, global ones excepted */
    SMMU_INVAL_TLB_VA,     /* ... with this ASID or global, that hold an address of these */
    SMMU_INVAL_TLB_VAA,    /* ... with any ASID, that hold an address of these */
    SMMU_INVAL_DPT_ALL,    /* what the Device Permission Table lets through */
    SMMU_INVAL_DPT_PA,     /* ... of it regions that lie among these addresses, as a whole */
};

/* One invalidation. */
struct smmu_inval {
    enum smmu_inval_kind kind; /* which of the fields below count */
    uint8_t sec;               /* enum smmu_sec */
    uint8_t world;             /* enum smmu_world */
    bool leaf;                 /* only last-level entries need go */
    bool shared;           /* what is selected by ASID is of ASIDs that CPUs share (CD.ASET == 0) */
    bool nested;           /* TLB_IPA: translations of both stages with this VMID go too */
    uint8_t vmid_wildcard; /* low bits of VMIDs that are not compared (CR0.VMW) */
    uint16_t asid;         /* ASID, 8-bit ones zero-extended */
    uint16_t vmid;         /* VMID, likewise */
    uint32_t sid;          /* StreamID, or the first of a range */
    uint32_t sid_last;     /* the last of the range */
    uint32_t ssid;         /* number of a CD */
    uint64_t addr;         /* VA, IPA or PA, the first of a range */
    uint64_t reach;        /* from there to the last address of the range, which ends with the
                              address space at the latest; 0: it is addr alone */
    uint64_t leaf_sizes;   /* bit n: of what is selected by address, that of blocks and pages of 2^n
                              bytes; 0: of all (4.4.1.1) */
    uint64_t table_sizes;  /* the same of table descriptors, which only the SMMU caches */
};

/* Observations: the rows of smmu/observations.def. */
enum smmu_observation_id {
#define SMMU_OBSERVATION(name, ...) SMMU_OBSERVE_##name,
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    SMMU_OBSERVE_COUNT /* how many there are */
};

/* Something that happens. */
struct smmu_observation {
    uint8_t id;            /* enum smmu_observation_id */
    uint8_t sec;           /* enum smmu_sec it is about */
    uint32_t sid;          /* StreamID, where it is about a stream */
    uint64_t a;            /* two values, whose meaning is in the row of smmu/observations.def */
    uint64_t b;            /* likewise */
    bool labelled;         /* with MPAM: it is known what label the transaction or access has */
    struct smmu_mpam mpam; /* these */
};

/* Units of the microarchitecture: the rows of smmu/units.def. */
enum smmu_unit {
#define SMMU_UNIT(name, ...) SMMU_UNIT_##name,
#include "smmu/units.def"
#undef SMMU_UNIT
    SMMU_UNIT_COUNT /* how many there are */
};

/* A unit at work. */
struct smmu_use {
    uint8_t unit;   /* enum smmu_unit */
    uint8_t sec;    /* enum smmu_sec: of the stream, or of the command or CPU */
    uint8_t tbu;    /* smmu_txn.tbu of the transaction it is for; 0 where it is for none */
    uint32_t sid;   /* its StreamID, likewise */
    uint64_t addr;  /* its input address, likewise; TABLE_S1 and S2: the address of the descriptor,
                       as  the tables give it */
    uint32_t count; /* INVALIDATION: how many entries are removed, perhaps 0; TLB and TBU_TLB: how
                       many page sizes are tried after the first one, likewise; WALK_CACHE_S1 and
                       S2: how many levels, likewise, from the deepest on; else 1 */
    void *cookie;   /* smmu_txn.cookie, or that of the request; NULL from smmu_run() and CPUs */
};

/* A prefetch that the SMMU would make (smmu_prefetch()). */
struct smmu_prefetch_request {
    uint64_t addr;  /* input address; [11:0] are ignored */
    uint32_t sid;   /* StreamID */
    uint32_t ssid;  /* SubstreamID; meaningful only with ssv */
    uint32_t pages; /* how many translations, from there; 0: of the configuration alone */
    uint8_t stride; /* the addresses of these lie 2^(12 + stride) bytes apart; 0 to 31 */
    uint8_t sec;    /* enum smmu_sec */
    bool ssv;       /* a SubstreamID is given */
    bool priv;      /* for privileged accesses */
    void *cookie;   /* the host's: handed back unchanged in each memory request made for it */
};

/* The host. Every function gets `user` first. A pointer marked optional may be NULL. */
struct smmu_ops {
    /* Read memory. May block (for example in a SystemC wait): other calls into the same SMMU may be
     * made meanwhile. `data` is room for `req->size` bytes, in memory order; like `req` it is the
     * SMMU's and is valid until the call returns. */
    enum smmu_mem_status (*read)(void *user, const struct smmu_mem_req *req, void *data);

    /* Write memory, likewise. */
    enum smmu_mem_status (*write)(void *user, const struct smmu_mem_req *req, const void *data);

    /* Compare and swap `req->size` bytes, 8 or with smmu_config.d128 16, atomically for everyone
     * who shares the memory: if memory holds `expected`, `value` is written. `old` gets what memory
     * held. May block. Optional where smmu_config.httu is SMMU_HTTU_NONE. */
    enum smmu_mem_status (*cas)(void *user, const struct smmu_mem_req *req, const void *expected,
                                const void *value, void *old);

    /* Pulse a wired interrupt (IHI 0070 3.18: all sources are edges). Optional. */
    void (*irq)(void *user, enum smmu_sec sec, enum smmu_irq irq);

    /* Pulse the interrupt of a Performance Monitor Counter Group (IHI 0070 10.2.1), by its number.
     * Called from smmu_run(). Optional. */
    void (*pmcg_irq)(void *user, unsigned group);

    /* Clock cycles so far, which event 0 of these groups counts. Must not call into the SMMU.
     * Optional: without it groups do not have that event. */
    uint64_t (*cycles)(void *user);

    /* Wake PEs that wait for an event (IDR0.SEV). Optional. */
    void (*sev)(void *user);

    /* Ask that smmu_run() be called soon, never from inside this call. Called from smmu_run() too,
     * for what it leaves to the next one. Optional where nothing blocks: a host without it calls
     * smmu_run() itself after each register write, and with counter groups (smmu/pmcg.h) after
     * whatever they may count. */
    void (*defer)(void *user);

    /* A section that spans a blocking memory access and must not interleave begins and ends; the
     * first may block. Optional for hosts whose read and write never block. */
    void (*lock)(void *user);
    void (*unlock)(void *user); /* ends what `lock` began */

    /* A transaction that stalled is let go, once for each time it stalled; perhaps before the
     * smmu_translate() that says so has returned. Optional where transactions have no room to
     * stall. Called from smmu_run(), smmu_reset(), smmu_stall_abandon() and the end of the
     * smmu_translate() of a retry; must not call into the SMMU. With SMMU_RESUME_RETRY others may
     * wait for the transaction: it is presented again, or smmu_stall_abandon() says that it is
     * lost. */
    void (*resume)(void *user, struct smmu_stall *stall, enum smmu_resume action);

    /* Wait until every transaction and every ATS Translation Request whose smmu_translate() or
     * smmu_ats_translate() began before this call has been answered, or has stalled: what it does
     * downstream is observable then (4.7.3, 3.9.1). Called from smmu_run(); may
     * block. Optional for hosts that answer a transaction before they next call into the SMMU. */
    void (*drain)(void *user);

    /* Whether the host has anything of what the SMMU has answered, or still gets an answer: calls
     * of smmu_translate(), smmu_ats_translate(), smmu_request_page() or smmu_prefetch() that have
     * not returned; transactions for which `drain` would wait; prefetches that `prefetch` has asked
     * for; what `inval` would withdraw. STATUSR.DORMANT is 0 then (3.19.1). Called from
     * smmu_reg_read(); must not block or call into the SMMU. Optional for hosts of which this is
     * never true when registers are read. */
    bool (*busy)(void *user);

    /* Send an Invalidate Request to the endpoint's ATC (CMD_ATC_INV, 4.5.1). Called from
     * smmu_run(); may block while the endpoint has no room for another. Optional, with what
     * follows: without them the system has no ATS beyond the SMMU, and the commands are ignored. */
    void (*atc_inv)(void *user, const struct smmu_atc_inv *inv);

    /* Wait until every Invalidate Request of this `queue` (smmu_atc_inv.queue) that was sent so far
     * has completed, and until what was accessed by the invalidated translations is observable.
     * Returns false if one has timed out (3.9.1.4); it is then no longer waited for. Called from
     * smmu_run(); may block. */
    bool (*atc_sync)(void *user, uint32_t queue);

    /* Send a PRG Response to the endpoint: what CMD_PRI_RESP says, or one the SMMU makes itself
     * (8.1, 8.2). Called from smmu_run() and from smmu_request_page(); must not block or call into
     * the SMMU. Optional. */
    void (*prg_response)(void *user, const struct smmu_prg_response *response);

    /* Cached translations or configuration that `inval` selects are no longer to be used: the host
     * withdraws what it derived from results whose tag smmu_inval_matches(). Optional. */
    void (*inval)(void *user, const struct smmu_inval *inval);

    /* A unit is used: the host spends the time that this takes. Of a slot: one is taken, and the
     * host waits until one is free. Called for the units of `units` alone; may block, as `read`
     * may. Optional where `units` is 0. */
    void (*use)(void *user, const struct smmu_use *use);

    /* A slot is given back, also where the host unwinds a call. Must not block or call into the
     * SMMU. Optional where `units` has no slots. */
    void (*release)(void *user, const struct smmu_use *use);

    /* Something could be prefetched: the host calls smmu_prefetch() with a copy of `what`, once
     * this call into the SMMU is over, or never. Called from smmu_translate() and smmu_run(); must
     * not block or call into the SMMU. Optional: nothing is prefetched without it. */
    void (*prefetch)(void *user, const struct smmu_prefetch_request *what);

    /* Whether a prefetch may take a slot of `unit`, one being free and nobody waiting; with `held`,
     * whether it may keep the one it has, likewise. Must not block or call into the SMMU. Optional:
     * prefetches take slots as others do without it. */
    bool (*spare)(void *user, enum smmu_unit unit, bool held);

    /* Bit n: `use` is called for enum smmu_unit n. */
    uint32_t units;

    /* Is told what happens; `seen` is valid until the call returns. Must not call into the SMMU.
     * Optional. */
    void (*observe)(void *user, const struct smmu_observation *seen);
};

/* Whether what `tag` describes must go under `inval` (IHI 0070 3.17, 4.3, 4.4). Pure. */
bool smmu_inval_matches(const struct smmu_inval *inval, const struct smmu_tag *tag);

/* Name of a unit, for logs; "?" if there is none. */
const char *smmu_unit_name(enum smmu_unit unit);

/* Name of an observation, for logs; "?" if there is none. */
const char *smmu_observation_name(enum smmu_observation_id id);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
