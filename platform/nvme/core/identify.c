/* SPDX-License-Identifier: Apache-2.0 */
/* Identify and Get Log Page (NVM Express 1.4, 5.14, 5.15): what the controller tells of itself. */
#include <stdio.h>
#include <string.h>

#include "nvme_priv.h"

#define PAGE 4096u

#define VENDOR         0x1234u
#define MODEL          "smmu-vp NVMe"
#define FIRMWARE       "1.0"
#define VERSION_1_4    0x00010400u
#define IO_CONTROLLER  1u
#define NVM_COMMANDS   0x000cu /* Dataset Management, Write Zeroes */
#define QUEUE_ENTRIES  0x66u   /* log2 of their bytes, largest and smallest */
#define CQ_ENTRIES     0x44u
#define LOG_OFFSETS    0x04u /* Get Log Page takes an offset */
#define ONE_FIRMWARE   0x03u /* slot, read-only */
#define VOLATILE_CACHE 0x01u
#define WARNING_KELVIN 0x0157u
#define KELVIN         300u
#define SPARE_PERCENT  100u
#define SPARE_LIMIT    10u
#define READS_ZEROS    0x01u /* after deallocation */

/* Fills a field of characters, which are padded with blanks. */
static void text(uint8_t *field, size_t size, const char *value)
{
    size_t length = strlen(value);

    memset(field, ' ', size);
    memcpy(field, value, length < size ? length : size);
}

static void controller(const nvme *n, uint8_t *data)
{
    store_le(data, VENDOR, 2);
    store_le(data + 2, VENDOR, 2);
    text(data + 4, 20, n->config.serial);
    text(data + 24, 40, MODEL);
    text(data + 64, 8, FIRMWARE);
    data[77] = MAX_DATA_SHIFT;
    store_le(data + 80, VERSION_1_4, 4);
    data[111] = IO_CONTROLLER;
    data[258] = MAX_ASYNC - 1; /* aborts at a time */
    data[259] = MAX_ASYNC - 1;
    data[260] = ONE_FIRMWARE;
    data[261] = LOG_OFFSETS;
    store_le(data + 266, WARNING_KELVIN, 2);
    store_le(data + 268, WARNING_KELVIN, 2);
    data[512] = QUEUE_ENTRIES;
    data[513] = CQ_ENTRIES;
    store_le(data + 516, NAMESPACE, 4); /* the largest of one */
    store_le(data + 520, NVM_COMMANDS, 2);
    data[525] = VOLATILE_CACHE;
    snprintf((char *)data + 768, 256, "nqn.2024-01.org.smmu-vp:%s", n->config.serial);
}

/* EUI-64: locally administered. */
static void unique_id(uint8_t *data)
{
    data[0] = 0x02;
    data[7] = NAMESPACE;
}

static void namespace_data(const nvme *n, uint8_t *data)
{
    store_le(data, n->config.blocks, 8);
    store_le(data + 8, n->config.blocks, 8);
    store_le(data + 16, n->config.blocks, 8);
    data[33] = READS_ZEROS;
    unique_id(data + 120);
    store_le(data + 128, (uint64_t)n->config.block_shift << 16, 4); /* the one format */
}

enum nvme_status identify(nvme *n, struct command *command)
{
    enum { OF_NAMESPACE, OF_CONTROLLER, ACTIVE_NAMESPACES, DESCRIPTORS };
    uint8_t data[PAGE] = {0};

    switch (command->dw[10] & 0xff) {
    case OF_NAMESPACE:
        if (command->nsid == 0 || (command->nsid > NAMESPACE && command->nsid != ALL_NAMESPACES))
            return NVME_INVALID_NAMESPACE;
        if (command->nsid == NAMESPACE)
            namespace_data(n, data);
        break;
    case OF_CONTROLLER:
        controller(n, data);
        break;
    case ACTIVE_NAMESPACES:
        if (command->nsid >= ALL_NAMESPACES - 1)
            return NVME_INVALID_NAMESPACE;
        if (command->nsid < NAMESPACE)
            store_le(data, NAMESPACE, 4);
        break;
    case DESCRIPTORS:
        if (command->nsid != NAMESPACE)
            return NVME_INVALID_NAMESPACE;
        data[0] = 1; /* EUI-64, */
        data[1] = 8; /* of 8 bytes */
        unique_id(data + 4);
        break;
    default:
        return NVME_INVALID_FIELD;
    }
    return prp_send(n, command, data, sizeof(data));
}

/* --- log pages --- */

static uint64_t thousands_of_512(uint64_t bytes)
{
    return (bytes + 512000 - 1) / 512000;
}

static void health(const nvme *n, uint8_t *data)
{
    store_le(data + 1, KELVIN, 2);
    data[3] = SPARE_PERCENT;
    data[4] = SPARE_LIMIT;
    store_le(data + 32, thousands_of_512(n->counts.read_bytes), 8);
    store_le(data + 48, thousands_of_512(n->counts.written_bytes), 8);
    store_le(data + 64, n->counts.read_commands, 8);
    store_le(data + 80, n->counts.write_commands, 8);
}

static void firmware(uint8_t *data)
{
    data[0] = 1; /* slot 1 is active */
    text(data + 8, 8, FIRMWARE);
}

/* Bytes of a page beyond its end are zeros. */
enum nvme_status get_log_page(nvme *n, struct command *command)
{
    enum { ERRORS = 1, HEALTH, FIRMWARE_SLOTS };
    uint64_t size = 4 * (((uint64_t)(command->dw[11] & 0xffff) << 16 | command->dw[10] >> 16) + 1);
    uint64_t offset = (uint64_t)command->dw[13] << 32 | command->dw[12];
    bool retain = command->dw[10] & 0x8000;
    uint8_t data[2 * PAGE] = {0};

    if (size > PAGE || offset > PAGE || offset % 4)
        return NVME_INVALID_FIELD;
    switch (command->dw[10] & 0xff) {
    case ERRORS:
        if (!retain)
            async_acknowledge(n);
        break;
    case HEALTH:
        health(n, data);
        break;
    case FIRMWARE_SLOTS:
        firmware(data);
        break;
    default:
        return NVME_LOG_PAGE;
    }
    return prp_send(n, command, data + offset, (uint32_t)size);
}
