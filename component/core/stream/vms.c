/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual Machine Structures (IHI 0070 5.6). */
#include "stream/vms.h"

#include "access/fetch.h"
#include "base/mpam.h"
#include "observe/unit.h"
#include "report/event.h"
#include "stream/cache.h"

#define PARTID_MAP_WORDS 8

/* Read PARTID_MAP, the one part that is not Reserved. It is accessed as the Stream table is:
 * STE.PARTID is for what the STE leads to by way of stages. */
static bool fetch(const struct call *call, const struct ste_cfg *ste, struct vms_cfg *vms,
                  struct fault *fault)
{
    const struct fetch_attr attr = {ste_table_attr(call->bank), call->bank->own};
    uint64_t words[PARTID_MAP_WORDS];

    if (!fetch_structure(call, SMMU_FETCH_VMS, ste->vms_ptr, &attr, words, PARTID_MAP_WORDS)) {
        *fault = (struct fault){.type = EVENT_F_VMS_FETCH, .fetch_addr = ste->vms_ptr};
        return false;
    }
    for (unsigned i = 0; i < VMS_PARTIDS; i++)
        vms->partid_map[i] = (uint16_t)(words[i / 4] >> i % 4 * 16);
    return true;
}

bool vms_map_partid(const struct call *call, const struct ste_cfg *ste, unsigned virtual_partid,
                    struct smmu_mpam *mpam, struct fault *fault)
{
    struct vms_cfg fetched;
    if (!unit_use(call, SMMU_UNIT_CONFIG_CACHE))
        return fault_overtaken(fault);
    const struct vms_cfg *vms = cache_find_vms(call, ste->vmid);
    if (!vms) {
        if (!fetch(call, ste, &fetched, fault))
            return false;
        cache_fill_vms(call, ste->vmid, &fetched);
        vms = &fetched;
    }
    *mpam = mpam_label(&call->smmu->cfg, mpam->space, vms->partid_map[virtual_partid], mpam->pmg);
    return true;
}
