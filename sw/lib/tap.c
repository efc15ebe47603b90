/* SPDX-License-Identifier: Apache-2.0 */
/* TAP producer: counts the tests of the program and ends the run with their verdict. */
#include "tap.h"

#include <stdarg.h>

#include "printf.h"
#include "psci.h"

static unsigned tests;
static unsigned failures;

static void report(bool passed, const char *format, va_list args)
{
    tests++;
    if (!passed)
        failures++;
    printf("%s %u - ", passed ? "ok" : "not ok", tests);
    vprintf(format, args);
    printf("\n");
}

bool tap_ok(bool passed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(passed, format, args);
    va_end(args);
    return passed;
}

bool tap_equal(unsigned long got, unsigned long expected, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(got == expected, format, args);
    va_end(args);
    if (got != expected)
        tap_note("got 0x%lx, expected 0x%lx", got, expected);
    return got == expected;
}

void tap_note(const char *format, ...)
{
    va_list args;

    printf("# ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

void tap_bail_out(const char *format, ...)
{
    va_list args;

    printf("Bail out! ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    psci_exit(EXIT_BROKEN);
}

void tap_finish(void)
{
    printf("1..%u\n", tests);
    if (failures) {
        tap_note("%u of %u failed", failures, tests);
        psci_exit(EXIT_FAILED);
    }
    psci_system_off();
}
