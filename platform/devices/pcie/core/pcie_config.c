/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration space: rows become masks, and one routine applies them to every write. */
#include "pcie/pcie_config.h"

#include <assert.h>
#include <string.h>

#define CAPABILITIES_POINTER 0x34u
#define FIRST_CAP            0x40u
#define FIRST_EXT            0x100u

void pcie_config_init(struct pcie_config *config, void *owner)
{
    memset(config, 0, sizeof(*config));
    config->owner = owner;
    config->last_cap = CAPABILITIES_POINTER;
    config->next_cap = FIRST_CAP;
    config->next_ext = FIRST_EXT;
}

static void store(uint8_t *bytes, unsigned offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++)
        bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

static uint32_t load(const uint8_t *bytes, unsigned offset, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)bytes[offset + i] << (8 * i);
    return value;
}

void pcie_config_rows(struct pcie_config *config, unsigned base, const struct pcie_config_row *rows,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct pcie_config_row *row = &rows[i];
        uint16_t at = (uint16_t)(base + row->offset);

        store(config->value, at, row->width, row->reset);
        store(config->reset, at, row->width, row->reset);
        store(config->rw, at, row->width, row->rw);
        store(config->w1c, at, row->width, row->w1c);
        store(config->kept[PCIE_RESET_CONVENTIONAL], at, row->width, row->sticky);
        store(config->kept[PCIE_RESET_FUNCTION_LEVEL], at, row->width, row->sticky | row->spared);
        if (row->written) {
            assert(config->hook_count < PCIE_CONFIG_HOOKS);
            config->hooks[config->hook_count++] =
                (struct pcie_config_hook){at, row->width, row->written};
        }
    }
}

static uint16_t aligned(uint16_t offset)
{
    return (uint16_t)((offset + 3u) & ~3u);
}

uint16_t pcie_config_add_cap(struct pcie_config *config, uint8_t id, uint16_t size,
                             const struct pcie_config_row *rows, size_t count)
{
    uint16_t base = config->next_cap;

    assert(base + size <= FIRST_EXT);
    pcie_config_preset(config, base, 1, id);
    pcie_config_preset(config, config->last_cap, 1, base);
    pcie_config_rows(config, base, rows, count);
    config->last_cap = (uint16_t)(base + 1);
    config->next_cap = aligned((uint16_t)(base + size));
    return base;
}

/* The header is <version and next pointer : 16> <identifier : 16>. */
uint16_t pcie_config_add_ext(struct pcie_config *config, uint16_t id, uint8_t version,
                             uint16_t size, const struct pcie_config_row *rows, size_t count)
{
    uint16_t base = config->next_ext;

    assert(base + size <= PCIE_CONFIG_SIZE);
    pcie_config_preset(config, base, 4, (uint32_t)version << 16 | id);
    if (config->last_ext) {
        uint32_t header = pcie_config_get(config, config->last_ext, 4);
        pcie_config_preset(config, config->last_ext, 4, header | (uint32_t)base << 20);
    }
    pcie_config_rows(config, base, rows, count);
    config->last_ext = base;
    config->next_ext = aligned((uint16_t)(base + size));
    return base;
}

void pcie_config_preset(struct pcie_config *config, unsigned offset, unsigned width, uint32_t value)
{
    store(config->reset, offset, width, value);
    store(config->value, offset, width, value);
}

uint32_t pcie_config_get(const struct pcie_config *config, unsigned offset, unsigned width)
{
    return load(config->value, offset, width);
}

void pcie_config_put(struct pcie_config *config, unsigned offset, unsigned width, uint32_t value)
{
    store(config->value, offset, width, value);
}

void pcie_config_write(struct pcie_config *config, unsigned offset, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        unsigned at = offset + i;
        uint8_t data = (uint8_t)(value >> (8 * i));
        uint8_t kept = config->value[at] & (uint8_t)~config->rw[at];

        config->value[at] = (uint8_t)((kept | (data & config->rw[at])) & ~(data & config->w1c[at]));
    }
    for (unsigned i = 0; i < config->hook_count; i++) {
        const struct pcie_config_hook *hook = &config->hooks[i];

        if (hook->offset < offset + width && offset < hook->offset + hook->width)
            hook->written(config->owner);
    }
}

void pcie_config_reset(struct pcie_config *config, enum pcie_reset kind)
{
    const uint8_t *kept = config->kept[kind];

    for (unsigned i = 0; i < PCIE_CONFIG_SIZE; i++)
        config->value[i] = (uint8_t)((config->value[i] & kept[i]) | (config->reset[i] & ~kept[i]));
}
