/* SPDX-License-Identifier: Apache-2.0 */
/* Life, registers, and the round over the submission queues (NVM Express 1.4, 3.1, 4.1, 7.2). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nvme_priv.h"
#include "vp/regpart.h"

#define CAP_CONTIGUOUS (UINT64_C(1) << 16)
#define CAP_TIMEOUT    (UINT64_C(20) << 24) /* of 500 ms */
#define CAP_NVM        (UINT64_C(1) << 37)
#define CAP_MAX_PAGE   ((uint64_t)(MAX_PAGE_SHIFT - MIN_PAGE_SHIFT) << 52)
#define VERSION_1_4    0x00010400u

#define CC_ENABLE         0x00000001u
#define CC_COMMAND_SET    0x00000070u
#define CC_ARBITRATION    0x00003800u
#define CC_SHUTDOWN       0x0000c000u
#define CC_WRITABLE       0x00fffff1u
#define CSTS_READY        1u
#define CSTS_FATAL        2u
#define CSTS_SHUTDOWN     0xcu
#define CSTS_SHUTDOWN_END 0x8u
#define AQA_WRITABLE      0x0fff0fffu

#define DOORBELLS 0x1000u

/* --- life --- */

static const char *config_fault(const struct nvme_config *config)
{
    if (config->block_shift < NVME_MIN_BLOCK_SHIFT || config->block_shift > NVME_MAX_BLOCK_SHIFT)
        return "block_shift: is not between 9 and 12";
    if (config->blocks == 0 || config->blocks > UINT64_MAX >> config->block_shift)
        return "blocks: the namespace has no size, or one beyond 64 bits";
    if (!memchr(config->serial, 0, sizeof(config->serial)))
        return "serial: is longer than 20 characters";
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
        n->page = malloc(1u << MAX_PAGE_SHIFT);
    if (!n || !n->page) {
        snprintf(err, err_size, "out of memory");
        free(n);
        return NULL;
    }
    n->ops = *ops;
    n->config = *config;
    nvme_reset(n);
    return n;
}

void nvme_destroy(nvme *n)
{
    if (n)
        free(n->page);
    free(n);
}

/* What CC.EN = 0 does: everything but the registers of the admin queues. */
static void disable(nvme *n)
{
    n->csts = 0;
    n->int_mask = 0;
    n->life++;
    queues_reset(n);
    features_reset(n);
    async_reset(n);
    update_pin(n);
}

void nvme_reset(nvme *n)
{
    n->cc = 0;
    n->aqa = 0;
    n->asq = 0;
    n->acq = 0;
    disable(n);
}

void fatal(nvme *n)
{
    n->csts |= CSTS_FATAL;
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

/* --- registers --- */

static uint64_t capabilities(void)
{
    return (MAX_ENTRIES - 1) | CAP_CONTIGUOUS | CAP_TIMEOUT | CAP_NVM | CAP_MAX_PAGE;
}

/* Only what CAP offers can be enabled; anything else is a fatal status. */
static void enable(nvme *n)
{
    if (n->cc & (CC_COMMAND_SET | CC_ARBITRATION) || page_shift(n) > MAX_PAGE_SHIFT ||
        (n->asq | n->acq) & ((UINT64_C(1) << page_shift(n)) - 1)) {
        fatal(n);
        return;
    }
    queues_enable(n);
    n->csts = CSTS_READY;
}

static void write_cc(nvme *n, uint32_t value)
{
    uint32_t before = n->cc;

    n->cc = value & CC_WRITABLE;
    if (!(before & CC_ENABLE) && n->cc & CC_ENABLE)
        enable(n);
    else if (before & CC_ENABLE && !(n->cc & CC_ENABLE))
        disable(n);
    n->csts &= ~CSTS_SHUTDOWN;
    if (n->cc & CC_SHUTDOWN) {
        if (n->ops.disk_flush)
            n->ops.disk_flush(n->ops.user);
        n->csts |= CSTS_SHUTDOWN_END;
    }
}

static uint64_t read_register(const nvme *n, uint64_t offset)
{
    switch (offset) {
    case 0x00:
        return capabilities();
    case 0x08: /* VS, INTMS */
        return (uint64_t)n->int_mask << 32 | VERSION_1_4;
    case 0x10: /* INTMC, CC */
        return (uint64_t)n->cc << 32 | n->int_mask;
    case 0x18: /* reserved, CSTS */
        return (uint64_t)n->csts << 32;
    case 0x20: /* NSSR, AQA */
        return (uint64_t)n->aqa << 32;
    case 0x28:
        return n->asq;
    case 0x30:
        return n->acq;
    default:
        return 0;
    }
}

static void write_register(nvme *n, uint64_t offset, uint32_t value)
{
    bool enabled = n->cc & CC_ENABLE;

    switch (offset) {
    case 0x0C:
        n->int_mask |= value;
        break;
    case 0x10:
        n->int_mask &= ~value;
        break;
    case 0x14:
        write_cc(n, value);
        break;
    case 0x24:
        n->aqa = enabled ? n->aqa : value & AQA_WRITABLE;
        break;
    case 0x28:
    case 0x2C:
        n->asq = enabled ? n->asq : vp_reg_merge(n->asq, offset, 4, value) & ~UINT64_C(0xfff);
        break;
    case 0x30:
    case 0x34:
        n->acq = enabled ? n->acq : vp_reg_merge(n->acq, offset, 4, value) & ~UINT64_C(0xfff);
        break;
    default:
        break;
    }
    update_pin(n);
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    *value = 0;
    if (!vp_access_aligned(offset, size) || size < 4)
        return VP_SLVERR;
    if (offset < DOORBELLS)
        *value = vp_reg_part(read_register(dev, offset & ~UINT64_C(7)), offset, size);
    return VP_OK;
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    nvme *n = dev;

    if (!vp_access_aligned(offset, size) || size < 4)
        return VP_SLVERR;
    for (; size; size -= 4, offset += 4, value >>= 32) {
        if (offset < DOORBELLS)
            write_register(n, offset, (uint32_t)value);
        else if (n->csts & CSTS_READY)
            doorbell(n, (offset - DOORBELLS) / 4, (uint32_t)value);
    }
    return VP_OK;
}

const struct vp_frame nvme_frame = {.read = frame_read, .write = frame_write};

/* --- commands --- */

static void decode(struct command *command, const uint8_t *raw, uint16_t queue)
{
    for (unsigned i = 0; i < 16; i++)
        command->dw[i] = (uint32_t)load_le(raw + 4 * i, 4);
    command->opcode = raw[0];
    command->flags = raw[1];
    command->id = (uint16_t)load_le(raw + 2, 2);
    command->nsid = command->dw[1];
    command->prp1 = load_le(raw + 24, 8);
    command->prp2 = load_le(raw + 32, 8);
    command->queue = queue;
    command->result = 0;
}

static enum nvme_status execute(nvme *n, struct command *command)
{
    if (command->flags) /* fused operations, SGLs */
        return NVME_INVALID_FIELD;
    return command->queue ? io_command(n, command) : admin_command(n, command);
}

/* One command of a queue. Every access may block; what a reset overtook is dropped. */
static void step(nvme *n, uint16_t queue)
{
    struct submission *sq = &n->sq[queue];
    uint64_t address = sq->base + (uint64_t)sq->head * COMMAND_BYTES;
    unsigned life = n->life;
    uint8_t raw[COMMAND_BYTES];
    struct command command;
    enum nvme_status status;

    enum vp_status read =
        n->ops.bus.read(n->ops.bus.user, address, raw, sizeof(raw), 0, VP_NO_SSID);
    if (n->life != life)
        return;
    if (read != VP_OK) {
        fatal(n);
        return;
    }
    sq->head = (sq->head + 1) % sq->entries;
    decode(&command, raw, queue);
    status = execute(n, &command);
    if (n->life == life && status != NVME_NO_COMPLETION)
        complete(n, &command, status);
}

static bool has_work(const nvme *n, unsigned queue)
{
    const struct submission *sq = &n->sq[queue];

    return sq->present && sq->head != sq->tail && !completion_full(&n->cq[sq->completion]);
}

/* Submission queues take turns. */
void nvme_run(nvme *n)
{
    for (unsigned idle = 0; idle <= NVME_MAX_QUEUES;) {
        unsigned queue = n->next_sq;

        if (n->csts & CSTS_FATAL || !(n->csts & CSTS_READY))
            return;
        n->next_sq = (queue + 1) % (NVME_MAX_QUEUES + 1);
        idle = has_work(n, queue) ? 0 : idle + 1;
        if (idle == 0)
            step(n, (uint16_t)queue);
        async_deliver(n);
    }
}
