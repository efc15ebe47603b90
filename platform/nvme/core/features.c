/* SPDX-License-Identifier: Apache-2.0 */
/* Features (NVM Express 1.4, 5.14, 5.21.1): a value each, some of which do something. */
#include "nvme_priv.h"

#define SAVE          0x80000000u
#define SELECT_SHIFT  8
#define SELECT_MASK   7u
#define CHANGEABLE    4u
#define QUEUES        0x07u
#define VECTOR_CONFIG 0x09u

/* What Get Features is asked for. */
enum select { SELECT_CURRENT, SELECT_DEFAULT, SELECT_SAVED, SELECT_CAPABILITIES };

struct row {
    bool present;
    uint32_t reset;
    uint32_t writable;
};

static const struct row rows[FEATURES] = {
    [0x01] = {true, 0, 0xffffff07},  /* arbitration */
    [0x02] = {true, 0, 0},           /* power state: there is one */
    [0x04] = {true, 0x0157, 0xffff}, /* temperature threshold, in kelvins */
    [0x05] = {true, 0, 0xffff},      /* error recovery */
    [0x06] = {true, 1, 1},           /* volatile write cache */
    [QUEUES] = {true, (NVME_MAX_QUEUES - 1) << 16 | (NVME_MAX_QUEUES - 1), 0},
    [0x08] = {true, 0, 0xffff},           /* interrupt coalescing */
    [VECTOR_CONFIG] = {true, 0, 0x10000}, /* of one vector */
    [0x0A] = {true, 0, 1},                /* write atomicity */
    [0x0B] = {true, 0, 0x1f},             /* asynchronous events */
};

void features_reset(nvme *n)
{
    for (unsigned i = 0; i < FEATURES; i++)
        n->feature[i] = rows[i].reset;
}

static const struct row *find(const struct command *command)
{
    uint32_t id = command->dw[10] & 0xff;

    return id < FEATURES && rows[id].present ? &rows[id] : NULL;
}

/* Coalescing is per vector in name only: a vector that is there is answered for. */
static bool names_absent_vector(uint32_t id, const struct command *command)
{
    return id == VECTOR_CONFIG && (command->dw[11] & 0xffff) >= NVME_VECTORS;
}

enum nvme_status set_features(nvme *n, struct command *command)
{
    const struct row *row = find(command);
    uint32_t id = command->dw[10] & 0xff;

    if (!row || names_absent_vector(id, command))
        return NVME_INVALID_FIELD;
    if (command->dw[10] & SAVE)
        return NVME_NOT_SAVEABLE;
    if (id == QUEUES) {
        /* As many as there are, whatever is asked for; not after the first one was created. */
        if ((command->dw[11] & 0xffff) == 0xffff || command->dw[11] >> 16 == 0xffff)
            return NVME_INVALID_FIELD;
        for (unsigned i = 1; i <= NVME_MAX_QUEUES; i++)
            if (n->cq[i].present)
                return NVME_SEQUENCE_ERROR;
        command->result = row->reset;
        return NVME_SUCCESS;
    }
    if (!row->writable && command->dw[11])
        return NVME_INVALID_FIELD;
    n->feature[id] = command->dw[11] & row->writable;
    return NVME_SUCCESS;
}

enum nvme_status get_features(nvme *n, struct command *command)
{
    const struct row *row = find(command);
    uint32_t id = command->dw[10] & 0xff;
    uint32_t select = command->dw[10] >> SELECT_SHIFT & SELECT_MASK;

    if (!row || select > SELECT_CAPABILITIES || names_absent_vector(id, command))
        return NVME_INVALID_FIELD;
    if (select == SELECT_CURRENT)
        command->result = n->feature[id];
    else if (select == SELECT_CAPABILITIES)
        command->result = row->writable ? CHANGEABLE : 0;
    else
        command->result = row->reset;
    if (id == VECTOR_CONFIG && select != SELECT_CAPABILITIES)
        command->result |= command->dw[11] & 0xffff;
    return NVME_SUCCESS;
}
