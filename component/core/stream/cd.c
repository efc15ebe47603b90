/* SPDX-License-Identifier: Apache-2.0 */
/* CD tables (IHI 0070 5.2 S1Fmt, 5.3): where the Context descriptor of a substream is. */
#include "stream/cd.h"

#include "access/fetch.h"
#include "report/event.h"
#include "stream/cd_layout.h"
#include "stream/decode.h"
#include "stream/ste_layout.h"
#include "stream/vms.h"
#include "walk/walk.h"

/* Read a CD or L1CD. Its address is an IPA if stage 2 translates (5.2, S1ContextPtr). `*assured`
 * becomes false unless that says AssuredOnly, which is no matter for the access itself (3.27.2). */
static bool fetch_cd_table(const struct call *call, const struct ste_cfg *ste, enum smmu_fetch kind,
                           uint64_t addr, uint64_t *words, size_t dwords, bool *assured,
                           struct fault *fault)
{
    struct fetch_attr attr = {ste->cd_attr, ste->mpam};
    struct walk_hardening hardening = {.assured = true};
    if ((ste->config & STE_CONFIG_S2) &&
        !walk_hardened(call, ste, FAULT_CLASS_CD, true, &addr, &attr.memory, &hardening, fault))
        return false;
    *assured &= hardening.assured_only;
    if (fetch_structure(call, kind, addr, &attr, words, dwords))
        return true;
    *fault = (struct fault){.type = EVENT_F_CD_FETCH, .fetch_addr = addr};
    return false;
}

static bool bad_substream(struct fault *fault, uint32_t index)
{
    *fault = (struct fault){.type = EVENT_C_BAD_SUBSTREAMID, .ssid = index};
    return false;
}

/* Address of CD `index`: in a linear table, or by way of its L1CD, whose place counts for
 * `assured`. */
static bool cd_address(const struct call *call, const struct ste_cfg *ste, uint32_t index,
                       uint64_t *addr, bool *assured, struct fault *fault)
{
    uint64_t table = ste->s1_context_ptr;
    uint64_t entry = index;
    unsigned input_bits = decode_input_bits(&call->smmu->cfg, (ste->config & STE_CONFIG_S2) != 0);

    if (ste->s1fmt != STE_S1FMT_LINEAR) {
        unsigned leaf_log2 = ste->s1fmt == STE_S1FMT_4K ? 6 : 10; /* CDs in a level 2 table */
        struct l1cd_raw l1cd;
        if (!fetch_cd_table(call, ste, SMMU_FETCH_L1CD,
                            table + (uint64_t)(index >> leaf_log2) * L1CD_SIZE, l1cd.w, 1, assured,
                            fault))
            return false;
        table = l1cd_L2Ptr(&l1cd) << 12;
        if (ste->s1fmt == STE_S1FMT_64K)
            table &= ~UINT64_C(0xffff);
        if (!l1cd_V(&l1cd) || table >> input_bits != 0)
            return bad_substream(fault, index);
        entry = index & (BIT64(leaf_log2) - 1);
    }
    *addr = table + entry * CD_SIZE;
    return true;
}

bool cd_fetch(const struct call *call, const struct ste_cfg *ste, uint32_t index, struct cd_cfg *cd,
              struct fault *fault)
{
    struct cd_raw raw;
    uint64_t addr;
    bool assured = true;

    if (!cd_address(call, ste, index, &addr, &assured, fault))
        return false;
    if (!fetch_cd_table(call, ste, SMMU_FETCH_CD, addr, raw.w, 8, &assured, fault))
        return false;
    *cd = cd_decode(&call->smmu->cfg, ste, &raw);
    cd->assured = assured;
    if (cd->illegal || !ste->vms)
        return true;
    unsigned virtual_partid = cd_PARTID(&raw) & (VMS_PARTIDS - 1);
    return vms_map_partid(call, ste, virtual_partid, &cd->mpam, fault);
}
