// SPDX-License-Identifier: Apache-2.0
// Command queue entries as software writes them (IHI 0070 chapter 4).
#ifndef TESTS_SUPPORT_COMMANDS_HPP
#define TESTS_SUPPORT_COMMANDS_HPP

#include "support/bits.hpp"

namespace support {

using command = image<2>;

// Opcodes (IHI 0070 4.1.1).
enum opcode : unsigned {
    CMD_PREFETCH_CONFIG = 0x01,
    CMD_PREFETCH_ADDR = 0x02,
    CMD_CFGI_STE = 0x03,
    CMD_CFGI_STE_RANGE = 0x04,
    CMD_CFGI_CD = 0x05,
    CMD_CFGI_CD_ALL = 0x06,
    CMD_CFGI_VMS_PIDM = 0x07,
    CMD_TLBI_NH_ALL = 0x10,
    CMD_TLBI_NH_ASID = 0x11,
    CMD_TLBI_NH_VA = 0x12,
    CMD_TLBI_NH_VAA = 0x13,
    CMD_TLBI_EL3_ALL = 0x18,
    CMD_TLBI_EL3_VA = 0x1a,
    CMD_TLBI_EL2_ALL = 0x20,
    CMD_TLBI_EL2_ASID = 0x21,
    CMD_TLBI_EL2_VA = 0x22,
    CMD_TLBI_EL2_VAA = 0x23,
    CMD_TLBI_S12_VMALL = 0x28,
    CMD_TLBI_S2_IPA = 0x2a,
    CMD_TLBI_NSNH_ALL = 0x30,
    CMD_ATC_INV = 0x40,
    CMD_PRI_RESP = 0x41,
    CMD_RESUME = 0x44,
    CMD_STALL_TERM = 0x45,
    CMD_SYNC = 0x46,
    CMD_DPTI_ALL = 0x70,
    CMD_DPTI_PA = 0x73,
};

// CMD_SYNC.CS (IHI 0070 4.7.3).
enum sync_signal : unsigned { SIG_NONE = 0, SIG_IRQ = 1, SIG_SEV = 2, SIG_RESERVED = 3 };

// A command with all other fields zero.
command raw_command(unsigned op);

command cfgi_ste(uint32_t sid, bool leaf = true, bool ssec = false);
command cfgi_ste_range(uint32_t sid, unsigned range, bool ssec = false);
command cfgi_all();
command cfgi_cd(uint32_t sid, uint32_t ssid = 0, bool leaf = true, bool ssec = false);
command cfgi_cd_all(uint32_t sid, bool ssec = false);
command cfgi_vms_pidm(unsigned vmid, bool ssec = false);

command tlbi_nh_all(unsigned vmid = 0);
command tlbi_nh_asid(unsigned asid, unsigned vmid = 0);
command tlbi_nh_va(uint64_t va, unsigned asid, bool leaf = false, unsigned vmid = 0);
command tlbi_nh_vaa(uint64_t va, bool leaf = false, unsigned vmid = 0);
command tlbi_nsnh_all();
command tlbi_el2_all();
command tlbi_el2_asid(unsigned asid);
command tlbi_el2_va(uint64_t va, unsigned asid, bool leaf = false);
command tlbi_el2_vaa(uint64_t va, bool leaf = false);
command tlbi_s12_vmall(unsigned vmid);
command tlbi_s2_ipa(uint64_t ipa, unsigned vmid, bool leaf = false);

// The range and the hints of a CMD_TLBI_* by address (IHI 0070 4.4.1.1); `tg`: 1 4 KiB, 2 16 KiB,
// 3 64 KiB.
struct tlbi_range {
    unsigned tg = 0;
    unsigned num = 0;
    unsigned scale = 0;
    unsigned ttl = 0;
};
command with_range(command tlbi, const tlbi_range &range);

// `size` is log2 of the 4 KiB pages of the span.
struct atc_inv {
    uint32_t sid = 0;
    bool ssv = false;
    uint32_t ssid = 0;
    bool global = false;
    uint64_t address = 0;
    unsigned size = 0;
};
command cmd_atc_inv(const atc_inv &fields);

// `resp`: 0 failure, 1 invalid, 2 success.
command cmd_pri_resp(uint32_t sid, unsigned prgi, unsigned resp);
command cmd_pri_resp_pasid(uint32_t sid, uint32_t ssid, unsigned prgi, unsigned resp);

// CMD_RESUME.Ac and Ab together.
enum class resume_action { terminate_razwi, terminate_abort, retry };
command cmd_resume(uint32_t sid, unsigned stag, resume_action action, bool ssec = false);
command cmd_stall_term(uint32_t sid, bool ssec = false);

// `size`: code of the bytes from `pa` on, 0 4 KiB to 9 512 GiB.
command dpti_all();
command dpti_pa(uint64_t pa, unsigned size, bool leaf = true);

command cmd_sync(unsigned signal = SIG_NONE);
// SIG_IRQ with a message; `attr` as STE.MemAttr, `sh` as MSH.
command cmd_sync_msi(uint64_t addr, uint32_t data, unsigned attr = 0xf, unsigned sh = 3);

} // namespace support

#endif
