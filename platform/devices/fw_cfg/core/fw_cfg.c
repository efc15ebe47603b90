/* SPDX-License-Identifier: Apache-2.0 */
/* Items, registers, DMA. */
#include "fw_cfg/fw_cfg.h"

#include <stdlib.h>
#include <string.h>

#include "vp/little_endian.h"

enum { DATA = 0, SELECTOR = 8, DMA_ADDRESS = 16 };

/* Control of an operation: what it is, and its key in the upper half. */
enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };

/* The directory: a count, then an entry for each file. */
enum { ENTRY_SIZE = 64, ENTRY_KEY = 4, ENTRY_NAME = 8, COUNT_SIZE = 4 };

#define OWN_ITEMS 3u /* signature, features, directory */

struct item {
    uint16_t key;
    uint32_t size;
    const uint8_t *data;
};

struct fw_cfg {
    struct fw_cfg_ops ops;
    struct item items[OWN_ITEMS + FW_CFG_MAX_ITEMS];
    unsigned count;
    unsigned files;
    uint8_t directory[COUNT_SIZE + FW_CFG_MAX_ITEMS * ENTRY_SIZE];
    const struct item *selected; /* NULL: none has the key */
    uint32_t offset;             /* of what is read next */
    uint64_t dma_address;
    bool dma_pending;
    uint8_t chunk[FW_CFG_CHUNK];
};

static const uint8_t signature[4] = {'Q', 'E', 'M', 'U'};
static const uint8_t features[4] = {0x03}; /* the registers, DMA */
static const uint8_t dma_signature[8] = {'Q', 'E', 'M', 'U', ' ', 'C', 'F', 'G'};

/* --- Integers --- */

static uint64_t big_endian(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void put_big_endian(uint8_t *bytes, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

/* The value of a register whose bytes are in the other order than those of the bus. */
static uint64_t swapped(uint64_t value, unsigned size)
{
    uint8_t bytes[8];

    vp_store_le(bytes, value, size);
    return big_endian(bytes, size);
}

/* --- Items --- */

static const struct item *find(const fw_cfg *dev, uint16_t key)
{
    for (unsigned i = 0; i < dev->count; i++)
        if (dev->items[i].key == key)
            return &dev->items[i];
    return NULL;
}

bool fw_cfg_add(fw_cfg *dev, uint16_t key, const void *data, uint32_t size)
{
    if (dev->count == OWN_ITEMS + FW_CFG_MAX_ITEMS || find(dev, key))
        return false;
    dev->items[dev->count++] = (struct item){key, size, data};
    return true;
}

bool fw_cfg_add_file(fw_cfg *dev, const char *name, const void *data, uint32_t size)
{
    const uint16_t key = (uint16_t)(FW_CFG_FILE_FIRST + dev->files);
    const size_t length = strlen(name);

    if (length > FW_CFG_MAX_NAME || !fw_cfg_add(dev, key, data, size))
        return false;
    uint8_t *entry = dev->directory + COUNT_SIZE + (size_t)dev->files * ENTRY_SIZE;
    put_big_endian(entry, 4, size);
    put_big_endian(entry + ENTRY_KEY, 2, key);
    memcpy(entry + ENTRY_NAME, name, length + 1);
    put_big_endian(dev->directory, COUNT_SIZE, ++dev->files);
    return true;
}

/* Bit 14 of a key asked for an item to be written, which none can be. */
static void choose(fw_cfg *dev, uint16_t key)
{
    dev->selected = find(dev, key & 0xbfff);
    dev->offset = 0;
}

/* The bytes of the selected item that are left from `offset` on. */
static uint32_t left(const fw_cfg *dev)
{
    return dev->selected && dev->offset < dev->selected->size ? dev->selected->size - dev->offset
                                                              : 0;
}

static void skip(fw_cfg *dev, uint32_t size)
{
    const uint32_t there = left(dev);

    dev->offset += size < there ? size : there;
}

/* Behind the end there are zeros. */
static void take(fw_cfg *dev, uint8_t *bytes, uint32_t size)
{
    const uint32_t there = left(dev);
    const uint32_t some = size < there ? size : there;

    memset(bytes, 0, size);
    if (some)
        memcpy(bytes, dev->selected->data + dev->offset, some);
    dev->offset += some;
}

/* --- DMA --- */

static bool store(fw_cfg *dev, uint64_t address, const void *data, uint32_t size)
{
    return dev->ops.bus.write(dev->ops.bus.user, address, data, size, 0, VP_NO_SSID) == VP_OK;
}

static bool copy_out(fw_cfg *dev, uint64_t address, uint32_t length)
{
    while (length) {
        const uint32_t some = length < FW_CFG_CHUNK ? length : FW_CFG_CHUNK;
        take(dev, dev->chunk, some);
        if (!store(dev, address, dev->chunk, some))
            return false;
        address += some;
        length -= some;
    }
    return true;
}

/* Returns whether it could be done. */
static bool operate(fw_cfg *dev, uint32_t control, uint32_t length, uint64_t address)
{
    if (control & DMA_SELECT)
        choose(dev, (uint16_t)(control >> 16));
    if (control & DMA_READ)
        return copy_out(dev, address, length);
    if (control & DMA_WRITE)
        return false;
    if (control & DMA_SKIP)
        skip(dev, length);
    return true;
}

/* What is asked for is in memory: control, length, address. Control gets the result. */
void fw_cfg_run(fw_cfg *dev)
{
    const uint64_t at = dev->dma_address;
    uint8_t request[16];
    uint8_t result[4];

    if (!dev->dma_pending)
        return;
    bool done =
        dev->ops.bus.read(dev->ops.bus.user, at, request, sizeof(request), 0, VP_NO_SSID) == VP_OK;
    if (done)
        done = operate(dev, (uint32_t)big_endian(request, 4), (uint32_t)big_endian(request + 4, 4),
                       big_endian(request + 8, 8));
    dev->dma_address = 0;
    dev->dma_pending = false;
    put_big_endian(result, sizeof(result), done ? 0 : DMA_ERROR);
    store(dev, at, result, sizeof(result));
}

/* --- Registers --- */

static enum vp_status check(uint64_t offset, unsigned size)
{
    if (offset >= FW_CFG_FRAME_SIZE || size > FW_CFG_FRAME_SIZE - offset)
        return VP_DECERR;
    return offset % size == 0 ? VP_OK : VP_SLVERR;
}

/* What a read gives without a side effect. */
static enum vp_status frame_peek(const void *device, uint64_t offset, unsigned size,
                                 uint64_t *value)
{
    const fw_cfg *dev = device;
    const enum vp_status status = check(offset, size);

    *value = 0;
    if (status != VP_OK)
        return status;
    if (offset == DATA) {
        const uint32_t there = left(dev);
        const unsigned some = size < there ? size : (unsigned)there;
        *value = some ? vp_load_le(dev->selected->data + dev->offset, some) : 0;
    } else if (offset >= DMA_ADDRESS && size >= 4) {
        *value = vp_load_le(dma_signature + (offset - DMA_ADDRESS), size);
    }
    return VP_OK;
}

static enum vp_status frame_read(void *device, uint64_t offset, unsigned size, uint64_t *value)
{
    const enum vp_status status = frame_peek(device, offset, size, value);

    if (status == VP_OK && offset == DATA)
        skip(device, size);
    return status;
}

/* The lower half, which comes second, starts an operation. One that is under way goes on. */
static void write_dma(fw_cfg *dev, uint64_t offset, unsigned size, uint64_t value)
{
    const uint64_t address = swapped(value, size);

    if (dev->dma_pending)
        return;
    if (size == 8)
        dev->dma_address = address;
    else if (offset == DMA_ADDRESS)
        dev->dma_address = address << 32 | (uint32_t)dev->dma_address;
    else
        dev->dma_address = (dev->dma_address & ~(uint64_t)UINT32_MAX) | address;
    if (size == 4 && offset == DMA_ADDRESS)
        return;
    dev->dma_pending = true;
    dev->ops.start(dev->ops.user);
}

static enum vp_status frame_write(void *device, uint64_t offset, unsigned size, uint64_t value)
{
    fw_cfg *dev = device;
    const enum vp_status status = check(offset, size);

    if (status != VP_OK)
        return status;
    if (offset == SELECTOR && size == 2)
        choose(dev, (uint16_t)swapped(value, size));
    else if (offset >= DMA_ADDRESS && size >= 4)
        write_dma(dev, offset, size, value);
    return VP_OK;
}

static const char *frame_name(uint64_t offset)
{
    if (offset < SELECTOR)
        return "DATA";
    if (offset < SELECTOR + 2)
        return "SELECTOR";
    return offset >= DMA_ADDRESS && offset < FW_CFG_FRAME_SIZE ? "DMA_ADDRESS" : NULL;
}

const struct vp_frame fw_cfg_frame = {
    .read = frame_read, .write = frame_write, .peek = frame_peek, .name = frame_name};

/* --- Life --- */

fw_cfg *fw_cfg_create(const struct fw_cfg_ops *ops)
{
    fw_cfg *dev = calloc(1, sizeof(*dev));

    if (!dev)
        return NULL;
    dev->ops = *ops;
    fw_cfg_add(dev, FW_CFG_SIGNATURE, signature, sizeof(signature));
    fw_cfg_add(dev, FW_CFG_ID, features, sizeof(features));
    fw_cfg_add(dev, FW_CFG_FILE_DIR, dev->directory, sizeof(dev->directory));
    choose(dev, FW_CFG_SIGNATURE);
    return dev;
}

void fw_cfg_destroy(fw_cfg *dev)
{
    free(dev);
}
