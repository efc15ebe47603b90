/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the controller (NVM Express 1.4, 3.1). */
#include "nvme_priv.h"
#include "vp/regpart.h"

#define CAP_CONTIGUOUS (UINT64_C(1) << 16)
#define CAP_TIMEOUT    (UINT64_C(20) << 24) /* of 500 ms */
#define CAP_NVM        (UINT64_C(1) << 37)
#define CAP_MAX_PAGE   ((uint64_t)(MAX_PAGE_SHIFT - MIN_PAGE_SHIFT) << 52)
#define CC_WRITABLE    0x00fffff1u
#define AQA_WRITABLE   0x0fff0fffu
#define QUEUE_ADDRESS  (~UINT64_C(0xfff))

/* Registers come in pairs of 32 bits; these are the offsets of the pairs. */
enum {
    CAP = 0x00,
    VS_INTMS = 0x08,
    INTMC_CC = 0x10,
    CSTS = 0x18,
    NSSR_AQA = 0x20,
    ASQ = 0x28,
    ACQ = 0x30,
    DOORBELLS = 0x1000,
};

static uint64_t capabilities(void)
{
    return (MAX_ENTRIES - 1) | CAP_CONTIGUOUS | CAP_TIMEOUT | CAP_NVM | CAP_MAX_PAGE;
}

static uint64_t read_pair(const nvme *n, uint64_t offset)
{
    switch (offset) {
    case CAP:
        return capabilities();
    case VS_INTMS:
        return (uint64_t)n->int_mask << 32 | VERSION_1_4;
    case INTMC_CC:
        return (uint64_t)n->cc << 32 | n->int_mask;
    case CSTS:
        return (uint64_t)n->csts << 32;
    case NSSR_AQA:
        return (uint64_t)n->aqa << 32;
    case ASQ:
        return n->asq;
    case ACQ:
        return n->acq;
    default:
        return 0;
    }
}

/* CC fields other than EN and SHN take effect when EN is set. A shutdown ends with the next reset
 * of the controller. */
static void write_cc(nvme *n, uint32_t value)
{
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
}

static void write_register(nvme *n, uint64_t offset, uint32_t value)
{
    bool enabled = n->cc & CC_ENABLE;

    switch (offset) {
    case VS_INTMS + 4:
        n->int_mask |= value;
        break;
    case INTMC_CC:
        n->int_mask &= ~value;
        break;
    case INTMC_CC + 4:
        write_cc(n, value);
        break;
    case NSSR_AQA + 4:
        n->aqa = enabled ? n->aqa : value & AQA_WRITABLE;
        break;
    case ASQ:
    case ASQ + 4:
        n->asq = enabled ? n->asq : vp_reg_merge(n->asq, offset, 4, value) & QUEUE_ADDRESS;
        break;
    case ACQ:
    case ACQ + 4:
        n->acq = enabled ? n->acq : vp_reg_merge(n->acq, offset, 4, value) & QUEUE_ADDRESS;
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
        *value = vp_reg_part(read_pair(dev, offset & ~UINT64_C(7)), offset, size);
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
