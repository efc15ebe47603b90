/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the controller (NVM Express 1.4, 3.1). */
#include "nvme_priv.h"
#include "vp/regs.h"

#define CAP_CONTIGUOUS (UINT64_C(1) << 16)
#define CAP_TIMEOUT    (UINT64_C(20) << 24) /* of 500 ms */
#define CAP_NVM        (UINT64_C(1) << 37)
#define CAP_MAX_PAGE   ((uint64_t)(MAX_PAGE_SHIFT - MIN_PAGE_SHIFT) << 52)
#define CC_WRITABLE    0x00fffff1u
#define AQA_WRITABLE   0x0fff0fffu
#define QUEUE_ADDRESS  (~UINT64_C(0xfff))

static void set_intms(void *dev, uint64_t value)
{
    nvme *n = dev;

    n->int_mask |= (uint32_t)value;
    update_pin(n);
}

static void set_intmc(void *dev, uint64_t value)
{
    nvme *n = dev;

    n->int_mask &= ~(uint32_t)value;
    update_pin(n);
}

/* CC fields other than EN and SHN take effect when EN is set. A shutdown ends with the next reset
 * of the controller. */
static void set_cc(void *dev, uint64_t value)
{
    nvme *n = dev;
    uint32_t before = n->cc;

    n->cc = value & CC_WRITABLE;
    if (before & CC_ENABLE && n->cc & CC_ENABLE)
        n->cc = (before & ~CC_SHUTDOWN) | (n->cc & CC_SHUTDOWN);
    else if (n->cc & CC_ENABLE)
        controller_enable(n);
    else if (before & CC_ENABLE)
        controller_disable(n);
    if (n->cc & CC_SHUTDOWN && !(n->csts & CSTS_SHUTDOWN)) {
        n->csts |= SHUTDOWN_BEGINS;
        kick(n);
    }
    update_pin(n);
}

static bool is_disabled(const void *dev)
{
    return !(((const nvme *)dev)->cc & CC_ENABLE);
}

static void ring_doorbell(void *dev, unsigned index, uint64_t value)
{
    nvme *n = dev;

    if (n->csts & CSTS_READY)
        doorbell(n, index, (uint32_t)value);
}

#define MEMBER(name) VP_REG_MEMBER(struct nvme, name)

static const struct vp_reg rows[] = {
    {"CAP", 0x00, 8,
     .value = (MAX_ENTRIES - 1) | CAP_CONTIGUOUS | CAP_TIMEOUT | CAP_NVM | CAP_MAX_PAGE},
    {"VS", 0x08, 4, .value = VERSION_1_4},
    {"INTMS", 0x0c, 4, MEMBER(int_mask), .set = set_intms},
    {"INTMC", 0x10, 4, MEMBER(int_mask), .set = set_intmc},
    {"CC", 0x14, 4, MEMBER(cc), .set = set_cc},
    {"CSTS", 0x1c, 4, MEMBER(csts)},
    {"NSSR", 0x20, 4, .value = 0},
    {"AQA", 0x24, 4, MEMBER(aqa), .writable = AQA_WRITABLE, .guard = is_disabled},
    {"ASQ", 0x28, 8, MEMBER(asq), .writable = QUEUE_ADDRESS, .guard = is_disabled},
    {"ACQ", 0x30, 8, MEMBER(acq), .writable = QUEUE_ADDRESS, .guard = is_disabled},
    /* Those of queues that are not there too: they fill what is left of the BAR. */
    {"doorbell", 0x1000, 4, .count = UINT16_MAX, .set_nth = ring_doorbell},
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = UINT64_MAX,
    .sizes = 4 | 8,
    .pairs = true,
};

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    return vp_regs_write(&regs, dev, offset, size, value);
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset);
}

const struct vp_frame nvme_frame = {.read = frame_read, .write = frame_write, .name = frame_name};
