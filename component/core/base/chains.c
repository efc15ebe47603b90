/* SPDX-License-Identifier: Apache-2.0 */
/* Chains of slots: how they come and go. */
#include "base/chains.h"

#include <stddef.h>
#include <stdlib.h>

bool chains_init(struct chains *chains, uint32_t slots, uint32_t count)
{
    *chains = (struct chains){.slots = slots, .count = count};
    if (slots == 0)
        return true;
    chains->link = malloc(((size_t)slots + count) * sizeof(*chains->link));
    if (!chains->link)
        return false;
    for (uint32_t i = 0; i < slots + count; i++)
        chains->link[i] = (struct chain_link){i, i, i};
    return true;
}

void chains_free(struct chains *chains)
{
    free(chains->link);
    *chains = (struct chains){0};
}
