/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that rows of sysreg.def name. */
#ifndef A64_SYSREG_HOOKS_H
#define A64_SYSREG_HOOKS_H

#include "sysreg/sysreg.h"

/* sysreg_hooks.c */
sysreg_guard guard_sp_el0, guard_cache_type, guard_zero, guard_cache_ops, guard_fp, guard_highest;
sysreg_read_fn read_identity, read_interrupt_status, read_cache_size, read_zero_size;
sysreg_write_fn write_translation, write_context, write_hypervisor;
sysreg_raw_read_fn raw_read_sp_el0, raw_read_sp_el1, raw_read_spsel, raw_read_current_el,
    raw_read_nzcv, raw_read_daif, raw_read_fpcr, raw_read_fpsr;
sysreg_raw_write_fn raw_write_sp_el0, raw_write_sp_el1, raw_write_spsel, raw_write_nzcv,
    raw_write_daif, raw_write_fpcr, raw_write_fpsr, raw_write_regime;

/* gic_regs.c */
sysreg_guard guard_sgi;
sysreg_read_fn read_gic, read_gic0, read_gic1, read_gic01;
sysreg_write_fn write_gic, write_gic0, write_gic1, write_gic01, write_gic_hypervisor;

/* debug_regs.c */
sysreg_guard guard_debug_comms;
sysreg_read_fn read_claim_set, read_data_transfer, read_receive;
sysreg_write_fn write_debug, write_os_lock, write_exception_catch, write_claim_set,
    write_claim_clear, write_data_transfer, write_transmit;
sysreg_raw_write_fn raw_write_debug;

/* pmu_regs.c */
sysreg_guard guard_pmu, guard_pmu_cycles, guard_pmu_events, guard_pmu_select, guard_pmu_increment,
    guard_pmu_counter, guard_pmu_type;
sysreg_read_fn read_pmu, read_pmu_control, read_pmu_set, read_pmu_selected;
sysreg_write_fn write_pmu, write_pmu_control, write_pmu_type, write_pmu_increment, write_pmu_set,
    write_pmu_clear, write_pmu_selected, write_context_id, write_monitor_control;

/* sysops.c */
sysreg_write_fn write_nop, write_ic_all, write_ic_va, write_dc_clean, write_dc_invalidate,
    write_dc_zero, write_translate, write_tlbi_all, write_tlbi_va, write_tlbi_vaa, write_tlbi_asid,
    write_tlbi_both_stages, write_tlbi_ipa, write_tlbi_el10, write_tlbi_el2, write_tlbi_el2_va;

/* timer.c */
sysreg_guard guard_counter_freq, guard_counter_phys, guard_counter_virt, guard_timer_phys,
    guard_timer_virt;
sysreg_read_fn read_counter, read_timer_ctl, read_timer_tval;
sysreg_write_fn write_timer, write_timer_tval;
sysreg_raw_write_fn raw_write_timer;

#endif
