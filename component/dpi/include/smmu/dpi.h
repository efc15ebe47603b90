/* SPDX-License-Identifier: Apache-2.0 */
/* The C side of smmu_pkg.sv: what the package imports and exports by DPI-C (IEEE 1800-2017 35, H).
 * Users of SystemVerilog have the class `smmu_model` of the package; this is for who calls it
 * otherwise.
 *
 * Structures travel as packed arrays of bits, whose canonical form is words of 32 bits, the lowest
 * first (H.7.7): those of the package are packed, and have the members of those here in reverse
 * order. A member of two words is an unsigned number of 64 bits, the low half first. A flag is 0 or
 * 1; anything else counts as 1. What members mean is said where the C API has them: smmu/types.h,
 * smmu/ops.h, smmu/ats.h, smmu/dvm.h.
 *
 * Every function that has `smmu` takes the number that smmu_dpi_create() returned. Those that
 * return int, but for smmu_dpi_create(), return 1 if they have done it, and 0 if an argument was
 * bad: then smmu_dpi_error() says which and why, outputs are 0 and nothing has changed. */
#ifndef SMMU_DPI_H
#define SMMU_DPI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* A transaction: struct smmu_txn. */
struct smmu_dpi_txn {
    uint32_t retry;      /* result.stall of the transaction that is presented again; 0: a new one */
    uint32_t may_stall;  /* it can wait; else it is terminated where it would stall */
    uint32_t sh;         /* enum smmu_sh of the client's attributes */
    uint32_t mair;       /* MAIR byte of the client's attributes */
    uint32_t translated; /* marked Translated */
    uint32_t priv;       /* privileged */
    uint32_t instr;      /* instruction fetch */
    uint32_t write;      /* write, else read */
    uint32_t op;         /* enum smmu_op */
    uint32_t tbu;        /* the TBU it arrives at, below the parameter `tbus` */
    uint32_t sec;        /* enum smmu_sec: SMMU_SEC_NS to SMMU_SEC_REALM */
    uint32_t ssid;       /* SubstreamID, with ssv */
    uint32_t ssv;        /* a SubstreamID is given */
    uint32_t sid;        /* StreamID */
    uint32_t addr[2];    /* input address */
};

/* What an answer depends on: struct smmu_tag. */
struct smmu_dpi_tag {
    uint32_t s1_cut_log2;  /* of VMSAv8-32 */
    uint32_t s2_leaf_log2; /* log2 of the bytes of the leaf of stage 2 */
    uint32_t s1_leaf_log2; /* the same of stage 1 */
    uint32_t aset;         /* of an ASID that CPUs do not share */
    uint32_t any_asid;     /* not bound to an ASID: smmu_tag.global */
    uint32_t s2;           /* stage 2 translates */
    uint32_t s1;           /* stage 1 translates */
    uint32_t cd;           /* a CD counts */
    uint32_t level;        /* of the leaf descriptor, -1 to 3 in two's complement */
    uint32_t span_log2;    /* log2 of the bytes it covers */
    uint32_t world;        /* enum smmu_world */
    uint32_t sec;          /* enum smmu_sec */
    uint32_t vmid;         /* VMID */
    uint32_t asid;         /* ASID */
    uint32_t cd_index;     /* number of the CD */
    uint32_t sid;          /* StreamID */
    uint32_t va[2];        /* lowest input address */
};

/* The answer to a transaction: struct smmu_result. */
struct smmu_dpi_result {
    struct smmu_dpi_tag tag; /* for smmu_dpi_inval_matches() */
    uint32_t stall;          /* SMMU_STALLED: its number, which is not 0 */
    uint32_t pbha;           /* Page-Based Hardware Attributes */
    uint32_t out_priv;       /* PRIV of the output */
    uint32_t out_instr;      /* INST of the output */
    uint32_t priv;           /* PRIV after overrides */
    uint32_t instr;          /* INST after overrides */
    uint32_t space;          /* MPAM: enum smmu_sec, the PARTID space */
    uint32_t pmg;            /* PMG */
    uint32_t partid;         /* PARTID */
    uint32_t sh;             /* enum smmu_sh of the output */
    uint32_t mair;           /* MAIR byte of the output */
    uint32_t span_log2;      /* input addresses that differ below this bit share the answer */
    uint32_t perm;           /* SMMU_PERM_* */
    uint32_t pas;            /* enum smmu_pas */
    uint32_t fault;          /* type of the event met, recorded or not; 0 for none */
    uint32_t op;             /* enum smmu_op as it goes on */
    uint32_t outcome;        /* enum smmu_outcome */
    uint32_t addr[2];        /* output address */
};

/* An access of the SMMU's own: struct smmu_mem_req. */
struct smmu_dpi_access {
    uint32_t id;      /* of messages */
    uint32_t sid;     /* the stream it is made for; 0 for queue accesses */
    uint32_t level;   /* of translation table descriptors: -2 to 3 in two's complement */
    uint32_t stage;   /* of theirs, 1 or 2; else 0 */
    uint32_t space;   /* MPAM: enum smmu_sec, the PARTID space */
    uint32_t pmg;     /* PMG */
    uint32_t partid;  /* PARTID */
    uint32_t sh;      /* enum smmu_sh */
    uint32_t mair;    /* MAIR byte */
    uint32_t pas;     /* enum smmu_pas */
    uint32_t fetch;   /* enum smmu_fetch */
    uint32_t bytes;   /* 4 to 64, a power of two */
    uint32_t addr[2]; /* physical, aligned to its size */
};

/* An invalidation: struct smmu_inval. */
struct smmu_dpi_inval {
    uint32_t ssid;           /* number of a CD */
    uint32_t sid_last;       /* the last StreamID of a range */
    uint32_t sid;            /* StreamID, or the first of a range */
    uint32_t vmid;           /* VMID */
    uint32_t asid;           /* ASID */
    uint32_t vmid_wildcard;  /* low bits of VMIDs that are not compared */
    uint32_t nested;         /* translations of both stages too */
    uint32_t shared;         /* of ASIDs that CPUs share */
    uint32_t leaf;           /* only last-level entries need go */
    uint32_t world;          /* enum smmu_world */
    uint32_t sec;            /* enum smmu_sec */
    uint32_t kind;           /* enum smmu_inval_kind */
    uint32_t table_sizes[2]; /* sizes of table descriptors */
    uint32_t leaf_sizes[2];  /* sizes of blocks and pages; 0: all */
    uint32_t reach[2];       /* bytes to the last address */
    uint32_t addr[2];        /* VA or IPA, the first of a range */
};

/* An ATS Translation Request: struct smmu_ats_request. */
struct smmu_dpi_ats_request {
    uint32_t priv;    /* Privileged Mode Requested */
    uint32_t exe;     /* Execute Requested */
    uint32_t nw;      /* No-Write */
    uint32_t stus;    /* Smallest Translation Units, 1 to 255 */
    uint32_t sec;     /* enum smmu_sec */
    uint32_t ssid;    /* PASID, with ssv */
    uint32_t ssv;     /* a PASID is given */
    uint32_t sid;     /* StreamID */
    uint32_t addr[2]; /* untranslated address */
};

/* Its completion: struct smmu_ats_completion. */
struct smmu_dpi_ats_completion {
    uint32_t priv;      /* as in the request */
    uint32_t exe;       /* execution is granted */
    uint32_t w;         /* writing is granted */
    uint32_t r;         /* reading is granted */
    uint32_t span_log2; /* log2 of the bytes the entry covers */
    uint32_t status;    /* enum smmu_ats_status */
    uint32_t addr[2];   /* translated address */
};

/* An Invalidate Request of ATS: struct smmu_atc_inv. */
struct smmu_dpi_atc_inv {
    uint32_t cmdq;       /* number of the Command queue it is from, for smmu_sv_atc_sync() */
    uint32_t all_pasids; /* of all PASIDs: smmu_atc_inv.global */
    uint32_t span_log2;  /* log2 of the range's bytes */
    uint32_t sec;        /* enum smmu_sec */
    uint32_t ssid;       /* PASID, with ssv */
    uint32_t ssv;        /* the request has a PASID */
    uint32_t sid;        /* StreamID */
    uint32_t addr[2];    /* first byte */
};

/* A PRI message: struct smmu_page_request. */
struct smmu_dpi_page_request {
    uint32_t priv;    /* Privileged Mode Requested */
    uint32_t exe;     /* execution is asked for */
    uint32_t w;       /* writing is asked for */
    uint32_t r;       /* reading is asked for */
    uint32_t last;    /* the last of its group */
    uint32_t prgi;    /* Page Request Group Index, 0 to 511 */
    uint32_t sec;     /* enum smmu_sec */
    uint32_t ssid;    /* PASID, with ssv */
    uint32_t ssv;     /* a PASID is given */
    uint32_t sid;     /* StreamID */
    uint32_t addr[2]; /* of the page */
};

/* A PRG Response: struct smmu_prg_response. */
struct smmu_dpi_prg_response {
    uint32_t code; /* enum smmu_prg_code */
    uint32_t prgi; /* Page Request Group Index */
    uint32_t sec;  /* enum smmu_sec */
    uint32_t ssid; /* PASID, with ssv */
    uint32_t ssv;  /* the response has a PASID */
    uint32_t sid;  /* StreamID */
};

/* TLB maintenance of a CPU: struct smmu_dvm. */
struct smmu_dpi_dvm {
    uint32_t ttl;     /* level hint, 0 to 3 */
    uint32_t tg;      /* granule, 0 to 3 */
    uint32_t scale;   /* of a range, 0 to 3 */
    uint32_t num;     /* likewise, 0 to 31 */
    uint32_t ranged;  /* for a range: smmu_dvm.range */
    uint32_t vmid;    /* VMID */
    uint32_t asid;    /* ASID */
    uint32_t leaf;    /* only last-level entries need go */
    uint32_t world;   /* enum smmu_world */
    uint32_t sec;     /* enum smmu_sec */
    uint32_t op;      /* enum smmu_dvm_op */
    uint32_t addr[2]; /* VA or IPA */
};

/* --- imported by the package ---------------------------------------------------------------------
 */

/* Make an SMMU. `parameters` are words NAME=VALUE with commas between them, the rows of
 * smmu/config.def: "preset=typical,sid_bits=8,tlb=64x4,tlb_policy=plru". `preset`, if it is given,
 * comes first; else it is `typical`. Numbers are decimal, or hexadecimal after 0x; a cache is
 * SETSxWAYS; a policy is named. Returns its number, which is above 0 and is given once, or 0:
 * smmu_dpi_error() names the parameter and the reason. */
int smmu_dpi_create(const char *parameters);

/* Free it. Its number is none from then on. */
int smmu_dpi_destroy(int smmu);

/* Why the last call that failed did so; one line, "PLACE: REASON". Valid until the next call. */
const char *smmu_dpi_error(void);

/* Assert and release its reset: smmu_reset(). */
int smmu_dpi_reset(int smmu);

/* Read `bytes`, 4 or 8, of the register frame at `offset`: smmu_reg_read(). */
int smmu_dpi_reg_read(int smmu, unsigned int offset, int bytes, unsigned long long *value);

/* Write them: smmu_reg_write(). What follows is done in smmu_dpi_run(). */
int smmu_dpi_reg_write(int smmu, unsigned int offset, int bytes, unsigned long long value);

/* Consume commands until there are none, and do what else waits: smmu_run(). */
int smmu_dpi_run(int smmu);

/* Take a transaction through it: smmu_translate(). `txn` is a struct smmu_dpi_txn, `result` a
 * struct smmu_dpi_result. */
int smmu_dpi_translate(int smmu, const uint32_t *txn, uint32_t *result);

/* The same answer without side effects: smmu_probe(). */
int smmu_dpi_probe(int smmu, const uint32_t *txn, uint32_t *result);

/* Serve an ATS Translation Request: smmu_ats_translate(). Structs smmu_dpi_ats_request and
 * smmu_dpi_ats_completion. */
int smmu_dpi_ats_translate(int smmu, const uint32_t *request, uint32_t *completion);

/* Take a PRI message: smmu_request_page(). `request` is a struct smmu_dpi_page_request. */
int smmu_dpi_request_page(int smmu, const uint32_t *request);

/* Take the TLB maintenance of a CPU: smmu_broadcast_tlbi(). `dvm` is a struct smmu_dpi_dvm. */
int smmu_dpi_broadcast_tlbi(int smmu, const uint32_t *dvm);

/* How often something has happened since it was made: a counter of smmu/observations.def by its
 * name, such as "events". */
int smmu_dpi_count(int smmu, const char *name, unsigned long long *value);

/* Let accesses of its own go wrong: smmu_inject(). `what` is an enum smmu_injection. */
int smmu_dpi_inject(int smmu, int what, unsigned int count);

/* Whether what `tag`, a struct smmu_dpi_tag, describes goes under `inval`, a struct smmu_dpi_inval:
 * smmu_inval_matches(). Returns 0 or 1, and has no errors. */
int smmu_dpi_inval_matches(const uint32_t *inval, const uint32_t *tag);

/* Name of an event type: smmu_event_name(). */
const char *smmu_dpi_event_name(int type);

/* --- exported by the package ---------------------------------------------------------------------
 */

/* Read memory: `access` is a struct smmu_dpi_access, `data` room for 64 bytes, of which the first
 * access.bytes count, byte n in bits [8n+7:8n]. Returns 0 for an external abort. */
int smmu_sv_read(int smmu, const uint32_t *access, uint32_t *data);

/* Write memory, likewise. */
int smmu_sv_write(int smmu, const uint32_t *access, const uint32_t *data);

/* Compare and swap access.bytes bytes, 8 or 16: numbers of 128 bits, of which the lowest count,
 * byte n in bits [8n+7:8n]. */
int smmu_sv_compare_and_swap(int smmu, const uint32_t *access, const uint32_t *expected,
                             const uint32_t *value, uint32_t *old);

/* A wired interrupt pulses: enum smmu_sec, enum smmu_irq. */
void smmu_sv_interrupt(int smmu, int sec, int irq);

/* A transaction that stalled is let go: result.stall, enum smmu_resume. */
void smmu_sv_resumed(int smmu, int stall, int action);

/* Answers are no longer to be used: a struct smmu_dpi_inval. */
void smmu_sv_invalidated(int smmu, const uint32_t *inval);

/* An Invalidate Request is sent to an endpoint: a struct smmu_dpi_atc_inv. */
void smmu_sv_atc_invalidate(int smmu, const uint32_t *inval);

/* Whether all Invalidate Requests of the Command queue `cmdq` that were sent so far have completed
 * in time. */
int smmu_sv_atc_sync(int smmu, uint32_t cmdq);

/* A PRG Response is sent to an endpoint: a struct smmu_dpi_prg_response. */
void smmu_sv_page_response(int smmu, const uint32_t *response);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
