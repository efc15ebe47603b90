// SPDX-License-Identifier: Apache-2.0
// An SMMU with memory, a CPU and devices: see smmu_machine.hpp.
#include "smmu_machine.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace pins_test {

namespace reg = support::reg;
using support::device_under_test;

namespace {

constexpr unsigned cmdq_log2 = 6;

void require_ok(tlm::tlm_response_status status)
{
    if (status != tlm::TLM_OK_RESPONSE)
        throw std::runtime_error("register access failed");
}

std::vector<unsigned char> bytes_of(std::uint64_t value, std::size_t size)
{
    std::vector<unsigned char> bytes(size);
    std::memcpy(bytes.data(), &value, size);
    return bytes;
}

} // namespace

world_memory::world_memory(const sc_core::sc_module_name &name, const support::memory &first,
                           unsigned port_count)
    : sc_module(name), ports("port", port_count), first_(first)
{
    for (unsigned i = 0; i < port_count; i++) {
        const int id = static_cast<int>(i);
        ports[i].register_b_transport(this, &world_memory::b_transport, id);
        ports[i].register_transport_dbg(this, &world_memory::transport_dbg, id);
    }
}

world_memory::~world_memory() = default;

// Noise where there are zeros, so that data tell where they are from.
unsigned char &world_memory::byte(std::uint64_t address)
{
    const std::uint64_t number = address / page_size;
    const auto [place, is_new] = pages_.try_emplace(number);
    page &bytes = place->second;
    if (is_new) {
        first_.load(number * page_size, bytes.data(), page_size);
        if (std::all_of(bytes.begin(), bytes.end(), [](unsigned char each) { return !each; }))
            for (std::size_t i = 0; i < page_size; i++)
                bytes[i] = static_cast<unsigned char>((number * 0x9e3779b97f4a7c15 >> 40) + i);
    }
    return bytes[address % page_size];
}

void world_memory::store64(std::uint64_t address, std::uint64_t value)
{
    std::memcpy(&byte(address), &value, sizeof value);
}

std::uint64_t world_memory::load64(std::uint64_t address)
{
    std::uint64_t value = 0;
    std::memcpy(&value, &byte(address), sizeof value);
    return value;
}

void world_memory::move(tlm::tlm_generic_payload &payload)
{
    const std::uint64_t address = payload.get_address();
    const unsigned length = payload.get_data_length();
    const unsigned char *const enables = payload.get_byte_enable_ptr();
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    if (smmu::compare_and_swap *const swap = smmu::compare_and_swap_of(payload))
        return swap->perform(&byte(address), payload.get_data_ptr());
    if (smmu::atomic_access *const atomic = smmu::atomic_access_of(payload))
        return atomic->perform(&byte(address), length);
    for (unsigned i = 0; i < length; i++) {
        if (enables && enables[i % payload.get_byte_enable_length()] != TLM_BYTE_ENABLED)
            continue;
        if (payload.is_write())
            byte(address + i) = payload.get_data_ptr()[i];
        else
            payload.get_data_ptr()[i] = byte(address + i);
    }
}

void world_memory::b_transport(int id, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    const smmu::attributes attributes = smmu::attributes::of(payload);
    const bool write = payload.is_write() && attributes.op != SMMU_OP_ATOMIC;
    log.push_back({payload.get_address(), payload.get_data_length(), write, id, attributes.id,
                   attributes.pas});
    move(payload);
    delay += latency * (1.0 + static_cast<double>(payload.get_address() >> 6 & 3));
}

unsigned world_memory::transport_dbg(int, tlm::tlm_generic_payload &payload)
{
    move(payload);
    return payload.get_data_length();
}

smmu_machine::smmu_machine(const sc_core::sc_module_name &name, const support::memory &first,
                           unsigned tbus, bool backdoor)
    : sc_module(name), memory("memory", first, tbus + (backdoor ? 2 : 1)), devices("device", tbus)
{
}

smmu_machine::~smmu_machine() = default;

std::uint32_t smmu_machine::read32(std::uint32_t offset)
{
    tlm_test::transfer t = tlm_test::read_of(offset, 4);
    require_ok(cpu.send(t));
    std::uint32_t value = 0;
    std::memcpy(&value, t.data.data(), sizeof value);
    return value;
}

void smmu_machine::write32(std::uint32_t offset, std::uint32_t value)
{
    tlm_test::transfer t = tlm_test::write_of(offset, bytes_of(value, 4));
    require_ok(cpu.send(t));
}

void smmu_machine::write64(std::uint32_t offset, std::uint64_t value)
{
    tlm_test::transfer t = tlm_test::write_of(offset, bytes_of(value, 8));
    require_ok(cpu.send(t));
}

void smmu_machine::bring_up(device_under_test &dut, unsigned evtq_log2)
{
    for (const std::uint32_t each : {reg::CR1, reg::CR2, reg::S2PII})
        write32(each, dut.read32(each));
    write64(reg::S2PII, dut.read64(reg::S2PII));
    write64(reg::STRTAB_BASE, dut.read64(reg::STRTAB_BASE));
    write32(reg::STRTAB_BASE_CFG, dut.read32(reg::STRTAB_BASE_CFG));
    write64(reg::CMDQ_BASE, device_under_test::cmdq_base | cmdq_log2);
    write64(reg::EVENTQ_BASE, device_under_test::evtq_base | evtq_log2);
    write32(reg::CMDQ_PROD, 0);
    write32(reg::CMDQ_CONS, 0);
    write32(reg::EVENTQ_PROD, 0);
    write32(reg::EVENTQ_CONS, 0);
    write32(reg::IRQ_CTRL, reg::IRQ_GERROR | reg::IRQ_EVENTQ);
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    cmdq_prod_ = evtq_cons_ = evtq_seen_ = 0;
    evtq_log2_ = evtq_log2;
    submit(support::cfgi_all());
    submit(support::tlbi_nsnh_all());
    submit(support::tlbi_el2_all());
    if (!sync())
        throw std::runtime_error("commands are not consumed");
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
}

void smmu_machine::submit(const support::command &command)
{
    const std::uint32_t index = cmdq_prod_ & support::ones(cmdq_log2);
    for (unsigned i = 0; i < 2; i++)
        memory.store64(device_under_test::cmdq_base + 16ull * index + 8 * i, command.word.at(i));
    cmdq_prod_ = (cmdq_prod_ + 1) & support::ones(cmdq_log2 + 1);
    write32(reg::CMDQ_PROD, cmdq_prod_);
}

bool smmu_machine::sync()
{
    submit(support::cmd_sync());
    for (unsigned tries = 0; tries < 2000; tries++) {
        if (reg::queue_index(read32(reg::CMDQ_CONS)) == cmdq_prod_)
            return true;
        wait(20, sc_core::SC_NS);
    }
    return false;
}

// From an index of the Event queue on; all have been seen then.
std::vector<std::array<std::uint64_t, 4>> smmu_machine::records_from(std::uint32_t index)
{
    std::vector<std::array<std::uint64_t, 4>> all;
    const std::uint32_t wrap = static_cast<std::uint32_t>(support::ones(evtq_log2_ + 1));
    evtq_seen_ = read32(reg::EVENTQ_PROD) & wrap;
    for (; index != evtq_seen_; index = (index + 1) & wrap) {
        const std::uint64_t at =
            device_under_test::evtq_base + 32ull * (index & support::ones(evtq_log2_));
        all.push_back({memory.load64(at), memory.load64(at + 8), memory.load64(at + 16),
                       memory.load64(at + 24)});
    }
    return all;
}

std::vector<std::array<std::uint64_t, 4>> smmu_machine::events()
{
    auto all = records_from(evtq_cons_);
    evtq_cons_ = evtq_seen_;
    write32(reg::EVENTQ_CONS, evtq_cons_);
    return all;
}

std::vector<std::array<std::uint64_t, 4>> smmu_machine::new_records()
{
    return records_from(evtq_seen_);
}

tlm_machine::tlm_machine(const sc_core::sc_module_name &name, const support::memory &first,
                         const smmu::pins::pin_smmuv3_setup &setup)
    : smmu_machine(name, first, setup.tbus, false),
      smmu("smmu", setup.config, setup.times, setup.tbus)
{
    for (unsigned i = 0; i < setup.tbus; i++) {
        devices[i].socket.bind(smmu.dev(i));
        smmu.mem(i).bind(memory.ports[i]);
    }
    smmu.walk().bind(memory.ports[setup.tbus]);
    cpu.socket.bind(smmu.prog());
    smmu.irq_evtq().bind(evtq);
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&evtq.posedge_event());
    sc_core::sc_spawn([this] { evtq_pulses++; }, "count", &options);
}

} // namespace pins_test
