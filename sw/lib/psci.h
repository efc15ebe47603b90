/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware calls: CPUs that come and go, and how a program ends. */
#ifndef LIB_PSCI_H
#define LIB_PSCI_H

#include <stdint.h>

/* PSCI return codes. */
#define PSCI_SUCCESS            0L
#define PSCI_INVALID_PARAMETERS (-2L)
#define PSCI_ALREADY_ON         (-4L)

/* What AFFINITY_INFO answers. */
#define PSCI_IS_ON  0L
#define PSCI_IS_OFF 1L

/* CPU_ON: the CPU begins at physical address `entry` with `context` in x0. */
long psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context);

/* AFFINITY_INFO of one CPU. */
long psci_affinity_info(uint64_t affinity);

/* CPU_SUSPEND to standby: returns after an interrupt. */
long psci_cpu_standby(void);

/* CPU_OFF: this CPU stops. */
void psci_cpu_off(void) __attribute__((noreturn));

/* Exit statuses of a run. */
enum exit_status {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1, /* a test did not pass */
    EXIT_BROKEN = 2, /* the program could not go on */
};

/* PSCI SYSTEM_OFF: the run ends well. */
void psci_system_off(void) __attribute__((noreturn));

/* End the run with `status`. Where the platform has no such call, power off all the same. */
void psci_exit(enum exit_status status) __attribute__((noreturn));

#endif
