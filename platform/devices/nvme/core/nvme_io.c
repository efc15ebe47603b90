/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the NVM command set (NVM Express 1.4, 6). */
#include <string.h>

#include "nvme_transfer.h"

#define FORCE_UNIT_ACCESS 0x40000000u /* of dword 12 */
#define DEALLOCATE        0x02000000u
#define RANGE_BYTES       16u
#define MAX_RANGES        256u
#define DSM_DEALLOCATE    4u
#define READ_AT_ONCE      0x20000u /* bytes of the medium */

/* The blocks that a command means, in bytes. */
struct extent {
    uint64_t offset;
    uint32_t size;
};

static bool in_namespace(const nvme *n, uint64_t first, uint64_t count)
{
    return first < n->config.blocks && count <= n->config.blocks - first;
}

static enum nvme_status find_extent(const nvme *n, const struct command *command,
                                    struct extent *extent)
{
    uint64_t first = (uint64_t)command->dw[11] << 32 | command->dw[10];
    uint32_t count = (command->dw[12] & 0xffff) + 1u;

    if (!in_namespace(n, first, count))
        return NVME_LBA_RANGE;
    extent->offset = first << n->config.block_shift;
    extent->size = count << n->config.block_shift;
    return NVME_SUCCESS;
}

/* That of a command with data, which is limited. */
static enum nvme_status find_data(const nvme *n, const struct command *command,
                                  struct extent *extent)
{
    const uint64_t most = UINT64_C(1) << (MIN_PAGE_SHIFT + n->config.data_shift);
    enum nvme_status status = find_extent(n, command, extent);

    return status == NVME_SUCCESS && extent->size > most ? NVME_INVALID_FIELD : status;
}

/* Makes a write safe, unless there is a cache and the command may use it. */
static enum nvme_status write_through(nvme *n, const struct command *command)
{
    if (write_cache_enabled(n) && !(command->dw[12] & FORCE_UNIT_ACCESS))
        return NVME_SUCCESS;
    return medium_sync(n);
}

/* Before a read with FUA: data in the cache has to be safe before it is read. */
static enum nvme_status make_safe(nvme *n, const struct extent *extent)
{
    enum nvme_status status = medium_sync(n);

    if (status == NVME_SUCCESS &&
        ranges_overlap(&n->lost, extent->offset, extent->offset + extent->size))
        return NVME_READ_ERROR;
    return status;
}

static enum nvme_status flush(nvme *n, struct command *command)
{
    (void)command;
    return medium_flush(n);
}

/* From where the medium has them, or by parts of the buffer that stay in the host's cache. */
static enum nvme_status send_blocks(nvme *n, const struct command *command,
                                    const struct extent *extent)
{
    enum nvme_status status = NVME_SUCCESS;
    struct transfer t;

    transfer_begin(&t, n, command, extent->size, true);
    for (uint32_t done = 0; done < extent->size && status == NVME_SUCCESS; done += READ_AT_ONCE) {
        uint32_t left = extent->size - done;
        uint32_t size = left < READ_AT_ONCE ? left : READ_AT_ONCE;
        uint8_t *data = n->data;
        status = medium_read(n, extent->offset + done, &data, size);
        if (status == NVME_SUCCESS)
            status = transfer_move(&t, data, size);
    }
    return status;
}

static enum nvme_status read_blocks(nvme *n, struct command *command)
{
    struct extent extent;
    enum nvme_status status = find_data(n, command, &extent);

    if (status == NVME_SUCCESS && command->dw[12] & FORCE_UNIT_ACCESS)
        status = make_safe(n, &extent);
    if (status == NVME_SUCCESS)
        status = send_blocks(n, command, &extent);
    if (status == NVME_SUCCESS) {
        n->counts.read_commands++;
        n->counts.read_bytes += extent.size;
    }
    return status;
}

static enum nvme_status write_blocks(nvme *n, struct command *command)
{
    struct extent extent;
    enum nvme_status status = find_data(n, command, &extent);

    if (status == NVME_SUCCESS)
        status = receive_data(n, command, n->data, extent.size);
    if (status == NVME_SUCCESS)
        status = medium_write(n, extent.offset, n->data, extent.size);
    if (status == NVME_SUCCESS)
        status = write_through(n, command);
    if (status == NVME_SUCCESS) {
        n->counts.write_commands++;
        n->counts.written_bytes += extent.size;
    }
    return status;
}

static enum nvme_status compare_blocks(nvme *n, struct command *command)
{
    struct extent extent;
    enum nvme_status status = find_data(n, command, &extent);
    uint8_t *data = n->data;

    if (status == NVME_SUCCESS)
        status = receive_data(n, command, n->compare, extent.size);
    if (status == NVME_SUCCESS)
        status = medium_read(n, extent.offset, &data, extent.size);
    if (status != NVME_SUCCESS)
        return status;
    n->counts.read_commands++;
    return memcmp(data, n->compare, extent.size) == 0 ? NVME_SUCCESS : NVME_COMPARE_FAILURE;
}

static enum nvme_status write_zeroes(nvme *n, struct command *command)
{
    struct extent extent;
    enum nvme_status status = find_extent(n, command, &extent);

    if (status == NVME_SUCCESS)
        status = medium_zero(n, extent.offset, extent.size, command->dw[12] & DEALLOCATE);
    return status == NVME_SUCCESS ? write_through(n, command) : status;
}

static enum nvme_status deallocate(nvme *n, const uint8_t *range)
{
    uint64_t count = vp_load_le32(range + 4);

    if (count == 0)
        return NVME_SUCCESS;
    return medium_zero(n, vp_load_le64(range + 8) << n->config.block_shift,
                       count << n->config.block_shift, true);
}

/* Ranges are checked before any is deallocated. Hints of other kinds are taken note of, and no
 * more. */
static enum nvme_status manage_dataset(nvme *n, struct command *command)
{
    uint8_t ranges[MAX_RANGES * RANGE_BYTES];
    uint32_t size = ((command->dw[10] & 0xff) + 1) * RANGE_BYTES;
    enum nvme_status status = receive_data(n, command, ranges, size);

    for (uint32_t i = 0; i < size && status == NVME_SUCCESS; i += RANGE_BYTES)
        if (!in_namespace(n, vp_load_le64(ranges + i + 8), vp_load_le32(ranges + i + 4)))
            status = NVME_LBA_RANGE;
    if (!(command->dw[11] & DSM_DEALLOCATE))
        return status;
    for (uint32_t i = 0; i < size && status == NVME_SUCCESS; i += RANGE_BYTES)
        status = deallocate(n, ranges + i);
    if (status == NVME_SUCCESS && !write_cache_enabled(n))
        status = medium_sync(n);
    return status;
}

static const struct operation operations[] = {
    {0x00, flush},          {0x01, write_blocks}, {0x02, read_blocks},
    {0x05, compare_blocks}, {0x08, write_zeroes}, {0x09, manage_dataset},
};

enum nvme_status io_command(nvme *n, struct command *command)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
        if (operations[i].opcode != command->opcode)
            continue;
        if (command->nsid != NAMESPACE &&
            !(operations[i].run == flush && command->nsid == ALL_NAMESPACES))
            return NVME_INVALID_NAMESPACE;
        return operations[i].run(n, command);
    }
    return NVME_INVALID_OPCODE;
}
