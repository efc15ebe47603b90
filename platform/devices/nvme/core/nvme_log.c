/* SPDX-License-Identifier: Apache-2.0 */
/* Get Log Page (NVM Express 1.4, 5.14), and the entries of failed commands. */
#include <string.h>

#include "nvme_priv.h"

#define RETAIN             0x8000u
#define ERROR_ENTRY_BYTES  64u
#define SPARE_PERCENT      100u
#define SPARE_LIMIT        10u
#define WARN_TEMPERATURE   0x02u
#define NO_LOCATION        0xffffu /* of the parameter that is wrong */
#define LARGEST_PAGE_BYTES (ERROR_ENTRIES * ERROR_ENTRY_BYTES)

void log_error(nvme *n, const struct command *command, enum nvme_status status)
{
    uint64_t number = ++n->counts.errors;

    n->error[number % ERROR_ENTRIES] =
        (struct error_entry){.number = number,
                             .queue = command->queue,
                             .command = command->id,
                             .status = (uint16_t)((status | NVME_MORE) << 1),
                             .block = (uint64_t)command->dw[11] << 32 | command->dw[10],
                             .nsid = command->nsid};
}

/* The newest entry comes first. */
static void fill_errors(const nvme *n, uint8_t *data)
{
    for (unsigned i = 0; i < ERROR_ENTRIES && i < n->counts.errors; i++) {
        const struct error_entry *entry = &n->error[(n->counts.errors - i) % ERROR_ENTRIES];
        uint8_t *to = data + (size_t)i * ERROR_ENTRY_BYTES;
        vp_store_le(to, entry->number, 8);
        vp_store_le(to + 8, entry->queue, 2);
        vp_store_le(to + 10, entry->command, 2);
        vp_store_le(to + 12, entry->status, 2);
        vp_store_le(to + 14, NO_LOCATION, 2);
        vp_store_le(to + 16, entry->queue ? entry->block : 0, 8);
        vp_store_le(to + 24, entry->nsid, 4);
    }
}

static uint64_t thousands_of_512(uint64_t bytes)
{
    return bytes / 512000 + (bytes % 512000 != 0);
}

static void fill_health(const nvme *n, uint8_t *data)
{
    data[0] = temperature_warning(n) ? WARN_TEMPERATURE : 0;
    vp_store_le(data + 1, KELVIN, 2);
    data[3] = SPARE_PERCENT;
    data[4] = SPARE_LIMIT;
    vp_store_le(data + 32, thousands_of_512(n->counts.read_bytes), 8);
    vp_store_le(data + 48, thousands_of_512(n->counts.written_bytes), 8);
    vp_store_le(data + 64, n->counts.read_commands, 8);
    vp_store_le(data + 80, n->counts.write_commands, 8);
    vp_store_le(data + 160, n->counts.medium_errors, 8);
    vp_store_le(data + 176, n->counts.errors, 8);
}

static void fill_firmware(const nvme *n, uint8_t *data)
{
    (void)n;
    data[0] = 1; /* slot 1 is active */
    store_text(data + 8, 8, FIRMWARE_REVISION);
}

struct page {
    void (*fill)(const nvme *n, uint8_t *data);
    uint32_t size;
    enum event_type event; /* that reading it acknowledges; EVENT_TYPES: none */
};

/* By log identifier; 0 is reserved. */
static const struct page pages[] = {
    {NULL, 0, EVENT_TYPES},
    {fill_errors, LARGEST_PAGE_BYTES, EVENT_ERROR},
    {fill_health, 512, EVENT_HEALTH},
    {fill_firmware, 512, EVENT_TYPES},
};

/* No page is of a namespace alone. Bytes beyond the end of one are zeros. */
enum nvme_status get_log_page(nvme *n, struct command *command)
{
    uint32_t id = command->dw[10] & 0xff;
    uint64_t dwords = ((uint64_t)(command->dw[11] & 0xffff) << 16 | high_half(command->dw[10])) + 1;
    uint64_t offset = (uint64_t)command->dw[13] << 32 | command->dw[12];
    enum nvme_status status;

    if (id >= sizeof(pages) / sizeof(*pages) || !pages[id].fill)
        return NVME_LOG_PAGE;
    if (command->nsid != 0 && command->nsid != ALL_NAMESPACES)
        return NVME_INVALID_FIELD;
    if (dwords > MAX_DATA / 4 || offset > pages[id].size || offset % 4)
        return NVME_INVALID_FIELD;
    memset(n->data, 0, offset + dwords * 4 + pages[id].size); /* both buffers, if need be */
    pages[id].fill(n, n->data);
    status = send_data(n, command, n->data + offset, (uint32_t)dwords * 4);
    if (status == NVME_SUCCESS && pages[id].event < EVENT_TYPES && !(command->dw[10] & RETAIN))
        event_acknowledge(n, pages[id].event);
    return status;
}
