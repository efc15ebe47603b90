/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a controller, and the round over the submission queues (NVM Express 1.4, 4.1, 7.3, 7.6).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvme_priv.h"

#define CC_COMMAND_SET 0x00000070u
#define CC_ARBITRATION 0x00003800u
#define MIN_ENTRIES    2u

/* --- creation --- */

static const char *config_fault(const struct nvme_config *config)
{
    if (config->block_shift < NVME_MIN_BLOCK_SHIFT || config->block_shift > NVME_MAX_BLOCK_SHIFT)
        return "block_shift: is not between 9 and 12";
    if (config->blocks == 0 || config->blocks > UINT64_MAX >> config->block_shift)
        return "blocks: the namespace has no size, or one beyond 64 bits";
    if (!config->serial[0] || !memchr(config->serial, 0, sizeof(config->serial)))
        return "serial: does not have 1 to 20 characters";
    if (config->data_shift < 1 || config->data_shift > NVME_MAX_DATA_SHIFT)
        return "data_shift: is not between 1 and 10";
    return NULL;
}

nvme *nvme_create(const struct nvme_config *config, const struct nvme_ops *ops, char *err,
                  size_t err_size)
{
    const char *fault = config_fault(config);
    nvme *n;

    if (fault) {
        snprintf(err, err_size, "%s", fault);
        return NULL;
    }
    n = calloc(1, sizeof(*n));
    if (n)
        n->data = malloc((size_t)2 * MAX_DATA);
    if (!n || !n->data) {
        snprintf(err, err_size, "out of memory");
        free(n);
        return NULL;
    }
    n->compare = n->data + MAX_DATA;
    n->ops = *ops;
    n->config = *config;
    nvme_reset(n);
    return n;
}

void nvme_destroy(nvme *n)
{
    if (n)
        free(n->data);
    free(n);
}

uint64_t nvme_sgl_commands(const nvme *n)
{
    return n->counts.sgl_commands;
}

void nvme_reset(nvme *n)
{
    n->cc = 0;
    n->aqa = 0;
    n->asq = 0;
    n->acq = 0;
    controller_disable(n);
}

/* --- states --- */

void kick(nvme *n)
{
    if (n->ops.kick)
        n->ops.kick(n->ops.user);
}

void controller_fatal(nvme *n)
{
    n->csts |= CSTS_FATAL;
}

/* Only what CAP offers can be enabled. */
static bool can_be_enabled(const nvme *n)
{
    return !(n->cc & (CC_COMMAND_SET | CC_ARBITRATION)) && page_size(n) <= 1u << MAX_PAGE_SHIFT &&
           !((n->asq | n->acq) & (page_size(n) - 1)) && (n->aqa & 0xfff) + 1 >= MIN_ENTRIES &&
           (n->aqa >> 16) + 1 >= MIN_ENTRIES;
}

void controller_enable(nvme *n)
{
    n->csts = 0;
    n->life++; /* a shutdown that goes on is not of this life */
    if (!can_be_enabled(n)) {
        controller_fatal(n);
        return;
    }
    queues_enable(n);
    n->csts = CSTS_READY;
}

void controller_disable(nvme *n)
{
    n->csts = 0;
    n->int_mask = 0;
    n->life++;
    n->lost.count = 0;
    queues_reset(n);
    features_reset(n);
    events_reset(n);
    update_pin(n);
}

/* Nothing is in work: what is left to do is to make the medium safe. */
static void shut_down(nvme *n)
{
    enum nvme_status status = medium_flush(n);

    if (status == NVME_NO_COMPLETION)
        return;
    if (status != NVME_SUCCESS)
        controller_fatal(n);
    n->csts = (n->csts & ~CSTS_SHUTDOWN) | SHUTDOWN_DONE;
}

/* --- commands --- */

static void decode(struct command *command, const uint8_t *raw, uint16_t queue)
{
    for (unsigned i = 0; i < 16; i++)
        command->dw[i] = vp_load_le32(raw + (size_t)4 * i);
    command->opcode = raw[0];
    command->flags = raw[1];
    command->id = vp_load_le16(raw + 2);
    command->nsid = command->dw[1];
    command->prp1 = vp_load_le64(raw + 24);
    command->prp2 = vp_load_le64(raw + 32);
    command->queue = queue;
    command->result = 0;
}

/* There are no fused operations, and no admin commands with SGLs. */
static bool has_good_flags(const struct command *command)
{
    if (command->flags & ~DATA_POINTER || command->flags == DATA_POINTER_RESERVED)
        return false;
    return command->queue || command->flags == DATA_POINTER_PRP;
}

static enum nvme_status execute(nvme *n, struct command *command)
{
    if (!has_good_flags(command))
        return NVME_INVALID_FIELD;
    return command->queue ? io_command(n, command) : admin_command(n, command);
}

/* One command of a queue. Every access may block; what a reset overtook is dropped. */
static void step(nvme *n, uint16_t queue)
{
    struct submission *sq = &n->sq[queue];
    uint8_t raw[COMMAND_BYTES];
    unsigned life = n->life;
    struct command command;
    enum nvme_status status =
        dma_fetch(n, sq->base + (uint64_t)sq->head * COMMAND_BYTES, raw, sizeof(raw));

    if (status == NVME_NO_COMPLETION)
        return;
    if (status != NVME_SUCCESS) {
        controller_fatal(n);
        return;
    }
    sq->head = (sq->head + 1) % sq->entries;
    decode(&command, raw, queue);
    status = execute(n, &command);
    if (status == NVME_NO_COMPLETION || n->life != life || n->csts & CSTS_FATAL)
        return;
    if (status != NVME_SUCCESS) {
        log_error(n, &command, status);
        status |= NVME_MORE;
    }
    complete(n, &command, status);
}

static bool has_work(const nvme *n, unsigned queue)
{
    const struct submission *sq = &n->sq[queue];

    return sq->present && sq->head != sq->tail && completion_room(&n->cq[sq->completion]);
}

static bool works(const nvme *n)
{
    return (n->csts & (CSTS_READY | CSTS_FATAL | CSTS_SHUTDOWN)) == CSTS_READY;
}

/* Submission queues take turns, one command each. */
void nvme_run(nvme *n)
{
    for (unsigned idle = 0; idle <= NVME_MAX_QUEUES && works(n);) {
        unsigned queue = n->next_sq;

        n->next_sq = (queue + 1) % (NVME_MAX_QUEUES + 1);
        idle = has_work(n, queue) ? 0 : idle + 1;
        if (idle == 0)
            step(n, (uint16_t)queue);
        events_deliver(n);
    }
    if ((n->csts & CSTS_SHUTDOWN) == SHUTDOWN_BEGINS)
        shut_down(n);
}
