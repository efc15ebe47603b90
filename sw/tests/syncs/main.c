/* SPDX-License-Identifier: Apache-2.0 */
/* Times the command queue, as the node `guest` of the device tree says: `depth` submitters have a
 * CMD_SYNC each, with a TLBI before it if `invalidate` is 1, and wait for its message; `rounds`
 * times. Prints, for sweeps, picoseconds of a submission and submissions in a second. */
#include <stdbool.h>
#include <stdint.h>

#include "device_tree.h"
#include "io.h"
#include "pages.h"
#include "platform.h"
#include "printf.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE  10U
#define DEPTH_MAX   256U /* what the queue has room for, with a TLBI each */
#define PICOSECONDS 1000000000000UL

static uint64_t asked(const char *property, uint64_t otherwise)
{
    return device_tree_number("guest", property, otherwise);
}

static uint64_t ticks(void)
{
    isb();
    return read_sysreg(cntvct_el0);
}

/* One submission of each submitter; returns when the message of the last has arrived. */
static bool submit(struct smmu *smmu, volatile uint32_t *message, uint32_t number, uint64_t depth,
                   bool invalidate)
{
    for (uint64_t i = 0; i < depth; i++) {
        if (invalidate)
            smmu_cmdq_push(smmu, smmu_cmd_tlbi_va(0, 1, i * PAGE_SIZE));
        smmu_cmdq_push(smmu, smmu_cmd_sync_message((uintptr_t)&message[i], number));
    }
    return wait_until(message[depth - 1] == number);
}

int main(void)
{
    static struct smmu smmu;
    volatile uint32_t *messages = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t late = 0;

    device_tree_open();
    uint64_t depth = asked("depth", 1);
    uint64_t rounds = asked("rounds", 100);
    bool invalidate = asked("invalidate", 0);
    if (depth == 0 || depth > DEPTH_MAX || rounds == 0)
        tap_bail_out("guest: depth is %lu, not 1 to %u, or no rounds", depth, DEPTH_MAX);
    testbed_start(&smmu, LOG2_QUEUE);

    uint64_t begin = ticks();
    for (uint32_t i = 1; i <= rounds; i++)
        late += !submit(&smmu, messages, i, depth, invalidate);
    uint64_t taken = ticks() - begin;

    tap_equal(late, 0, "all messages of %lu x %lu CMD_SYNC arrive", rounds, depth);
    uint64_t frequency = read_sysreg(cntfrq_el0);
    uint64_t ps = taken * (PICOSECONDS / frequency) / (rounds * depth);
    printf("guest.submission-ps %lu\n", ps);
    printf("guest.submissions-per-second %lu\n", ps ? PICOSECONDS / ps : 0);
    return 0;
}
