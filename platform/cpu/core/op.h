/* SPDX-License-Identifier: Apache-2.0 */
/* A decoded instruction: which handler runs it and with which operands. */
#ifndef A64_OP_H
#define A64_OP_H

#include <stdint.h>

#include "bits.h"

/* Fields of instruction words that are looked at without their row. */
#define INSN_MAJOR  BITS(28, 25) /* the major opcode of C4.1 */
#define INSN_SF     BIT(31)
#define INSN_Q      BIT(30)
#define INSN_SCALAR BIT(28) /* of SIMD, as are the next three */
#define INSN_U      BIT(29)
#define INSN_SZ     BIT(22)
#define INSN_CMODE  BITS(15, 12)
#define INSN_IS_ADD BIT(24) /* of shifted registers: not logical */
#define INSN_SHIFT  BITS(23, 22)
#define INSN_RS     BITS(20, 16)

/* Of loads and stores. */
#define INSN_SIZE BITS(31, 30)
#define INSN_V    BIT(26)
#define INSN_OPC  BITS(23, 22)
#define INSN_OPC1 BIT(23)
#define INSN_LOAD BIT(22)

/* Of MSR, MRS and SYS. */
#define INSN_L   BIT(21) /* set: a read */
#define INSN_OP0 BITS(20, 19)
#define INSN_OP1 BITS(18, 16)
#define INSN_CRN BITS(15, 12)
#define INSN_CRM BITS(11, 8)
#define INSN_OP2 BITS(7, 5)
#define INSN_RT  BITS(4, 0) /* of loads and stores too */

struct a64_cpu;
struct a64_op;

/* Runs one instruction, then the rest of its block (see next()); returns early if control leaves.
 */
typedef void a64_exec(struct a64_cpu *c, const struct a64_op *o);

/* Register numbers after decoding: 31 is always the stack pointer; the zero register is a slot that
 * is only read and another that is only written, so that handlers need no test for it. */
enum { REG_LR = 30, REG_SP = 31, REG_ZERO = 32, REG_SINK = 33, REG_SLOTS = 34 };

struct a64_op {
    a64_exec *exec;
    uint64_t imm;     /* immediate, offset, mask, system register row, or lane */
    uint32_t word;    /* the instruction itself */
    uint16_t offset;  /* bytes from the start of the block */
    uint16_t cond;    /* condition as a set of NZCV values */
    uint8_t rd;       /* destination, or the register stored */
    uint8_t rn;       /* first source, or base */
    uint8_t rm;       /* second source, or offset */
    uint8_t ra;       /* third source, second register of a pair, or status register */
    uint8_t kind;     /* shift type, extension, NZCV value, or base-2 logarithm of a lane's bytes */
    uint8_t amount;   /* shift amount, or bytes of a vector */
    uint8_t amount2;  /* second shift amount of bitfield moves, or half of a vector */
    uint8_t sp_align; /* address bits that must be 0 if the base is the stack pointer, else 0 */
};

#endif
