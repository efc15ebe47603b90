/* SPDX-License-Identifier: Apache-2.0 */
/* PCIe Address Translation Services and Page Requests: what travels between the SMMU and a Root
 * Complex (IHI 0070 3.9, 4.5, 8, 13.6, 13.7). */
#ifndef SMMU_ATS_H
#define SMMU_ATS_H

#include "smmu/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* An ATS Translation Request (3.9.1, 13.7). */
struct smmu_ats_request {
    uint64_t addr; /* untranslated address; [11:0] are ignored */
    uint32_t sid;  /* StreamID of the function */
    uint32_t ssid; /* PASID; meaningful only with ssv */
    uint8_t sec;   /* enum smmu_sec */
    uint8_t stus;  /* how many Smallest Translation Units are asked for: 1 to 255 */
    bool ssv;      /* a PASID is given */
    bool nw;       /* No-Write: the function does not mean to write */
    bool exe;      /* Execute Requested; with ssv only, likewise priv */
    bool priv;     /* Privileged Mode Requested */
    void *cookie;  /* handed back unchanged in each memory request made for it */
};

/* Completion status (3.9.1.2). */
enum smmu_ats_status {
    SMMU_ATS_SUCCESS, /* which a translation that grants nothing is too */
    SMMU_ATS_UR,      /* Unsupported Request: ATS is off for the stream, or altogether */
    SMMU_ATS_CA,      /* Completer Abort: the configuration is in error */
};

/* An ATS Translation Completion with one entry. Global, U and N are always 0. */
struct smmu_ats_completion {
    enum smmu_ats_status status; /* how the request ends; nothing is granted without success */
    uint64_t addr;     /* translated address of the first byte of the span, if r, w or exe */
    uint8_t span_log2; /* log2 of the bytes the entry covers, at least one STU; 0 without success */
    bool r;            /* reading is granted; neither r nor w: access is denied */
    bool w;            /* writing is granted */
    bool exe;          /* execution, granted to requests that ask for it */
    bool priv;         /* as in the request */
};

/* An ATS Invalidate Request, sent for CMD_ATC_INV (4.5.1). */
struct smmu_atc_inv {
    uint64_t addr;     /* first byte of the range, aligned to its size */
    uint32_t sid;      /* StreamID of the function */
    uint32_t ssid;     /* PASID, with ssv */
    uint32_t queue;    /* number of the Command queue it is from, for smmu_ops.atc_sync */
    uint8_t sec;       /* enum smmu_sec */
    uint8_t span_log2; /* log2 of the range's bytes: 12 to 64; 64: everything */
    bool ssv;          /* the request has a PASID */
    bool global;       /* Global Invalidate: of all PASIDs; with ssv only */
};

/* A PRI message: Page Request, or, with ssv, last, no r and no w, Stop Marker (8). */
struct smmu_page_request {
    uint64_t addr; /* of the page; [11:0] are ignored */
    uint32_t sid;  /* StreamID of the function */
    uint32_t ssid; /* PASID; meaningful only with ssv */
    uint16_t prgi; /* Page Request Group Index: 0 to 511 */
    uint8_t sec;   /* enum smmu_sec */
    bool ssv;      /* a PASID is given */
    bool last;     /* the last of its group */
    bool r;        /* reading is asked for */
    bool w;        /* writing is asked for */
    bool exe;      /* execution is asked for; with ssv only, likewise priv */
    bool priv;     /* Privileged Mode Requested */
    void *cookie;  /* handed back unchanged in each memory request made for it */
};

/* Response codes of a PRG Response (8.3). */
enum smmu_prg_code {
    SMMU_PRG_SUCCESS = 0x0, /* every page of the group is there now */
    SMMU_PRG_INVALID = 0x1, /* not every page could be brought in */
    SMMU_PRG_FAILURE = 0xf, /* permanent: page requests are not served */
};

/* A PRG Response, for CMD_PRI_RESP (4.5.2) or made by the SMMU itself (8.1, 8.2). */
struct smmu_prg_response {
    uint32_t sid;  /* StreamID of the function */
    uint32_t ssid; /* PASID, with ssv */
    uint16_t prgi; /* Page Request Group Index: 0 to 511 */
    uint8_t sec;   /* enum smmu_sec */
    uint8_t code;  /* enum smmu_prg_code */
    bool ssv;      /* the response has a PASID */
};

/* A hint that a client will soon access pages (7.3.19). */
struct smmu_page_hint {
    uint64_t addr; /* of the first page; [11:0] are ignored */
    uint32_t sid;  /* StreamID of the client */
    uint32_t ssid; /* SubstreamID; meaningful only with ssv */
    uint8_t sec;   /* enum smmu_sec */
    uint8_t pages; /* of 4 KiB: 1 to 255 */
    bool ssv;      /* a SubstreamID is given */
    uint8_t user;  /* SMMU_PERM_*: unprivileged accesses expected */
    uint8_t priv;  /* SMMU_PERM_*: privileged accesses expected */
    void *cookie;  /* handed back unchanged in each memory request made for it */
};

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
