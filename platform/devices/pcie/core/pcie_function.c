/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a function, accesses to it, and what it may send. */
#include <stdio.h>
#include <stdlib.h>

#include "pcie_function_priv.h"

#define LARGEST_PAYLOAD 512u  /* as Device Capabilities says */
#define LARGEST_READ    4096u /* of all that the field can say */
#define TAGS            32u   /* of 5 bits */
#define EXTENDED_TAGS   256u

#define MIN_BAR_SIZE 128u

/* --- checks of a description --- */

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static const char *bar_fault(const struct pcie_fn_desc *desc, unsigned i)
{
    const struct pcie_bar_desc *bar = &desc->bar[i];

    if (bar->size == 0)
        return NULL;
    if (desc->kind == PCIE_ROOT_PORT)
        return "root ports have none";
    if (!power_of_two(bar->size) || bar->size < MIN_BAR_SIZE)
        return "the size is not a power of two of at least 128";
    if (!bar->wide && bar->size > UINT32_C(0x80000000))
        return "is too large for 32 bits";
    if (bar->wide && (i + 1 >= PCIE_BARS || desc->bar[i + 1].size))
        return "has no room for its upper half";
    return NULL;
}

static bool fits(const struct pcie_bar_desc *bar, uint64_t offset, uint64_t size)
{
    return offset % 8 == 0 && size <= bar->size && offset <= bar->size - size;
}

static const char *msix_fault(const struct pcie_fn_desc *desc)
{
    const struct pcie_msix_desc *msix = &desc->msix;
    uint64_t table = 16 * (uint64_t)msix->vectors;
    uint64_t pba = (msix->vectors + 63u) / 64u * 8u;

    if (msix->vectors == 0)
        return NULL;
    if (msix->vectors > PCIE_MAX_MSIX_VECTORS)
        return "more than 2048 vectors";
    if (msix->bar >= PCIE_BARS || desc->bar[msix->bar].size == 0)
        return "lies in a BAR that is not there";
    if (!fits(&desc->bar[msix->bar], msix->table, table) ||
        !fits(&desc->bar[msix->bar], msix->pba, pba))
        return "table or pending bits are not aligned or beyond the BAR";
    if (msix->table < msix->pba + pba && msix->pba < msix->table + table)
        return "table and pending bits overlap";
    return NULL;
}

static const char *other_fault(const struct pcie_fn_desc *desc)
{
    if (desc->vendor == 0 || desc->vendor == UINT16_MAX)
        return "vendor: stands for an absent function";
    if (desc->link.generation > 6)
        return "link: there are six generations";
    if (desc->intx_pin > 4)
        return "intx_pin: there are only four";
    if (desc->msi_vectors &&
        (!power_of_two(desc->msi_vectors) || desc->msi_vectors > PCIE_MAX_MSI_VECTORS))
        return "msi_vectors: not a power of two up to 32";
    if (desc->ats.present && (desc->ats.queue_depth < 1 || desc->ats.queue_depth > 32))
        return "ats.queue_depth: not between 1 and 32";
    if (desc->pasid.width > 20)
        return "pasid.width: more than 20 bits";
    for (unsigned i = 0; i < PCIE_VENDOR_CAPS && desc->vendor_cap[i].size; i++)
        if (desc->vendor_cap[i].size < 3 || desc->vendor_cap[i].size > PCIE_VENDOR_BYTES)
            return "vendor_cap: the size is not between 3 and 20";
    return NULL;
}

static bool sound(const struct pcie_fn_desc *desc, char *err, size_t err_size)
{
    const char *fault = other_fault(desc);

    if (fault) {
        snprintf(err, err_size, "%s", fault);
        return false;
    }
    for (unsigned i = 0; i < PCIE_BARS; i++) {
        fault = bar_fault(desc, i);
        if (fault) {
            snprintf(err, err_size, "bar[%u]: %s", i, fault);
            return false;
        }
    }
    fault = msix_fault(desc);
    if (fault)
        snprintf(err, err_size, "msix: %s", fault);
    return !fault;
}

/* --- life --- */

pcie_fn *pcie_fn_create(const struct pcie_fn_desc *desc, const struct pcie_fn_ops *ops, char *err,
                        size_t err_size)
{
    pcie_fn *fn;

    if (!sound(desc, err, err_size))
        return NULL;
    fn = calloc(1, sizeof(*fn));
    if (fn) {
        fn->pending_words = (desc->msix.vectors + 63u) / 64u;
        /* One more than needed: an allocation of nothing may be NULL. */
        fn->pending = calloc(fn->pending_words + 1, sizeof(*fn->pending));
        fn->entry = calloc(desc->msix.vectors + 1u, sizeof(*fn->entry));
    }
    if (!fn || !fn->pending || !fn->entry) {
        snprintf(err, err_size, "out of memory");
        pcie_fn_destroy(fn);
        return NULL;
    }
    fn->desc = *desc;
    fn->ops = *ops;
    pcie_config_init(&fn->config, fn);
    pcie_header_build(fn);
    pcie_caps_build(fn);
    pcie_extcaps_build(fn);
    pcie_interrupts_reset(fn);
    return fn;
}

void pcie_fn_destroy(pcie_fn *fn)
{
    if (fn) {
        free(fn->pending);
        free(fn->entry);
    }
    free(fn);
}

/* The device may look at its registers while it is reset, and may not ask for another reset. */
static void reset(pcie_fn *fn, enum pcie_reset kind)
{
    if (fn->resetting)
        return;
    fn->resetting = true;
    pcie_config_reset(&fn->config, kind);
    fn->power = 0;
    fn->bus = 0;
    pcie_interrupts_reset(fn);
    pcie_pri_reset(fn);
    if (fn->ops.reset)
        fn->ops.reset(fn->ops.user);
    fn->resetting = false;
}

void pcie_fn_reset(pcie_fn *fn)
{
    reset(fn, PCIE_RESET_CONVENTIONAL);
}

/* --- configuration --- */

uint32_t pcie_fn_config_peek(const pcie_fn *fn, uint16_t offset, unsigned size)
{
    return pcie_config_get(&fn->config, offset, size);
}

uint32_t pcie_fn_config_read(const pcie_fn *fn, uint16_t offset, unsigned size)
{
    uint32_t value = pcie_fn_config_peek(fn, offset, size);

    if (fn->ops.config_read)
        fn->ops.config_read(fn->ops.user, offset, size, &value);
    return value;
}

void pcie_fn_config_write(pcie_fn *fn, uint16_t offset, unsigned size, uint32_t value)
{
    pcie_config_write(&fn->config, offset, size, value);
    if (fn->ops.config_written)
        fn->ops.config_written(fn->ops.user, offset, size);
}

/* Only D0 and D3hot are there: a write of another state changes nothing. */
void pcie_power_written(void *owner)
{
    pcie_fn *fn = owner;
    unsigned at = fn->caps.pm + PM_CONTROL;
    uint32_t control = fn_get(fn, at, 2);
    uint32_t state = control & PM_STATE;

    if (state == 0 || state == PM_D3HOT)
        fn->power = (uint8_t)state;
    fn_put(fn, at, 2, (control & ~PM_STATE) | fn->power);
    pcie_interrupts_written(fn);
}

void pcie_devctl_written(void *owner)
{
    pcie_fn *fn = owner;
    unsigned at = fn->caps.express + EXP_DEVCTL;
    uint32_t control = fn_get(fn, at, 2);
    uint8_t bus = fn->bus;

    if (!(control & DEVCTL_FLR))
        return;
    fn_put(fn, at, 2, control & ~DEVCTL_FLR);
    reset(fn, PCIE_RESET_FUNCTION_LEVEL);
    fn->bus = bus; /* this very write tells it again */
}

void pcie_bridge_written(void *owner)
{
    pcie_fn *fn = owner;

    if (fn->link.bridge_written)
        fn->link.bridge_written(fn);
}

/* --- memory --- */

static uint64_t bar_address(const pcie_fn *fn, unsigned i)
{
    uint64_t low = fn_get(fn, CFG_BAR0 + 4 * i, 4);
    uint64_t high = fn->desc.bar[i].wide ? fn_get(fn, CFG_BAR0 + 4 * i + 4, 4) : 0;

    return (high << 32 | low) & ~(fn->desc.bar[i].size - 1);
}

bool pcie_fn_decodes(const pcie_fn *fn, uint64_t addr, unsigned *bar, uint64_t *offset)
{
    if (!(fn_get(fn, CFG_COMMAND, 2) & COMMAND_MEMORY) || fn->power)
        return false;
    for (unsigned i = 0; i < PCIE_BARS; i++) {
        uint64_t size = fn->desc.bar[i].size;

        if (size && addr - bar_address(fn, i) < size) {
            *bar = i;
            *offset = addr & (size - 1);
            return true;
        }
    }
    return false;
}

static enum vp_status note_unsupported(pcie_fn *fn, enum vp_status status)
{
    unsigned devsta = fn->caps.express + EXP_DEVSTA;
    unsigned aer = fn->caps.aer + AER_UNCOR_STATUS;

    if (status != VP_OK) {
        fn_put(fn, devsta, 2, fn_get(fn, devsta, 2) | DEVSTA_UNSUPPORTED);
        fn_put(fn, aer, 4, fn_get(fn, aer, 4) | AER_UNCOR_UNSUPPORTED);
    }
    return status;
}

enum vp_status pcie_fn_bar_read(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                                uint64_t *value)
{
    enum vp_status status = VP_SLVERR;

    *value = 0;
    if (pcie_msix_read(fn, bar, offset, size, value))
        return VP_OK;
    if (fn->ops.bar_read)
        status = fn->ops.bar_read(fn->ops.user, bar, offset, size, value);
    return note_unsupported(fn, status);
}

enum vp_status pcie_fn_bar_write(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                                 uint64_t value)
{
    enum vp_status status = VP_SLVERR;

    if (pcie_msix_write(fn, bar, offset, size, value))
        return VP_OK;
    if (fn->ops.bar_write)
        status = fn->ops.bar_write(fn->ops.user, bar, offset, size, value);
    return note_unsupported(fn, status);
}

/* --- requests --- */

uint16_t pcie_fn_requester_id(const pcie_fn *fn)
{
    return (uint16_t)(fn->bus << 8 | fn->link.devfn);
}

uint16_t pcie_fn_vendor_cap(const pcie_fn *fn, unsigned index)
{
    return index < PCIE_VENDOR_CAPS ? fn->caps.vendor[index] : 0;
}

bool pcie_fn_masters(const pcie_fn *fn)
{
    return fn_get(fn, CFG_COMMAND, 2) & COMMAND_MASTER && !fn->power;
}

static uint32_t devctl(const pcie_fn *fn)
{
    return fn_get(fn, fn->caps.express + EXP_DEVCTL, 2);
}

/* The size that a field of three bits stands for. */
static unsigned size_of(uint32_t field, unsigned largest)
{
    unsigned size = 128u << field;

    return size < largest ? size : largest;
}

unsigned pcie_fn_max_payload(const pcie_fn *fn)
{
    return size_of((devctl(fn) & DEVCTL_PAYLOAD) >> 5, LARGEST_PAYLOAD);
}

unsigned pcie_fn_max_read_request(const pcie_fn *fn)
{
    return size_of((devctl(fn) & DEVCTL_READ) >> 12, LARGEST_READ);
}

bool pcie_fn_relaxed_ordering(const pcie_fn *fn)
{
    return devctl(fn) & DEVCTL_RELAXED;
}

unsigned pcie_fn_tags(const pcie_fn *fn)
{
    return devctl(fn) & DEVCTL_EXT_TAG ? EXTENDED_TAGS : TAGS;
}

static uint32_t pasid_control(const pcie_fn *fn)
{
    return fn->caps.pasid ? fn_get(fn, fn->caps.pasid + PASID_CONTROL, 2) : 0;
}

bool pcie_fn_pasid_allowed(const pcie_fn *fn, uint32_t pasid)
{
    return pasid_control(fn) & PASID_ENABLE && pasid >> fn->desc.pasid.width == 0;
}

bool pcie_fn_translated_pasids(const pcie_fn *fn)
{
    return pasid_control(fn) & PASID_TRANSLATED;
}

void pcie_fn_completed(pcie_fn *fn, enum vp_status status)
{
    uint32_t bit = status == VP_DECERR   ? STATUS_MASTER_ABORT
                   : status == VP_SLVERR ? STATUS_TARGET_ABORT
                                         : 0;

    fn_put(fn, CFG_STATUS, 2, fn_get(fn, CFG_STATUS, 2) | bit);
}
