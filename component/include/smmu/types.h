/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the SMMU's interfaces: streams, security states, accesses, attributes, outcomes. */
#ifndef SMMU_TYPES_H
#define SMMU_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Security state of a stream or of a programming interface (IHI 0070 3.10.1). The first three
 * values are those of the SEC_SID input signal; Root owns registers but no streams. */
enum smmu_sec {
    SMMU_SEC_NS = 0,    /* Non-secure */
    SMMU_SEC_S = 1,     /* Secure */
    SMMU_SEC_REALM = 2, /* Realm */
    SMMU_SEC_ROOT = 3,  /* Root */
};
#define SMMU_SEC_COUNT 4 /* of enum smmu_sec */

/* Physical address space of an access (IHI 0070 3.10, 3.25). */
enum smmu_pas {
    SMMU_PAS_NS = 0,    /* Non-secure */
    SMMU_PAS_S = 1,     /* Secure */
    SMMU_PAS_REALM = 2, /* Realm */
    SMMU_PAS_ROOT = 3,  /* Root */
};

/* The MPAM attributes of an access (IHI 0070 17): whom it is made for, to what partitions and
 * monitors resources of the memory system. All zero without MPAM. */
struct smmu_mpam {
    uint16_t partid; /* partition; no more than smmu_config.partid_max */
    uint8_t pmg;     /* performance monitoring group; no more than smmu_config.pmg_max */
    uint8_t space;   /* enum smmu_sec: the PARTID space that both are of (17.7) */
};

/* Shareability as VMSAv8 encodes it (IHI 0070 13.1). */
enum smmu_sh {
    SMMU_SH_NON = 0,   /* Non-shareable */
    SMMU_SH_OUTER = 2, /* Outer Shareable */
    SMMU_SH_INNER = 3, /* Inner Shareable */
};

/* Memory attributes of one access (IHI 0070 13.1). */
struct smmu_memattr {
    uint8_t mair; /* a MAIR_ELx attribute byte: outer cacheability and allocation hints in [7:4],
                     inner in [3:0], Device types when [7:4] is zero */
    uint8_t sh;   /* enum smmu_sh */
};

#define SMMU_MAIR_DEVICE_nGnRnE  0x00 /* smmu_memattr.mair of Device-nGnRnE */
#define SMMU_MAIR_DEVICE_nGnRE   0x04 /* ... of Device-nGnRE */
#define SMMU_MAIR_NORMAL_NC      0x44 /* ... of Normal memory, Non-cacheable */
#define SMMU_MAIR_NORMAL_WB_RAWA 0xff /* ... Write-Back, allocating for reads and for writes */

/* Rights of an access or of a mapping: any of them, or'ed. */
enum {
    SMMU_PERM_R = 1, /* reading */
    SMMU_PERM_W = 2, /* writing */
    SMMU_PERM_X = 4, /* executing */
};

/* Room for a transaction that stalls. The caller of smmu_translate() owns it; its content is the
 * SMMU's. It stays in place until smmu_translate() has returned and, if the transaction stalled,
 * smmu_ops.resume was called, which may come first; with SMMU_RESUME_RETRY, as it is until the call
 * that retries. */
struct smmu_stall {
    struct smmu_stall *next; /* the next one that waits until its event can be recorded */
    uint64_t turn;           /* its place among those that wait */
    uint32_t sid;            /* StreamID of the transaction */
    uint32_t disables;       /* how often the SMMU had been disabled when it began */
    uint16_t stag;           /* STAG of its event record */
    uint8_t sec;             /* enum smmu_sec of the stream */
};

/* Ends of a stall (IHI 0070 4.7.1). */
enum smmu_resume {
    SMMU_RESUME_RETRY, /* translate it again, with smmu_txn.retried, as though it had just arrived
                        */
    SMMU_RESUME_ABORT, /* terminate it with a bus abort */
    SMMU_RESUME_RAZWI, /* terminate it: reads return zero, writes are dropped */
};

/* Operations beyond reading and writing (IHI 0070 3.22, 16.7.2, 16.7.6). Those that
 * write have smmu_txn.write set, all others have not. */
enum smmu_op {
    SMMU_OP_ORDINARY = 0,          /* a read or a write, as smmu_txn.write says */
    SMMU_OP_READ_CLEAN_INVALIDATE, /* read, with the hint to clean and invalidate caches (RCI) */
    SMMU_OP_READ_DESTRUCTIVE,      /* read that may invalidate dirty lines (DR) */
    SMMU_OP_WRITE_PREFETCH,        /* write, with the hint to allocate in some cache (W-DCP) */
    SMMU_OP_PREFETCH,              /* the same hint without data (NW-DCP): it never faults */
    SMMU_OP_CLEAN,                 /* cache maintenance by address, without data */
    SMMU_OP_CLEAN_INVALIDATE,      /* likewise */
    SMMU_OP_CLEAN_TO_PERSISTENCE,  /* likewise */
    SMMU_OP_INVALIDATE,            /* loses dirty data */
    SMMU_OP_DESTRUCTIVE_HINT,      /* hint to invalidate (DH): it never faults */
    SMMU_OP_ATOMIC,                /* far atomic: reads and writes as one, always data */
    SMMU_OP_COUNT,                 /* how many there are */
};

/* One client transaction as it arrives at the SMMU (IHI 0070 3.2, 3.3.1, 13.1.1). */
struct smmu_txn {
    uint64_t addr;   /* input address, all 64 bits as presented, sign-extended (3.4.1) */
    uint32_t sid;    /* StreamID */
    uint32_t ssid;   /* SubstreamID; meaningful only with ssv */
    uint8_t sec;     /* enum smmu_sec: SEC_SID of the stream */
    uint8_t tbu;     /* the TBU it arrives at, below smmu_config.tbus */
    bool ssv;        /* a SubstreamID is given */
    uint8_t op;      /* enum smmu_op */
    bool write;      /* write, else read */
    bool instr;      /* instruction fetch; ignored for writes */
    bool priv;       /* privileged */
    bool retried;    /* by order of SMMU_RESUME_RETRY: `stall` is as it was left then */
    bool translated; /* marked Translated: the address is the answer to an ATS request */
    bool looked_up; /* smmu_look_up() and smmu_look_up_tlb() had no answer: smmu_translate() goes on
                       from there */
    struct smmu_memattr attr; /* attributes the client gives */
    void *cookie;             /* handed back unchanged in each memory request this call makes */
    struct smmu_stall *stall; /* room to stall; NULL: the client cannot wait, it is terminated */
};

/* What transactions have in common that differ in nothing but their address: smmu_kind_of() makes
 * it, its content is the SMMU's. */
struct smmu_txn_kind {
    struct smmu_state *smmu; /* the one that made it */
    void *sets;              /* of the micro TLB of their TBU */
    uint64_t stream;         /* StreamID and SubstreamID */
    uint64_t kind;           /* everything else that an answer depends on, but for ... */
    uint64_t translated;     /* ... whether they are marked Translated */
};

/* Outcomes of a transaction (IHI 0070 3.12). */
enum smmu_outcome {
    SMMU_FORWARD, /* goes on with the output address and attributes of the result */
    SMMU_ABORT,   /* terminated: the client gets a bus abort */
    SMMU_RAZWI,   /* terminated: reads return zero, writes are dropped, no error; what has no data
                     has no effect */
    SMMU_STALLED, /* held, without an answer, until smmu_ops.resume */
};

/* StreamWorld: the translation regime a stream's stage 1 belongs to (IHI 0070 3.3.3). */
enum smmu_world {
    SMMU_WORLD_NS_EL1 = 0, /* EL1, of the Non-secure state */
    SMMU_WORLD_EL2,        /* EL2: one range of addresses, no ASIDs */
    SMMU_WORLD_EL2_E2H,    /* EL2 with HCR_EL2.E2H: two ranges, ASIDs */
    SMMU_WORLD_COUNT,      /* how many there are */
};

/* The tag of a cached translation or a granted window, which invalidations are matched against. It
 * may be a piece of what the descriptors map: of stage 1's block where stage 2 has pages. Whatever
 * address of that block an invalidation names, all its pieces go (DDI 0487 D8.17). */
struct smmu_tag {
    uint64_t va;          /* lowest input address of the mapping, if a stage translates */
    uint32_t sid;         /* StreamID; not part of what tags a TLB entry */
    uint32_t cd_index;    /* number of the CD in the stream's CD table, with `cd`; like sid */
    uint16_t asid;        /* unless global */
    uint16_t vmid;        /* 0 without stage 2 */
    uint8_t sec;          /* enum smmu_sec */
    uint8_t world;        /* enum smmu_world */
    uint8_t span_log2;    /* log2 of the bytes the mapping covers */
    int8_t level;         /* lookup level of the leaf descriptor, -1 to 3 */
    bool s1;              /* stage 1 translates: va is a VA, and asid counts */
    bool s2;              /* stage 2 translates; va is an IPA if stage 1 does not */
    bool global;          /* not bound to an ASID */
    bool aset;            /* of an ASID that CPUs do not share (CD.ASET); with s1 only */
    uint8_t s1_leaf_log2; /* log2 of the bytes of stage 1's block or page around va; with s1 */
    /* The same of stage 2, around the IPA; with s2. Where no stage translates: of the region of the
     * Device Permission Table at va, the address being physical, that let the access through; 0: it
     * was not asked. */
    uint8_t s2_leaf_log2;
    uint8_t s1_cut_log2; /* VMSAv8-32: not 0 if stage 1's block reaches into the range of the other
                            table. That has so many bytes (log2) of it: those next to 0 if va is
                            in the lower half of the 32 bits, else those next to 2^32 */
    bool cd;             /* a CD counts, for a translation of stage 1 or a label; like sid */
};

/* The answer to a transaction. */
struct smmu_result {
    enum smmu_outcome outcome; /* what becomes of it */
    uint8_t op;                /* enum smmu_op: as it goes on, perhaps less than what arrived */
    uint8_t event;     /* type of the fault met (IHI 0070 7.3), recorded or not; 0 for none */
    uint8_t pas;       /* enum smmu_pas of the output; this and what follows: only if forwarded */
    uint8_t perm;      /* SMMU_PERM_*: what may be done here with `priv`, INST and PRIV being those
                          after overrides, without a descriptor changing first (3.13) */
    uint8_t span_log2; /* input addresses that differ only below this bit share the answer */
    struct smmu_mpam mpam; /* of the output (17.2); also where it is not forwarded, as far as it was
                              known then: of the STE or of the CD, else zero */
    uint64_t addr;         /* output address */
    struct smmu_memattr attr; /* attributes of the output */
    bool out_instr; /* INST of the output (13.1.2): that after overrides, or since SMMUv3.4 Data */
    bool out_priv;  /* PRIV, likewise: or privileged */
    bool instr;     /* INST after overrides (13.1.2): with `perm` it says what may be done */
    bool priv;      /* PRIV, likewise */
    uint8_t pbha;   /* Page-Based Hardware Attributes in [3:0]: descriptor bits [62:59] in use */
    struct smmu_tag tag; /* what the answer depends on, for smmu_inval_matches() */
};

#ifdef __cplusplus
}
#endif

#endif
