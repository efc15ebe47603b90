/* SPDX-License-Identifier: Apache-2.0 */
/* The PL031: counter, match, interrupt, registers (Arm DDI 0224 chapter 3). */
#include "pl031/pl031.h"

#include <stdlib.h>

#include "vp/regs.h"

#define INTERRUPT 1u /* the one bit of RTCIMSC, RTCRIS, RTCMIS and RTCICR */
#define STARTED   1u /* RTCCR: writing it again changes nothing */

struct pl031 {
    struct pl031_ops ops;
    void *user;
    struct vp_wires wires;
    uint32_t offset;     /* RTCDR less the seconds of the host */
    uint32_t match;      /* RTCMR */
    uint32_t load;       /* RTCLR: what was written last */
    uint64_t match_time; /* second of the host at which RTCDR is RTCMR next */
    uint32_t imsc;
    uint32_t ris;
    bool out;
};

static uint64_t now(const pl031 *rtc)
{
    return rtc->ops.now(rtc->user);
}

static uint32_t counter(const pl031 *rtc)
{
    return (uint32_t)now(rtc) + rtc->offset;
}

static void update_interrupt(pl031 *rtc)
{
    bool level = rtc->ris & rtc->imsc;

    if (level == rtc->out)
        return;
    rtc->out = level;
    if (rtc->wires.set)
        rtc->wires.set(rtc->wires.user, 0, level);
}

/* The counter matches in 0 to 2^32 - 1 seconds from `start` on. */
static void arm(pl031 *rtc, uint64_t start)
{
    rtc->match_time = start + (uint32_t)(rtc->match - ((uint32_t)start + rtc->offset));
    if (rtc->ops.set_alarm)
        rtc->ops.set_alarm(rtc->user, rtc->match_time);
}

/* Raise the interrupt if the counter has matched since the last look. */
static void catch_up(pl031 *rtc)
{
    if (now(rtc) < rtc->match_time)
        return;
    rtc->ris = INTERRUPT;
    arm(rtc, now(rtc) + 1);
}

void pl031_alarm(pl031 *rtc)
{
    catch_up(rtc);
    update_interrupt(rtc);
}

/* --- Registers --- */

static uint64_t get_dr(const void *dev)
{
    return counter(dev);
}

static void set_mr(void *dev, uint64_t value)
{
    pl031 *rtc = dev;

    rtc->match = (uint32_t)value;
    arm(rtc, now(rtc));
}

static void set_lr(void *dev, uint64_t value)
{
    pl031 *rtc = dev;

    rtc->load = (uint32_t)value;
    rtc->offset = rtc->load - (uint32_t)now(rtc);
    arm(rtc, now(rtc));
}

static uint64_t get_mis(const void *dev)
{
    const pl031 *rtc = dev;

    return rtc->ris & rtc->imsc;
}

static void set_icr(void *dev, uint64_t value)
{
    pl031 *rtc = dev;

    rtc->ris &= ~(uint32_t)value;
}

#define MEMBER(name) VP_REG_MEMBER(struct pl031, name)

static const struct vp_reg rows[] = {
    {"RTCDR", 0x000, 4, .get = get_dr},
    {"RTCMR", 0x004, 4, MEMBER(match), .set = set_mr},
    {"RTCLR", 0x008, 4, MEMBER(load), .set = set_lr},
    {"RTCCR", 0x00c, 4, .value = STARTED},
    {"RTCIMSC", 0x010, 4, MEMBER(imsc), .writable = INTERRUPT},
    {"RTCRIS", 0x014, 4, MEMBER(ris)},
    {"RTCMIS", 0x018, 4, .get = get_mis},
    {"RTCICR", 0x01c, 4, .set = set_icr},
    {"RTCPeriphID0", 0xfe0, 4, .value = 0x31},
    {"RTCPeriphID1", 0xfe4, 4, .value = 0x10},
    {"RTCPeriphID2", 0xfe8, 4, .value = 0x14},
    {"RTCPeriphID3", 0xfec, 4, .value = 0x00},
    {"RTCPCellID0", 0xff0, 4, .value = 0x0d},
    {"RTCPCellID1", 0xff4, 4, .value = 0xf0},
    {"RTCPCellID2", 0xff8, 4, .value = 0x05},
    {"RTCPCellID3", 0xffc, 4, .value = 0xb1},
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = PL031_SIZE,
    .sizes = 1 | 2 | 4, /* a bus of 32 bits without byte strobes, as the PL011's */
    .align = 4,
    .extends = true,
};

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_peek(&regs, dev, offset, size, value);
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    pl031_alarm(dev);
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    catch_up(dev);
    enum vp_status status = vp_regs_write(&regs, dev, offset, size, value);
    catch_up(dev);
    update_interrupt(dev);
    return status;
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset);
}

const struct vp_frame pl031_frame = {
    .read = frame_read, .write = frame_write, .peek = frame_peek, .name = frame_name};

pl031 *pl031_create(const struct pl031_ops *ops, void *user, const struct vp_wires *wires,
                    uint32_t epoch)
{
    pl031 *rtc = calloc(1, sizeof(*rtc));

    if (!rtc)
        return NULL;
    rtc->ops = *ops;
    rtc->user = user;
    rtc->wires = *wires;
    rtc->offset = epoch - (uint32_t)now(rtc);
    rtc->load = epoch;
    arm(rtc, now(rtc) + 1);
    return rtc;
}

void pl031_destroy(pl031 *rtc)
{
    free(rtc);
}
