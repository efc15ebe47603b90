/* SPDX-License-Identifier: Apache-2.0 */
/* System registers as rows: encoding, who may access them, and what an access does. */
#ifndef A64_SYSREG_H
#define A64_SYSREG_H

#include "state/cpu_bits.h"
#include "state/state.h"

/* Outcomes of an access that the exception level allows. */
enum sysreg_outcome {
    SYSREG_OK,
    SYSREG_UNDEFINED,
    SYSREG_TRAP,     /* to EL1, EC 0x18 */
    SYSREG_TRAP_EL2, /* to EL2, EC 0x18 */
    SYSREG_TRAP_FP,  /* of floating point: EC 0x07 */
    SYSREG_TAKEN,    /* the access took an exception of its own */
};

/* Parts of A64_SYSREG(). */
#define ENCODING_OP0 BITS(15, 14)
#define ENCODING_OP1 BITS(13, 11)
#define ENCODING_CRN BITS(10, 7)
#define ENCODING_CRM BITS(6, 3)
#define ENCODING_OP2 BITS(2, 0)

/* The registers' functions; `id` tells which row is accessed. */
typedef enum sysreg_outcome sysreg_guard(const struct a64_cpu *c, unsigned id);
typedef enum sysreg_outcome sysreg_read_fn(struct a64_cpu *c, unsigned id, uint64_t *value);
typedef enum sysreg_outcome sysreg_write_fn(struct a64_cpu *c, unsigned id, uint64_t value);

/* Moves the value of a register, without any effects of an access; false: it has none. */
typedef bool sysreg_raw_read_fn(const struct a64_cpu *c, unsigned id, uint64_t *value);
typedef bool sysreg_raw_write_fn(struct a64_cpu *c, unsigned id, uint64_t value);

/* A row without its functions. */
struct sysreg_data {
    uint64_t writable;
    uint32_t encoding;
};
extern const struct sysreg_data sysreg_data[SYSREG_COUNT];

/* Row of an A64_SYSREG() encoding; SYSREG_COUNT if there is none. */
unsigned sysreg_find(uint32_t reg);

static inline uint32_t sysreg_encoding(unsigned id)
{
    return sysreg_data[id].encoding;
}

/* Keeps `value` in row `id`, as far as its writable bits go. */
static inline void sysreg_store(struct a64_cpu *c, unsigned id, uint64_t value)
{
    uint64_t writable = sysreg_data[id].writable;
    c->sysreg[id] = (c->sysreg[id] & ~writable) | (value & writable);
}

/* Accesses by the instruction c->op at the current exception level. */
enum sysreg_outcome sysreg_read(struct a64_cpu *c, unsigned id, uint64_t *value);
enum sysreg_outcome sysreg_write(struct a64_cpu *c, unsigned id, uint64_t value);

/* Would MSR (immediate) to DAIF be trapped? */
sysreg_guard guard_user_mask;

void sysreg_reset(struct a64_cpu *c);

#endif
