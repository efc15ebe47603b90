/* SPDX-License-Identifier: Apache-2.0 */
/* Test results in the Test Anything Protocol, version 12. */
#ifndef LIB_TAP_H
#define LIB_TAP_H

#include <stdbool.h>

/* Report one test: "ok N - ..." or "not ok N - ...". Returns `passed`. */
bool tap_ok(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Report one test that passes if the two values are the same; prints both if not. */
bool tap_equal(unsigned long got, unsigned long expected, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A comment line. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The program cannot go on: say why and fail the run. */
void tap_bail_out(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Print the plan and end the run: PSCI SYSTEM_OFF if every test passed, else failure. */
void tap_finish(void) __attribute__((noreturn));

#endif
