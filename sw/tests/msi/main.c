/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts as messages: 32-bit writes to memory that software polls, for events, global errors
 * and CMD_SYNC; and what happens where nobody takes the message. */
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 3U

#define UNMAPPED_IOVA 0x000200000000UL
#define NOWHERE       0x3f000000UL /* no memory, no device */
#define OPCODE_BAD    0x00U
#define UNTOUCHED     0xffffffffU

#define EVENTQ_DATA 0xe0e0e0e0U
#define GERROR_DATA 0x0bad0badU
#define SYNC_DATA   0x51510000U

/* Where messages go: every other word, so that a write that is too wide shows. */
struct mailbox {
    volatile uint32_t before, word, after, last;
};

static void clear(struct mailbox *mailbox)
{
    *mailbox = (struct mailbox){UNTOUCHED, UNTOUCHED, UNTOUCHED, UNTOUCHED};
    dsb();
}

static uint64_t address_of(const struct mailbox *mailbox)
{
    return (uintptr_t)&mailbox->word;
}

static void check_message(const struct mailbox *mailbox, uint32_t data, const char *name)
{
    tap_ok(wait_until(mailbox->word != UNTOUCHED), "%s: the message arrives", name);
    tap_equal(mailbox->word, data, "%s: its data", name);
    tap_ok(mailbox->before == UNTOUCHED && mailbox->after == UNTOUCHED, "%s: 32 bits of it", name);
}

static void fault(struct endpoint *endpoint)
{
    endpoint_copy(endpoint, UNMAPPED_IOVA, UNMAPPED_IOVA, 8);
}

static void test_event_queue(struct smmu *smmu, struct endpoint *endpoint, struct mailbox *mailbox)
{
    struct smmu_event event;
    uint32_t wired = smmu->evtq_irqs;

    smmu_set_message(smmu, SMMU_EVENTQ_IRQ_CFG0, address_of(mailbox), EVENTQ_DATA);
    clear(mailbox);
    fault(endpoint);
    check_message(mailbox, EVENTQ_DATA, "event queue");
    tap_ok(smmu_event_pop(smmu, &event), "event queue: the record is there with it");
    tap_ok(wait_until(smmu->evtq_irqs == wired + 1), "event queue: the wire pulses as well");

    clear(mailbox);
    fault(endpoint);
    fault(endpoint);
    check_message(mailbox, EVENTQ_DATA, "the queue fills again");
    clear(mailbox);
    smmu_sync(smmu);
    fault(endpoint);
    tap_equal(mailbox->word, UNTOUCHED, "a queue that was not empty sends none");
    tap_equal(testbed_drain_events(smmu), 3, "three records");

    smmu_set_message(smmu, SMMU_EVENTQ_IRQ_CFG0, 0, 0);
    clear(mailbox);
    fault(endpoint);
    tap_equal(testbed_drain_events(smmu), 1, "address 0: the record is there");
    tap_equal(mailbox->word, UNTOUCHED, "address 0: no message");
}

static void break_queue(struct smmu *smmu)
{
    struct smmu_command bad = {{hw_put(CMD_OPCODE, OPCODE_BAD), 0}};

    smmu_cmdq_push(smmu, bad);
    tap_equal(smmu_cmdq_wait(smmu), CERROR_ILL, "a Reserved opcode: CERROR_ILL");
}

static void repair_queue(struct smmu *smmu)
{
    smmu_cmdq_recover(smmu, smmu_cmd_sync(SYNC_SIG_NONE));
    tap_equal(smmu_cmdq_wait(smmu), CERROR_NONE, "repaired");
}

static void test_gerror(struct smmu *smmu, struct mailbox *mailbox)
{
    smmu_set_message(smmu, SMMU_GERROR_IRQ_CFG0, address_of(mailbox), GERROR_DATA);
    clear(mailbox);
    break_queue(smmu);
    check_message(mailbox, GERROR_DATA, "global error");
    repair_queue(smmu);
    smmu_set_message(smmu, SMMU_GERROR_IRQ_CFG0, 0, 0);
}

/* Each CMD_SYNC says with its message that it and all before it are done. */
static void test_sync(struct smmu *smmu, struct mailbox *mailbox)
{
    uint32_t wired = smmu->sync_irqs;

    for (uint32_t i = 0; i < 4; i++) {
        clear(mailbox);
        smmu_cmdq_push(smmu, smmu_cmd_tlbi_nsnh_all());
        smmu_cmdq_push(smmu, smmu_cmd_sync_message(address_of(mailbox), SYNC_DATA + i));
        check_message(mailbox, SYNC_DATA + i, "CMD_SYNC");
        uint32_t cons = read32(smmu->base + SMMU_CMDQ_CONS);
        tap_equal(hw_get(CMDQ_CONS_RD, cons), smmu->cmdq.prod, "CMD_SYNC: it is consumed");
    }
    tap_ok(wait_until(smmu->sync_irqs == wired + 4), "CMD_SYNC: the wire pulses as well");

    clear(mailbox);
    smmu_command_sync(smmu, smmu_cmd_sync(SYNC_SIG_SEV));
    tap_equal(mailbox->word, UNTOUCHED, "CMD_SYNC with an event sends no message");
}

static void test_nobody_there(struct smmu *smmu)
{
    uint32_t gerror = read32(smmu->base + SMMU_GERROR);
    uint32_t irqs = smmu->gerror_irqs;

    smmu_command_sync(smmu, smmu_cmd_sync_message(NOWHERE, SYNC_DATA));
    tap_equal(read32(smmu->base + SMMU_GERROR) ^ gerror, GERROR_MSI_CMDQ_ABT,
              "a message that aborts: GERROR.MSI_CMDQ_ABT_ERR");
    tap_ok(wait_until(smmu->gerror_irqs == irqs + 1), "a message that aborts: an interrupt");
    write32(smmu->base + SMMU_GERRORN,
            read32(smmu->base + SMMU_GERRORN) ^ (uint32_t)GERROR_MSI_CMDQ_ABT);
    smmu_sync(smmu);
    tap_ok(true, "the command queue goes on");
}

/* A full queue of CMD_SYNC, each of which writes to CMDQ_PROD: to an index two entries further, so
 * that the queue is never empty. The program goes on, and stops it. */
static void test_own_doorbell(struct smmu *smmu)
{
    uintptr_t prod = smmu->base + SMMU_CMDQ_PROD;
    uint32_t size = 1U << smmu->cmdq.log2_size;
    volatile uint64_t *entries = smmu->cmdq.entries;

    for (uint32_t i = 0; i < size; i++) {
        struct smmu_command sync = smmu_cmd_sync_message(prod, (i + 2) % size);
        entries[2 * i] = sync.word[0];
        entries[2 * i + 1] = sync.word[1];
    }
    dsb();
    write32(prod, smmu_queue_next(&smmu->cmdq, smmu->cmdq.prod));
    tap_ok(true, "messages to the SMMU's own doorbell: the program goes on");

    write32(smmu->base + SMMU_CR0, 0);
    tap_ok(wait_until(read32(smmu->base + SMMU_CR0ACK) == 0), "the queue can be switched off");
    uint32_t cons = read32(smmu->base + SMMU_CMDQ_CONS);
    tap_ok(read32(prod) != cons, "it was never empty");
    tap_equal(read32(smmu->base + SMMU_CMDQ_CONS), cons, "it stands still");
}

int main(void)
{
    static struct smmu smmu;
    static struct endpoint endpoint;
    struct mailbox *mailbox = pages_alloc(PAGE_SIZE, PAGE_SIZE);

    testbed_start(&smmu, LOG2_QUEUE);
    if (!smmu.features.messages)
        tap_bail_out("the SMMU sends no messages");
    endpoint_open(&endpoint, &smmu, 0, 1);

    test_event_queue(&smmu, &endpoint, mailbox);
    test_gerror(&smmu, mailbox);
    test_sync(&smmu, mailbox);
    test_nobody_there(&smmu);
    test_own_doorbell(&smmu);
    return 0;
}
