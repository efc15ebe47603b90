// SPDX-License-Identifier: Apache-2.0
// The bench of the TLM tests: see bench.hpp.
#include "bench.hpp"

#include <cstring>
#include <stdexcept>

namespace tlm_test {

namespace {

constexpr unsigned queue_log2 = 6;
constexpr unsigned strtab_log2 = 8;
constexpr std::size_t test_stack = 1 << 20; // assertions format their messages on it

void require_ok(tlm::tlm_response_status status)
{
    if (status != tlm::TLM_OK_RESPONSE)
        throw std::runtime_error("register access failed");
}

} // namespace

edge_counter::edge_counter(const sc_core::sc_module_name &name) : sc_module(name)
{
    SC_HAS_PROCESS(edge_counter);
    SC_METHOD(count);
    sensitive << wire;
    dont_initialize();
}

edge_counter::~edge_counter() = default;

void edge_counter::count()
{
    (wire.read() ? rises : falls)++;
    (wire.read() ? rose : fell) = sc_core::sc_time_stamp();
}

bench::bench(const sc_core::sc_module_name &name, const smmu::timing &times, unsigned tbus,
             const smmu_config &cfg, unsigned unbound, unsigned elsewhere,
             const std::vector<unsigned> &sharing)
    : sc_module(name), smmu("smmu", cfg, times, tbus, {}, sharing),
      devices("device", tbus - unbound), dev_checkers("dev_checker", tbus - unbound),
      mem_checkers("mem_checker", tbus)
{
    cpu.socket.bind(prog_checker.target_socket);
    prog_checker.initiator_socket.bind(smmu.prog());
    smmu.walk().bind(walk_checker.target_socket);
    walk_checker.initiator_socket.bind(memory.port);
    for (unsigned i = 0; i < tbus; i++)
        smmu.mem(i).bind(mem_checkers[i].target_socket);
    for (unsigned i = 0; i + elsewhere < tbus; i++)
        mem_checkers[i].initiator_socket.bind(memory.port);
    for (unsigned i = 0; i < devices.size(); i++) {
        devices[i].socket.bind(dev_checkers[i].target_socket);
        dev_checkers[i].initiator_socket.bind(smmu.dev(i));
    }
    smmu.irq_evtq().bind(evtq_irq.wire);
    smmu.irq_priq().bind(priq_irq.wire);
    smmu.irq_cmd_sync().bind(cmd_sync_irq.wire);
    smmu.irq_gerror().bind(gerror_irq.wire);
    smmu.sev().bind(sev.wire);
}

bench::~bench() = default;

void bench::run(std::function<void()> test)
{
    sc_core::sc_spawn_options options;
    options.set_stack_size(test_stack);
    sc_core::sc_spawn(
        [test = std::move(test)] {
            test();
            sc_core::sc_stop();
        },
        "test", &options);
    sc_core::sc_start();
}

std::uint32_t bench::read32(std::uint32_t offset)
{
    transfer t = read_of(offset, 4);
    require_ok(cpu.send(t));
    std::uint32_t value = 0;
    std::memcpy(&value, t.data.data(), sizeof value);
    return value;
}

void bench::write32(std::uint32_t offset, std::uint32_t value)
{
    std::vector<unsigned char> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    transfer t = write_of(offset, std::move(bytes));
    require_ok(cpu.send(t));
}

void bench::write64(std::uint32_t offset, std::uint64_t value)
{
    std::vector<unsigned char> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    transfer t = write_of(offset, std::move(bytes));
    require_ok(cpu.send(t));
}

void bench::bring_up(std::uint32_t cr2)
{
    write32(reg::CR1, 0xd75); // Inner Shareable, Write-Back
    write64(reg::STRTAB_BASE, strtab);
    write32(reg::STRTAB_BASE_CFG, strtab_log2);
    write64(reg::CMDQ_BASE, cmdq | queue_log2);
    write64(reg::EVENTQ_BASE, evtq | queue_log2);
    write32(reg::CR2, cr2);
    write32(reg::IRQ_CTRL, reg::IRQ_GERROR | reg::IRQ_EVENTQ);
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
}

void bench::set_ste(std::uint32_t sid, const support::ste &ste)
{
    memory.store_image(strtab + 64ull * sid, ste.encode());
}

void bench::submit(const support::command &command)
{
    const std::uint32_t index = cmdq_prod_ & support::ones(queue_log2);
    memory.store_image(cmdq + 16ull * index, command);
    cmdq_prod_ = (cmdq_prod_ + 1) & support::ones(queue_log2 + 1);
    write32(reg::CMDQ_PROD, cmdq_prod_);
}

void bench::sync()
{
    submit(support::cmd_sync());
    for (unsigned tries = 0; reg::queue_index(read32(reg::CMDQ_CONS)) != cmdq_prod_; tries++) {
        if (tries == 1000)
            throw std::runtime_error("commands are not consumed");
        sc_core::wait(10, sc_core::SC_NS);
    }
}

std::uint32_t bench::event_count()
{
    return reg::queue_index(read32(reg::EVENTQ_PROD));
}

support::event bench::event(std::uint32_t index)
{
    support::image<4> record;
    for (unsigned i = 0; i < 4; i++)
        record.word.at(i) = memory.load64(evtq + 32ull * index + 8 * i);
    return support::event::decode(record);
}

void bench::publish_tables()
{
    const std::uint64_t end = frames.allocate(0, 8);
    for (std::uint64_t at = tables; at < end; at += 8)
        memory.store64(at, scratch.load64(at));
}

stream::stream(bench &b, std::uint32_t sid, unsigned asid)
    : bench_(b), sid_(sid), table_(b.scratch, b.frames)
{
    ste_.config = support::STE_S1_TRANS;
    ste_.s1contextptr = b.frames.allocate(64, 64);
    cd_.asid = asid;
    cd_.ttb0 = table_.base();
    cd_.epd1 = 1;
    publish();
}

void stream::publish()
{
    bench_.scratch.store_image(ste_.s1contextptr, cd_.encode());
    bench_.set_ste(sid_, ste_);
    bench_.publish_tables();
}

void stream::map(std::uint64_t va, std::uint64_t pa, unsigned level,
                 const support::leaf_attributes &attributes)
{
    table_.map(va, pa, level, attributes);
    bench_.publish_tables();
}

void stream::unmap(std::uint64_t va)
{
    table_.unmap(va);
    bench_.publish_tables();
}

std::uint64_t stream::descriptor_address(std::uint64_t va, unsigned level)
{
    return table_.descriptor_address(va, level);
}

} // namespace tlm_test
