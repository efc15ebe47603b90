/* SPDX-License-Identifier: Apache-2.0 */
/* Instruction forms: how the fields of a row become operands. */
#ifndef A64_FORMS_H
#define A64_FORMS_H

#include "decode.h"

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

#endif
