/* SPDX-License-Identifier: Apache-2.0 */
/* Rights that the ATS and PRI capabilities give, and page requests that functions wait for. */
#include "pcie_function_priv.h"

#define STU_MASK 0x001fu
#define STU_BASE 12u /* log2 of the bytes that a translation unit of 0 stands for */

/* --- ATS --- */

bool pcie_fn_ats_enabled(const pcie_fn *fn)
{
    return fn->caps.ats && fn_get(fn, fn->caps.ats + ATS_CONTROL, 2) & ATS_ENABLE;
}

unsigned pcie_fn_ats_unit(const pcie_fn *fn)
{
    return STU_BASE + (fn_get(fn, fn->caps.ats + ATS_CONTROL, 2) & STU_MASK);
}

unsigned pcie_fn_ats_queue_depth(const pcie_fn *fn)
{
    return fn->desc.ats.queue_depth;
}

/* --- page requests --- */

static uint32_t status(const pcie_fn *fn)
{
    return fn_get(fn, fn->caps.pri + PRI_STATUS, 2);
}

bool pcie_fn_pri_enabled(const pcie_fn *fn)
{
    return fn->caps.pri && fn_get(fn, fn->caps.pri + PRI_CONTROL, 2) & PRI_ENABLE;
}

static void set_status(pcie_fn *fn, uint32_t bits)
{
    fn_put(fn, fn->caps.pri + PRI_STATUS, 2, status(fn) | bits);
}

/* The interface has stopped once it is disabled and nothing is outstanding. */
static void update_stopped(pcie_fn *fn)
{
    bool stopped = !pcie_fn_pri_enabled(fn) && fn->pri.outstanding == 0;

    fn_put(fn, fn->caps.pri + PRI_STATUS, 2,
           (status(fn) & ~PRI_STOPPED) | (stopped ? PRI_STOPPED : 0));
}

static bool is_outstanding(const struct pcie_page_group *group)
{
    return group->state == PAGE_ASKED || group->state == PAGE_ABANDONED;
}

/* Who waits for a group sets it free; one that nobody waits for is free at once. */
static void answer(pcie_fn *fn, struct pcie_page_group *group, enum pcie_prg_code code)
{
    fn->pri.outstanding -= group->requests;
    group->state = group->state == PAGE_ASKED ? PAGE_ANSWERED : PAGE_FREE;
    group->code = code;
}

static void fail_outstanding(pcie_fn *fn)
{
    for (unsigned i = 0; i < PCIE_PRI_GROUPS; i++)
        if (is_outstanding(&fn->pri.group[i]))
            answer(fn, &fn->pri.group[i], PCIE_PRG_FAILURE);
}

/* Reset reads as zero, and has an effect on a disabled interface only. */
void pcie_pri_written(void *owner)
{
    pcie_fn *fn = owner;
    uint32_t control = fn_get(fn, fn->caps.pri + PRI_CONTROL, 2);

    fn_put(fn, fn->caps.pri + PRI_CONTROL, 2, control & ~PRI_RESET);
    if (control & PRI_RESET && !(control & PRI_ENABLE))
        fail_outstanding(fn);
    update_stopped(fn);
}

void pcie_pri_reset(pcie_fn *fn)
{
    fail_outstanding(fn);
}

static uint32_t credits(const pcie_fn *fn)
{
    uint32_t allocation = fn_get(fn, fn->caps.pri + PRI_ALLOCATION, 4);
    uint32_t most =
        fn->desc.pri.capacity < PCIE_PRI_GROUPS ? fn->desc.pri.capacity : PCIE_PRI_GROUPS;

    return allocation < most ? allocation : most;
}

static void open_group(pcie_fn *fn, uint16_t index, unsigned requests)
{
    fn->pri.group[index] = (struct pcie_page_group){.state = PAGE_ASKED, .requests = requests};
    fn->pri.outstanding += requests;
}

enum pcie_page_permit pcie_fn_page_begin(pcie_fn *fn, unsigned *requests, uint16_t *index)
{
    if (!pcie_fn_pri_enabled(fn) || credits(fn) == 0)
        return PCIE_PAGE_OFF;
    if (status(fn) & PRI_FAILED)
        return PCIE_PAGE_FAILED;
    if (fn->pri.outstanding >= credits(fn))
        return PCIE_PAGE_WAIT;
    unsigned left = credits(fn) - fn->pri.outstanding;
    for (uint16_t i = 0; i < PCIE_PRI_GROUPS; i++) {
        if (fn->pri.group[i].state == PAGE_FREE) {
            *requests = *requests < left ? *requests : left;
            *index = i;
            open_group(fn, i, *requests);
            return PCIE_PAGE_ASK;
        }
    }
    return PCIE_PAGE_WAIT; /* answered, all of them, but not looked at */
}

bool pcie_fn_page_end(pcie_fn *fn, uint16_t index, enum pcie_prg_code *code)
{
    if (fn->pri.group[index].state != PAGE_ANSWERED)
        return false;
    *code = fn->pri.group[index].code;
    fn->pri.group[index].state = PAGE_FREE;
    return true;
}

void pcie_fn_page_abandon(pcie_fn *fn, uint16_t index)
{
    struct pcie_page_group *group = &fn->pri.group[index];

    group->state = is_outstanding(group) ? PAGE_ABANDONED : PAGE_FREE;
}

/* After a Response Failure the function expects nothing more: that is all its groups' answer. */
void pcie_fn_page_response(pcie_fn *fn, uint16_t index, unsigned code)
{
    if (!fn->caps.pri || status(fn) & PRI_FAILED)
        return;
    if (index >= PCIE_PRI_GROUPS || !is_outstanding(&fn->pri.group[index])) {
        set_status(fn, PRI_UNEXPECTED);
        return;
    }
    if (code == PCIE_PRG_SUCCESS || code == PCIE_PRG_INVALID) {
        answer(fn, &fn->pri.group[index], code);
    } else {
        set_status(fn, PRI_FAILED);
        fail_outstanding(fn);
    }
    update_stopped(fn);
}
