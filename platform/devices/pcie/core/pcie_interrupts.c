/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts of a function: the pin, MSI, and MSI-X with its table. */
#include <string.h>

#include "pcie_function_priv.h"
#include "vp/regpart.h"

#define ENTRY_BYTES  16u
#define ENTRY_MASKED 1u

#define MSI_COUNT_SHIFT 4
#define MSI_COUNT_FIELD 7u

static bool msi_enabled(const pcie_fn *fn)
{
    return fn->caps.msi && fn_get(fn, fn->caps.msi + MSI_CONTROL, 2) & MSI_ENABLE;
}

bool pcie_fn_msix_enabled(const pcie_fn *fn)
{
    return fn->caps.msix && fn_get(fn, fn->caps.msix + MSIX_CONTROL, 2) & MSIX_ENABLE;
}

/* --- the pin --- */

/* Interrupt Status tells what the device drives, whatever the bus sees of it. */
static void update_pin(pcie_fn *fn)
{
    uint32_t command = fn_get(fn, CFG_COMMAND, 2);
    uint32_t status = fn_get(fn, CFG_STATUS, 2) & ~STATUS_INTX;
    bool shown = fn->intx && !(command & COMMAND_INTX_DISABLE) && !msi_enabled(fn) &&
                 !pcie_fn_msix_enabled(fn);

    fn_put(fn, CFG_STATUS, 2, status | (fn->intx ? STATUS_INTX : 0));
    if (shown == fn->intx_out)
        return;
    fn->intx_out = shown;
    if (fn->link.intx_changed)
        fn->link.intx_changed(fn);
}

void pcie_fn_set_intx(pcie_fn *fn, bool level)
{
    fn->intx = level && fn->desc.intx_pin;
    update_pin(fn);
}

/* --- messages --- */

static void send(pcie_fn *fn, uint64_t addr, uint32_t data)
{
    if (fn->ops.message)
        fn->ops.message(fn->ops.user, addr, data);
}

/* The vector takes the place of as many low bits of the data as software granted. */
static void send_msi(pcie_fn *fn, unsigned vector)
{
    unsigned cap = fn->caps.msi;
    uint64_t addr = fn_get(fn, cap + MSI_ADDR, 4) | (uint64_t)fn_get(fn, cap + MSI_ADDR_HI, 4)
                                                        << 32;
    uint32_t granted =
        1u << (fn_get(fn, cap + MSI_CONTROL, 2) >> MSI_COUNT_SHIFT & MSI_COUNT_FIELD);
    uint32_t data = fn_get(fn, cap + MSI_DATA, 2);

    send(fn, addr, (data & ~(granted - 1)) | (vector & (granted - 1)));
}

static void deliver_msi(pcie_fn *fn)
{
    unsigned cap = fn->caps.msi;

    if (!msi_enabled(fn) || !pcie_fn_masters(fn))
        return;
    uint32_t ready = fn_get(fn, cap + MSI_PENDING, 4) & ~fn_get(fn, cap + MSI_MASK, 4);
    fn_put(fn, cap + MSI_PENDING, 4, fn_get(fn, cap + MSI_PENDING, 4) & ~ready);
    for (; ready; ready &= ready - 1)
        send_msi(fn, (unsigned)__builtin_ctz(ready));
}

static void deliver_msix(pcie_fn *fn)
{
    if (!pcie_fn_msix_enabled(fn) || !pcie_fn_masters(fn) ||
        fn_get(fn, fn->caps.msix + MSIX_CONTROL, 2) & MSIX_FUNCTION_MASK)
        return;
    for (size_t word = 0; word < fn->pending_words; word++) {
        for (uint64_t bits = fn->pending[word]; bits; bits &= bits - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(bits);
            const struct pcie_msix_entry *entry = &fn->entry[64 * word + bit];

            if (entry->control & ENTRY_MASKED)
                continue;
            fn->pending[word] &= ~(UINT64_C(1) << bit);
            send(fn, entry->addr, entry->data);
        }
    }
}

void pcie_interrupts_written(void *owner)
{
    update_pin(owner);
    deliver_msi(owner);
    deliver_msix(owner);
}

void pcie_fn_raise(pcie_fn *fn, unsigned vector)
{
    if (pcie_fn_msix_enabled(fn) && vector < fn->desc.msix.vectors) {
        fn->pending[vector / 64] |= UINT64_C(1) << vector % 64;
        deliver_msix(fn);
    } else if (msi_enabled(fn) && vector < fn->desc.msi_vectors) {
        unsigned at = fn->caps.msi + MSI_PENDING;
        fn_put(fn, at, 4, fn_get(fn, at, 4) | 1u << vector);
        deliver_msi(fn);
    }
}

void pcie_interrupts_reset(pcie_fn *fn)
{
    memset(fn->pending, 0, fn->pending_words * sizeof(*fn->pending));
    for (unsigned i = 0; i < fn->desc.msix.vectors; i++)
        fn->entry[i] = (struct pcie_msix_entry){.control = ENTRY_MASKED};
    fn->intx = false;
    update_pin(fn);
}

/* --- the MSI-X table and the pending bits, as memory --- */

static bool in_table(const pcie_fn *fn, uint64_t offset)
{
    const struct pcie_msix_desc *msix = &fn->desc.msix;

    return offset >= msix->table && offset - msix->table < (uint64_t)msix->vectors * ENTRY_BYTES;
}

static bool in_pba(const pcie_fn *fn, uint64_t offset)
{
    const struct pcie_msix_desc *msix = &fn->desc.msix;

    return offset >= msix->pba && offset - msix->pba < fn->pending_words * 8;
}

static bool elsewhere(const pcie_fn *fn, unsigned bar, uint64_t offset)
{
    return !fn->desc.msix.vectors || bar != fn->desc.msix.bar ||
           (!in_table(fn, offset) && !in_pba(fn, offset));
}

/* The 8 bytes of the table around `at`. */
static uint64_t table_word(const pcie_fn *fn, uint64_t at)
{
    const struct pcie_msix_entry *entry = &fn->entry[at / ENTRY_BYTES];

    return at % ENTRY_BYTES < 8 ? entry->addr : entry->data | (uint64_t)entry->control << 32;
}

bool pcie_msix_read(const pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size,
                    uint64_t *value)
{
    if (elsewhere(fn, bar, offset))
        return false;
    uint64_t word = in_table(fn, offset) ? table_word(fn, offset - fn->desc.msix.table)
                                         : fn->pending[(offset - fn->desc.msix.pba) / 8];
    *value = vp_reg_part(word, offset, size);
    return true;
}

/* Pending bits are read-only; of the control word only the mask is kept. */
bool pcie_msix_write(pcie_fn *fn, unsigned bar, uint64_t offset, unsigned size, uint64_t value)
{
    if (elsewhere(fn, bar, offset))
        return false;
    if (in_table(fn, offset)) {
        uint64_t at = offset - fn->desc.msix.table;
        uint64_t word = vp_reg_merge(table_word(fn, at), at, size, value);
        struct pcie_msix_entry *entry = &fn->entry[at / ENTRY_BYTES];

        if (at % ENTRY_BYTES < 8) {
            entry->addr = word & ~UINT64_C(3);
        } else {
            entry->data = (uint32_t)word;
            entry->control = word >> 32 & ENTRY_MASKED;
        }
        deliver_msix(fn);
    }
    return true;
}
