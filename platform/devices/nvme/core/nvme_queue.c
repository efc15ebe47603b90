/* SPDX-License-Identifier: Apache-2.0 */
/* Queues: doorbells, completions, creation and deletion (NVM Express 1.4, 4.1, 4.6, 5.3 to 5.6). */
#include <string.h>

#include "nvme_priv.h"

#define CREATE_CONTIGUOUS 1u
#define CREATE_INTERRUPTS 2u
#define ENTRY_SIZES       0x00460000u /* CC.IOCQES, CC.IOSQES: log2 of 16 and 64 bytes */
#define ENTRY_SIZES_MASK  0x00ff0000u

/* Asynchronous events of type Error, with the Error Information log page. */
#define INVALID_DOORBELL 0x00010000u
#define INVALID_VALUE    0x00010100u

void queues_reset(nvme *n)
{
    memset(n->sq, 0, sizeof(n->sq));
    memset(n->cq, 0, sizeof(n->cq));
    n->next_sq = 0;
}

void queues_enable(nvme *n)
{
    n->sq[0] =
        (struct submission){.present = true, .base = n->asq, .entries = (n->aqa & 0xfff) + 1};
    n->cq[0] = (struct completion){.present = true,
                                   .base = n->acq,
                                   .entries = (n->aqa >> 16 & 0xfff) + 1,
                                   .phase = true,
                                   .interrupts = true};
}

unsigned completion_room(const struct completion *cq)
{
    return (cq->head + cq->entries - cq->tail - 1) % cq->entries;
}

/* The host takes entries that were posted, and no others. */
static bool completion_head_fits(const struct completion *cq, uint32_t head)
{
    uint32_t taken = (head + cq->entries - cq->head) % cq->entries;
    uint32_t posted = (cq->tail + cq->entries - cq->head) % cq->entries;

    return head < cq->entries && taken <= posted;
}

/* Even doorbells are the tails of submission queues, odd ones the heads of completion queues. */
void doorbell(nvme *n, uint64_t index, uint32_t value)
{
    uint64_t queue = index / 2;
    bool of_completion = index % 2;
    bool exists =
        queue <= NVME_MAX_QUEUES && (of_completion ? n->cq[queue].present : n->sq[queue].present);

    value &= 0xffff;
    if (!exists)
        event_report(n, EVENT_ERROR, INVALID_DOORBELL);
    else if (of_completion ? !completion_head_fits(&n->cq[queue], value)
                           : value >= n->sq[queue].entries)
        event_report(n, EVENT_ERROR, INVALID_VALUE);
    else if (of_completion)
        n->cq[queue].head = value;
    else
        n->sq[queue].tail = value;
    update_pin(n);
    kick(n);
}

void update_pin(nvme *n)
{
    bool level = false;

    for (unsigned i = 0; i <= NVME_MAX_QUEUES; i++) {
        const struct completion *cq = &n->cq[i];
        bool masked = cq->vector < 32 && n->int_mask >> cq->vector & 1;
        level |= cq->present && cq->interrupts && cq->head != cq->tail && !masked;
    }
    if (level == n->pin)
        return;
    n->pin = level;
    if (n->ops.pin)
        n->ops.pin(n->ops.user, level);
}

/* The host may see the entry, and take it, as soon as it is in memory: so it counts as posted
 * before it is written. Interrupts tell of it afterwards. */
void complete(nvme *n, const struct command *command, enum nvme_status status)
{
    const struct submission *sq = &n->sq[command->queue];
    struct completion *cq = &n->cq[sq->completion];
    uint64_t address = cq->base + (uint64_t)cq->tail * COMPLETION_BYTES;
    uint8_t raw[COMPLETION_BYTES] = {0};
    enum nvme_status written;

    vp_store_le(raw, command->result, 4);
    vp_store_le(raw + 8, sq->head, 2);
    vp_store_le(raw + 10, command->queue, 2);
    vp_store_le(raw + 12, command->id, 2);
    vp_store_le(raw + 14, status << 1 | cq->phase, 2);
    cq->tail = (cq->tail + 1) % cq->entries;
    cq->phase ^= cq->tail == 0;
    written = dma_write(n, address, raw, sizeof(raw));
    if (written == NVME_NO_COMPLETION)
        return;
    if (written != NVME_SUCCESS) {
        controller_fatal(n);
        return;
    }
    update_pin(n);
    if (cq->interrupts && n->ops.raise)
        n->ops.raise(n->ops.user, cq->vector);
}

/* --- administration --- */

static uint32_t queue_id(const struct command *command)
{
    return command->dw[10] & 0xffff;
}

static uint32_t queue_entries(const struct command *command)
{
    return high_half(command->dw[10]) + 1u;
}

/* Rules for creating either kind. */
static enum nvme_status check_new(const nvme *n, const struct command *command, bool exists)
{
    if (queue_id(command) < 1 || queue_id(command) > NVME_MAX_QUEUES || exists)
        return NVME_QUEUE_ID;
    if (queue_entries(command) < 2 || queue_entries(command) > MAX_ENTRIES ||
        (n->cc & ENTRY_SIZES_MASK) != ENTRY_SIZES)
        return NVME_QUEUE_SIZE;
    if (!(command->dw[11] & CREATE_CONTIGUOUS))
        return NVME_INVALID_FIELD;
    if (command->prp1 & (page_size(n) - 1))
        return NVME_PRP_OFFSET;
    return NVME_SUCCESS;
}

static bool cq_exists(const nvme *n, uint32_t id)
{
    return id <= NVME_MAX_QUEUES && n->cq[id].present;
}

static bool sq_exists(const nvme *n, uint32_t id)
{
    return id <= NVME_MAX_QUEUES && n->sq[id].present;
}

enum nvme_status create_cq(nvme *n, struct command *command)
{
    uint32_t id = queue_id(command);
    uint16_t vector = high_half(command->dw[11]);
    enum nvme_status status = check_new(n, command, cq_exists(n, id));

    if (status != NVME_SUCCESS)
        return status;
    if (vector >= NVME_VECTORS)
        return NVME_VECTOR;
    n->cq[id] = (struct completion){.present = true,
                                    .base = command->prp1,
                                    .entries = queue_entries(command),
                                    .phase = true,
                                    .interrupts = command->dw[11] & CREATE_INTERRUPTS,
                                    .vector = vector};
    return NVME_SUCCESS;
}

enum nvme_status create_sq(nvme *n, struct command *command)
{
    uint32_t id = queue_id(command);
    uint16_t cq = high_half(command->dw[11]);
    enum nvme_status status = check_new(n, command, sq_exists(n, id));

    if (status != NVME_SUCCESS)
        return status;
    if (cq == 0 || cq > NVME_MAX_QUEUES)
        return NVME_QUEUE_ID;
    if (!cq_exists(n, cq))
        return NVME_CQ_INVALID;
    n->sq[id] = (struct submission){.present = true,
                                    .base = command->prp1,
                                    .entries = queue_entries(command),
                                    .completion = cq};
    return NVME_SUCCESS;
}

enum nvme_status delete_sq(nvme *n, struct command *command)
{
    uint32_t id = queue_id(command);

    if (id == 0 || !sq_exists(n, id))
        return NVME_QUEUE_ID;
    n->sq[id].present = false;
    return NVME_SUCCESS;
}

/* Its submission queues have to go first. */
enum nvme_status delete_cq(nvme *n, struct command *command)
{
    uint32_t id = queue_id(command);

    if (id == 0 || !cq_exists(n, id))
        return NVME_QUEUE_ID;
    for (unsigned i = 1; i <= NVME_MAX_QUEUES; i++)
        if (n->sq[i].present && n->sq[i].completion == id)
            return NVME_QUEUE_DELETION;
    n->cq[id].present = false;
    update_pin(n);
    return NVME_SUCCESS;
}
