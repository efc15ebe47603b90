// SPDX-License-Identifier: Apache-2.0
// The test machine's bus and translation table builder.
#include "machine.hpp"

#include <cstdlib>
#include <stdexcept>

namespace cpu_test {

namespace {

machine &self(void *user)
{
    return *static_cast<machine *>(user);
}

bool in_ram(std::uint64_t pa, unsigned size)
{
    return pa >= ram_base && pa + size <= ram_base + ram_size;
}

a64_bus_status record(machine &m, machine::bus_access access)
{
    access.progress = a64_run_progress(m.cpu.get());
    m.log.push_back(access);
    if (m.on_bus)
        m.on_bus(access);
    return access.pa / 8 == m.abort_at / 8 && !(m.abort_at & 1) ? A64_BUS_ABORT : A64_BUS_OK;
}

a64_bus_status bus_read(void *user, std::uint64_t pa, void *data, unsigned size)
{
    machine &m = self(user);
    a64_bus_status status = record(m, {false, pa, size, 0, 0});
    if (in_ram(pa, size)) {
        std::memcpy(data, m.host(pa), size);
    } else if (pa >= device_base && pa < device_base + 0x10000) {
        std::memcpy(data, &m.device[pa & ~std::uint64_t{7}], size);
    } else {
        status = A64_BUS_ABORT;
    }
    return status;
}

a64_bus_status bus_write(void *user, std::uint64_t pa, const void *data, unsigned size)
{
    machine &m = self(user);
    std::uint64_t value = 0;
    std::memcpy(&value, data, size);
    a64_bus_status status = record(m, {true, pa, size, value, 0});
    if (status != A64_BUS_OK)
        return status;
    if (in_ram(pa, size))
        std::memcpy(m.host(pa), data, size);
    else if (pa >= device_base && pa < device_base + 0x10000)
        m.device[pa & ~std::uint64_t{7}] = value;
    else
        status = A64_BUS_ABORT;
    return status;
}

bool bus_dmi(void *user, std::uint64_t pa, a64_dmi *dmi)
{
    machine &m = self(user);
    if (!in_ram(pa, 1))
        return false;
    *dmi = {m.ram.data(), ram_base, ram_base + ram_size - 1, m.dmi_writable};
    return true;
}

bool call(void *user, a64_conduit conduit, std::uint64_t x[8])
{
    machine &m = self(user);
    return m.conduit && m.conduit(conduit, x);
}

void turn_to_peers(machine &m, unsigned &times)
{
    times++;
    if (m.on_peers)
        m.on_peers();
}

bool gic_read(void *user, std::uint32_t reg, std::uint64_t *value)
{
    auto it = self(user).gic.find(reg);
    if (it == self(user).gic.end())
        return false;
    *value = it->second;
    return true;
}

bool gic_write(void *user, std::uint32_t reg, std::uint64_t value)
{
    auto it = self(user).gic.find(reg);
    if (it == self(user).gic.end())
        return false;
    it->second = value;
    return true;
}

} // namespace

std::uint32_t translate_after_of_environment()
{
    const char *value = std::getenv("TRANSLATE_AFTER");
    return value ? static_cast<std::uint32_t>(std::stoul(value)) : 0;
}

machine::machine(bool with_dmi, bool own_clock, unsigned reset_el, std::uint32_t translate_after)
    : cpu(nullptr, a64_destroy)
{
    a64_ops ops = {};
    ops.read = bus_read;
    ops.write = bus_write;
    ops.dmi = with_dmi ? bus_dmi : nullptr;
    ops.peek = [](void *user, std::uint64_t pa, void *data, unsigned size) {
        machine &m = self(user);
        if (m.can_peek && in_ram(pa, size))
            std::memcpy(data, m.host(pa), size);
        return m.can_peek && in_ram(pa, size);
    };
    ops.broadcast = [](void *user, const a64_dvm *dvm) { self(user).broadcasts.push_back(*dvm); };
    ops.dsb = [](void *user) { turn_to_peers(self(user), self(user).dsbs); };
    ops.send_event = [](void *user) { turn_to_peers(self(user), self(user).events); };
    ops.conduit = call;
    ops.gic_read = gic_read;
    ops.gic_write = gic_write;
    ops.counter = [](void *user) { return self(user).counter; };
    if (own_clock)
        ops.cycles = ops.counter;
    ops.pmu = [](void *user, bool level) {
        machine &m = self(user);
        m.pmu_level = level;
        if (m.on_pmu)
            m.on_pmu(level);
    };
    ops.repeats = [](void *user, const a64_exception *exception) {
        machine &m = self(user);
        return m.on_repeat && m.on_repeat(*exception);
    };
    ops.timer = [](void *user, a64_timer which, bool level) {
        self(user).timer_level[which] = level;
    };
    a64_config config = {};
    config.reset_pc = ram_base;
    config.cntfrq = 62500000;
    config.pa_bits = 40;
    config.reset_el = static_cast<std::uint8_t>(reset_el);
    config.translate_after = translate_after;
    char err[100];
    cpu.reset(a64_create(&config, &ops, this, err, sizeof err));
    if (!cpu)
        throw std::runtime_error(err);
    set_sys(VBAR_EL1, 0x40010000);
    if (reset_el == 2)
        set_sys(VBAR_EL2, 0x40018000);
    a64_set_pstate(cpu.get(), reset_el == 2 ? el2h : el1h);
}

std::uint64_t machine::peek64(std::uint64_t pa)
{
    std::uint64_t v;
    std::memcpy(&v, host(pa), 8);
    return v;
}

void machine::code(std::uint64_t pa, const std::vector<std::uint32_t> &words)
{
    for (std::size_t i = 0; i < words.size(); i++)
        poke32(pa + 4 * i, words[i]);
    a64_code_invalidate(cpu.get(), pa, pa + 4 * words.size() - 1);
}

std::uint64_t machine::sys(std::uint32_t reg) const
{
    std::uint64_t v = 0;
    if (!a64_get_sysreg(cpu.get(), reg, &v))
        throw std::runtime_error("no such system register");
    return v;
}

void machine::set_sys(std::uint32_t reg, std::uint64_t v)
{
    if (!a64_set_sysreg(cpu.get(), reg, v))
        throw std::runtime_error("no such system register");
}

a64_stop machine::run(std::uint64_t n)
{
    return a64_run(cpu.get(), n, &executed);
}

a64_stop machine::run_at(std::uint64_t at, std::uint64_t n)
{
    a64_set_pc(cpu.get(), at);
    return run(n);
}

std::uint64_t tables::allocate()
{
    std::uint64_t table = next_;
    next_ += std::uint64_t{1} << granule_;
    std::memset(m_.host(table), 0, std::size_t{1} << granule_);
    return table;
}

std::uint64_t tables::descriptor(std::uint64_t va, unsigned level)
{
    std::uint64_t table = root_;
    va &= 0xffffffffffff;
    for (unsigned l = first_level();; l++) {
        std::uint64_t entries = std::uint64_t{1} << (granule_ - 3);
        std::uint64_t at = table + (va >> shift(l)) % entries * 8;
        if (l == level)
            return at;
        if (!(m_.peek64(at) & 1))
            m_.poke64(at, allocate() | 3);
        table = m_.peek64(at) & 0xffffffffffff & ~((std::uint64_t{1} << granule_) - 1);
    }
}

std::uint64_t tables::map(std::uint64_t va, std::uint64_t pa, std::uint64_t attrs, unsigned level)
{
    std::uint64_t at = descriptor(va, level);
    m_.poke64(at, pa | attrs | (level == 3 ? 3 : 1));
    return at;
}

std::uint64_t tables::tcr() const
{
    std::uint64_t tg0 = granule_ == 12 ? 0 : granule_ == 14 ? 2 : 1;
    std::uint64_t tg1 = granule_ == 12 ? 2 : granule_ == 14 ? 1 : 3;
    return 16 | 16 << 16 | tg0 << 14 | tg1 << 30 | std::uint64_t{2} << 32 | std::uint64_t{1} << 36;
}

void tables::enable(std::uint64_t asid, std::uint64_t sctlr)
{
    m_.set_sys(MAIR_EL1, mair);
    m_.set_sys(TCR_EL1, tcr());
    m_.set_sys(TTBR0_EL1, root_ | asid << 48);
    m_.set_sys(TTBR1_EL1, root_);
    m_.set_sys(SCTLR_EL1, sctlr);
}

} // namespace cpu_test
