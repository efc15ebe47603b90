// SPDX-License-Identifier: Apache-2.0
// Connects the kernel of the access probe to its sockets.
#include "probe_window.hpp"

#include <new>

#include "smmu/tlm/attributes.hpp"

namespace vp {

namespace {

access_probe *create()
{
    access_probe *const core = access_probe_create();
    if (!core)
        throw std::bad_alloc();
    return core;
}

// As MPAM_SP, or NSE and NS of an address, encode it. Both enumerations have one order.
std::uint8_t space_of(unsigned state)
{
    static constexpr std::uint8_t codes[] = {1, 0, 3, 2}; // Non-secure, Secure, Realm, Root
    return codes[state & 3];
}

access_probe_access access_of(const tlm::tlm_generic_payload &trans)
{
    const smmu::attributes with = smmu::attributes::of(trans);
    access_probe_access seen = {};
    seen.offset = trans.get_address();
    seen.length = trans.get_data_length();
    seen.sid = with.sid;
    seen.ssid = with.ssv ? with.ssid : 0;
    seen.partid = with.mpam.partid;
    seen.pmg = with.mpam.pmg;
    seen.space = space_of(with.mpam.space);
    seen.pas = space_of(with.pas);
    seen.mair = with.memattr.mair;
    seen.sh = with.memattr.sh;
    seen.pbha = with.pbha;
    seen.write = trans.is_write();
    seen.instr = with.instr;
    seen.priv = with.priv;
    seen.ssv = with.ssv;
    return seen;
}

} // namespace

probe_window::probe_window(const sc_core::sc_module_name &name, std::uint64_t size)
    : sc_module(name), memory_(size), core_(create(), access_probe_destroy),
      registers_("regs", access_probe_frame, core_.get()), window_("window")
{
    window_.register_b_transport(this, &probe_window::on_transport);
    window_.register_transport_dbg(this, &probe_window::on_debug);
}

void probe_window::on_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
    const access_probe_access seen = access_of(trans); // memory may change the payload
    if (memory_.access(trans))
        access_probe_record(core_.get(), &seen);
}

std::unique_ptr<device> make_access_probe(const dt_node &node, const char *name)
{
    const std::vector<dt_range> reg = node.reg();
    if (reg.size() != 2)
        node.fail("reg",
                  "must have 2 entries, registers and window, has " + std::to_string(reg.size()));
    return std::make_unique<probe_window>(name, reg[1].size);
}

} // namespace vp
