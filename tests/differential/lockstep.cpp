// SPDX-License-Identifier: Apache-2.0
// Bring-up and queues of two SMMUs at once (IHI 0070 3.5, 3.11), and the comparison of an access.
#include "differential/lockstep.hpp"

#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "differential/gaps.hpp"
#include "support/registers.hpp"

using namespace support;

namespace differential {

constexpr unsigned cmdq_log2 = 6;
constexpr unsigned evtq_log2 = 7; // emptied often: QEMU has no overflow flag
constexpr size_t line_size = 64;

lockstep::lockstep()
{
    mem.keep_log(false);
}

both<uint32_t> lockstep::read32(uint32_t offset)
{
    return {core.read32(offset), qemu.read32(offset)};
}

both<uint64_t> lockstep::read64(uint32_t offset)
{
    return {core.read64(offset), qemu.read64(offset)};
}

void lockstep::write32(uint32_t offset, uint32_t value)
{
    core.write32(offset, value);
    qemu.write32(offset, value);
}

void lockstep::write64(uint32_t offset, uint64_t value)
{
    core.write64(offset, value);
    qemu.write64(offset, value);
}

void lockstep::bring_up(const stream_table_shape &shape)
{
    const uint64_t used = frames.allocate(0, 4096) - strtab_base;
    core.zero(strtab_base, used);
    qemu.zero(strtab_base, used);
    mem.clear();
    published_.clear();
    frames = frame_allocator(frames_base);
    strtab_.emplace(mem, frames, strtab_base, shape);
    cmdq_prod_ = 0;
    evtq_cons_ = {0, 0};

    write32(reg::CR0, 0);
    write32(reg::CR1, 0xd75); // Inner Shareable, Write-Back
    write32(reg::CR2, reg::CR2_RECINVSID | reg::CR2_PTM);
    write64(reg::STRTAB_BASE, strtab_->base());
    write32(reg::STRTAB_BASE_CFG, strtab_->base_cfg());
    write64(reg::CMDQ_BASE, cmdq_base | cmdq_log2);
    write32(reg::CMDQ_PROD, 0);
    write32(reg::CMDQ_CONS, 0);
    write64(reg::EVENTQ_BASE, evtq_base | evtq_log2);
    write32(reg::EVENTQ_PROD, 0);
    write32(reg::EVENTQ_CONS, 0);
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
    invalidate_all();
    write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN | reg::CR0_SMMUEN);
}

void lockstep::set_ste(uint32_t sid, const ste &entry)
{
    mem.store_image(strtab_->ste_address(sid), entry.encode());
}

void lockstep::publish()
{
    constexpr size_t page_size = 4096;
    const uint64_t end = frames.allocate(0, page_size);
    std::array<uint8_t, page_size> now;
    std::array<uint8_t, page_size> before;
    for (uint64_t page = strtab_base; page < end; page += page_size) {
        mem.load(page, now.data(), page_size);
        published_.load(page, before.data(), page_size);
        if (now == before)
            continue;
        for (size_t line = 0; line < page_size; line += line_size) {
            if (std::memcmp(&now[line], &before[line], line_size) == 0)
                continue;
            core.store(page + line, &now[line], line_size);
            qemu.store(page + line, &now[line], line_size);
        }
        published_.store(page, now.data(), page_size);
    }
}

void lockstep::store_command(uint32_t position, const command &cmd)
{
    const uint64_t at = cmdq_base + uint64_t{position & ones(cmdq_log2)} * 16;
    for (size_t i = 0; i < cmd.word.size(); ++i) {
        core.store(at + 8 * i, &cmd.word[i], 8);
        qemu.store(at + 8 * i, &cmd.word[i], 8);
    }
}

void lockstep::submit(const command &cmd)
{
    store_command(cmdq_prod_, cmd);
    cmdq_prod_ = (cmdq_prod_ + 1) & ones(cmdq_log2 + 1);
    write32(reg::CMDQ_PROD, cmdq_prod_);
}

void lockstep::replace_last(const command &cmd)
{
    store_command(cmdq_prod_ - 1, cmd);
}

void lockstep::invalidate_all()
{
    submit(cfgi_all());
    submit(tlbi_nsnh_all());
    submit(cmd_sync());
}

std::vector<event> lockstep::drain(machine &m, uint32_t &cons)
{
    std::vector<event> events;
    const uint32_t prod = m.read32(reg::EVENTQ_PROD) & ones(evtq_log2 + 1);
    if (prod == cons)
        return events;
    for (; cons != prod; cons = (cons + 1) & ones(evtq_log2 + 1)) {
        const uint64_t index = cons & ones(evtq_log2);
        const uint64_t at = evtq_base + 32 * index;
        image<4> raw;
        for (size_t i = 0; i < raw.word.size(); ++i)
            raw.word[i] = m.load64(at + 8 * i);
        events.push_back(event::decode(raw));
    }
    m.write32(reg::EVENTQ_CONS, cons);
    return events;
}

both<std::vector<event>> lockstep::pop_events()
{
    return {drain(core, evtq_cons_.core), drain(qemu, evtq_cons_.qemu)};
}

// A new datum at `addr`, if that is memory for data.
void lockstep::put_data(uint64_t addr)
{
    if (addr < data_base || addr + 8 > ram_end)
        return;
    datum_ += 0x9e3779b97f4a7c15; // all bytes change
    core.store(addr, &datum_, 8);
    qemu.store(addr, &datum_, 8);
}

// The datum lies where the core's translation leads, and where no translation would lead.
void lockstep::compare_data(unsigned device, uint64_t addr, bool write)
{
    const smmu_result expected = core.probe(device, addr, write);
    const uint64_t output = expected.outcome == SMMU_FORWARD ? expected.addr : addr;
    put_data(addr);
    put_data(output);
    if (!write) {
        EXPECT_EQ(core.dma_read(device, addr), qemu.dma_read(device, addr)) << "data read";
        return;
    }
    const uint64_t datum = ~datum_;
    core.dma_write(device, addr, datum);
    qemu.dma_write(device, addr, datum);
    for (const uint64_t place : {addr, output}) {
        if (place >= data_base && place + 8 <= ram_end) {
            EXPECT_EQ(core.load64(place), qemu.load64(place)) << "data written";
        }
    }
}

unsigned lockstep::access(unsigned device, uint64_t addr, bool write)
{
    compare_data(device, addr, write);
    both<std::vector<event>> events = pop_events();
    events.qemu = merge_parts(events.qemu, addr);
    for (size_t i = 0; i < std::min(events.core.size(), events.qemu.size()); ++i)
        forgive(events.core[i], events.qemu[i]);
    EXPECT_EQ(events.core, events.qemu) << "events";
    return events.core.empty() ? 0 : events.core[0].type;
}

} // namespace differential
