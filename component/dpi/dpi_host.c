/* SPDX-License-Identifier: Apache-2.0 */
/* The host of the SMMUs. */
#include "dpi_host.h"

#include <string.h>

#include "dpi_instance.h"
#include "dpi_words.h"
#include "smmu/dpi.h"

enum { ACCESS_MAX = 64 }; /* bytes */

static struct smmu_dpi_access access_of(const struct smmu_mem_req *req)
{
    struct smmu_dpi_access access = {
        .id = req->id,
        .sid = req->sid,
        .sh = req->attr.sh,
        .mair = req->attr.mair,
        .level = (uint32_t)(int32_t)req->level,
        .stage = req->stage,
        .space = req->mpam.space,
        .pmg = req->mpam.pmg,
        .partid = req->mpam.partid,
        .pas = req->pas,
        .fetch = req->fetch,
        .bytes = req->size,
    };
    dpi_set_number(access.addr, req->addr);
    return access;
}

static enum smmu_mem_status status_of(int done)
{
    return done ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

static enum smmu_mem_status on_read(void *user, const struct smmu_mem_req *req, void *data)
{
    const struct dpi_instance *instance = user;
    const struct smmu_dpi_access access = access_of(req);
    uint32_t words[ACCESS_MAX / 4] = {0};
    uint8_t *bytes = data;
    const int done = smmu_sv_read(instance->number, (const uint32_t *)&access, words);
    for (unsigned n = 0; n < req->size; n++)
        bytes[n] = dpi_byte(words, n);
    return status_of(done);
}

static enum smmu_mem_status on_write(void *user, const struct smmu_mem_req *req, const void *data)
{
    const struct dpi_instance *instance = user;
    const struct smmu_dpi_access access = access_of(req);
    uint32_t words[ACCESS_MAX / 4] = {0};
    const uint8_t *bytes = data;
    for (unsigned n = 0; n < req->size; n++)
        dpi_set_byte(words, n, bytes[n]);
    return status_of(smmu_sv_write(instance->number, (const uint32_t *)&access, words));
}

enum { SWAP_WORDS = 4 };

/* The number that memory holds in `size` bytes, little-endian. */
static void load(uint32_t words[SWAP_WORDS], const void *data, uint32_t size)
{
    const uint8_t *bytes = data;
    for (unsigned n = 0; n < SWAP_WORDS; n++)
        words[n] = 0;
    for (unsigned n = 0; n < size; n++)
        words[n / 4] |= (uint32_t)bytes[n] << 8 * (n % 4);
}

static enum smmu_mem_status on_cas(void *user, const struct smmu_mem_req *req, const void *expected,
                                   const void *value, void *old)
{
    const struct dpi_instance *instance = user;
    const struct smmu_dpi_access access = access_of(req);
    uint32_t compare[SWAP_WORDS], swap[SWAP_WORDS], held[SWAP_WORDS] = {0};
    uint8_t *bytes = old;
    load(compare, expected, req->size);
    load(swap, value, req->size);
    const int done =
        smmu_sv_compare_and_swap(instance->number, (const uint32_t *)&access, compare, swap, held);
    for (unsigned n = 0; n < req->size; n++)
        bytes[n] = (uint8_t)(held[n / 4] >> 8 * (n % 4));
    return status_of(done);
}

static void on_irq(void *user, enum smmu_sec sec, enum smmu_irq irq)
{
    struct dpi_instance *instance = user;
    instance->closed++;
    smmu_sv_interrupt(instance->number, (int)sec, (int)irq);
    instance->closed--;
}

static void on_resume(void *user, struct smmu_stall *room, enum smmu_resume action)
{
    struct dpi_instance *instance = user;
    struct dpi_stall *stall = (struct dpi_stall *)(void *)room;
    const int number = (int)stall->number;
    dpi_stall_resumed(instance, stall, action == SMMU_RESUME_RETRY);
    instance->closed++;
    smmu_sv_resumed(instance->number, number, (int)action);
    instance->closed--;
}

static void on_inval(void *user, const struct smmu_inval *inval)
{
    struct dpi_instance *instance = user;
    struct smmu_dpi_inval words = {
        .ssid = inval->ssid,
        .sid_last = inval->sid_last,
        .sid = inval->sid,
        .vmid = inval->vmid,
        .asid = inval->asid,
        .vmid_wildcard = inval->vmid_wildcard,
        .nested = inval->nested,
        .shared = inval->shared,
        .leaf = inval->leaf,
        .world = inval->world,
        .sec = inval->sec,
        .kind = inval->kind,
    };
    dpi_set_number(words.table_sizes, inval->table_sizes);
    dpi_set_number(words.leaf_sizes, inval->leaf_sizes);
    dpi_set_number(words.reach, inval->reach);
    dpi_set_number(words.addr, inval->addr);
    instance->closed++;
    smmu_sv_invalidated(instance->number, (const uint32_t *)&words);
    instance->closed--;
}

static void on_atc_inv(void *user, const struct smmu_atc_inv *inval)
{
    const struct dpi_instance *instance = user;
    struct smmu_dpi_atc_inv words = {
        .cmdq = inval->queue,
        .all_pasids = inval->global,
        .span_log2 = inval->span_log2,
        .sec = inval->sec,
        .ssid = inval->ssid,
        .ssv = inval->ssv,
        .sid = inval->sid,
    };
    dpi_set_number(words.addr, inval->addr);
    smmu_sv_atc_invalidate(instance->number, (const uint32_t *)&words);
}

static bool on_atc_sync(void *user, uint32_t queue)
{
    const struct dpi_instance *instance = user;
    return smmu_sv_atc_sync(instance->number, queue) != 0;
}

static void on_prg_response(void *user, const struct smmu_prg_response *response)
{
    struct dpi_instance *instance = user;
    const struct smmu_dpi_prg_response words = {
        .code = response->code,
        .prgi = response->prgi,
        .sec = response->sec,
        .ssid = response->ssid,
        .ssv = response->ssv,
        .sid = response->sid,
    };
    instance->closed++;
    smmu_sv_page_response(instance->number, (const uint32_t *)&words);
    instance->closed--;
}

const struct smmu_ops dpi_host_ops = {
    .read = on_read,
    .write = on_write,
    .cas = on_cas,
    .irq = on_irq,
    .resume = on_resume,
    .inval = on_inval,
    .atc_inv = on_atc_inv,
    .atc_sync = on_atc_sync,
    .prg_response = on_prg_response,
};
