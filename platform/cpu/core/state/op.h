/* SPDX-License-Identifier: Apache-2.0 */
/* A decoded instruction: which handler runs it and with which operands. */
#ifndef A64_OP_H
#define A64_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "state/cpu_bits.h"

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

/* Kinds of rows of a64.def, a bit each. */
enum a64_row_is {
    ROW_IS_PLAIN = 0,
    ROW_IS_ENDS_BLOCK = 1,
    ROW_IS_LOAD_EXCLUSIVE = 2,
    ROW_IS_BRANCH = 4,
    ROW_IS_JUMP = ROW_IS_ENDS_BLOCK | ROW_IS_BRANCH,
};

/* Register numbers after decoding: 31 is always the stack pointer; the zero register is a slot that
 * is only read and another that is only written, so that handlers need no test for it. */
enum { REG_LR = 30, REG_SP = 31, REG_ZERO = 32, REG_SINK = 33, REG_SLOTS = 34 };

/* A word as the form of its row (forms.h) decodes it. A union holds what no instruction has
 * together. */
struct a64_op {
    a64_exec *exec;
    union {
        uint64_t imm;      /* immediate, offset, mask */
        unsigned sysreg;   /* row of a system register */
        unsigned lane;     /* of a vector */
        unsigned distance; /* that lanes are shifted by */
        unsigned fbits;    /* fraction bits of a fixed-point number */
    };
    uint32_t word; /* the instruction itself */
    uint8_t index; /* in its block */
    uint8_t is;    /* enum a64_row_is, of its row */
    uint16_t cond; /* condition as a set of NZCV values */
    uint8_t rd;    /* destination, or the SIMD&FP register that is transferred */
    uint8_t rn;    /* first source, or base */
    union {
        uint8_t rm;  /* second source, or offset */
        uint8_t rd2; /* second destination, of a pair */
    };
    union {
        uint8_t ra;      /* third source, or the old value of the destination */
        uint8_t rt;      /* the register that is stored */
        uint8_t repeat;  /* structures that follow each other */
        bool replicates; /* one element goes to all lanes */
    };
    union {
        uint8_t shift_type; /* 0 to 3: LSL, LSR, ASR, ROR */
        uint8_t extend;     /* 0 to 7: UXTB to SXTX */
        uint8_t log2;       /* base-2 logarithm of the bytes of a lane, a format or an access */
        uint8_t rt2;        /* the second register that is stored, of a pair */
    };
    union {
        uint8_t shift;    /* to the left, or by shift_type */
        uint8_t bit;      /* that is tested */
        uint8_t bytes;    /* of all lanes together */
        uint8_t int_bits; /* width of the integer of a conversion */
    };
    union {
        uint8_t right;     /* shift to the right that follows the one to the left */
        uint8_t nzcv;      /* flags if the condition fails */
        uint8_t rs;        /* status register of a store-exclusive */
        bool upper;        /* narrow lanes are those of the upper half */
        uint8_t from_lane; /* of the source, where it is not that of the destination */
        uint8_t registers; /* of a structure, or of a table */
        uint8_t to_log2;   /* log2 of the format converted to */
    };
    uint8_t sp_align; /* address bits that must be 0 if the base is the stack pointer, else 0 */
};

#endif
