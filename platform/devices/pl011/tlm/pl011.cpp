// SPDX-License-Identifier: Apache-2.0
// Connects the PL011 kernel to its socket, its wire, simulated time and the outside.
#include "pl011.hpp"

#include <new>

namespace vp {

namespace {

constexpr double uartclk_ns = 1e9 / 24e6;

::pl011 *create(const pl011_ops &ops, void *user, const vp_wires &wires)
{
    ::pl011 *core = pl011_create(&ops, user, &wires);

    if (!core)
        throw std::bad_alloc();
    return core;
}

// 115200 baud, 8 data bits, FIFOs; then enabled in both directions.
void boot(::pl011 *core)
{
    static constexpr struct {
        std::uint64_t offset, value;
    } writes[] = {{0x024, 13}, {0x028, 1}, {0x02c, 0x70}, {0x030, 0x301}};

    for (const auto &write : writes)
        pl011_frame.write(core, write.offset, 4, write.value);
}

} // namespace

pl011::pl011(const sc_core::sc_module_name &name, sink output)
    : sc_module(name), output_(std::move(output)), irq_("irq"),
      core_(create({on_tx, on_start_timeout}, this, {this, on_irq}), pl011_destroy),
      socket_("regs", pl011_frame, core_.get())
{
    sc_core::sc_spawn_options options;

    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&timeout_);
    sc_core::sc_spawn([this] { pl011_receive_timeout(core_.get()); }, "on_timeout", &options);
    boot(core_.get());
}

pl011::sink pl011::to_file(std::FILE *file)
{
    return [file](std::uint8_t byte) {
        if (std::fputc(byte, file) == EOF || (byte == '\n' && std::fflush(file) != 0))
            sc_core::sc_stop();
    };
}

bool pl011::receive(std::uint8_t byte)
{
    const bool kept = pl011_receive(core_.get(), byte, 0);

    received_ += kept;
    return kept;
}

std::vector<device::counter> pl011::counters() const
{
    return {{"bytes_sent", sent_}, {"bytes_received", received_}};
}

void pl011::on_tx(void *user, std::uint8_t byte)
{
    auto *self = static_cast<pl011 *>(user);

    self->sent_++;
    if (self->output_)
        self->output_(byte);
}

void pl011::on_start_timeout(void *user, std::uint64_t cycles)
{
    auto *self = static_cast<pl011 *>(user);

    self->timeout_.cancel();
    self->timeout_.notify(static_cast<double>(cycles) * uartclk_ns, sc_core::SC_NS);
}

void pl011::on_irq(void *user, unsigned, bool level)
{
    auto *self = static_cast<pl011 *>(user);

    if (self->irq_.size() != 0)
        self->irq_->write(level);
}

std::unique_ptr<device> make_pl011(const dt_node &, const char *name)
{
    return std::make_unique<pl011>(name);
}

} // namespace vp
