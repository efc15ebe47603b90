/* SPDX-License-Identifier: Apache-2.0 */
/* All tables in one file, what points to them, and the commands that make the firmware put
 * addresses and checksums in (hw/acpi/bios-linker-loader.c of QEMU). */
#include "acpi/acpi.h"

#include <stdlib.h>
#include <string.h>

#include "acpi_tables.h"

/* --- Commands of the loader --- */

enum { ALLOCATE = 1, ADD_POINTER = 2, ADD_CHECKSUM = 3 };
enum { COMMAND_SIZE = 128, NAME_SIZE = 56 };
enum { ZONE_HIGH = 1, ZONE_FSEG = 2 };

static void put_name(struct acpi_buffer *to, const char *name)
{
    acpi_put_bytes(to, name, strlen(name));
    acpi_put_zeros(to, NAME_SIZE - strlen(name));
}

static size_t begin_command(struct acpi_buffer *loader, unsigned command, const char *file)
{
    const size_t at = loader->size;

    acpi_put(loader, command, 4);
    put_name(loader, file);
    return at;
}

static void end_command(struct acpi_buffer *loader, size_t at)
{
    acpi_put_zeros(loader, at + COMMAND_SIZE - loader->size);
}

static void allocate(struct acpi_buffer *loader, const char *file, unsigned alignment,
                     unsigned zone)
{
    const size_t at = begin_command(loader, ALLOCATE, file);

    acpi_put(loader, alignment, 4);
    acpi_put(loader, zone, 1);
    end_command(loader, at);
}

/* The 8 bytes at `offset` of `file`, which are an offset in the file of tables, get its address
 * added. */
static void add_pointer(struct acpi_buffer *loader, const char *file, size_t offset)
{
    const size_t at = begin_command(loader, ADD_POINTER, file);

    put_name(loader, ACPI_TABLES_FILE);
    acpi_put(loader, offset, 4);
    acpi_put(loader, 8, 1);
    end_command(loader, at);
}

/* The byte at `offset` makes `size` bytes from `start` on add up to zero. */
static void add_checksum(struct acpi_buffer *loader, const char *file, size_t offset, size_t start,
                         size_t size)
{
    const size_t at = begin_command(loader, ADD_CHECKSUM, file);

    acpi_put(loader, offset, 4);
    acpi_put(loader, start, 4);
    acpi_put(loader, size, 4);
    end_command(loader, at);
}

/* A table that is complete with addresses only. */
static void add_table_checksum(struct acpi_buffer *loader, struct acpi_buffer *tables, size_t at,
                               size_t size)
{
    acpi_patch(tables, at + ACPI_TABLE_CHECKSUM, 0, 1);
    add_checksum(loader, ACPI_TABLES_FILE, at + ACPI_TABLE_CHECKSUM, at, size);
}

/* --- Tables --- */

static bool always(const struct acpi_machine *machine)
{
    (void)machine;
    return true;
}

static bool has_roots(const struct acpi_machine *machine)
{
    return machine->root_count > 0;
}

static bool has_console(const struct acpi_machine *machine)
{
    return machine->console != NULL;
}

static bool has_smmus(const struct acpi_machine *machine)
{
    return machine->smmu_count + machine->its_count > 0;
}

/* The DSDT is first, and the FADT, which points to it, second. */
static const struct {
    void (*put)(struct acpi_buffer *to, const struct acpi_machine *machine);
    bool (*there)(const struct acpi_machine *machine);
} rows[] = {
    {acpi_dsdt, always},      {acpi_fadt, always},    {acpi_madt, always},
    {acpi_gtdt, always},      {acpi_mcfg, has_roots}, {acpi_spcr, has_console},
    {acpi_dbg2, has_console}, {acpi_iort, has_smmus}, {acpi_pptt, always},
};

enum { DSDT, FADT, ROWS = sizeof(rows) / sizeof(rows[0]) };

static void put_tables(struct acpi_buffer *tables, struct acpi_buffer *loader,
                       const struct acpi_machine *machine, size_t where[], unsigned *count)
{
    size_t fadt_size = 0;

    *count = 0;
    for (unsigned i = 0; i < ROWS; i++) {
        if (!rows[i].there(machine))
            continue;
        acpi_put_zeros(tables, (8 - tables->size % 8) % 8);
        where[*count] = tables->size;
        rows[i].put(tables, machine);
        if (i == FADT)
            fadt_size = tables->size - where[*count];
        ++*count;
    }
    const size_t dsdt_address = where[FADT] + ACPI_FADT_X_DSDT;
    acpi_patch(tables, dsdt_address, where[DSDT], 8);
    add_pointer(loader, ACPI_TABLES_FILE, dsdt_address);
    add_table_checksum(loader, tables, where[FADT], fadt_size);
}

/* The Extended System Description Table (ACPI 6.3 5.2.8): all but the DSDT. Returns where it is. */
static size_t put_xsdt(struct acpi_buffer *tables, struct acpi_buffer *loader, const size_t where[],
                       unsigned count)
{
    acpi_put_zeros(tables, (8 - tables->size % 8) % 8);
    const size_t at = acpi_begin_table(tables, "XSDT", 1);
    for (unsigned i = FADT; i < count; i++) {
        add_pointer(loader, ACPI_TABLES_FILE, tables->size);
        acpi_put(tables, where[i], 8);
    }
    acpi_end_table(tables, at);
    add_table_checksum(loader, tables, at, tables->size - at);
    return at;
}

/* The Root System Description Pointer (ACPI 6.3 5.2.5.3). The first checksum is that of ACPI 1.0.
 */
static void put_rsdp(struct acpi_buffer *rsdp, struct acpi_buffer *loader, size_t xsdt)
{
    enum { CHECKSUM = 8, SIZE_OF_1_0 = 20, LENGTH = 36, XSDT = 24, EXTENDED_CHECKSUM = 32 };

    acpi_put_bytes(rsdp, "RSD PTR ", 8);
    acpi_put(rsdp, 0, 1);
    acpi_put_bytes(rsdp, ACPI_OEM_ID, 6);
    acpi_put(rsdp, 2, 1); /* revision */
    acpi_put(rsdp, 0, 4); /* no RSDT */
    acpi_put(rsdp, LENGTH, 4);
    acpi_put(rsdp, xsdt, 8);
    acpi_put_zeros(rsdp, 4);
    add_pointer(loader, ACPI_RSDP_FILE, XSDT);
    add_checksum(loader, ACPI_RSDP_FILE, CHECKSUM, 0, SIZE_OF_1_0);
    add_checksum(loader, ACPI_RSDP_FILE, EXTENDED_CHECKSUM, 0, LENGTH);
}

bool acpi_build(const struct acpi_machine *machine, struct acpi_files *files)
{
    struct acpi_buffer tables = {0};
    struct acpi_buffer rsdp = {0};
    struct acpi_buffer loader = {0};
    size_t where[ROWS];
    unsigned count = 0;

    allocate(&loader, ACPI_TABLES_FILE, 64, ZONE_HIGH);
    allocate(&loader, ACPI_RSDP_FILE, 16, ZONE_FSEG);
    put_tables(&tables, &loader, machine, where, &count);
    put_rsdp(&rsdp, &loader, put_xsdt(&tables, &loader, where, count));
    *files = (struct acpi_files){
        {tables.data, tables.size}, {rsdp.data, rsdp.size}, {loader.data, loader.size}};
    if (!tables.failed && !rsdp.failed && !loader.failed)
        return true;
    acpi_free(files);
    return false;
}

void acpi_free(struct acpi_files *files)
{
    free(files->tables.data);
    free(files->rsdp.data);
    free(files->loader.data);
    *files = (struct acpi_files){0};
}
