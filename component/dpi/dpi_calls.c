/* SPDX-License-Identifier: Apache-2.0 */
/* What the package imports, but for the life of SMMUs: arguments are checked, words become
 * structures. */
#include <inttypes.h>
#include <string.h>

#include "dpi_error.h"
#include "dpi_instance.h"
#include "dpi_words.h"
#include "smmu/dpi.h"

int smmu_dpi_reset(int smmu)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    if (!instance)
        return 0;
    smmu_reset(instance->smmu);
    dpi_leave(instance);
    return 1;
}

int smmu_dpi_run(int smmu)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    if (!instance)
        return 0;
    smmu_run(instance->smmu);
    dpi_leave(instance);
    return 1;
}

/* --- registers ----------------------------------------------------------------------------------
 */

/* Whether the access was good: the register frame has answered. */
static int accessed(const struct dpi_instance *instance, enum smmu_reg_status status,
                    unsigned int offset, int bytes)
{
    if (status == SMMU_REG_OK)
        return 1;
    return dpi_complain(
        "offset: no register access of %d bytes at 0x%x: 4 or 8, aligned, below 0x%x", bytes,
        offset, smmu_frame_size(smmu_get_config(instance->smmu)));
}

int smmu_dpi_reg_read(int smmu, unsigned int offset, int bytes, unsigned long long *value)
{
    uint64_t got = 0;
    struct dpi_instance *instance = dpi_enter(smmu);
    *value = 0;
    if (!instance)
        return 0;
    const enum smmu_reg_status status =
        smmu_reg_read(instance->smmu, offset, (unsigned)bytes, &got);
    if (status == SMMU_REG_OK)
        *value = got;
    const int good = accessed(instance, status, offset, bytes);
    dpi_leave(instance);
    return good;
}

int smmu_dpi_reg_write(int smmu, unsigned int offset, int bytes, unsigned long long value)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    if (!instance)
        return 0;
    const enum smmu_reg_status status =
        smmu_reg_write(instance->smmu, offset, (unsigned)bytes, value);
    const int good = accessed(instance, status, offset, bytes);
    dpi_leave(instance);
    return good;
}

/* --- transactions -------------------------------------------------------------------------------
 */

static int check_sec(uint32_t sec)
{
    if (sec <= SMMU_SEC_REALM)
        return 1;
    return dpi_complain("sec: must be 0 to %d, is %" PRIu32, SMMU_SEC_REALM, sec);
}

static int check_txn(const struct dpi_instance *instance, const struct smmu_dpi_txn *txn)
{
    const uint8_t tbus = smmu_get_config(instance->smmu)->tbus;
    const bool writes = txn->op == SMMU_OP_WRITE_PREFETCH || txn->op == SMMU_OP_ATOMIC;
    if (txn->tbu >= tbus)
        return dpi_complain("tbu: must be below tbus, which is %u, is %" PRIu32, tbus, txn->tbu);
    if (txn->op >= SMMU_OP_COUNT)
        return dpi_complain("op: must be 0 to %d, is %" PRIu32, SMMU_OP_COUNT - 1, txn->op);
    if (txn->op != SMMU_OP_ORDINARY && (txn->write != 0) != writes)
        return dpi_complain("write: must be %d with op %" PRIu32, writes, txn->op);
    if (txn->mair > UINT8_MAX)
        return dpi_complain("mair: must be 0 to 255, is %" PRIu32, txn->mair);
    if (txn->sh != SMMU_SH_NON && txn->sh != SMMU_SH_OUTER && txn->sh != SMMU_SH_INNER)
        return dpi_complain("sh: must be 0, 2 or 3, is %" PRIu32, txn->sh);
    return check_sec(txn->sec);
}

static struct smmu_txn txn_of(const struct smmu_dpi_txn *txn)
{
    return (struct smmu_txn){
        .addr = dpi_number(txn->addr),
        .sid = txn->sid,
        .ssid = txn->ssid,
        .sec = (uint8_t)txn->sec,
        .tbu = (uint8_t)txn->tbu,
        .ssv = txn->ssv != 0,
        .op = (uint8_t)txn->op,
        .write = txn->write != 0,
        .instr = txn->instr != 0,
        .priv = txn->priv != 0,
        .translated = txn->translated != 0,
        .attr = {.mair = (uint8_t)txn->mair, .sh = (uint8_t)txn->sh},
    };
}

static struct smmu_dpi_tag tag_words(const struct smmu_tag *tag)
{
    struct smmu_dpi_tag words = {
        .s1_cut_log2 = tag->s1_cut_log2,
        .s2_leaf_log2 = tag->s2_leaf_log2,
        .s1_leaf_log2 = tag->s1_leaf_log2,
        .aset = tag->aset,
        .any_asid = tag->global,
        .s2 = tag->s2,
        .s1 = tag->s1,
        .cd = tag->cd,
        .level = (uint32_t)tag->level,
        .span_log2 = tag->span_log2,
        .world = tag->world,
        .sec = tag->sec,
        .vmid = tag->vmid,
        .asid = tag->asid,
        .cd_index = tag->cd_index,
        .sid = tag->sid,
    };
    dpi_set_number(words.va, tag->va);
    return words;
}

/* What is only there if the transaction goes on is 0 if it does not. */
static void put_result(uint32_t *to, const struct smmu_result *result, uint32_t stall)
{
    struct smmu_dpi_result words = {
        .stall = stall, .fault = result->event, .outcome = (uint32_t)result->outcome};
    if (result->outcome == SMMU_FORWARD) {
        words.tag = tag_words(&result->tag);
        words.pbha = result->pbha;
        words.out_priv = result->out_priv;
        words.out_instr = result->out_instr;
        words.priv = result->priv;
        words.instr = result->instr;
        words.space = result->mpam.space;
        words.pmg = result->mpam.pmg;
        words.partid = result->mpam.partid;
        words.sh = result->attr.sh;
        words.mair = result->attr.mair;
        words.span_log2 = result->span_log2;
        words.perm = result->perm;
        words.pas = result->pas;
        words.op = result->op;
        dpi_set_number(words.addr, result->addr);
    }
    memcpy(to, &words, sizeof(words));
}

/* A transaction that has `stall`, if that is not NULL. */
static void present(struct dpi_instance *instance, const struct smmu_dpi_txn *from,
                    struct dpi_stall *stall, uint32_t *result)
{
    struct smmu_txn txn = txn_of(from);
    struct smmu_result answer;
    txn.retried = from->retry != 0;
    txn.stall = stall ? &stall->room : NULL;
    smmu_translate(instance->smmu, &txn, &answer);
    const bool held = stall && answer.outcome == SMMU_STALLED;
    put_result(result, &answer, held ? stall->number : 0);
    if (stall)
        dpi_stall_presented(instance, stall, held);
}

static int translate(struct dpi_instance *instance, const struct smmu_dpi_txn *txn,
                     uint32_t *result)
{
    struct dpi_stall *stall = NULL;
    if (txn->retry)
        stall = dpi_stall_again(instance, txn->retry);
    else if (txn->may_stall)
        stall = dpi_stall_new(instance);
    if (!stall && (txn->retry || txn->may_stall))
        return 0;
    present(instance, txn, stall, result);
    return 1;
}

int smmu_dpi_translate(int smmu, const uint32_t *txn, uint32_t *result)
{
    struct smmu_dpi_txn words;
    struct dpi_instance *instance = dpi_enter(smmu);
    memset(result, 0, sizeof(struct smmu_dpi_result));
    if (!instance)
        return 0;
    memcpy(&words, txn, sizeof(words));
    const int done = check_txn(instance, &words) && translate(instance, &words, result);
    dpi_leave(instance);
    return done;
}

int smmu_dpi_probe(int smmu, const uint32_t *txn, uint32_t *result)
{
    struct smmu_dpi_txn words;
    struct dpi_instance *instance = dpi_enter(smmu);
    memset(result, 0, sizeof(struct smmu_dpi_result));
    if (!instance)
        return 0;
    memcpy(&words, txn, sizeof(words));
    const int good = check_txn(instance, &words);
    if (good) {
        const struct smmu_txn probe = txn_of(&words);
        struct smmu_result answer;
        smmu_probe(instance->smmu, &probe, &answer);
        put_result(result, &answer, 0);
    }
    dpi_leave(instance);
    return good;
}

/* --- ATS ----------------------------------------------------------------------------------------
 */

static int check_ats(const struct smmu_dpi_ats_request *request)
{
    if (request->stus < 1 || request->stus > UINT8_MAX)
        return dpi_complain("stus: must be 1 to 255, is %" PRIu32, request->stus);
    return check_sec(request->sec);
}

static struct smmu_dpi_ats_completion ask(struct dpi_instance *instance,
                                          const struct smmu_dpi_ats_request *from)
{
    const struct smmu_ats_request request = {
        .addr = dpi_number(from->addr),
        .sid = from->sid,
        .ssid = from->ssid,
        .sec = (uint8_t)from->sec,
        .stus = (uint8_t)from->stus,
        .ssv = from->ssv != 0,
        .nw = from->nw != 0,
        .exe = from->exe != 0,
        .priv = from->priv != 0,
    };
    struct smmu_ats_completion answer;
    smmu_ats_translate(instance->smmu, &request, &answer);
    struct smmu_dpi_ats_completion words = {
        .priv = answer.priv,
        .exe = answer.exe,
        .w = answer.w,
        .r = answer.r,
        .span_log2 = answer.span_log2,
        .status = (uint32_t)answer.status,
    };
    if (answer.r || answer.w || answer.exe)
        dpi_set_number(words.addr, answer.addr);
    return words;
}

int smmu_dpi_ats_translate(int smmu, const uint32_t *request, uint32_t *completion)
{
    struct smmu_dpi_ats_request words;
    struct smmu_dpi_ats_completion answer = {0};
    struct dpi_instance *instance = dpi_enter(smmu);
    memset(completion, 0, sizeof(answer));
    if (!instance)
        return 0;
    memcpy(&words, request, sizeof(words));
    const int good = check_ats(&words);
    if (good)
        answer = ask(instance, &words);
    dpi_leave(instance);
    memcpy(completion, &answer, sizeof(answer));
    return good;
}

/* --- what brings no answer ----------------------------------------------------------------------
 */

/* Whether the words were good: `take` says so, and has done what they ask for. */
static int tell(int smmu, int (*take)(smmu_t *, const uint32_t *), const uint32_t *words)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    if (!instance)
        return 0;
    const int good = take(instance->smmu, words);
    dpi_leave(instance);
    return good;
}

enum { PRGI_MAX = 511 };

static int take_page(smmu_t *smmu, const uint32_t *words)
{
    struct smmu_dpi_page_request from;
    memcpy(&from, words, sizeof(from));
    if (from.prgi > PRGI_MAX)
        return dpi_complain("prgi: must be 0 to %d, is %" PRIu32, PRGI_MAX, from.prgi);
    if (!check_sec(from.sec))
        return 0;
    const struct smmu_page_request page = {
        .addr = dpi_number(from.addr),
        .sid = from.sid,
        .ssid = from.ssid,
        .prgi = (uint16_t)from.prgi,
        .sec = (uint8_t)from.sec,
        .ssv = from.ssv != 0,
        .last = from.last != 0,
        .r = from.r != 0,
        .w = from.w != 0,
        .exe = from.exe != 0,
        .priv = from.priv != 0,
    };
    smmu_request_page(smmu, &page);
    return 1;
}

int smmu_dpi_request_page(int smmu, const uint32_t *request)
{
    return tell(smmu, take_page, request);
}

/* A member, and the greatest value it can have. */
static int check_dvm(const struct smmu_dpi_dvm *dvm)
{
    const struct {
        const char *name;
        uint32_t value;
        uint32_t max;
    } members[] = {
        {"op", dvm->op, SMMU_DVM_OP_COUNT - 1},
        {"world", dvm->world, SMMU_WORLD_COUNT - 1},
        {"sec", dvm->sec, SMMU_SEC_REALM},
        {"asid", dvm->asid, UINT16_MAX},
        {"vmid", dvm->vmid, UINT16_MAX},
        {"num", dvm->num, 31},
        {"scale", dvm->scale, 3},
        {"tg", dvm->tg, 3},
        {"ttl", dvm->ttl, 3},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (members[i].value > members[i].max)
            return dpi_complain("%s: must be 0 to %" PRIu32 ", is %" PRIu32, members[i].name,
                                members[i].max, members[i].value);
    return 1;
}

static int take_dvm(smmu_t *smmu, const uint32_t *words)
{
    struct smmu_dpi_dvm from;
    memcpy(&from, words, sizeof(from));
    if (!check_dvm(&from))
        return 0;
    const struct smmu_dvm tlbi = {
        .op = (uint8_t)from.op,
        .sec = (uint8_t)from.sec,
        .world = (uint8_t)from.world,
        .leaf = from.leaf != 0,
        .asid = (uint16_t)from.asid,
        .vmid = (uint16_t)from.vmid,
        .addr = dpi_number(from.addr),
        .range = from.ranged != 0,
        .num = (uint8_t)from.num,
        .scale = (uint8_t)from.scale,
        .tg = (uint8_t)from.tg,
        .ttl = (uint8_t)from.ttl,
    };
    smmu_broadcast_tlbi(smmu, &tlbi);
    return 1;
}

int smmu_dpi_broadcast_tlbi(int smmu, const uint32_t *dvm)
{
    return tell(smmu, take_dvm, dvm);
}

/* --- what is seen of it -------------------------------------------------------------------------
 */

int smmu_dpi_count(int smmu, const char *name, unsigned long long *value)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    *value = 0;
    if (!instance)
        return 0;
    const struct smmu_stats *stats = smmu_get_stats(instance->smmu);
    dpi_leave(instance);
#define SMMU_OBSERVATION(id, counter, ...)                                                         \
    if (name && strcmp(name, #counter) == 0) {                                                     \
        *value = stats->counter;                                                                   \
        return 1;                                                                                  \
    }
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
    return dpi_complain("name: there is no counter \"%.80s\"", name ? name : "");
}

int smmu_dpi_inject(int smmu, int what, unsigned int count)
{
    struct dpi_instance *instance = dpi_enter(smmu);
    if (!instance)
        return 0;
    const bool good = what >= 0 && what < SMMU_INJECT_COUNT;
    if (good)
        smmu_inject(instance->smmu, (enum smmu_injection)what, count);
    dpi_leave(instance);
    return good ? 1 : dpi_complain("what: must be 0 to %d, is %d", SMMU_INJECT_COUNT - 1, what);
}

int smmu_dpi_inval_matches(const uint32_t *inval, const uint32_t *tag)
{
    struct smmu_dpi_inval from;
    struct smmu_dpi_tag what;
    memcpy(&from, inval, sizeof(from));
    memcpy(&what, tag, sizeof(what));
    const struct smmu_inval selector = {
        .kind = (enum smmu_inval_kind)from.kind,
        .sec = (uint8_t)from.sec,
        .world = (uint8_t)from.world,
        .leaf = from.leaf != 0,
        .shared = from.shared != 0,
        .nested = from.nested != 0,
        .vmid_wildcard = (uint8_t)from.vmid_wildcard,
        .asid = (uint16_t)from.asid,
        .vmid = (uint16_t)from.vmid,
        .sid = from.sid,
        .sid_last = from.sid_last,
        .ssid = from.ssid,
        .addr = dpi_number(from.addr),
        .reach = dpi_number(from.reach),
        .leaf_sizes = dpi_number(from.leaf_sizes),
        .table_sizes = dpi_number(from.table_sizes),
    };
    const struct smmu_tag tagged = {
        .va = dpi_number(what.va),
        .sid = what.sid,
        .cd_index = what.cd_index,
        .asid = (uint16_t)what.asid,
        .vmid = (uint16_t)what.vmid,
        .sec = (uint8_t)what.sec,
        .world = (uint8_t)what.world,
        .span_log2 = (uint8_t)what.span_log2,
        .level = (int8_t)what.level,
        .cd = what.cd != 0,
        .s1 = what.s1 != 0,
        .s2 = what.s2 != 0,
        .global = what.any_asid != 0,
        .aset = what.aset != 0,
        .s1_leaf_log2 = (uint8_t)what.s1_leaf_log2,
        .s2_leaf_log2 = (uint8_t)what.s2_leaf_log2,
        .s1_cut_log2 = (uint8_t)what.s1_cut_log2,
    };
    return smmu_inval_matches(&selector, &tagged);
}

const char *smmu_dpi_event_name(int type)
{
    return type >= 0 && type <= UINT8_MAX ? smmu_event_name((uint8_t)type) : "?";
}
