/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction forms: how the fields of a row become operands. */
#ifndef A64_FORMS_H
#define A64_FORMS_H

#include <stdbool.h>

#include "decode/cpu_decode.h"

/* A word with the row it matched. */
struct a64_fields {
    uint32_t word;
    const struct a64_row *row;
};

/* Sets operands of `op`; returns false if the word is unallocated after all. */
typedef bool a64_form(const struct a64_fields *f, struct a64_op *op);

a64_form form_none, form_adr, form_adrp, form_add_imm, form_adds_imm, form_logical_imm,
    form_ands_imm, form_move_wide, form_bitfield, form_extract, form_branch_cond, form_imm16,
    form_hint, form_pstate_imm, form_sys, form_sysreg, form_branch_reg, form_branch,
    form_compare_branch, form_test_branch, form_ldst_scaled, form_ldst_imm9, form_ldst_reg,
    form_prefetch_reg, form_literal, form_pair_w, form_pair_x, form_exclusive, form_exclusive_pair,
    form_two_sources, form_one_source, form_shifted, form_extended, form_extended_flags,
    form_compare_cond_reg, form_compare_cond_imm, form_select, form_three_sources;

/* forms_fp.c */
a64_form form_fp_ldst_scaled, form_fp_ldst_imm9, form_fp_ldst_reg, form_fp_literal, form_fp_pair,
    form_fp, form_fp_to_int, form_fp_from_int, form_fp_to_general, form_fp_from_general,
    form_fp_to_fixed, form_fp_from_fixed, form_fp_convert, form_fp_compare_cond, form_fp_select,
    form_fp_imm, form_fp_three_sources;

/* forms_simd.c */
a64_form form_simd_multiple, form_simd_single, form_simd_any, form_simd_bhs, form_simd_hs,
    form_simd_bh, form_simd_b, form_simd_d, form_simd_bytes, form_simd_word, form_simd_fp,
    form_simd_fcvt, form_simd_fcvtxn, form_simd_half, form_simd_half_hs, form_simd_half_b,
    form_simd_across, form_simd_pair, form_simd_dup, form_simd_dup_general, form_simd_smov,
    form_simd_umov, form_simd_ins_general, form_simd_ins_element, form_simd_table, form_simd_ext,
    form_simd_modified, form_simd_shr, form_simd_shl, form_simd_sqshl, form_simd_shrn,
    form_simd_shll, form_simd_fixed, form_simd_element, form_simd_element_half,
    form_simd_element_fp;

/* ---- What forms are written with ---- */

uint32_t form_field(const struct a64_fields *f, enum a64_field field);
uint64_t form_field_signed(const struct a64_fields *f, enum a64_field field);

#define GET(field)        form_field(f, FIELD_##field)
#define GET_SIGNED(field) form_field_signed(f, FIELD_##field)

/* Register number 31 is the zero register or the stack pointer, as the instruction defines. */
static inline uint8_t form_source(uint32_t reg)
{
    return reg == 31 ? REG_ZERO : (uint8_t)reg;
}

static inline uint8_t form_destination(uint32_t reg)
{
    return reg == 31 ? REG_SINK : (uint8_t)reg;
}

/* NZCV values that satisfy a condition (C1.2.4): bit n of the result answers for NZCV = n. */
uint16_t form_condition(unsigned cond);

/* The 64-bit pattern of a modified immediate (AdvSIMDExpandImm). */
uint64_t form_expand_imm(unsigned op, unsigned cmode, unsigned imm8);

#endif
