/* SPDX-License-Identifier: Apache-2.0 */
/* A DMA engine with descriptor rings, the inside of a PCI Express function and of the platform port
 * that it may have beside, as a C library; docs/pcie-dma.md is its programmer's manual. */
#ifndef PCIE_DMA_H
#define PCIE_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcie/pcie_function.h"
#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PCIE_DMA_MAX_RINGS  16u
#define PCIE_DMA_PAGE       0x1000u
#define PCIE_DMA_MAX_WINDOW 256u

/* Bytes of the register frame: a page of the engine's own, then one for each ring. */
#define PCIE_DMA_FRAME_SIZE (32u * PCIE_DMA_PAGE)

typedef struct pcie_dma pcie_dma;

struct pcie_dma_config {
    unsigned rings;       /* 1 to PCIE_DMA_MAX_RINGS */
    unsigned burst_bytes; /* a power of two from PCIE_MIN_BURST to PCIE_MAX_BURST */
    unsigned window;      /* bursts of a descriptor that may be begun before the first of them is
                             moved, 1 to PCIE_DMA_MAX_WINDOW */
};

/* The interfaces of an engine, each with a way to memory and an interrupt wire. */
enum pcie_dma_path {
    PCIE_DMA_FUNCTION, /* requests of the function, by the rules of PCI Express; its pin */
    PCIE_DMA_PORT,     /* a bus master of the platform, for which none of them holds; its line */
    PCIE_DMA_PATHS,
};

/* Who accesses memory, and how. */
struct pcie_dma_way {
    unsigned ring;
    unsigned life; /* of the ring: see pcie_dma_wants() */
    enum pcie_dma_path path;
    uint32_t pasid;    /* or VP_NO_SSID, as always by the port */
    bool untranslated; /* without a translation of the function's own, though it may have one */
    unsigned pages;    /* from that of the access on: to ask for in one group, if it is missing */
    bool relaxed;      /* may be under way together with others that are: begin_read */
};

/* The world around an engine. */
struct pcie_dma_ops {
    void *user;
    /* Access to rings, descriptors and data. May block: register accesses, a reset and the runs of
     * other rings go on meanwhile. */
    enum pcie_access_end (*read)(void *user, uint64_t addr, void *data, uint32_t size,
                                 const struct pcie_dma_way *way);
    enum pcie_access_end (*write)(void *user, uint64_t addr, const void *data, uint32_t size,
                                  const struct pcie_dma_way *way);
    /* With a window of more than 1. Begin a read of the way's ring; `data` stays there until
     * end_read() with its number, below 2 * window, which waits for it and tells how it ended;
     * where none was begun that is PCIE_ACCESS_DONE. A write that is relaxed may return before it
     * has reached memory; one that is not reaches it after those before. */
    enum pcie_access_end (*begin_read)(void *user, unsigned number, uint64_t addr, void *data,
                                       uint32_t size, const struct pcie_dma_way *way);
    enum pcie_access_end (*end_read)(void *user, unsigned ring, unsigned number);
    /* Ring `ring` has work: call pcie_dma_run() soon, never from inside this call. */
    void (*start)(void *user, unsigned ring);
    /* Some access may not be wanted any more: those that wait for a page ask pcie_dma_wants(). */
    void (*reconsider)(void *user);
    /* The use of a PASID is to be stopped: call pcie_dma_stop() soon, never from inside this call.
     */
    void (*stop)(void *user);
    /* Wait until no access with `pasid` is under way; none begins meanwhile. Then, if pages were
     * asked for with it, send a Stop Marker and return true. May block. */
    bool (*drain)(void *user, uint32_t pasid);
    /* Raise an interrupt message. */
    void (*raise)(void *user, unsigned vector);
    /* Drive the interrupt wire of an interface; called on changes only. */
    void (*pin)(void *user, enum pcie_dma_path path, bool level);
};

/* Build an engine in reset; `ops` is copied. Returns NULL and one line in `err` (at most `err_size`
 * bytes) if the configuration is bad. The caller owns the result. */
pcie_dma *pcie_dma_create(const struct pcie_dma_config *config, const struct pcie_dma_ops *ops,
                          char *err, size_t err_size);
void pcie_dma_destroy(pcie_dma *d); /* NULL is fine; no run may be in progress */

/* Give an engine that has not been used yet its port. Without it PCIE_DMA_PORT is in no call. */
void pcie_dma_add_port(pcie_dma *d);

/* Registers as after creation, of both interfaces. Runs in progress end after the access they wait
 * for. */
void pcie_dma_reset(pcie_dma *d);

/* The register frame; the device is the pcie_dma. Reads have no side effects. Accesses that are
 * neither a whole 32-bit register nor a whole 64-bit register or a half of one end with VP_SLVERR;
 * reserved: RAZ/WI. */
extern const struct vp_frame pcie_dma_frame;

/* Work on a ring until it is empty, disabled or halted. One run per ring at a time. */
void pcie_dma_run(pcie_dma *d, unsigned ring);

/* Whether anybody still wants an access that is under way: not if its ring was disabled or reset
 * since it began, or the use of its PASID is being stopped. */
bool pcie_dma_wants(const pcie_dma *d, const struct pcie_dma_way *way);

/* Stop the use of a PASID, if that is asked for. One at a time. */
void pcie_dma_stop(pcie_dma *d);

#ifdef __cplusplus
}
#endif

#endif
