/* SPDX-License-Identifier: Apache-2.0 */
/* The Generic Timer Description Table (ACPI 6.3 5.2.24). */
#include "acpi_tables.h"

enum { ALWAYS_ON = 4 }; /* level, high */

#define NO_FRAME UINT64_MAX /* no memory-mapped counter */

void acpi_gtdt(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const struct acpi_timer *timer = &machine->timer;
    const uint32_t gsivs[] = {timer->secure, timer->physical, timer->virtual_, timer->hypervisor};
    const size_t at = acpi_begin_table(to, "GTDT", 3);

    acpi_put(to, NO_FRAME, 8);
    acpi_put(to, 0, 4);
    for (unsigned i = 0; i < 4; i++) {
        acpi_put(to, gsivs[i], 4);
        acpi_put(to, gsivs[i] && timer->always_on ? ALWAYS_ON : 0, 4);
    }
    acpi_put(to, NO_FRAME, 8);
    acpi_put_zeros(to, 4 * 4); /* no other timers, and no virtual one of EL2 */
    acpi_end_table(to, at);
}
