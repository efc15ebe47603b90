/* SPDX-License-Identifier: Apache-2.0 */
/* The tables: each function appends one, with its header. */
#ifndef ACPI_TABLES_H
#define ACPI_TABLES_H

#include "acpi/acpi.h"
#include "acpi_buffer.h"

void acpi_dsdt(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_fadt(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_madt(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_gtdt(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_mcfg(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_spcr(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_dbg2(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_pptt(struct acpi_buffer *to, const struct acpi_machine *machine);
void acpi_iort(struct acpi_buffer *to, const struct acpi_machine *machine);

enum { ACPI_FADT_X_DSDT = 140 }; /* where the FADT has the address of the DSDT */

/* The path of a device of the namespace: "\_SB.COM0". */
#define ACPI_PATH_SIZE 10u /* bytes, with the NUL */
void acpi_path(char path[ACPI_PATH_SIZE], const struct acpi_device *device);

#endif
