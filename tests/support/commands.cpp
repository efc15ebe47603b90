// SPDX-License-Identifier: Apache-2.0
// Bit positions of the commands (IHI 0070 4.3, 4.4, 4.7).
#include "support/commands.hpp"

namespace support {

command raw_command(unsigned op)
{
    command c;
    c.set(0, 8, op);
    return c;
}

static command cfgi(unsigned op, uint32_t sid, bool ssec)
{
    return raw_command(op).set(10, 1, ssec).set(32, 32, sid);
}

command cfgi_ste(uint32_t sid, bool leaf, bool ssec)
{
    return cfgi(CMD_CFGI_STE, sid, ssec).set(64, 1, leaf);
}

command cfgi_ste_range(uint32_t sid, unsigned range, bool ssec)
{
    return cfgi(CMD_CFGI_STE_RANGE, sid, ssec).set(64, 5, range);
}

command cfgi_all()
{
    return cfgi_ste_range(0, 31);
}

command cfgi_cd(uint32_t sid, uint32_t ssid, bool leaf, bool ssec)
{
    return cfgi(CMD_CFGI_CD, sid, ssec).set(12, 20, ssid).set(64, 1, leaf);
}

command cfgi_cd_all(uint32_t sid, bool ssec)
{
    return cfgi(CMD_CFGI_CD_ALL, sid, ssec);
}

command cfgi_vms_pidm(unsigned vmid, bool ssec)
{
    return raw_command(CMD_CFGI_VMS_PIDM).set(10, 1, ssec).set(32, 16, vmid);
}

static command tlbi(unsigned op, unsigned vmid, unsigned asid)
{
    return raw_command(op).set(32, 16, vmid).set(48, 16, asid);
}

static command tlbi_by_address(unsigned op, unsigned vmid, unsigned asid, uint64_t va, bool leaf)
{
    command c = tlbi(op, vmid, asid).set(64, 1, leaf);
    c.word[1] |= address_bits(va, 63, 12);
    return c;
}

command tlbi_nh_all(unsigned vmid)
{
    return tlbi(CMD_TLBI_NH_ALL, vmid, 0);
}

command tlbi_nh_asid(unsigned asid, unsigned vmid)
{
    return tlbi(CMD_TLBI_NH_ASID, vmid, asid);
}

command tlbi_nh_va(uint64_t va, unsigned asid, bool leaf, unsigned vmid)
{
    return tlbi_by_address(CMD_TLBI_NH_VA, vmid, asid, va, leaf);
}

command tlbi_nh_vaa(uint64_t va, bool leaf, unsigned vmid)
{
    return tlbi_by_address(CMD_TLBI_NH_VAA, vmid, 0, va, leaf);
}

command tlbi_nsnh_all()
{
    return raw_command(CMD_TLBI_NSNH_ALL);
}

command tlbi_el2_all()
{
    return raw_command(CMD_TLBI_EL2_ALL);
}

command tlbi_el2_asid(unsigned asid)
{
    return tlbi(CMD_TLBI_EL2_ASID, 0, asid);
}

command tlbi_el2_va(uint64_t va, unsigned asid, bool leaf)
{
    return tlbi_by_address(CMD_TLBI_EL2_VA, 0, asid, va, leaf);
}

command tlbi_el2_vaa(uint64_t va, bool leaf)
{
    return tlbi_by_address(CMD_TLBI_EL2_VAA, 0, 0, va, leaf);
}

command tlbi_s12_vmall(unsigned vmid)
{
    return tlbi(CMD_TLBI_S12_VMALL, vmid, 0);
}

command tlbi_s2_ipa(uint64_t ipa, unsigned vmid, bool leaf)
{
    return tlbi_by_address(CMD_TLBI_S2_IPA, vmid, 0, ipa, leaf);
}

command with_range(command tlbi, const tlbi_range &range)
{
    tlbi.set(12, 5, range.num).set(20, 5, range.scale).set(72, 2, range.ttl).set(74, 2, range.tg);
    return tlbi;
}

command cmd_atc_inv(const atc_inv &fields)
{
    command c = raw_command(CMD_ATC_INV);
    c.set(9, 1, fields.global).set(11, 1, fields.ssv).set(12, 20, fields.ssid);
    c.set(32, 32, fields.sid).set(64, 6, fields.size).set(76, 52, fields.address >> 12);
    return c;
}

command cmd_pri_resp(uint32_t sid, unsigned prgi, unsigned resp)
{
    command c = raw_command(CMD_PRI_RESP);
    c.set(32, 32, sid).set(64, 9, prgi).set(76, 2, resp);
    return c;
}

command cmd_pri_resp_pasid(uint32_t sid, uint32_t ssid, unsigned prgi, unsigned resp)
{
    command c = cmd_pri_resp(sid, prgi, resp);
    c.set(11, 1, 1).set(12, 20, ssid);
    return c;
}

command cmd_resume(uint32_t sid, unsigned stag, resume_action action, bool ssec)
{
    command c = raw_command(CMD_RESUME).set(10, 1, ssec).set(32, 32, sid).set(64, 16, stag);
    c.set(12, 1, action == resume_action::retry);
    c.set(13, 1, action == resume_action::terminate_abort);
    return c;
}

command cmd_stall_term(uint32_t sid, bool ssec)
{
    return raw_command(CMD_STALL_TERM).set(10, 1, ssec).set(32, 32, sid);
}

command dpti_all()
{
    return raw_command(CMD_DPTI_ALL);
}

command dpti_pa(uint64_t pa, unsigned size, bool leaf)
{
    return raw_command(CMD_DPTI_PA).set(64, 1, leaf).set(72, 4, size).set(76, 52, pa >> 12);
}

command cmd_sync(unsigned signal)
{
    return raw_command(CMD_SYNC).set(12, 2, signal);
}

command cmd_sync_msi(uint64_t addr, uint32_t data, unsigned attr, unsigned sh)
{
    command c = cmd_sync(SIG_IRQ).set(22, 2, sh).set(24, 4, attr).set(32, 32, data);
    c.word[1] |= address_bits(addr, 55, 2);
    return c;
}

} // namespace support
