/* SPDX-License-Identifier: Apache-2.0 */
/* Admin commands (NVM Express 1.4, 5). */
#include "nvme_priv.h"

/* Commands are done before the next one is fetched, so that only requests for asynchronous events
 * are still there to abort. Bit 0 of the result: not aborted. */
static enum nvme_status abort_command(nvme *n, struct command *command)
{
    uint16_t queue = command->dw[10] & 0xffff;

    command->result = !(queue == 0 && event_abort(n, high_half(command->dw[10])));
    return NVME_SUCCESS;
}

static const struct operation operations[] = {
    {0x00, delete_sq},    {0x01, create_sq},     {0x02, get_log_page},  {0x04, delete_cq},
    {0x05, create_cq},    {0x06, identify},      {0x08, abort_command}, {0x09, set_features},
    {0x0a, get_features}, {0x0c, event_request},
};

enum nvme_status admin_command(nvme *n, struct command *command)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (operations[i].opcode == command->opcode)
            return operations[i].run(n, command);
    return NVME_INVALID_OPCODE;
}
