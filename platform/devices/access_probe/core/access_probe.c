/* SPDX-License-Identifier: Apache-2.0 */
/* The access probe: its registers. docs/access-probe.md says what they are. */
#include "access_probe/access_probe.h"

#include <stdlib.h>

#include "vp/regs.h"

#define ID_VALUE 0x31425250u /* "PRB1" */

struct access_probe {
    uint32_t count;
    struct access_probe_access last;
};

access_probe *access_probe_create(void)
{
    return calloc(1, sizeof(struct access_probe));
}

void access_probe_destroy(access_probe *probe)
{
    free(probe);
}

void access_probe_record(access_probe *probe, const struct access_probe_access *access)
{
    probe->count++;
    probe->last = *access;
}

/* --- Registers --- */

static const struct access_probe_access *last(const void *dev)
{
    const struct access_probe *probe = dev;

    return &probe->last;
}

static uint64_t get_count(const void *dev)
{
    const struct access_probe *probe = dev;

    return probe->count;
}

/* Whatever is written, what was seen is forgotten. */
static void set_count(void *dev, uint64_t value)
{
    struct access_probe *probe = dev;

    (void)value;
    *probe = (struct access_probe){0};
}

static uint64_t get_address(const void *dev)
{
    return last(dev)->offset;
}

static uint64_t get_length(const void *dev)
{
    return last(dev)->length;
}

static uint64_t get_kind(const void *dev)
{
    const struct access_probe_access *seen = last(dev);

    return (uint64_t)seen->write | (uint64_t)seen->instr << 1 | (uint64_t)seen->priv << 2 |
           (uint64_t)seen->ssv << 3 | (uint64_t)(seen->pas & 3) << 4;
}

static uint64_t get_sid(const void *dev)
{
    return last(dev)->sid;
}

static uint64_t get_ssid(const void *dev)
{
    return last(dev)->ssid;
}

static uint64_t get_mpam(const void *dev)
{
    const struct access_probe_access *seen = last(dev);

    return (uint64_t)seen->partid | (uint64_t)seen->pmg << 16 | (uint64_t)(seen->space & 3) << 24;
}

static uint64_t get_attr(const void *dev)
{
    const struct access_probe_access *seen = last(dev);

    return (uint64_t)seen->mair | (uint64_t)(seen->sh & 3) << 8 | (uint64_t)(seen->pbha & 15) << 12;
}

static const struct vp_reg rows[] = {
    {"ID", 0x00, 4, .value = ID_VALUE},
    {"COUNT", 0x04, 4, .get = get_count, .set = set_count},
    {"ADDRESS", 0x08, 8, .get = get_address},
    {"LENGTH", 0x10, 4, .get = get_length},
    {"KIND", 0x14, 4, .get = get_kind},
    {"SID", 0x18, 4, .get = get_sid},
    {"SSID", 0x1c, 4, .get = get_ssid},
    {"MPAM", 0x20, 4, .get = get_mpam},
    {"ATTR", 0x24, 4, .get = get_attr},
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = ACCESS_PROBE_SIZE,
    .sizes = 4 | 8,
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

const struct vp_frame access_probe_frame = {
    .read = frame_read, .write = frame_write, .name = frame_name};
