// SPDX-License-Identifier: Apache-2.0
// Connects the ITS kernel to its sockets, to simulated time and to the device tree.
#include "its.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "table_access.hpp"
#include "vp/msi_extension.hpp"
#include "vp/register_socket.hpp"

namespace vp {

its::its(const sc_core::sc_module_name &name, bool drop_errors)
    : sc_module(name), drop_errors_(drop_errors)
{
    socket_.register_b_transport(this, &its::b_transport);
    socket_.register_transport_dbg(this, &its::transport_dbg);
    sc_core::sc_spawn([this] { work(); }, "work");
}

void its::attach(gic &g)
{
    const its_ops ops = {{this, on_read, on_write}, on_defer, this, drop_errors_};

    core_.reset(its_create(&ops, &g.core()));
    if (!core_)
        throw std::bad_alloc();
}

void its::deliver_to(device &controller)
{
    auto *g = dynamic_cast<gic *>(&controller);

    if (g == nullptr)
        throw std::invalid_argument("not an interrupt controller with LPIs");
    attach(*g);
}

void its::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    its_requester from = {core_.get(), msi_extension::device_id_of(trans)};
    const std::uint64_t rung_before = rung_;

    trans.set_response_status(register_socket::access(its_frame, &from, trans));
    if (rung_ == rung_before)
        return;
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    wake_.notify();
    sc_core::wait(sc_core::SC_ZERO_TIME);
}

unsigned its::transport_dbg(tlm::tlm_generic_payload &trans)
{
    its_requester from = {core_.get(), 0};

    return register_socket::debug_access(its_frame, &from, trans);
}

void its::work()
{
    for (;;) {
        while (served_ == rung_)
            sc_core::wait(wake_);
        served_ = rung_;
        while (its_run(core_.get(), 1))
            pace_.step();
    }
}

vp_status its::on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size, unsigned,
                       std::uint32_t)
{
    return table_access(static_cast<its *>(user)->bus, tlm::TLM_READ_COMMAND, addr, data, size);
}

vp_status its::on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                        unsigned, std::uint32_t)
{
    // TLM has one pointer for both directions; a target does not change what it is written.
    return table_access(static_cast<its *>(user)->bus, tlm::TLM_WRITE_COMMAND, addr,
                        const_cast<void *>(data), size);
}

void its::on_defer(void *user)
{
    static_cast<its *>(user)->rung_++;
}

std::vector<device::counter> its::counters() const
{
    const its_stats &stats = *its_get_stats(core_.get());

    return {{"messages", stats.messages},
            {"messages-dropped", stats.messages_dropped},
            {"commands", stats.commands},
            {"command-errors", stats.command_errors}};
}

std::unique_ptr<device> make_its(const dt_node &node, const char *name)
{
    const auto parents = node.parent().compatible();

    if (std::find(parents.begin(), parents.end(), "arm,gic-v3") == parents.end())
        node.fail("", "must be a child of the arm,gic-v3 node");
    if (node.u32("#msi-cells") != 1)
        node.fail("#msi-cells", "must be 1");
    if (node.reg()[0].size < ITS_SIZE)
        node.fail("reg", "must be at least 0x20000 bytes: control and translation page");
    return std::make_unique<its>(name, node.has("vp,drop-command-errors"));
}

} // namespace vp
