/* SPDX-License-Identifier: Apache-2.0 */
/* Data accesses of instructions: a few host instructions if the TLB knows the page and the access
 * is aligned. */
#ifndef A64_MEM_H
#define A64_MEM_H

#include <string.h>

#include "debug/selfhosted.h"
#include "mmu/mmu.h"
#include "pmu/pmu.h"
#include "state/state.h"

enum { CACHE_LINE = 64 }; /* bytes; CTR_EL0 says the same */

/* If `ok` is false, an exception has been taken and the block has been left. */
struct mem_value {
    uint64_t value;
    bool ok;
};

/* The general case: any alignment, memory type and outcome, with the permissions of `el`. */
struct mem_value mem_read_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                               unsigned size, unsigned el);
bool mem_write_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                    unsigned el, uint64_t value);

/* Takes the exception of an abort of the data access of `o`, with what `iss` adds to the fault;
 * leaves the block. mem_abort() is for those that no translation reports: `fsc` is all there is. */
void mem_fault(struct a64_cpu *c, const struct a64_op *o, uint64_t va, const struct a64_fault *f,
               uint64_t iss);
void mem_abort(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned fsc, uint64_t iss);

/* Ends the run before an access of `o` to `size` bytes with the privilege of `el` that a debugger
 * outside watches, or takes the Watchpoint exception that it causes; leaves the block then. `iss`
 * is added to the syndrome. Returns false if there is neither. */
bool mem_watchpoint_taken(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                          unsigned el, enum a64_watch kind, uint64_t iss);

/* An access off the fast path has been made, with the privilege of `el`, to memory of attributes
 * `attr` (as in a64_translation): MEM_ACCESS, and L1D_CACHE for each line that the cache may
 * hold. */
void mem_count_slow(struct a64_cpu *c, unsigned el, uint64_t pa, unsigned size, uint8_t attr);

static inline void mem_count(struct a64_cpu *c, unsigned el, uint64_t pa, unsigned size,
                             uint8_t attr)
{
    if (A64_UNLIKELY(c->pmu.accesses))
        mem_count_slow(c, el, pa, size, attr);
}

/* Takes the exception of a misaligned stack pointer; leaves the block. */
void mem_sp_fault(struct a64_cpu *c, const struct a64_op *o);

/* ---- The fast path ---- */

/* A probe is the page of the last byte with, below it, context and misalignment. An access that
 * crosses pages finds the entry of its first page, whose tag is not the last page's. */
static inline uint64_t mem_probe(const struct a64_cpu *c, uint64_t va, unsigned unit,
                                 unsigned bytes)
{
    uint64_t last = bytes == unit ? va : va + bytes - unit;
    return (last & TLB_PAGE_MASK) | (va & (unit - 1)) | c->tlb_context;
}

static inline const struct a64_tlb_entry *mem_entry(const struct a64_tlb_entry *tlb, uint64_t va)
{
    return &tlb[tlb_index(va)];
}

static inline void *mem_host(const struct a64_tlb_entry *e, uint64_t va)
{
    return (void *)(e->to_host + (uintptr_t)va); /* NOLINT(performance-no-int-to-ptr) */
}

/* Can `bytes` at `va` be read, or written, by accesses of `unit` bytes through `e`, its entry? If
 * not that takes the slow path, as all misaligned accesses do. */
static inline bool mem_readable(const struct a64_cpu *c, const struct a64_tlb_entry *e, uint64_t va,
                                unsigned unit, unsigned bytes)
{
    return A64_LIKELY(e->read_tag == mem_probe(c, va, unit, bytes));
}

static inline bool mem_writable(const struct a64_cpu *c, const struct a64_tlb_entry *e, uint64_t va,
                                unsigned unit, unsigned bytes)
{
    return A64_LIKELY(e->write_tag == mem_probe(c, va, unit, bytes));
}

static inline struct mem_value mem_read(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                                        unsigned size, unsigned el)
{
    const struct a64_tlb_entry *e = mem_entry(c->tlbs.entry[el], va);
    struct mem_value v = {0, true};
    if (!mem_readable(c, e, va, size, size))
        return mem_read_slow(c, o, va, size, el);
    memcpy(&v.value, mem_host(e, va), size);
    return v;
}

static inline bool mem_write(struct a64_cpu *c, const struct a64_op *o, uint64_t va, unsigned size,
                             unsigned el, uint64_t value)
{
    const struct a64_tlb_entry *e = mem_entry(c->tlbs.entry[el], va);
    if (!mem_writable(c, e, va, size, size))
        return mem_write_slow(c, o, va, size, el, value);
    memcpy(mem_host(e, va), &value, size);
    return true;
}

/* 16 bytes, value[0] at the lower address: one access for alignment, two for everything else. */
bool mem_read_quad_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va, uint64_t value[2]);
bool mem_write_quad_slow(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                         const uint64_t value[2]);

static inline bool mem_read_quad(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                                 uint64_t value[2])
{
    const struct a64_tlb_entry *e = mem_entry(c->tlb, va);
    if (!mem_readable(c, e, va, 16, 16))
        return mem_read_quad_slow(c, o, va, value);
    memcpy(value, mem_host(e, va), 16);
    return true;
}

static inline bool mem_write_quad(struct a64_cpu *c, const struct a64_op *o, uint64_t va,
                                  const uint64_t value[2])
{
    const struct a64_tlb_entry *e = mem_entry(c->tlb, va);
    if (!mem_writable(c, e, va, 16, 16))
        return mem_write_quad_slow(c, o, va, value);
    memcpy(mem_host(e, va), value, 16);
    return true;
}

/* Checks the stack pointer if it is the base register (D1.3.8); true: exception taken. */
static inline bool mem_sp_misaligned(struct a64_cpu *c, const struct a64_op *o, uint64_t base)
{
    if (!A64_UNLIKELY(base & o->sp_align & c->sp_align))
        return false;
    mem_sp_fault(c, o);
    return true;
}

/* May it be misaligned? Then the slow path checks whether that is forbidden. */
static inline bool mem_sp_suspect(const struct a64_op *o, uint64_t base)
{
    return A64_UNLIKELY((uint8_t)base & o->sp_align);
}

#endif
