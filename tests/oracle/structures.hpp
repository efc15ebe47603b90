// SPDX-License-Identifier: Apache-2.0
// Raw STE and CD as 512-bit numbers, and the tests for ILLEGAL ones (IHI 0070 5.2.2, 5.4.2).
#ifndef TESTS_ORACLE_STRUCTURES_HPP
#define TESTS_ORACLE_STRUCTURES_HPP

#include "oracle/oracle.hpp"

namespace oracle {

// Bits [high:low] of a number, moved to bit 0.
uint64_t bits(uint64_t number, unsigned high, unsigned low);

// 64 bytes of memory; field(high, low) takes bit numbers of the specification.
struct raw512 {
    std::array<uint8_t, 64> bytes{};
    uint64_t field(unsigned high, unsigned low) const;
};

// What the ID registers say, by the names of IHI 0070 6.3.
struct id_fields {
    explicit id_fields(const registers &regs);

    unsigned ns1ats, xnx, st_level, term_model, stall_model, ttendian, cd2l, vmid16, asid16, ats,
        hyp, httu;
    unsigned ttf, s1p, s2p, attr_types_ovr, attr_perms_ovr, ssidsize, sidsize;
    unsigned had, fwb, stt, e0pd, epan, s1pi, s2pi, s2po, the, aie, mteperm, pbha, vax, ds, d128;
    unsigned mpam, partid_max, pmg_max, dpt;
    unsigned minor; // of the architecture's version, 3.x
    bool gran4k, gran16k, gran64k;
    unsigned oas; // bits
    uint64_t s2pii;
    unsigned ias; // 3.4
};

// Translation regime of a Non-secure stream.
enum class stream_world { ns_el1, el2, el2_e2h };

stream_world world_of(const id_fields &id, const registers &regs, const raw512 &ste);
bool ste_illegal(const id_fields &id, const raw512 &ste);
bool cd_illegal(const id_fields &id, const raw512 &ste, stream_world world, const raw512 &cd);

// Whether a stage uses VMSAv8-32 LPAE tables, or VMSAv9-128 ones (CD.AA64, STE.S2AA64).
bool s1_vmsa32(const id_fields &id, const raw512 &cd);
bool s2_vmsa32(const id_fields &id, const raw512 &ste);
bool s1_d128(const id_fields &id, const raw512 &cd);
bool s2_d128(const id_fields &id, const raw512 &ste);
// STE.S2FWB, where it counts.
bool s2_fwb(const id_fields &id, const raw512 &ste);
// What MemAttr of stage 2 descriptors means: with S2FWB, or with the encoding of IHI 0070 3.23.1.
enum class memattr_form { plain, no_tag_access, fwb };
memattr_form s2_memattr_form(const id_fields &id, const raw512 &ste);

// CD.AIE, where it counts.
bool s1_aie(const id_fields &id, const raw512 &cd);
// Whether a stage has the Indirect Permission Scheme (IHI 0070 3.26), and an overlay over it.
bool s1_indirect(const id_fields &id, const raw512 &ste, const raw512 &cd);
bool s2_indirect(const id_fields &id, const raw512 &ste);
bool s2_overlaid(const id_fields &id, const raw512 &ste);

// Bits of output address that CD.IPS allows, capped to the OAS (IHI 0070 5.4, CD.IPS).
unsigned effective_ips(const id_fields &id, const raw512 &cd);
// CD.EPDn; ignored where there is only one table.
bool effective_epd(const raw512 &cd, stream_world world, unsigned n);
// log2 of the granule of TTBn, 0 if Reserved.
unsigned granule_of(const id_fields &id, const raw512 &cd, unsigned n);
// Bits of output address that STE.S2PS allows, capped likewise.
unsigned effective_s2ps(const id_fields &id, const raw512 &ste);
// log2 of the granule of stage 2, 0 if Reserved.
unsigned s2_granule_of(const id_fields &id, const raw512 &ste);
// log2 of the size of the region that stage 2 translates.
unsigned s2_region_bits_of(const id_fields &id, const raw512 &ste);
// Level at which stage 2 walks begin; above 3 if Reserved (DDI 0487, VTCR_EL2.SL0, SL2, VTCR.SL0
// and VTTBR_EL2.SKL).
int s2_start_level_of(const id_fields &id, const raw512 &ste);
// Whether tables of 4 KiB or 16 KiB granules have 52-bit addresses: STE.S2DS, or CD.DS for TTBn.
bool s2_ds_of(const id_fields &id, const raw512 &ste);
bool ds_of(const id_fields &id, const raw512 &cd, unsigned n);
// CD.TTBn, or STE.S2TTB, before alignment.
uint64_t ttb_of(const id_fields &id, const raw512 &cd, unsigned n);
uint64_t s2ttb_of(const id_fields &id, const raw512 &ste);
unsigned txsz_of(const raw512 &cd, unsigned n);
// log2 of the size of the region that TTBn translates.
unsigned region_bits_of(const id_fields &id, const raw512 &cd, unsigned n);
// Level at which walks by VMSAv9-128 tables begin (DDI 0487 R_DBQZN).
int d128_start_level(unsigned granule, unsigned region_bits, unsigned skl);
unsigned skl_of(const raw512 &cd, unsigned n);

} // namespace oracle

#endif
