/* SPDX-License-Identifier: Apache-2.0 */
/* The Differentiated System Description Table: the namespace, in AML. */
#include "acpi_tables.h"

#include <stdio.h>
#include <string.h>

#include "acpi_aml.h"

void acpi_path(char path[ACPI_PATH_SIZE], const struct acpi_device *device)
{
    snprintf(path, ACPI_PATH_SIZE, "\\_SB.%.4s", device->name);
}

/* A name of two letters and two digits. */
static void number_name(char name[5], const char *letters, unsigned number)
{
    snprintf(name, 5, "%.2s%02X", letters, number & 0xff);
}

static void put_cpu(struct acpi_buffer *to, unsigned number)
{
    char name[5];

    number_name(name, "CP", number);
    const size_t device = aml_begin_device(to, name);
    aml_name_string(to, "_HID", "ACPI0007");
    aml_name_integer(to, "_UID", number);
    aml_end(to, device);
}

static void put_device(struct acpi_buffer *to, const struct acpi_device *device)
{
    struct acpi_buffer resources = {0};
    const size_t mark = aml_begin_device(to, device->name);

    aml_name_string(to, "_HID", device->hid);
    aml_name_integer(to, "_UID", device->uid);
    if (device->master)
        aml_name_integer(to, "_CCA", device->coherent);
    for (size_t i = 0; i < device->reg_count; i++)
        aml_fixed_memory(&resources, &device->regs[i]);
    for (size_t i = 0; i < device->irq_count; i++)
        aml_interrupt(&resources, &device->irqs[i]);
    aml_name_resources(to, "_CRS", &resources);
    aml_end(to, mark);
}

/* --- PCI Express --- */

/* Pins go straight to the interrupt controller (ACPI 6.3 6.2.13). A package counts to 255, of which
 * 32 devices with 4 pins need 128. */
static void put_pins(struct acpi_buffer *to, const struct acpi_root *root)
{
    aml_op(to, AML_NAME);
    aml_segment(to, "_PRT");
    const size_t table = aml_begin_package(to, (unsigned)root->pin_count);
    for (size_t i = 0; i < root->pin_count; i++) {
        const struct acpi_pin *pin = &root->pins[i];
        const size_t row = aml_begin_package(to, 4);
        aml_integer(to, pin->device << 16 | 0xffff); /* all its functions */
        aml_integer(to, pin->pin - 1);
        aml_integer(to, 0); /* no link device */
        aml_integer(to, pin->gsiv);
        aml_end(to, row);
    }
    aml_end(to, table);
}

static void put_windows(struct acpi_buffer *to, const struct acpi_root *root)
{
    struct acpi_buffer resources = {0};

    aml_buses(&resources, root->first_bus, root->last_bus);
    for (size_t i = 0; i < root->window_count; i++)
        aml_window(&resources, &root->windows[i]);
    aml_name_resources(to, "_CRS", &resources);
}

/* The doubleword of Arg3 at `offset` is called `name`. */
static void put_field(struct acpi_buffer *to, unsigned offset, const char *name)
{
    aml_op(to, AML_CREATE_DWORD_FIELD);
    aml_op(to, AML_ARG3);
    aml_integer(to, offset);
    aml_segment(to, name);
}

/* CDW1 gets `bits`, of what went wrong. */
static void put_complaint(struct acpi_buffer *to, unsigned bits)
{
    aml_op(to, AML_OR);
    aml_segment(to, "CDW1");
    aml_integer(to, bits);
    aml_segment(to, "CDW1");
}

/* What the system gets control of (PCI Firmware Specification 3.3, 4.5.1): native hotplug, power
 * management events, advanced errors, the PCI Express capability. */
enum { GRANTED = 0x1 | 0x4 | 0x8 | 0x10 };
enum { UNKNOWN_UUID = 0x4, UNKNOWN_REVISION = 0x8, NOT_ALL_GRANTED = 0x10 };

/* Arg0 is the UUID of PCI host bridges, Arg1 revision 1, Arg3 the capabilities. */
static void put_capabilities(struct acpi_buffer *to)
{
    size_t mark = 0;

    put_field(to, 8, "CDW3");
    aml_op(to, AML_AND);
    aml_segment(to, "CDW3");
    aml_integer(to, GRANTED);
    aml_op(to, AML_LOCAL0);

    mark = aml_begin(to, AML_IF);
    aml_op(to, AML_NOT);
    aml_op(to, AML_EQUAL);
    aml_op(to, AML_ARG1);
    aml_integer(to, 1);
    put_complaint(to, UNKNOWN_REVISION);
    aml_end(to, mark);

    mark = aml_begin(to, AML_IF);
    aml_op(to, AML_NOT);
    aml_op(to, AML_EQUAL);
    aml_segment(to, "CDW3");
    aml_op(to, AML_LOCAL0);
    put_complaint(to, NOT_ALL_GRANTED);
    aml_end(to, mark);

    aml_op(to, AML_STORE);
    aml_op(to, AML_LOCAL0);
    aml_segment(to, "CDW3");
}

static void put_osc(struct acpi_buffer *to)
{
    /* 33db4d5b-1ff7-401c-9657-7441c03dd766, as bytes. */
    static const uint8_t host_bridge[16] = {0x5b, 0x4d, 0xdb, 0x33, 0xf7, 0x1f, 0x1c, 0x40,
                                            0x96, 0x57, 0x74, 0x41, 0xc0, 0x3d, 0xd7, 0x66};
    enum { FOUR_ARGUMENTS = 4, SERIALIZED = 8 };
    const size_t method = aml_begin(to, AML_METHOD);
    size_t mark = 0;

    aml_segment(to, "_OSC");
    acpi_put(to, FOUR_ARGUMENTS | SERIALIZED, 1);
    put_field(to, 0, "CDW1");
    mark = aml_begin(to, AML_IF);
    aml_op(to, AML_EQUAL);
    aml_op(to, AML_ARG0);
    aml_buffer(to, host_bridge, sizeof(host_bridge));
    put_capabilities(to);
    aml_end(to, mark);
    mark = aml_begin(to, AML_ELSE);
    put_complaint(to, UNKNOWN_UUID);
    aml_end(to, mark);
    aml_op(to, AML_RETURN);
    aml_op(to, AML_ARG3);
    aml_end(to, method);
}

/* Configuration space belongs to the machine, not to the bus (PCI Firmware Specification 3.3,
 * 4.1.2). */
static void put_ecam(struct acpi_buffer *to, const struct acpi_root *root, unsigned number)
{
    struct acpi_buffer resources = {0};
    char name[5];

    number_name(name, "RS", number);
    const size_t device = aml_begin_device(to, name);
    aml_name_string(to, "_HID", "PNP0C02");
    aml_name_integer(to, "_UID", number);
    aml_fixed_memory(&resources, &root->ecam);
    aml_name_resources(to, "_CRS", &resources);
    aml_end(to, device);
}

static void put_root(struct acpi_buffer *to, const struct acpi_root *root, unsigned number)
{
    char name[5];

    number_name(name, "PC", number);
    const size_t device = aml_begin_device(to, name);
    aml_name_string(to, "_HID", "PNP0A08");
    aml_name_string(to, "_CID", "PNP0A03");
    aml_name_integer(to, "_UID", number);
    aml_name_integer(to, "_SEG", root->segment);
    aml_name_integer(to, "_BBN", root->first_bus);
    aml_name_integer(to, "_CCA", root->coherent);
    put_windows(to, root);
    if (root->pin_count)
        put_pins(to, root);
    put_osc(to);
    aml_end(to, device);
    put_ecam(to, root, number);
}

void acpi_dsdt(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const size_t at = acpi_begin_table(to, "DSDT", 2);
    const size_t scope = aml_begin(to, AML_SCOPE);

    aml_segment(to, "_SB_");
    for (unsigned i = 0; i < machine->cpu_count; i++)
        put_cpu(to, i);
    for (size_t i = 0; i < machine->device_count; i++)
        put_device(to, &machine->devices[i]);
    for (unsigned i = 0; i < machine->root_count; i++)
        put_root(to, &machine->roots[i], i);
    aml_end(to, scope);
    acpi_end_table(to, at);
}
