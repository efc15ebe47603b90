/* SPDX-License-Identifier: Apache-2.0 */
/* Address Translation Services and page requests: the messages between a function and the root
 * complex. A `pasid` may be VP_NO_SSID: the message has none. */
#ifndef PCIE_ATS_H
#define PCIE_ATS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Requests are answered in units of at least this many bytes. */
#define PCIE_ATS_PAGE 0x1000u

/* Indexes of page request groups are smaller. */
#define PCIE_PRI_GROUPS 512u

/* Untranslated memory as a function asks for it. */
struct pcie_translation_request {
    uint64_t addr; /* [11:0] are 0 */
    uint32_t pasid;
    bool no_write; /* the function means to read only */
};

enum pcie_completion_status {
    PCIE_COMPLETED,       /* which a translation without rights is too */
    PCIE_UNSUPPORTED,     /* Unsupported Request: nobody translates for the function */
    PCIE_COMPLETER_ABORT, /* whoever translates is set up wrongly */
};

/* Memory as a function may reach it with translated requests. */
struct pcie_translation {
    enum pcie_completion_status status;
    uint64_t addr; /* of the first byte of the span, if there are rights */
    uint8_t
        span_log2; /* log2 of its bytes, 12 to 63; naturally aligned around what was asked for */
    bool r, w, x;
};

/* Translations to be forgotten. */
struct pcie_invalidation {
    uint64_t addr;     /* aligned to the span */
    uint8_t span_log2; /* log2 of its bytes, 12 to 64; 64: everything */
    uint32_t pasid;    /* without one: of all PASIDs, and without PASID */
    bool global;       /* of all PASIDs; only where there is one */
};

/* With a PASID, and `last` alone, it is a Stop Marker: what follows is about a new use of that
 * PASID. Its address and index are 0, and nobody responds to it. */
struct pcie_page_request {
    uint64_t addr; /* [11:0] are 0 */
    uint32_t pasid;
    uint16_t index; /* of the group, below PCIE_PRI_GROUPS */
    bool last;      /* of the group */
    bool r, w;
};

/* Responses for the pages of a group. */
enum pcie_prg_code {
    PCIE_PRG_SUCCESS = 0x0,
    PCIE_PRG_INVALID = 0x1, /* some of them cannot be had */
    PCIE_PRG_FAILURE = 0xf, /* no page request will be served */
};

/* How an access of a function to memory ended. */
enum pcie_access_end {
    PCIE_ACCESS_DONE,
    PCIE_ACCESS_ABORTED, /* it was not allowed to be sent, or answered with an error */
    PCIE_ACCESS_NO_ATS,  /* its translation request ended with Unsupported Request or an abort */
    PCIE_ACCESS_DENIED,  /* the translation lacks a right, and pages cannot be asked for */
    PCIE_ACCESS_NO_PAGE, /* the page was asked for, and cannot be had */
    PCIE_ACCESS_NO_PRI,  /* page requests have failed altogether */
    PCIE_ACCESS_STOPPED, /* it was given up */
};

#ifdef __cplusplus
}
#endif

#endif
