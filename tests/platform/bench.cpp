// SPDX-License-Identifier: Apache-2.0
// Initiators and targets for the tests of memory and interconnect.
#include "bench.hpp"

#include "support/shared_bench.hpp"

namespace bench {

namespace {

sc_core::sc_time ns(double count)
{
    return {count, sc_core::SC_NS};
}

support::shared_bench<modules> the_modules;

void fill(tlm::tlm_generic_payload &trans, tlm::tlm_command command, std::uint64_t address,
          void *data, unsigned size)
{
    trans.set_command(command);
    trans.set_address(address);
    trans.set_data_ptr(static_cast<unsigned char *>(data));
    trans.set_data_length(size);
    trans.set_streaming_width(size);
}

} // namespace

initiator::initiator(const sc_core::sc_module_name &name) : sc_module(name)
{
    bus.register_invalidate_direct_mem_ptr(this, &initiator::invalidate);
}

initiator::result initiator::send(tlm::tlm_generic_payload &trans)
{
    sc_core::sc_time delay;
    bus->b_transport(trans, delay);
    return {trans.get_response_status(), delay};
}

initiator::result initiator::read(std::uint64_t address, void *data, unsigned size)
{
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, data, size);
    return send(trans);
}

initiator::result initiator::write(std::uint64_t address, const void *data, unsigned size)
{
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_WRITE_COMMAND, address, const_cast<void *>(data), size);
    return send(trans);
}

unsigned initiator::debug_read(std::uint64_t address, void *data, unsigned size)
{
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, data, size);
    return bus->transport_dbg(trans);
}

unsigned initiator::debug_write(std::uint64_t address, const void *data, unsigned size)
{
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_WRITE_COMMAND, address, const_cast<void *>(data), size);
    return bus->transport_dbg(trans);
}

bool initiator::dmi(std::uint64_t address, tlm::tlm_dmi &grant)
{
    tlm::tlm_generic_payload trans;
    fill(trans, tlm::TLM_READ_COMMAND, address, nullptr, 0);
    return bus->get_direct_mem_ptr(trans, grant);
}

void initiator::invalidate(sc_dt::uint64 first, sc_dt::uint64 last)
{
    invalidations.emplace_back(first, last);
}

recorder::recorder(const sc_core::sc_module_name &name) : sc_module(name)
{
    socket.register_b_transport(this, &recorder::b_transport);
    socket.register_get_direct_mem_ptr(this, &recorder::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &recorder::transport_dbg);
}

void recorder::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
    last_address = trans.get_address();
    last_length = trans.get_data_length();
    calls++;
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool recorder::get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    last_address = trans.get_address();
    dmi.set_start_address(window.first);
    dmi.set_end_address(window.second);
    dmi.set_dmi_ptr(memory);
    dmi.allow_read();
    return true;
}

unsigned recorder::transport_dbg(tlm::tlm_generic_payload &trans)
{
    last_address = trans.get_address();
    last_length = trans.get_data_length();
    return last_length;
}

modules::modules()
    : ram("ram", ram_size, ns(7)), ram_user("ram_user"),
      router("router", 2, 2, {0, 0, 2000, 0, 0, 0, CROSSBAR_ROUND_ROBIN}), left("left"),
      right("right"), routed_ram("routed_ram", ram_size, ns(5)), device("device")
{
    ram_user.bus.bind(ram.socket);
    left.bus.bind(router.up[0]);
    right.bus.bind(router.up[1]);
    router.map(0, routed_ram_base, ram_size);
    router.down[0].bind(routed_ram.socket);
    router.map(1, device_base, device_size);
    router.down[1].bind(device.socket);
}

modules &get()
{
    if (!sc_core::sc_start_of_simulation_invoked())
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    return *the_modules;
}

} // namespace bench
