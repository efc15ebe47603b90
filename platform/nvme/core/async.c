/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous events: requests that wait, and what they are told (NVM Express 1.4, 5.2). */
#include "nvme_priv.h"

void async_reset(nvme *n)
{
    n->async_count = 0;
    n->event = 0;
    n->event_masked = false;
}

enum nvme_status async_request(nvme *n, struct command *command)
{
    if (n->async_count == MAX_ASYNC)
        return NVME_ASYNC_LIMIT;
    n->async_id[n->async_count++] = command->id;
    return NVME_NO_COMPLETION;
}

static void forget(nvme *n, unsigned i)
{
    n->async_count--;
    for (; i < n->async_count; i++)
        n->async_id[i] = n->async_id[i + 1];
}

bool async_abort(nvme *n, uint16_t id)
{
    struct command aborted = {.id = id};

    for (unsigned i = 0; i < n->async_count; i++) {
        if (n->async_id[i] != id || completion_full(&n->cq[0]))
            continue;
        forget(n, i);
        complete(n, &aborted, NVME_ABORT_REQUESTED);
        return true;
    }
    return false;
}

/* Of several that come before they can be told, the first is. */
void async_report(nvme *n, uint32_t event)
{
    if (n->event == 0)
        n->event = event;
}

/* Reading the log page of an event lets the next one through. */
void async_acknowledge(nvme *n)
{
    n->event_masked = false;
}

void async_deliver(nvme *n)
{
    struct command request = {.id = n->async_id[0], .result = n->event};

    if (n->event == 0 || n->event_masked || n->async_count == 0 || !n->cq[0].present ||
        completion_full(&n->cq[0]))
        return;
    forget(n, 0);
    n->event = 0;
    n->event_masked = true;
    complete(n, &request, NVME_SUCCESS);
}
