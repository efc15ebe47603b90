/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual Machine Structures (IHI 0070 5.6): fetched, and what PARTID_MAP makes of PARTIDs. */
#ifndef SMMU_CORE_VMS_H
#define SMMU_CORE_VMS_H

#include "report/fault.h"
#include "smmu_priv.h"
#include "stream/ste.h"

#define VMS_PARTIDS 32 /* of a VM: the entries of PARTID_MAP */

/* A VMS as the rest of the SMMU sees it. */
struct vms_cfg {
    uint16_t partid_map[VMS_PARTIDS]; /* as it is in memory: PARTIDs may be too large */
};

/* Give `mpam` the PARTID that PARTID_MAP has for `virtual_partid`, below VMS_PARTIDS, from the
 * configuration cache or from memory; the rest of it is set. `ste` has the VMS enabled. False if it
 * cannot be read: `fault` says why (F_VMS_FETCH). May block, so `ste` must not lie in a cache. */
bool vms_map_partid(const struct call *call, const struct ste_cfg *ste, unsigned virtual_partid,
                    struct smmu_mpam *mpam, struct fault *fault);

#endif
