/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the NVM command set (NVM Express 1.4, 6). */
#include "nvme_priv.h"

#define RANGE_BYTES    16u
#define MAX_RANGES     256u
#define DSM_DEALLOCATE 4u
#define ZERO_CHUNK     4096u

static uint64_t start_block(const struct command *command)
{
    return (uint64_t)command->dw[11] << 32 | command->dw[10];
}

static uint64_t block_count(const struct command *command)
{
    return (command->dw[12] & 0xffff) + 1u;
}

static bool in_namespace(const nvme *n, uint64_t first, uint64_t count)
{
    return first < n->config.blocks && count <= n->config.blocks - first;
}

/* One piece between medium and memory. */
static enum nvme_status move(nvme *n, bool write, uint64_t offset, uint64_t address, uint32_t size)
{
    const struct nvme_ops *ops = &n->ops;
    unsigned life = n->life;
    enum vp_status status;

    if (!write && !ops->disk_read(ops->user, offset, n->page, size))
        return NVME_READ_ERROR;
    if (n->life != life)
        return NVME_NO_COMPLETION;
    status = write ? ops->bus.read(ops->bus.user, address, n->page, size, 0, VP_NO_SSID)
                   : ops->bus.write(ops->bus.user, address, n->page, size, 0, VP_NO_SSID);
    if (n->life != life)
        return NVME_NO_COMPLETION;
    if (status != VP_OK)
        return NVME_TRANSFER_ERROR;
    if (write && !ops->disk_write(ops->user, offset, n->page, size))
        return NVME_WRITE_FAULT;
    return NVME_SUCCESS;
}

static enum nvme_status read_or_write(nvme *n, struct command *command)
{
    bool write = command->opcode == 1;
    uint64_t offset = start_block(command) << n->config.block_shift;
    uint64_t size = block_count(command) << n->config.block_shift;
    struct prp_walk walk;
    enum nvme_status status;
    uint64_t address;
    uint32_t piece;

    if (size > UINT64_C(1) << (MIN_PAGE_SHIFT + MAX_DATA_SHIFT))
        return NVME_INVALID_FIELD;
    if (!in_namespace(n, start_block(command), block_count(command)))
        return NVME_LBA_RANGE;
    status = prp_begin(&walk, n, command, size);
    while (status == NVME_SUCCESS && walk.left) {
        status = prp_next(&walk, &address, &piece);
        if (status == NVME_SUCCESS)
            status = move(n, write, offset, address, piece);
        offset += piece;
    }
    if (status == NVME_SUCCESS) {
        *(write ? &n->counts.write_commands : &n->counts.read_commands) += 1;
        *(write ? &n->counts.written_bytes : &n->counts.read_bytes) += size;
    }
    return status;
}

static enum nvme_status zero(nvme *n, uint64_t first, uint64_t count)
{
    static const uint8_t zeros[ZERO_CHUNK];
    uint64_t offset = first << n->config.block_shift;
    uint64_t left = count << n->config.block_shift;
    unsigned life = n->life;

    while (left) {
        uint32_t size = left < ZERO_CHUNK ? (uint32_t)left : ZERO_CHUNK;
        if (!n->ops.disk_write(n->ops.user, offset, zeros, size))
            return NVME_WRITE_FAULT;
        if (n->life != life)
            return NVME_NO_COMPLETION;
        offset += size;
        left -= size;
    }
    return NVME_SUCCESS;
}

static enum nvme_status write_zeroes(nvme *n, struct command *command)
{
    if (!in_namespace(n, start_block(command), block_count(command)))
        return NVME_LBA_RANGE;
    return zero(n, start_block(command), block_count(command));
}

/* Deallocated blocks read as zeros; hints of other kinds are taken note of, and no more. */
static enum nvme_status manage_dataset(nvme *n, struct command *command)
{
    uint8_t ranges[MAX_RANGES * RANGE_BYTES];
    uint32_t count = (command->dw[10] & 0xff) + 1;
    enum nvme_status status = prp_receive(n, command, ranges, count * RANGE_BYTES);

    for (uint32_t i = 0; i < count && status == NVME_SUCCESS; i++) {
        const uint8_t *range = ranges + (size_t)i * RANGE_BYTES;
        if (!in_namespace(n, load_le(range + 8, 8), load_le(range + 4, 4)))
            status = NVME_LBA_RANGE;
    }
    for (uint32_t i = 0; i < count && status == NVME_SUCCESS; i++) {
        const uint8_t *range = ranges + (size_t)i * RANGE_BYTES;
        if (command->dw[11] & DSM_DEALLOCATE)
            status = zero(n, load_le(range + 8, 8), load_le(range + 4, 4));
    }
    return status;
}

static enum nvme_status flush(nvme *n, struct command *command)
{
    (void)command;
    return n->ops.disk_flush(n->ops.user) ? NVME_SUCCESS : NVME_WRITE_FAULT;
}

struct operation {
    uint8_t opcode;
    enum nvme_status (*run)(nvme *n, struct command *command);
};

static const struct operation operations[] = {
    {0x00, flush},        {0x01, read_or_write},  {0x02, read_or_write},
    {0x08, write_zeroes}, {0x09, manage_dataset},
};

enum nvme_status io_command(nvme *n, struct command *command)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
        if (operations[i].opcode != command->opcode)
            continue;
        if (command->nsid != NAMESPACE &&
            !(command->opcode == 0 && command->nsid == ALL_NAMESPACES))
            return NVME_INVALID_NAMESPACE;
        return operations[i].run(n, command);
    }
    return NVME_INVALID_OPCODE;
}
