/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles the patterns of a64.def and finds the row of a word. */
#include "decode/cpu_decode.h"

#include <assert.h>
#include <string.h>

#include "decode/forms.h"
#include "exec/exec.h"
#include "state/cpu_bits.h"

struct row_source {
    const char *name;
    const char *pattern;
    a64_form *form;
    a64_exec *exec;
    enum a64_row_is is;
};

static const struct row_source row_source[ROW_COUNT] = {
#define A64(name, pattern, form, is) {#name, pattern, form_##form, exec_##name, ROW_IS_##is},
#include "exec/a64.def"
};

static const struct {
    const char *name;
    unsigned width;
} field_table[FIELD_COUNT] = {
#define A64_FIELD(name, width) {#name, width},
#include "decode/fields.def"
};

static unsigned field_by_name(const char *name, size_t length)
{
    for (unsigned f = 0; f < FIELD_COUNT; f++)
        if (strlen(field_table[f].name) == length && !memcmp(field_table[f].name, name, length))
            return f;
    return FIELD_COUNT;
}

/* One blank-separated part of a pattern, whose leftmost bit is `bit` - 1; returns the bits left. */
static unsigned compile_token(struct a64_row *row, const char *token, size_t length, unsigned bit)
{
    if (!strchr("01x", token[0])) {
        unsigned field = field_by_name(token, length);
        assert(field < FIELD_COUNT && bit >= field_table[field].width);
        row->lsb[field] = (uint8_t)(bit - field_table[field].width);
        return row->lsb[field];
    }
    assert(bit >= length);
    for (size_t i = 0; i < length; i++) {
        bit--;
        if (token[i] != 'x')
            row->mask |= UINT32_C(1) << bit;
        if (token[i] == '1')
            row->value |= UINT32_C(1) << bit;
    }
    return bit;
}

static void compile_row(struct a64_row *row, const char *pattern)
{
    unsigned bit = 32;
    for (const char *p = pattern; *p; p += strspn(p, " ")) {
        size_t length = strcspn(p, " ");
        bit = compile_token(row, p, length, bit);
        p += length;
    }
    assert(bit == 0);
    (void)bit;
}

static unsigned major_opcode(uint32_t word)
{
    return bits_get(word, INSN_MAJOR);
}

void a64_decoder_init(struct a64_decoder *d)
{
    memset(d, 0, sizeof *d);
    for (unsigned r = 0; r < ROW_COUNT; r++)
        compile_row(&d->row[r], row_source[r].pattern);

    uint16_t used = 0;
    for (unsigned group = 0; group < 16; group++) {
        d->group_start[group] = used;
        for (unsigned r = 0; r < ROW_COUNT; r++) {
            uint32_t mask = major_opcode(d->row[r].mask);
            if ((group & mask) == major_opcode(d->row[r].value))
                d->group_rows[used++] = (uint16_t)r;
        }
    }
}

unsigned a64_decoder_find(const struct a64_decoder *d, uint32_t word)
{
    const uint16_t *row = &d->group_rows[d->group_start[major_opcode(word)]];
    while ((word & d->row[*row].mask) != d->row[*row].value)
        row++; /* the last row matches everything */
    return *row;
}

const char *a64_decoder_row_name(unsigned row)
{
    return row_source[row].name;
}

const char *a64_decoder_row_pattern(unsigned row)
{
    return row_source[row].pattern;
}

unsigned a64_decoder_decode(const struct a64_decoder *d, uint32_t word, struct a64_op *op)
{
    unsigned row = a64_decoder_find(d, word);
    const struct a64_fields fields = {word, &d->row[row]};
    memset(op, 0, sizeof *op);
    op->word = word;
    if (!row_source[row].form(&fields, op))
        row = ROW_UNDEFINED;
    op->exec = row_source[row].exec;
    op->is = (uint8_t)row_source[row].is;
    return row;
}

void a64_decoder_end(struct a64_op *op)
{
    memset(op, 0, sizeof *op);
    op->exec = exec_END;
}
