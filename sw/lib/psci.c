/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and the platform's exit call (SMC Calling Convention, HVC conduit). */
#include "psci.h"

#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "platform.h"
#include "uart.h"

static void hvc(uint64_t function, uint64_t argument)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = argument;
    register uint64_t x2 __asm__("x2") = 0;
    register uint64_t x3 __asm__("x3") = 0;

    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
}

void psci_system_off(void)
{
    uart_flush();
    hvc(PLATFORM_CALL_SYSTEM_OFF, 0);
    for (;;)
        wfi();
}

void psci_exit(enum exit_status status)
{
    /* A machine that does not know the call takes an exception, which comes back here. */
    static bool tried;

    uart_flush();
    if (!tried) {
        tried = true;
        hvc(PLATFORM_CALL_EXIT, status);
    }
    psci_system_off();
}
