// SPDX-License-Identifier: Apache-2.0
// An SMMU with everything, and how to take a feature away (IHI 0070 6.3.1 to 6.3.6).
#ifndef TESTS_CORE_ABSENT_FEATURES_HPP
#define TESTS_CORE_ABSENT_FEATURES_HPP

#include "smmu/config.h"

namespace absent {

using removal = void (*)(smmu_config &);

inline void nothing(smmu_config &) {}
// Nothing either, but for the version: what SMMUv3.2, v3.3, or v3.4, demands can be taken away.
inline void before_v32(smmu_config &c)
{
    c.arch = 1;
    c.mpam = false;
}
inline void mpam(smmu_config &c)
{
    c.mpam = false;
}
inline void partids(smmu_config &c)
{
    c.partid_max = 0;
}
inline void pmgs(smmu_config &c)
{
    c.pmg_max = 0;
}
// PARTIDs of 6 bits, PMGs of 4.
inline void wide_labels(smmu_config &c)
{
    c.partid_max = 0x34;
    c.pmg_max = 0xf;
}
inline void before_v33(smmu_config &c)
{
    c.arch = 2;
}
inline void before_v34(smmu_config &c)
{
    c.arch = 3;
}
inline void stage1(smmu_config &c)
{
    c.s1p = c.hyp = c.cd2l = c.vatos = c.pbha = false;
}
inline void stage2(smmu_config &c)
{
    c.s2p = c.hyp = c.vatos = false;
}
inline void hyp(smmu_config &c)
{
    before_v32(c);
    c.hyp = false;
}
inline void ats(smmu_config &c)
{
    c.ats = c.pri = false;
}
inline void ats_records(smmu_config &c)
{
    c.atsrecerr = false;
}
inline void translated_pasids(smmu_config &c)
{
    c.pasidtt = false;
}
inline void tag_denials(smmu_config &c)
{
    before_v34(c);
    c.mteperm = false;
}
inline void split_stage_ats(smmu_config &c)
{
    c.ns1ats = true;
}
inline void pri(smmu_config &c)
{
    c.pri = false;
}
inline void enhanced_queues(smmu_config &c)
{
    c.ecmdq = false;
}
inline void coherency(smmu_config &c)
{
    c.cohacc = c.ecmdq = false;
}
inline void msi(smmu_config &c)
{
    c.msi = c.ecmdq = false;
}
inline void sev(smmu_config &c)
{
    c.sev = false;
}
inline void btm(smmu_config &c)
{
    c.btm = false;
}
inline void vmw(smmu_config &c)
{
    c.vmw = false;
}
inline void vmid16(smmu_config &c)
{
    c.vmid16 = false;
}
// SMMUv3.0: without what is mandatory later.
inline void later_versions(smmu_config &c)
{
    before_v32(c);
    c.arch = 0;
    c.had = c.pbha = c.vax52 = c.ds = false;
    c.oas_bits = 48;
    c.operations = 1u << SMMU_OP_ATOMIC;
}
inline void asid16(smmu_config &c)
{
    c.asid16 = false;
}
inline void atos(smmu_config &c)
{
    c.atos = c.vatos = false;
}
inline void vatos(smmu_config &c)
{
    c.vatos = false;
}
inline void two_level_streams(smmu_config &c)
{
    c.st_level2 = false;
    c.sid_bits = 6;
}
inline void two_level_cds(smmu_config &c)
{
    c.cd2l = false;
}
inline void silence_when_dormant(smmu_config &c)
{
    c.dormhint = true;
}
inline void substreams(smmu_config &c)
{
    c.ssid_bits = 0;
    c.cd2l = false;
}
inline void type_overrides(smmu_config &c)
{
    c.attr_types_ovr = false;
    c.gbpa = 0;
}
inline void permission_overrides(smmu_config &c)
{
    c.attr_perms_ovr = false;
}
inline void stalls(smmu_config &c)
{
    c.stall_model = SMMU_TERMINATE_ONLY;
}
inline void termination(smmu_config &c)
{
    c.stall_model = SMMU_STALL_ONLY;
}
inline void razwi(smmu_config &c)
{
    c.term_abort_only = true;
}
inline void big_endian(smmu_config &c)
{
    c.ttendian = SMMU_TT_LITTLE;
}
inline void little_endian(smmu_config &c)
{
    c.ttendian = SMMU_TT_BIG;
}
inline void updates(smmu_config &c)
{
    c.httu = SMMU_HTTU_NONE;
}
inline void table_updates(smmu_config &c)
{
    c.httu = SMMU_HTTU_DIRTY;
}
inline void dirty_updates(smmu_config &c)
{
    c.httu = SMMU_HTTU_ACCESS;
}
inline void vmsa32(smmu_config &c)
{
    c.vmsa32 = false;
}
inline void granule_16k(smmu_config &c)
{
    c.gran16k = false;
}
inline void granule_64k(smmu_config &c)
{
    c.gran64k = c.vax52 = c.ds = false;
    c.oas_bits = 48;
}
inline void vax52(smmu_config &c)
{
    c.vax52 = c.ds = false;
}
inline void ds(smmu_config &c)
{
    c.ds = false;
}
inline void epan(smmu_config &c)
{
    before_v34(c);
    c.epan = false;
}
inline void aie(smmu_config &c)
{
    c.aie = false;
}
inline void s1_indirections(smmu_config &c)
{
    c.s1pi = false;
}
inline void s2_indirections(smmu_config &c)
{
    c.s2pi = c.the = false;
}
inline void hardening(smmu_config &c)
{
    c.the = false;
}
inline void overlays(smmu_config &c)
{
    c.s2po = false;
}
inline void pbha(smmu_config &c)
{
    c.pbha = false;
}
inline void ranges(smmu_config &c)
{
    before_v32(c);
    c.ril = false;
}
inline void walks_as_normal_memory(smmu_config &c)
{
    before_v33(c);
    c.ptwnnc = false;
}
inline void forced_write_back(smmu_config &c)
{
    before_v32(c);
    c.fwb = false;
}
inline void block_sizes(smmu_config &c)
{
    before_v32(c);
    c.bbml = 0;
}
inline void closed_halves(smmu_config &c)
{
    before_v33(c);
    c.e0pd = false;
}
inline void small_tables(smmu_config &c)
{
    c.stt = false;
}
inline void merging(smmu_config &c)
{
    c.merge_events = false;
}
inline void operations(smmu_config &c)
{
    c.operations = 0;
}
inline void addresses_above_36_bits(smmu_config &c)
{
    c.oas_bits = 36;
}
inline void wide_ids(smmu_config &c)
{
    c.sid_bits = 8;
    c.ssid_bits = 4;
}

// The largest SMMU there is, less `remove`.
inline smmu_config without(removal remove)
{
    smmu_config cfg;
    smmu_config_preset(&cfg, SMMU_PRESET_MAXIMAL);
    remove(cfg);
    return cfg;
}

} // namespace absent

#endif
