// SPDX-License-Identifier: Apache-2.0
// Connects the PL031 kernel to its socket, its wire and simulated time.
#include "pl031.hpp"

#include <new>

namespace vp {

namespace {

sc_core::sc_time one_second()
{
    return {1, sc_core::SC_SEC};
}

::pl031 *create(const pl031_ops &ops, void *user, const vp_wires &wires, std::uint32_t epoch)
{
    ::pl031 *core = pl031_create(&ops, user, &wires, epoch);

    if (!core)
        throw std::bad_alloc();
    return core;
}

} // namespace

pl031::pl031(const sc_core::sc_module_name &name, std::uint32_t epoch)
    : sc_module(name), irq_("irq"),
      core_(create({on_now, on_set_alarm}, this, {this, on_irq}, epoch), pl031_destroy),
      socket_("regs", pl031_frame, core_.get())
{
    sc_core::sc_spawn_options options;

    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&alarm_);
    sc_core::sc_spawn([this] { pl031_alarm(core_.get()); }, "on_alarm", &options);
}

std::uint64_t pl031::on_now(void *)
{
    return sc_core::sc_time_stamp().value() / one_second().value();
}

// Simulated time ends before some alarms: those never ring.
void pl031::on_set_alarm(void *user, std::uint64_t second)
{
    auto *self = static_cast<pl031 *>(user);

    self->alarm_.cancel();
    if (second <= sc_core::sc_max_time().value() / one_second().value())
        self->alarm_.notify(one_second() * static_cast<double>(second) - sc_core::sc_time_stamp());
}

void pl031::on_irq(void *user, unsigned, bool level)
{
    auto *self = static_cast<pl031 *>(user);

    if (self->irq_.size() != 0)
        self->irq_->write(level);
}

std::unique_ptr<device> make_pl031(const dt_node &node, const char *name)
{
    return std::make_unique<pl031>(name, node.u32("vp,epoch", pl031::default_epoch));
}

} // namespace vp
