/* SPDX-License-Identifier: Apache-2.0 */
/* The PL031: counter, match, interrupt, registers (Arm DDI 0224 chapter 3). */
#include "pl031/pl031.h"

#include <stdlib.h>

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

static uint32_t get_mr(const pl031 *rtc)
{
    return rtc->match;
}

static void set_mr(pl031 *rtc, uint32_t value)
{
    rtc->match = value;
    arm(rtc, now(rtc));
}

static uint32_t get_lr(const pl031 *rtc)
{
    return rtc->load;
}

static void set_lr(pl031 *rtc, uint32_t value)
{
    rtc->load = value;
    rtc->offset = value - (uint32_t)now(rtc);
    arm(rtc, now(rtc));
}

static uint32_t get_imsc(const pl031 *rtc)
{
    return rtc->imsc;
}

static void set_imsc(pl031 *rtc, uint32_t value)
{
    rtc->imsc = value & INTERRUPT;
}

static uint32_t get_ris(const pl031 *rtc)
{
    return rtc->ris;
}

static uint32_t get_mis(const pl031 *rtc)
{
    return rtc->ris & rtc->imsc;
}

static void set_icr(pl031 *rtc, uint32_t value)
{
    rtc->ris &= ~value;
}

/* A register is what `get` says, or a constant; a write goes to `set`, else it is ignored. */
static const struct row {
    uint32_t offset;
    uint32_t value;
    uint32_t (*get)(const pl031 *rtc);
    void (*set)(pl031 *rtc, uint32_t value);
} rows[] = {
    {0x000, .get = counter},                   /* RTCDR */
    {0x004, .get = get_mr, .set = set_mr},     /* RTCMR */
    {0x008, .get = get_lr, .set = set_lr},     /* RTCLR */
    {0x00C, .value = STARTED},                 /* RTCCR */
    {0x010, .get = get_imsc, .set = set_imsc}, /* RTCIMSC */
    {0x014, .get = get_ris},                   /* RTCRIS */
    {0x018, .get = get_mis},                   /* RTCMIS */
    {0x01C, .set = set_icr},                   /* RTCICR */
    {0xFE0, .value = 0x31},                    /* RTCPeriphID0-3 */
    {0xFE4, .value = 0x10},
    {0xFE8, .value = 0x04},
    {0xFEC, .value = 0x00},
    {0xFF0, .value = 0x0D}, /* RTCPCellID0-3 */
    {0xFF4, .value = 0xF0},
    {0xFF8, .value = 0x05},
    {0xFFC, .value = 0xB1},
};

static const struct row *find(uint64_t offset)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].offset == offset)
            return &rows[i];
    return NULL;
}

static enum vp_status check_access(uint64_t offset, unsigned size)
{
    if (offset >= PL031_SIZE)
        return VP_DECERR;
    return offset % 4 == 0 && size == 4 ? VP_OK : VP_SLVERR;
}

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    enum vp_status status = check_access(offset, size);
    const struct row *row = find(offset);

    *value = 0;
    if (status == VP_OK && row)
        *value = row->get ? row->get(dev) : row->value;
    return status;
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    pl031_alarm(dev);
    return frame_peek(dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    enum vp_status status = check_access(offset, size);
    const struct row *row = find(offset);

    if (status != VP_OK)
        return status;
    catch_up(dev);
    if (row && row->set)
        row->set(dev, (uint32_t)value);
    catch_up(dev);
    update_interrupt(dev);
    return VP_OK;
}

const struct vp_frame pl031_frame = {.read = frame_read, .write = frame_write, .peek = frame_peek};

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
