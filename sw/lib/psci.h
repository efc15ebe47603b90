/* SPDX-License-Identifier: Apache-2.0 */
/* How a program ends: a firmware call by HVC. */
#ifndef LIB_PSCI_H
#define LIB_PSCI_H

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
