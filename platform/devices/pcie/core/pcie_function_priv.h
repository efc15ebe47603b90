/* SPDX-License-Identifier: Apache-2.0 */
/* State of a function, shared by the files that implement it. */
#ifndef PCIE_FUNCTION_PRIV_H
#define PCIE_FUNCTION_PRIV_H

#include "pcie/pcie_config.h"
#include "pcie/pcie_function.h"
#include "pcie/pcie_host.h"
#include "pcie_layout.h"

/* Where its capabilities are; 0: it has none. */
struct pcie_caps {
    uint16_t pm;
    uint16_t msi;
    uint16_t msix;
    uint16_t express;
    uint16_t aer;
    uint16_t acs;
    uint16_t ats;
    uint16_t pri;
    uint16_t pasid;
    uint16_t vendor[PCIE_VENDOR_CAPS];
};

struct pcie_msix_entry {
    uint64_t addr;
    uint32_t data;
    uint32_t control; /* bit 0: masked */
};

enum pcie_page_state {
    PAGE_FREE,
    PAGE_ASKED,
    PAGE_ABANDONED, /* asked, and nobody waits: a response is due all the same */
    PAGE_ANSWERED,
};

struct pcie_page_group {
    enum pcie_page_state state;
    unsigned requests;       /* until it is answered */
    enum pcie_prg_code code; /* once it is answered */
};

struct pcie_pri {
    unsigned outstanding; /* page requests of groups that are not answered */
    struct pcie_page_group group[PCIE_PRI_GROUPS];
};

/* A host's knowledge of a function, and its callbacks; nothing for one on its own. */
struct pcie_host_link {
    pcie_host *host;
    pcie_fn *next; /* of the host's */
    pcie_fn *port; /* above it; NULL: on the root bus */
    uint8_t devfn;
    bool up; /* of a root port: something is below, and the link is not down */
    void (*intx_changed)(pcie_fn *fn);
    void (*bridge_written)(pcie_fn *fn);
};

struct pcie_fn {
    struct pcie_fn_desc desc;
    struct pcie_fn_ops ops;
    struct pcie_config config;
    struct pcie_caps caps;
    uint8_t power;  /* PM_STATE in effect */
    uint8_t bus;    /* captured from configuration writes */
    bool intx;      /* driven by the device */
    bool intx_out;  /* seen by the bus */
    bool resetting; /* a reset is in progress, so another asked for meanwhile is none */
    struct pcie_host_link link;
    struct pcie_pri pri;
    /* MSI-X: an entry and a pending bit for each vector */
    struct pcie_msix_entry *entry;
    uint64_t *pending;
    size_t pending_words;
};

static inline uint32_t fn_get(const pcie_fn *fn, unsigned offset, unsigned width)
{
    return pcie_config_get(&fn->config, offset, width);
}

static inline void fn_put(pcie_fn *fn, unsigned offset, unsigned width, uint32_t value)
{
    pcie_config_put(&fn->config, offset, width, value);
}

/* pcie_header.c: the rows of the header and its values. */
void pcie_header_build(pcie_fn *fn);

/* pcie_caps.c, pcie_extcaps.c: the capabilities `desc` asks for. */
void pcie_caps_build(pcie_fn *fn);
void pcie_extcaps_build(pcie_fn *fn);

/* pcie_interrupts.c: bring the pin, and messages that wait, in line with the registers they depend
 * on.
 */
void pcie_interrupts_written(void *fn);
void pcie_interrupts_reset(pcie_fn *fn);
/* Whether the MSI-X structures have `offset` of `bar`; if so the access is done. */
bool pcie_msix_read(const pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                    uint64_t *value);
bool pcie_msix_write(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size, uint64_t value);

/* pcie_ats.c: a hook; page requests in progress come to nothing. */
void pcie_pri_written(void *fn);
void pcie_pri_reset(pcie_fn *fn);

/* pcie_function.c: hooks of registers with effects. */
void pcie_power_written(void *fn);
void pcie_devctl_written(void *fn);
void pcie_bridge_written(void *fn);

#endif
