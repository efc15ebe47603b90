/* SPDX-License-Identifier: Apache-2.0 */
/* From instruction words to ops, by the table a64.def. */
#ifndef A64_DECODE_H
#define A64_DECODE_H

#include <stdint.h>

#include "state/op.h"

/* Fields named as in DDI 0487 C4.1. */
enum a64_field {
#define A64_FIELD(name, width) FIELD_##name,
#include "decode/fields.def"
    FIELD_COUNT
};

enum a64_row_id {
#define A64(name, pattern, form, is) ROW_##name,
#include "exec/a64.def"
    ROW_COUNT
};

/* A row of a64.def, compiled. */
struct a64_row {
    uint32_t mask; /* bits that the pattern fixes */
    uint32_t value;
    uint8_t lsb[FIELD_COUNT]; /* where each field is */
};

struct a64_decoder {
    struct a64_row row[ROW_COUNT];
    uint16_t group_start[16]; /* by bits 28:25, the major opcode of C4.1 */
    uint16_t group_rows[ROW_COUNT * 16];
};

void a64_decoder_init(struct a64_decoder *d);

/* The row whose pattern `word` matches. */
unsigned a64_decoder_find(const struct a64_decoder *d, uint32_t word);

/* Fills handler and operands (not `offset`). Returns the row, which is UNDEFINED if `word` is
 * unallocated. */
unsigned a64_decoder_decode(const struct a64_decoder *d, uint32_t word, struct a64_op *op);

const char *a64_decoder_row_name(unsigned row);
const char *a64_decoder_row_pattern(unsigned row);

/* An op that only ends a block. */
void a64_decoder_end(struct a64_op *op);

#endif
