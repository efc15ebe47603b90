/* SPDX-License-Identifier: Apache-2.0 */
/* Identify (NVM Express 1.4, 5.15): what the controller tells of itself and its namespace. */
#include <stdio.h>
#include <string.h>

#include "nvme_priv.h"

#define PAGE 4096u

#define VENDOR         0x1234u
#define MODEL          "smmu-vp NVMe"
#define IO_CONTROLLER  1u
#define QUEUE_ENTRIES  0x66u /* log2 of their bytes, largest and smallest */
#define CQ_ENTRIES     0x44u
#define LOG_OFFSETS    0x04u /* Get Log Page takes an offset, and sizes above 12 bits */
#define ONE_FIRMWARE   0x03u /* slot, read-only */
#define VOLATILE_CACHE 0x07u /* there is one; Flush takes the NSID of all namespaces */
#define READS_ZEROS    0x01u /* deallocated blocks, */
#define ZEROES_FREE    0x08u /* by Write Zeroes too */

/* SGLs, without alignment of data; bit buckets, SGLs longer than the data, MPTR to a descriptor. */
#define SGLS 0x000d0001u

/* Optional NVM commands: Compare, Dataset Management, Write Zeroes; and Select of Get Features. */
#define OPTIONAL_COMMANDS 0x001du

/* Of namespace identifiers: EUI-64, 8 bytes. */
#define DESCRIPTOR_EUI64 1u
#define EUI64_BYTES      8u

void store_text(uint8_t *field, size_t size, const char *text)
{
    size_t length = strlen(text);

    memset(field, ' ', size);
    memcpy(field, text, length < size ? length : size);
}

static void fill_controller(const nvme *n, uint8_t *data)
{
    vp_store_le(data, VENDOR, 2);
    vp_store_le(data + 2, VENDOR, 2);
    store_text(data + 4, NVME_SERIAL_LENGTH, n->config.serial);
    store_text(data + 24, 40, MODEL);
    store_text(data + 64, 8, FIRMWARE_REVISION);
    data[77] = (uint8_t)n->config.data_shift;
    vp_store_le(data + 80, VERSION_1_4, 4);
    data[111] = IO_CONTROLLER;
    data[258] = MAX_EVENTS - 1; /* aborts at a time */
    data[259] = MAX_EVENTS - 1;
    data[260] = ONE_FIRMWARE;
    data[261] = LOG_OFFSETS;
    data[262] = ERROR_ENTRIES - 1;
    vp_store_le(data + 266, KELVIN_WARNING, 2);
    vp_store_le(data + 268, KELVIN_WARNING, 2);
    data[512] = QUEUE_ENTRIES;
    data[513] = CQ_ENTRIES;
    vp_store_le(data + 516, NAMESPACE, 4); /* the largest of one */
    vp_store_le(data + 520, OPTIONAL_COMMANDS, 2);
    data[525] = VOLATILE_CACHE;
    vp_store_le(data + 536, SGLS, 4);
    snprintf((char *)data + 768, 256, "nqn.2024-01.org.smmu-vp:%s", n->config.serial);
}

/* An EUI-64 of its own for each serial number: its FNV-1a hash, marked as locally administered. */
static void unique_id(const nvme *n, uint8_t *data)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (const char *c = n->config.serial; *c; c++)
        hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    vp_store_le(data, hash, EUI64_BYTES);
    data[0] = (data[0] & 0xfcu) | 2u;
}

static void fill_namespace(const nvme *n, uint8_t *data)
{
    vp_store_le(data, n->config.blocks, 8);
    vp_store_le(data + 8, n->config.blocks, 8);
    vp_store_le(data + 16, n->config.blocks, 8);
    data[33] = READS_ZEROS | ZEROES_FREE;
    unique_id(n, data + 120);
    vp_store_le(data + 128, (uint64_t)n->config.block_shift << 16, 4); /* the one format */
}

static enum nvme_status of_namespace(const nvme *n, const struct command *command, uint8_t *data)
{
    if (command->nsid != NAMESPACE)
        return NVME_INVALID_NAMESPACE;
    fill_namespace(n, data);
    return NVME_SUCCESS;
}

static enum nvme_status of_controller(const nvme *n, const struct command *command, uint8_t *data)
{
    (void)command;
    fill_controller(n, data);
    return NVME_SUCCESS;
}

/* Namespaces with identifiers above that of the command. */
static enum nvme_status namespace_list(const nvme *n, const struct command *command, uint8_t *data)
{
    (void)n;
    if (command->nsid >= ALL_NAMESPACES - 1)
        return NVME_INVALID_NAMESPACE;
    if (command->nsid < NAMESPACE)
        vp_store_le(data, NAMESPACE, 4);
    return NVME_SUCCESS;
}

static enum nvme_status descriptors(const nvme *n, const struct command *command, uint8_t *data)
{
    if (command->nsid != NAMESPACE)
        return NVME_INVALID_NAMESPACE;
    data[0] = DESCRIPTOR_EUI64;
    data[1] = EUI64_BYTES;
    unique_id(n, data + 4);
    return NVME_SUCCESS;
}

/* By CNS. */
static enum nvme_status (*const structures[])(const nvme *n, const struct command *command,
                                              uint8_t *data) = {
    of_namespace,
    of_controller,
    namespace_list,
    descriptors,
};

enum nvme_status identify(nvme *n, struct command *command)
{
    uint32_t cns = command->dw[10] & 0xff;
    enum nvme_status status;

    if (cns >= sizeof(structures) / sizeof(*structures))
        return NVME_INVALID_FIELD;
    memset(n->data, 0, PAGE);
    status = structures[cns](n, command, n->data);
    return status == NVME_SUCCESS ? send_data(n, command, n->data, PAGE) : status;
}
