// SPDX-License-Identifier: Apache-2.0
// Runs the PE in slices and turns its accesses into transactions.
#include "cpu.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace vp {

using sc_core::sc_time;

sc_time cpu::keeper::compute_local_quantum()
{
    // Whole multiples of the quantum, so that the PEs of a machine meet.
    sc_time into = sc_time::from_value(sc_core::sc_time_stamp().value() % quantum_.value());
    return quantum_ - into;
}

sc_time cpu::keeper::left() const
{
    sc_time now = get_current_time();
    return m_next_sync_point > now ? m_next_sync_point - now : sc_core::SC_ZERO_TIME;
}

void cpu::keeper::meet()
{
    const sc_time &now = sc_core::sc_time_stamp();
    const sc_time local = get_current_time();
    const sc_time end = sc_time::from_value(local.value() / quantum_.value() * quantum_.value());
    if (end > now) {
        sc_core::wait(end - now);
        m_local_time = local - end;
    }
    m_next_sync_point = end + quantum_;
}

a64_ops cpu::make_ops()
{
    a64_ops ops{};
    ops.read = [](void *self, std::uint64_t pa, void *data, unsigned size) {
        bool ok = static_cast<cpu *>(self)->transport(tlm::TLM_READ_COMMAND, pa, data, size);
        return ok ? A64_BUS_OK : A64_BUS_ABORT;
    };
    ops.write = [](void *self, std::uint64_t pa, const void *data, unsigned size) {
        bool ok = static_cast<cpu *>(self)->transport(tlm::TLM_WRITE_COMMAND, pa,
                                                      const_cast<void *>(data), size);
        return ok ? A64_BUS_OK : A64_BUS_ABORT;
    };
    ops.dmi = [](void *self, std::uint64_t pa, a64_dmi *dmi) {
        return static_cast<cpu *>(self)->find_dmi(pa, *dmi);
    };
    ops.peek = [](void *self, std::uint64_t pa, void *data, unsigned size) {
        return static_cast<cpu *>(self)->peek(pa, data, size);
    };
    ops.counter = [](void *self) { return static_cast<cpu *>(self)->counter(); };
    ops.cycles = [](void *self) { return static_cast<cpu *>(self)->cycles(); };
    ops.pmu = [](void *self, bool level) {
        auto *c = static_cast<cpu *>(self);
        if (c->pmu_output_)
            c->pmu_output_(level);
    };
    ops.repeats = [](void *self, const a64_exception *exception) {
        return static_cast<cpu *>(self)->repeats(*exception);
    };
    ops.timer = [](void *self, a64_timer which, bool level) {
        auto *c = static_cast<cpu *>(self);
        if (c->timer_output_)
            c->timer_output_(which, level);
    };
    add_outside(ops);
    return ops;
}

// Ways beyond the bus: firmware, interrupt controller, the other PEs.
void cpu::add_outside(a64_ops &ops)
{
    ops.conduit = [](void *self, a64_conduit conduit, std::uint64_t x[8]) {
        auto *c = static_cast<cpu *>(self);
        c->sync_due_ = true; // firmware calls act on the machine: at their own time
        a64_request_stop(c->core_.get());
        return c->conduit_ && c->conduit_(conduit, x);
    };
    ops.gic_read = [](void *self, std::uint32_t reg, std::uint64_t *value) {
        auto *c = static_cast<cpu *>(self);
        return c->gic_.read && c->gic_.read(c->gic_.gic, c->gic_.pe, reg, value);
    };
    ops.gic_write = [](void *self, std::uint32_t reg, std::uint64_t value) {
        auto *c = static_cast<cpu *>(self);
        return c->gic_.write && c->gic_.write(c->gic_.gic, c->gic_.pe, reg, value);
    };
    ops.broadcast = [](void *self, const a64_dvm *dvm) {
        auto *c = static_cast<cpu *>(self);
        if (c->broadcast_)
            c->broadcast_(*dvm);
    };
    ops.dsb = [](void *self) {
        auto *c = static_cast<cpu *>(self);
        if (c->dsb_)
            c->dsb_();
    };
    ops.send_event = [](void *self) {
        auto *c = static_cast<cpu *>(self);
        if (c->send_event_)
            c->send_event_();
    };
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): module names are passed by value
cpu::cpu(sc_core::sc_module_name name, const a64_config &config, const timing &t)
    : sc_module(name), bus("bus"), timing_(t), cntfrq_(config.cntfrq), keeper_(t.quantum),
      core_(nullptr, a64_destroy)
{
    if (t.cycle == sc_core::SC_ZERO_TIME || t.quantum < t.cycle)
        throw std::invalid_argument("timing: quantum and cycle must satisfy quantum >= cycle > 0");
    const a64_ops ops = make_ops();
    char err[128];
    core_.reset(a64_create(&config, &ops, this, err, sizeof err));
    if (!core_)
        throw std::invalid_argument(err);
    bus.register_invalidate_direct_mem_ptr(this, &cpu::invalidate_dmi);
    SC_HAS_PROCESS(cpu);
    SC_THREAD(run);
}

cpu::~cpu() = default;

void cpu::connect_gic(const vp_gic_cpuif &gic)
{
    gic_ = gic;
}

void cpu::set_conduit(std::function<bool(a64_conduit, std::uint64_t x[8])> conduit)
{
    conduit_ = std::move(conduit);
}

void cpu::set_timer_output(std::function<void(a64_timer, bool)> output)
{
    timer_output_ = std::move(output);
}

void cpu::set_pmu_output(std::function<void(bool)> output)
{
    pmu_output_ = std::move(output);
}

void cpu::set_crash_output(std::function<void(const a64_exception &)> output)
{
    crash_output_ = std::move(output);
}

void cpu::set_start(std::uint64_t pc, std::uint64_t x0)
{
    a64_set_pc(core_.get(), pc);
    a64_set_x(core_.get(), 0, x0);
}

void cpu::set_broadcast(std::function<void(const a64_dvm &)> broadcast)
{
    broadcast_ = std::move(broadcast);
}

void cpu::set_dsb(std::function<void()> dsb)
{
    dsb_ = std::move(dsb);
}

void cpu::set_send_event(std::function<void()> send_event)
{
    send_event_ = std::move(send_event);
}

void cpu::share_time(system_time &time)
{
    time_ = &time;
}

void cpu::set_run_control(run_control *control)
{
    control_ = control;
}

void cpu::set_line(a64_line line, bool level)
{
    a64_set_line(core_.get(), line, level);
    if (!level)
        return;
    woken_ = true;
    wakeup_.notify(sc_core::SC_ZERO_TIME);
}

void cpu::send_event()
{
    a64_send_event(core_.get());
    woken_ = true;
    wakeup_.notify(sc_core::SC_ZERO_TIME);
}

void cpu::snoop(const a64_dvm &dvm)
{
    a64_snoop(core_.get(), &dvm);
}

void cpu::power_off()
{
    off_ = true;
    a64_request_stop(core_.get());
}

void cpu::power_on(std::uint64_t pc, std::uint64_t x0, const sc_time &when,
                   std::function<void()> started)
{
    power_due_ = true;
    power_at_ = when;
    power_pc_ = pc;
    power_x0_ = x0;
    started_ = std::move(started);
    power_.notify(sc_core::SC_ZERO_TIME);
}

void cpu::code_invalidate(std::uint64_t first, std::uint64_t last)
{
    a64_code_invalidate(core_.get(), first, last);
}

const a64_stats &cpu::stats() const
{
    return *a64_get_stats(core_.get());
}

// ---- Time ----

sc_time cpu::local_time() const
{
    return keeper_.get_current_time() +
           timing_.cycle * static_cast<double>(a64_run_progress(core_.get()) - accounted_);
}

// Gives the keeper the time of the instructions executed so far in this slice.
void cpu::account()
{
    std::uint64_t progress = a64_run_progress(core_.get());
    keeper_.inc(timing_.cycle * static_cast<double>(progress - accounted_));
    accounted_ = progress;
}

// The clock stands still while the PE waits in WFI and WFE.
std::uint64_t cpu::cycles() const
{
    return (local_time() - idle_).value() / timing_.cycle.value();
}

// Exact in integers: seconds and the rest apart, so that nothing overflows.
std::uint64_t cpu::counter() const
{
    const std::uint64_t second = sc_time(1, sc_core::SC_SEC).value();
    std::uint64_t now = time_->see(local_time()).value();
    using wide = unsigned __int128;
    return now / second * cntfrq_ +
           static_cast<std::uint64_t>(static_cast<wide>(now % second) * cntfrq_ / second);
}

// The first instant at which the counter has reached `count`; the end of time if that is later.
sc_time cpu::counter_time(std::uint64_t count) const
{
    using wide = unsigned __int128;
    const std::uint64_t second = sc_time(1, sc_core::SC_SEC).value();
    if (cntfrq_ == 0)
        return sc_core::sc_max_time();
    wide value = (static_cast<wide>(count) * second + cntfrq_ - 1) / cntfrq_;
    wide last = sc_core::sc_max_time().value();
    return sc_time::from_value(static_cast<std::uint64_t>(std::min(value, last)));
}

// ---- The process ----

// Instructions until the quantum ends or a timer is due; at least one.
std::uint64_t cpu::slice() const
{
    sc_time now = keeper_.get_current_time();
    sc_time due = counter_time(a64_timer_deadline(core_.get()));
    sc_time left = std::min(keeper_.left(), due > now ? due - now : sc_core::SC_ZERO_TIME);
    std::uint64_t cycle = timing_.cycle.value();
    return std::max<std::uint64_t>(1, (left.value() + cycle - 1) / cycle);
}

// Runs a slice without interruption, and takes the time of what it executed.
a64_stop cpu::execute(std::uint64_t budget)
{
    std::uint64_t executed;
    accounted_ = 0;
    repeats_ = false;
    a64_stop stop = a64_run(core_.get(), budget, &executed);
    keeper_.inc(timing_.cycle * static_cast<double>(executed - accounted_));
    accounted_ = executed;
    crash_told_ = crash_told_ && repeats_;
    return stop;
}

bool cpu::repeats(const a64_exception &exception)
{
    const bool alone = !bus_took_time_;
    bus_took_time_ = false;
    repeats_ = true;
    if (!crash_told_ && crash_output_)
        crash_output_(exception);
    crash_told_ = true;
    return alone;
}

// A slice does not end between a load-exclusive and its store, so that short quanta do not keep a
// loop of them from ever succeeding; loops that count on that are no longer (DDI 0487 B2.12.5).
a64_stop cpu::run_slice()
{
    constexpr unsigned exclusive_grace = 32;
    a64_timer_update(core_.get());
    if (run_control *control = control_) {
        const std::uint64_t budget = control->before_slice(*this, slice());
        const a64_stop stop = execute(budget);
        control->after_slice(*this, stop, accounted_);
        return stop;
    }
    a64_stop stop = execute(slice());
    for (unsigned i = 0;
         i < exclusive_grace && stop == A64_STOP_BUDGET && a64_exclusive(core_.get()); i++)
        stop = execute(1);
    return stop;
}

void cpu::run()
{
    keeper_.reset();
    for (;;) {
        if (off_)
            wait_for_power();
        a64_stop stop = run_slice();
        if (stop == A64_STOP_WFI || stop == A64_STOP_WFE)
            wait_for_wakeup(stop == A64_STOP_WFE);
        else if (sync_due_ || keeper_.need_sync())
            synchronise();
        sync_due_ = false;
    }
}

// Lets the rest of the machine catch up. PEs that meet at the end of a quantum go on in the order
// of their turns.
void cpu::synchronise()
{
    if (keeper_.need_sync()) {
        keeper_.meet();
        for (unsigned i = 0; i < timing_.turn; i++)
            wait(sc_core::SC_ZERO_TIME);
    } else {
        keeper_.sync();
    }
    a64_clear_exclusive(core_.get());
}

void cpu::wait_for_power()
{
    keeper_.sync();
    while (!power_due_)
        wait(power_);
    if (power_at_ > sc_core::sc_time_stamp())
        wait(power_at_ - sc_core::sc_time_stamp());
    power_due_ = false;
    off_ = false;
    a64_reset(core_.get());
    set_start(power_pc_, power_x0_);
    keeper_.reset();
    if (started_)
        started_();
}

// Sleeps until a line rises, an event arrives or a timer is due. WFE also ends after a quantum: it
// may end at any time, and software expects it to in loops that poll memory (DDI 0487 D1.7).
void cpu::wait_for_wakeup(bool bounded)
{
    woken_ = false;
    keeper_.sync();
    const sc_time start = sc_time::from_value(sc_core::sc_time_stamp().value());
    sc_time due = counter_time(a64_timer_deadline(core_.get()));
    sc_time timeout = due > start ? due - start : sc_core::SC_ZERO_TIME;
    if (bounded)
        timeout = std::min(timeout, timing_.quantum);
    if (due == sc_core::sc_max_time() && !bounded && !woken_)
        wait(wakeup_);
    else if (timeout > sc_core::SC_ZERO_TIME && !woken_)
        wait(timeout, wakeup_);
    a64_clear_exclusive(core_.get());
    if (bounded)
        a64_send_event(core_.get());
    idle_ += sc_core::sc_time_stamp() - start;
    keeper_.reset();
}

// ---- The bus ----

bool cpu::transport(tlm::tlm_command command, std::uint64_t pa, void *data, unsigned size)
{
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(pa);
    payload.set_data_ptr(static_cast<unsigned char *>(data));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);

    account();
    const sc_time before = keeper_.get_local_time();
    const std::uint64_t deltas = sc_core::sc_delta_count();
    sc_time delay = before;
    bus->b_transport(payload, delay);
    keeper_.set(delay);
    bus_took_time_ = bus_took_time_ || delay != before || sc_core::sc_delta_count() != deltas;
    if (keeper_.need_sync())
        a64_request_stop(core_.get());
    return payload.is_response_ok();
}

bool cpu::peek(std::uint64_t pa, void *data, unsigned size)
{
    tlm::tlm_generic_payload payload;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(pa);
    payload.set_data_ptr(static_cast<unsigned char *>(data));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    return bus->transport_dbg(payload) == size;
}

bool cpu::find_dmi(std::uint64_t pa, a64_dmi &dmi)
{
    tlm::tlm_generic_payload payload;
    tlm::tlm_dmi region;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(pa);
    if (!bus->get_direct_mem_ptr(payload, region) || !region.is_read_allowed())
        return false;
    dmi.host = region.get_dmi_ptr();
    dmi.first = region.get_start_address();
    dmi.last = region.get_end_address();
    dmi.writable = region.is_write_allowed();
    return true;
}

void cpu::invalidate_dmi(sc_dt::uint64 first, sc_dt::uint64 last)
{
    a64_dmi_invalidate(core_.get(), first, last);
}

} // namespace vp
