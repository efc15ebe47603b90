/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and the platform's exit call (SMC Calling Convention): by HVC, or by SMC where HVC is a call
 * of EL2. */
#include "psci.h"

#include <stdbool.h>
#include <stdint.h>

#include "el2.h"
#include "io.h"
#include "platform.h"
#include "uart.h"

static long call(uint64_t function, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
    bool by_smc = el2_present();
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = arg1;
    register uint64_t x2 __asm__("x2") = arg2;
    register uint64_t x3 __asm__("x3") = arg3;

    if (by_smc)
        __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
    else
        __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
    return (long)x0;
}

long psci_cpu_on(uint64_t affinity, uint64_t entry, uint64_t context)
{
    return call(PLATFORM_CALL_CPU_ON, affinity, entry, context);
}

long psci_affinity_info(uint64_t affinity)
{
    return call(PLATFORM_CALL_AFFINITY_INFO, affinity, 0, 0);
}

long psci_cpu_standby(void)
{
    return call(PLATFORM_CALL_CPU_SUSPEND, 0, 0, 0);
}

void psci_cpu_off(void)
{
    call(PLATFORM_CALL_CPU_OFF, 0, 0, 0);
    for (;;)
        wfi();
}

void psci_system_off(void)
{
    uart_flush();
    call(PLATFORM_CALL_SYSTEM_OFF, 0, 0, 0);
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
        call(PLATFORM_CALL_EXIT, status, 0, 0);
    }
    psci_system_off();
}
