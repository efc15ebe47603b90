/* SPDX-License-Identifier: Apache-2.0 */
/* The traffic generator's registers. */
#include "traffic_priv.h"
#include "vp/regs.h"

#define ID_VALUE 0x314e4754u /* "TGN1" */

#define CTRL_START  (1u << 0)
#define CTRL_STOP   (1u << 1)
#define CTRL_IRQ_EN (1u << 2)

/* STOP is for the run in progress, START for the next: together they never act on the same. */
static void set_ctrl(void *dev, uint64_t value)
{
    traffic *t = dev;

    t->irq_enable = value & CTRL_IRQ_EN;
    if (!(t->status & STATUS_BUSY)) {
        if (value & CTRL_START)
            traffic_start(t);
    } else if (value & CTRL_STOP) {
        traffic_stop(t);
    }
}

#define TRAFFIC_STATISTIC(name, ...)                                                               \
    static uint64_t get_##name(const void *dev)                                                    \
    {                                                                                              \
        return traffic_statistic_of(dev, TRAFFIC_##name);                                          \
    }
#include "traffic/traffic_statistics.def"
#undef TRAFFIC_STATISTIC

#define MEMBER(name) VP_REG_MEMBER(traffic, name)

static const struct vp_reg rows[] = {
    {"ID", 0x00, 4, .value = ID_VALUE},
    {"CTRL", 0x08, 4, MEMBER(irq_enable), .set = set_ctrl},
    {"STATUS", 0x0c, 4, MEMBER(status), .w1c = STATUS_DONE},
#define TRAFFIC_STATISTIC(name, ...)                                                               \
    {#name, TRAFFIC_STATISTICS_OFFSET + 8 * TRAFFIC_##name, 8, .get = get_##name},
#include "traffic/traffic_statistics.def"
#undef TRAFFIC_STATISTIC
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = TRAFFIC_FRAME_SIZE,
    .sizes = 4 | 8,
};

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    traffic *t = dev;
    enum vp_status status = vp_regs_write(&regs, t, offset, size, value);

    traffic_update_irq(t);
    return status;
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset);
}

const struct vp_frame traffic_frame = {
    .read = frame_read, .write = frame_write, .name = frame_name};
