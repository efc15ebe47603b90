/* SPDX-License-Identifier: Apache-2.0 */
/* A PCI Express function: configuration space, BARs, interrupts and what it may send upstream. */
#ifndef PCIE_FUNCTION_H
#define PCIE_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcie/pcie_ats.h"
#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PCIE_BARS             6u
#define PCIE_MAX_MSI_VECTORS  32u
#define PCIE_MAX_MSIX_VECTORS 2048u
#define PCIE_MIN_BURST        64u
#define PCIE_MAX_BURST        4096u /* no memory request has more data */

typedef struct pcie_fn pcie_fn;

/* The kind of a function to the bus. */
enum pcie_kind {
    PCIE_ENDPOINT,   /* behind a root port */
    PCIE_INTEGRATED, /* endpoint on the root bus: no link */
    PCIE_ROOT_PORT,  /* on the root bus, with a bus below it */
};

/* A memory BAR. A wide one has 64 bits and takes two of the six registers; its upper half must be
 * left empty. */
struct pcie_bar_desc {
    uint64_t size; /* a power of two of at least 128; 0: none */
    bool wide;
    bool prefetchable;
};

/* The MSI-X table and its pending bits lie in a BAR of the function. */
struct pcie_msix_desc {
    uint16_t vectors; /* 0: no MSI-X */
    uint8_t bar;
    uint32_t table; /* offsets in the BAR, multiples of 8 */
    uint32_t pba;
};

struct pcie_ats_desc {
    bool present;
    uint8_t queue_depth; /* invalidations it can hold, 1 to 32 */
};

struct pcie_pri_desc {
    uint32_t capacity; /* page requests outstanding at most; 0: no PRI */
};

struct pcie_pasid_desc {
    uint8_t width; /* bits of a PASID, 1 to 20; 0: no PASID */
    bool execute;  /* may ask for instruction fetches */
    bool privileged;
};

/* What the link registers of an endpoint or a port say. */
struct pcie_link_desc {
    uint8_t generation; /* 1 to 6; 0 stands for 3, 8 GT/s */
    uint8_t width;      /* lanes; 0 stands for 4 */
};

#define PCIE_VENDOR_CAPS  8u
#define PCIE_VENDOR_BYTES 20u

/* A capability of the vendor's own, whose identifier and link to the next one are the first two of
 * its bytes and set by the function. */
struct pcie_vendor_cap {
    uint8_t size;                     /* 3 to PCIE_VENDOR_BYTES; 0: none */
    uint8_t bytes[PCIE_VENDOR_BYTES]; /* what it reads as after a reset */
    uint8_t rw[PCIE_VENDOR_BYTES];    /* bits that take what is written */
};

struct pcie_fn_desc {
    enum pcie_kind kind;
    struct pcie_link_desc link;
    uint16_t vendor;
    uint16_t device;
    uint16_t subsystem_vendor;
    uint16_t subsystem;
    uint32_t class_code; /* base class, subclass, interface: 24 bits */
    uint8_t revision;
    struct pcie_bar_desc bar[PCIE_BARS];
    uint8_t intx_pin;    /* 1 to 4 for INTA to INTD; 0: none */
    uint8_t msi_vectors; /* a power of two up to PCIE_MAX_MSI_VECTORS; 0: no MSI */
    struct pcie_msix_desc msix;
    struct pcie_ats_desc ats;
    struct pcie_pri_desc pri;
    struct pcie_pasid_desc pasid;
    struct pcie_vendor_cap
        vendor_cap[PCIE_VENDOR_CAPS]; /* the first one without a size ends them */
};

/* Operations of the device behind the function. All may be NULL. */
struct pcie_fn_ops {
    void *user;
    /* An access to a BAR: 1, 2, 4 or 8 bytes, aligned, within its size. Anything but VP_OK is an
     * Unsupported Request. The MSI-X table and pending bits never come here. */
    enum vp_status (*bar_read)(void *user, unsigned bar, uint64_t offset, unsigned size,
                               uint64_t *value);
    enum vp_status (*bar_write)(void *user, unsigned bar, uint64_t offset, unsigned size,
                                uint64_t value);
    /* Software reads configuration space; `*value` is what is there, and may be replaced. Not
     * called for a debugger. */
    void (*config_read)(void *user, uint16_t offset, unsigned size, uint32_t *value);
    /* A reset of the function; its configuration space is in reset state already. */
    void (*reset)(void *user);
    /* Software wrote to configuration space; masks and hooks are through. */
    void (*config_written)(void *user, uint16_t offset, unsigned size);
    /* An MSI or MSI-X to be sent as a memory write of the function. */
    void (*message)(void *user, uint64_t addr, uint32_t data);
};

/* Build a function in reset; `desc` and `ops` are copied. Returns NULL and one line in `err` (at
 * most `err_size` bytes) if the description makes no sense. The caller owns the result. */
pcie_fn *pcie_fn_create(const struct pcie_fn_desc *desc, const struct pcie_fn_ops *ops, char *err,
                        size_t err_size);
void pcie_fn_destroy(pcie_fn *fn); /* NULL is fine */

/* --- the side of the bus --- */

/* Configuration accesses of 1, 2 or 4 bytes, aligned, below PCIE_CONFIG_SIZE. */
uint32_t pcie_fn_config_read(const pcie_fn *fn, uint16_t offset, unsigned size);
/* The same without side effects, for debuggers and for the device itself. */
uint32_t pcie_fn_config_peek(const pcie_fn *fn, uint16_t offset, unsigned size);
void pcie_fn_config_write(pcie_fn *fn, uint16_t offset, unsigned size, uint32_t value);

/* Whether a BAR answers at the bus address `addr`, as memory decoding is enabled now; if so, which
 * and at which offset. */
bool pcie_fn_decodes(const pcie_fn *fn, uint64_t addr, unsigned *bar, uint64_t *offset);

/* An access to a BAR: 1, 2, 4 or 8 bytes, aligned, within its size. Refusals of the device are
 * recorded as Unsupported Requests. */
enum vp_status pcie_fn_bar_read(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                                uint64_t *value);
enum vp_status pcie_fn_bar_write(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                                 uint64_t value);

/* Conventional reset, as by one of the bus it is on. */
void pcie_fn_reset(pcie_fn *fn);

/* A PRG Response for group `index`. A code that is not in enum pcie_prg_code is a failure. */
void pcie_fn_page_response(pcie_fn *fn, uint16_t index, unsigned code);

/* --- the side of the device --- */

/* Bus, device and function number: bits [15:8], [7:3], [2:0]. The bus number is that of the last
 * configuration write, 0 after reset. */
uint16_t pcie_fn_requester_id(const pcie_fn *fn);

/* Where in configuration space capability `index` of `vendor_cap` is; 0: there is none. */
uint16_t pcie_fn_vendor_cap(const pcie_fn *fn, unsigned index);

/* Whether software has enabled MSI-X. */
bool pcie_fn_msix_enabled(const pcie_fn *fn);

/* Whether it may send memory requests: Bus Master Enable, power state D0. */
bool pcie_fn_masters(const pcie_fn *fn);

/* What Device Control says of its memory requests: the data of a write, and of a read, at most,
 * in bytes; whether they may have Relaxed Ordering; how many reads may be outstanding, by the width
 * of their tags. Sizes that are reserved, or larger than what the function supports, are the
 * largest. */
unsigned pcie_fn_max_payload(const pcie_fn *fn);
unsigned pcie_fn_max_read_request(const pcie_fn *fn);
bool pcie_fn_relaxed_ordering(const pcie_fn *fn);
unsigned pcie_fn_tags(const pcie_fn *fn);

/* Whether it may send requests with `pasid`: PASIDs enabled, and no wider than its own. */
bool pcie_fn_pasid_allowed(const pcie_fn *fn, uint32_t pasid);

/* Whether its translated requests have the PASID that their translations were asked for with:
 * Translated Requests with PASID Enable. */
bool pcie_fn_translated_pasids(const pcie_fn *fn);

/* Whether software has switched ATS on; log2 of the bytes of its smallest translation unit. */
bool pcie_fn_ats_enabled(const pcie_fn *fn);
unsigned pcie_fn_ats_unit(const pcie_fn *fn);
unsigned pcie_fn_ats_queue_depth(const pcie_fn *fn); /* invalidations it can hold */

/* Whether software has switched page requests on. */
bool pcie_fn_pri_enabled(const pcie_fn *fn);

/* Whether pages may be asked for now. */
enum pcie_page_permit {
    PCIE_PAGE_ASK,    /* they may, as a group */
    PCIE_PAGE_WAIT,   /* all that software allows are outstanding: when one is answered */
    PCIE_PAGE_OFF,    /* software has not switched page requests on, or allows none */
    PCIE_PAGE_FAILED, /* a Response Failure was received, and not cleared since */
};

/* Take a group for `*requests` page requests, at least one. If the answer is PCIE_PAGE_ASK,
 * `*index` is the group and `*requests` how many of them it may have: all of them have to be sent.
 */
enum pcie_page_permit pcie_fn_page_begin(pcie_fn *fn, unsigned *requests, uint16_t *index);

/* Whether group `index` is answered; if so how, and it may be used again. A reset of the function
 * or of its page request interface answers with PCIE_PRG_FAILURE. */
bool pcie_fn_page_end(pcie_fn *fn, uint16_t index, enum pcie_prg_code *code);

/* Nobody waits for group `index` any more. It is not used again before its response, or a reset as
 * above, and until then its requests count as outstanding. */
void pcie_fn_page_abandon(pcie_fn *fn, uint16_t index);

/* A request of the function ended with `status`; errors are recorded in the Status register. */
void pcie_fn_completed(pcie_fn *fn, enum vp_status status);

/* Raise interrupt `vector`, as MSI-X or MSI, whichever is enabled. Masked, it stays pending. A
 * vector that is not there is ignored; with neither enabled nothing happens. */
void pcie_fn_raise(pcie_fn *fn, unsigned vector);

/* The level of the interrupt pin; it shows on the bus unless INTx is disabled or replaced by MSIs.
 */
void pcie_fn_set_intx(pcie_fn *fn, bool level);

#ifdef __cplusplus
}
#endif

#endif
