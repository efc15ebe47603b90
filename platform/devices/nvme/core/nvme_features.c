/* SPDX-License-Identifier: Apache-2.0 */
/* Features (NVM Express 1.4, 5.13, 5.21.1): a value each, some of which do something. */
#include <string.h>

#include "nvme_priv.h"

#define SAVE                 0x80000000u
#define SELECT_SHIFT         8
#define SELECT_MASK          7u
#define CHANGEABLE           4u
#define OF_NAMESPACE         2u
#define TEMPERATURE_SENSOR   0x000f0000u
#define ALL_SENSORS          0x000f0000u
#define TEMPERATURE_KIND     0x00300000u
#define TEMPERATURE_BELOW    0x00100000u
#define UNCOALESCED          0x00010000u
#define WARN_TEMPERATURE     0x02u /* of the critical warnings that are events */
#define TEMPERATURE_CROSSED  0x00020101u
#define QUEUES_OF_BOTH_KINDS ((NVME_MAX_QUEUES - 1) << 16 | (NVME_MAX_QUEUES - 1))

enum id {
    ARBITRATION = 0x01,
    POWER = 0x02,
    TEMPERATURE = 0x04,
    ERROR_RECOVERY = 0x05,
    WRITE_CACHE = 0x06,
    QUEUES = 0x07,
    COALESCING = 0x08,
    VECTOR = 0x09,
    ATOMICITY = 0x0a,
    EVENTS = 0x0b,
};

/* The Select field of Get Features. */
enum select { SELECT_CURRENT, SELECT_DEFAULT, SELECT_SAVED, SELECT_CAPABILITIES };

struct row {
    bool present;
    uint32_t reset;
    uint32_t writable;
    /* In place of storing the writable bits of dword 11. */
    enum nvme_status (*set)(nvme *n, struct command *command);
    /* In place of reading the stored value; the reset value with `select` other than current. */
    enum nvme_status (*get)(const nvme *n, struct command *command, enum select select);
};

/* --- temperature --- */

bool temperature_warning(const nvme *n)
{
    return KELVIN >= n->features.value[TEMPERATURE] || KELVIN <= n->features.low_temperature;
}

static void report_temperature(nvme *n)
{
    if (temperature_warning(n) && n->features.value[EVENTS] & WARN_TEMPERATURE)
        event_report(n, EVENT_HEALTH, TEMPERATURE_CROSSED);
}

/* There are the composite temperature and no other sensors. */
static uint32_t *find_threshold(nvme *n, uint32_t dw11)
{
    uint32_t sensor = dw11 & TEMPERATURE_SENSOR;

    if ((sensor != 0 && sensor != ALL_SENSORS) || (dw11 & TEMPERATURE_KIND) > TEMPERATURE_BELOW)
        return NULL;
    return dw11 & TEMPERATURE_BELOW ? &n->features.low_temperature
                                    : &n->features.value[TEMPERATURE];
}

static enum nvme_status set_temperature(nvme *n, struct command *command)
{
    uint32_t *threshold = find_threshold(n, command->dw[11]);

    if (!threshold)
        return NVME_INVALID_FIELD;
    *threshold = command->dw[11] & 0xffff;
    report_temperature(n);
    return NVME_SUCCESS;
}

static enum nvme_status get_temperature(const nvme *n, struct command *command, enum select select)
{
    uint32_t kind = command->dw[11] & TEMPERATURE_KIND;

    if (command->dw[11] & TEMPERATURE_SENSOR || kind > TEMPERATURE_BELOW)
        return NVME_INVALID_FIELD;
    if (select != SELECT_CURRENT)
        command->result = kind ? 0 : KELVIN_WARNING;
    else
        command->result = kind ? n->features.low_temperature : n->features.value[TEMPERATURE];
    return NVME_SUCCESS;
}

/* --- others that do something --- */

/* As many queues as there are, whatever is asked for; not after the first was created. */
static enum nvme_status set_queues(nvme *n, struct command *command)
{
    if ((command->dw[11] & 0xffff) == 0xffff || high_half(command->dw[11]) == 0xffff)
        return NVME_INVALID_FIELD;
    for (unsigned i = 1; i <= NVME_MAX_QUEUES; i++)
        if (n->cq[i].present)
            return NVME_SEQUENCE_ERROR;
    command->result = QUEUES_OF_BOTH_KINDS;
    return NVME_SUCCESS;
}

/* Blocks in the cache are made safe before it is gone. */
static enum nvme_status set_write_cache(nvme *n, struct command *command)
{
    enum nvme_status status = command->dw[11] & 1 ? NVME_SUCCESS : medium_flush(n);

    if (status == NVME_SUCCESS)
        n->features.value[WRITE_CACHE] = command->dw[11] & 1;
    return status;
}

bool write_cache_enabled(const nvme *n)
{
    return n->features.value[WRITE_CACHE];
}

static enum nvme_status set_events(nvme *n, struct command *command)
{
    n->features.value[EVENTS] = command->dw[11] & 0xff;
    report_temperature(n);
    return NVME_SUCCESS;
}

/* Coalescing is per vector in name only: what is set is answered. */
static enum nvme_status set_vector(nvme *n, struct command *command)
{
    uint32_t vector = command->dw[11] & 0xffff;

    if (vector >= NVME_VECTORS)
        return NVME_INVALID_FIELD;
    n->features.uncoalesced[vector] = command->dw[11] & UNCOALESCED;
    return NVME_SUCCESS;
}

static enum nvme_status get_vector(const nvme *n, struct command *command, enum select select)
{
    uint32_t vector = command->dw[11] & 0xffff;

    if (vector >= NVME_VECTORS)
        return NVME_INVALID_FIELD;
    command->result = vector;
    if (select == SELECT_CURRENT && n->features.uncoalesced[vector])
        command->result |= UNCOALESCED;
    return NVME_SUCCESS;
}

/* --- the table --- */

static const struct row rows[FEATURES] = {
    [ARBITRATION] = {true, 0, 0xffffff07, NULL, NULL},
    [POWER] = {true, 0, 0, NULL, NULL}, /* there is one state */
    [TEMPERATURE] = {true, KELVIN_WARNING, 0xffff, set_temperature, get_temperature},
    [ERROR_RECOVERY] = {true, 0, 0xffff, NULL, NULL},
    [WRITE_CACHE] = {true, 1, 1, set_write_cache, NULL},
    [QUEUES] = {true, QUEUES_OF_BOTH_KINDS, UINT32_MAX, set_queues, NULL},
    [COALESCING] = {true, 0, 0xffff, NULL, NULL},
    [VECTOR] = {true, 0, UNCOALESCED, set_vector, get_vector},
    [ATOMICITY] = {true, 0, 1, NULL, NULL},
    [EVENTS] = {true, 0, 0xff, set_events, NULL},
};

void features_reset(nvme *n)
{
    memset(&n->features, 0, sizeof(n->features));
    for (unsigned i = 0; i < FEATURES; i++)
        n->features.value[i] = rows[i].reset;
}

static const struct row *find(const struct command *command)
{
    uint32_t id = command->dw[10] & 0xff;

    return id < FEATURES && rows[id].present ? &rows[id] : NULL;
}

/* Error recovery is a matter of the namespace, the rest of the controller. */
static enum nvme_status check_namespace(const struct command *command)
{
    if (command->nsid != NAMESPACE && command->nsid != 0 && command->nsid != ALL_NAMESPACES)
        return NVME_INVALID_NAMESPACE;
    if ((command->dw[10] & 0xff) == ERROR_RECOVERY)
        return command->nsid ? NVME_SUCCESS : NVME_INVALID_NAMESPACE;
    return command->nsid == NAMESPACE ? NVME_NOT_OF_NAMESPACE : NVME_SUCCESS;
}

enum nvme_status set_features(nvme *n, struct command *command)
{
    const struct row *row = find(command);
    enum nvme_status status;

    if (!row)
        return NVME_INVALID_FIELD;
    if (command->dw[10] & SAVE)
        return NVME_NOT_SAVEABLE;
    status = check_namespace(command);
    if (status != NVME_SUCCESS)
        return status;
    if (row->set)
        return row->set(n, command);
    if (!row->writable && command->dw[11])
        return NVME_INVALID_FIELD;
    n->features.value[command->dw[10] & 0xff] = command->dw[11] & row->writable;
    return NVME_SUCCESS;
}

enum nvme_status get_features(nvme *n, struct command *command)
{
    const struct row *row = find(command);
    uint32_t id = command->dw[10] & 0xff;
    enum select select = command->dw[10] >> SELECT_SHIFT & SELECT_MASK;

    if (!row || select > SELECT_CAPABILITIES)
        return NVME_INVALID_FIELD;
    if (select == SELECT_CAPABILITIES) {
        command->result = row->writable ? CHANGEABLE : 0;
        command->result |= id == ERROR_RECOVERY ? OF_NAMESPACE : 0;
        return NVME_SUCCESS;
    }
    if (row->get)
        return row->get(n, command, select);
    command->result = select == SELECT_CURRENT ? n->features.value[id] : row->reset;
    return NVME_SUCCESS;
}
