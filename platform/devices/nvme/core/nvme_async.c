/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous events: requests that wait, and what they are told (NVM Express 1.4, 5.2). */
#include <string.h>

#include "nvme_priv.h"

void events_reset(nvme *n)
{
    memset(&n->events, 0, sizeof(n->events));
}

enum nvme_status event_request(nvme *n, struct command *command)
{
    if (n->events.requests == MAX_EVENTS)
        return NVME_EVENT_LIMIT;
    n->events.request[n->events.requests++] = command->id;
    return NVME_NO_COMPLETION;
}

static void forget(struct events *events, unsigned i)
{
    events->requests--;
    for (; i < events->requests; i++)
        events->request[i] = events->request[i + 1];
}

/* There has to be room for the completion of Abort itself, too. */
bool event_abort(nvme *n, uint16_t id)
{
    struct command aborted = {.id = id};

    for (unsigned i = 0; i < n->events.requests; i++) {
        if (n->events.request[i] != id || completion_room(&n->cq[0]) < 2)
            continue;
        forget(&n->events, i);
        complete(n, &aborted, NVME_ABORT_REQUESTED);
        return true;
    }
    return false;
}

/* Of several of a type that come before they can be told, the first is. */
void event_report(nvme *n, enum event_type type, uint32_t event)
{
    if (n->events.pending[type] == 0)
        n->events.pending[type] = event;
}

/* Lets the next one of the type through. */
void event_acknowledge(nvme *n, enum event_type type)
{
    n->events.masked[type] = false;
}

void events_deliver(nvme *n)
{
    struct events *events = &n->events;

    for (unsigned type = 0; type < EVENT_TYPES; type++) {
        struct command request = {.id = events->request[0], .result = events->pending[type]};
        if (!events->pending[type] || events->masked[type] || !events->requests ||
            !completion_room(&n->cq[0]))
            continue;
        forget(events, 0);
        events->pending[type] = 0;
        events->masked[type] = true;
        complete(n, &request, NVME_SUCCESS);
    }
}
