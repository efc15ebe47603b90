/* SPDX-License-Identifier: Apache-2.0 */
/* The tables an ITS keeps in memory: devices, collections, and the interrupts of each device
 * (IHI 0069 5.2). Level 1 entries are architected, the others are this model's own. */
#include "its_priv.h"
#include "vp/little_endian.h"

#define BASER_INDIRECT (UINT64_C(1) << 62)

/* Every entry, level 1 ones included, is valid if bit 63 is set. */
#define ENTRY_VALID (UINT64_C(1) << 63)

#define MAX_LOAD 4u /* doublewords: a command */

bool its_load(struct its *i, uint64_t addr, uint64_t *words, unsigned count)
{
    uint8_t bytes[MAX_LOAD * 8];

    if (i->ops.bus.read(i->ops.bus.user, addr, bytes, count * 8, 0, VP_NO_SSID))
        return false;
    for (unsigned w = 0; w < count; w++)
        words[w] = vp_load_le64(&bytes[w * 8]);
    return true;
}

static bool store(struct its *i, uint64_t addr, uint64_t word)
{
    uint8_t bytes[8];

    vp_store_le(bytes, word, sizeof(bytes));
    return i->ops.bus.write(i->ops.bus.user, addr, bytes, sizeof(bytes), 0, VP_NO_SSID) == VP_OK;
}

/* --- GITS_BASER<n> --- */

static const unsigned id_bits[ITS_TABLES] = {
    [ITS_DEVICES] = ITS_DEVICE_BITS,
    [ITS_COLLECTIONS] = ITS_COLLECTION_BITS,
};

/* Page_Size: 4, 16 or 64 KiB. */
static uint64_t page_size(uint64_t baser)
{
    return UINT64_C(0x1000) << 2 * its_bits(baser, 9, 8);
}

/* With pages of 64 KiB, bits [15:12] of the register are bits [51:48] of the address. */
static uint64_t base_address(uint64_t baser)
{
    uint64_t low = baser & UINT64_C(0x0000fffffffff000);

    if (its_bits(baser, 9, 8) != 2)
        return low & ~(page_size(baser) - 1);
    return (low & ~UINT64_C(0xffff)) | its_bits(baser, 15, 12) << 48;
}

static uint64_t entries_per_page(uint64_t baser)
{
    return page_size(baser) / ITS_ENTRY_SIZE;
}

/* Where the entry of `id` is; false if the table does not reach that far. */
static bool locate(struct its *i, enum its_table table, uint32_t id, uint64_t *addr)
{
    uint64_t baser = i->baser[table];
    uint64_t entries = (its_bits(baser, 7, 0) + 1) * entries_per_page(baser);
    uint64_t base = base_address(baser);
    uint64_t level1;

    if (!(baser & GITS_BASER_VALID) || id >> id_bits[table])
        return false;
    if (!(baser & BASER_INDIRECT)) {
        *addr = base + (uint64_t)id * ITS_ENTRY_SIZE;
        return id < entries;
    }
    if (id / entries_per_page(baser) >= entries ||
        !its_load(i, base + id / entries_per_page(baser) * ITS_ENTRY_SIZE, &level1, 1) ||
        !(level1 & ENTRY_VALID))
        return false;
    *addr = (level1 & UINT64_C(0x000ffffffffff000) & ~(page_size(baser) - 1)) +
            id % entries_per_page(baser) * ITS_ENTRY_SIZE;
    return true;
}

bool its_in_table(struct its *i, enum its_table table, uint32_t id)
{
    uint64_t addr;

    return locate(i, table, id, &addr);
}

static bool get(struct its *i, enum its_table table, uint32_t id, uint64_t *entry)
{
    uint64_t addr;

    return locate(i, table, id, &addr) && its_load(i, addr, entry, 1) && *entry & ENTRY_VALID;
}

static bool set(struct its *i, enum its_table table, uint32_t id, uint64_t entry)
{
    uint64_t addr;

    return locate(i, table, id, &addr) && store(i, addr, entry);
}

/* --- Devices: valid [63], ITT address [51:8], EventID bits less one [4:0] --- */

#define DEVICE_ITT UINT64_C(0x000fffffffffff00)

bool its_device_get(struct its *i, uint32_t id, struct its_device *device)
{
    uint64_t entry;

    if (!get(i, ITS_DEVICES, id, &entry))
        return false;
    device->itt = entry & DEVICE_ITT;
    device->event_bits = its_bits16(entry, 4, 0) + 1;
    return device->event_bits <= ITS_EVENT_BITS;
}

bool its_device_put(struct its *i, uint32_t id, const struct its_device *device)
{
    uint64_t entry = device ? ENTRY_VALID | device->itt | (device->event_bits - 1) : 0;

    return set(i, ITS_DEVICES, id, entry);
}

/* --- Collections: valid [63], number of the PE [15:0] --- */

bool its_collection_get(struct its *i, uint32_t id, struct its_collection *collection)
{
    uint64_t entry;

    if (!get(i, ITS_COLLECTIONS, id, &entry))
        return false;
    collection->pe = its_bits16(entry, 15, 0);
    return collection->pe < gic_pes(i->gic);
}

bool its_collection_put(struct its *i, uint32_t id, const struct its_collection *collection)
{
    return set(i, ITS_COLLECTIONS, id, collection ? ENTRY_VALID | collection->pe : 0);
}

/* --- Interrupts of a device: valid [63], collection [47:32], INTID [31:0] --- */

static bool locate_interrupt(const struct its_device *device, uint32_t event, uint64_t *addr)
{
    *addr = device->itt + (uint64_t)event * ITS_ENTRY_SIZE;
    return event >> device->event_bits == 0;
}

bool its_interrupt_get(struct its *i, const struct its_device *device, uint32_t event,
                       struct its_interrupt *interrupt)
{
    uint64_t addr;
    uint64_t entry;

    if (!locate_interrupt(device, event, &addr) || !its_load(i, addr, &entry, 1))
        return false;
    interrupt->intid = its_bits32(entry, 31, 0);
    interrupt->collection = its_bits16(entry, 47, 32);
    return entry & ENTRY_VALID;
}

bool its_interrupt_put(struct its *i, const struct its_device *device, uint32_t event,
                       const struct its_interrupt *interrupt)
{
    uint64_t addr;
    uint64_t entry =
        interrupt ? ENTRY_VALID | (uint64_t)interrupt->collection << 32 | interrupt->intid : 0;

    return locate_interrupt(device, event, &addr) && store(i, addr, entry);
}
