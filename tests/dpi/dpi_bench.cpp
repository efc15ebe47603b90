// SPDX-License-Identifier: Apache-2.0
// A testbench without a simulator.
#include "dpi/dpi_bench.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "support/registers.hpp"

namespace support {

namespace {

dpi_bench *current = nullptr;

dpi_bench &bench_of(int number)
{
    if (!current || current->number != number)
        throw std::logic_error("the host of another SMMU is called");
    return *current;
}

smmu_mem_req request_of(const smmu_dpi_access &access)
{
    smmu_mem_req req{};
    req.addr = uint64_t{access.addr[1]} << 32 | access.addr[0];
    req.size = access.bytes;
    req.fetch = static_cast<uint8_t>(access.fetch);
    req.sid = access.sid;
    return req;
}

dpi_bench &note(int number, const uint32_t *words, smmu_mem_req &req)
{
    smmu_dpi_access access;
    dpi_bench &bench = bench_of(number);
    std::memcpy(&access, words, sizeof(access));
    bench.accesses.push_back(access);
    if (bench.in_access)
        bench.in_access();
    req = request_of(access);
    return bench;
}

void must(int done)
{
    if (!done)
        throw std::runtime_error(smmu_dpi_error());
}

} // namespace

dpi_bench::dpi_bench(const std::string &parameters) : number(smmu_dpi_create(parameters.c_str()))
{
    must(number);
    current = this;
}

dpi_bench::~dpi_bench()
{
    smmu_dpi_destroy(number);
    current = nullptr;
}

void dpi_bench::set_ste(ste entry)
{
    entry.config = entry.config == STE_BYPASS ? unsigned{STE_S1_TRANS} : entry.config;
    stream = entry;
    mem.store_image(strtab_base + 3 * 64, entry.encode());
}

void dpi_bench::bring_up(cd context)
{
    context.asid = 5;
    context.ttb0 = context.ttb1 = table.base();
    stream.s1contextptr = frames.allocate(64, 64);
    mem.store_image(stream.s1contextptr, context.encode());
    set_ste(stream);
    must(smmu_dpi_reg_write(number, reg::STRTAB_BASE, 8, strtab_base));
    must(smmu_dpi_reg_write(number, reg::STRTAB_BASE_CFG, 4, 6));
    must(smmu_dpi_reg_write(number, reg::CMDQ_BASE, 8, cmdq_base | 6));
    must(smmu_dpi_reg_write(number, reg::EVENTQ_BASE, 8, evtq_base | 6));
    must(smmu_dpi_reg_write(number, reg::IRQ_CTRL, 4, reg::IRQ_EVENTQ | reg::IRQ_GERROR));
    must(smmu_dpi_reg_write(number, reg::CR0, 4,
                            reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN));
    must(smmu_dpi_run(number));
}

void dpi_bench::submit(const command &cmd)
{
    mem.store_image(cmdq_base + 16 * (prod_ % 64), cmd);
    prod_ = (prod_ + 1) % 128;
    must(smmu_dpi_reg_write(number, reg::CMDQ_PROD, 4, prod_));
    must(smmu_dpi_run(number));
}

smmu_dpi_txn dpi_bench::transaction(uint64_t addr, bool write)
{
    smmu_dpi_txn txn{};
    txn.sid = 3;
    txn.addr[0] = static_cast<uint32_t>(addr);
    txn.addr[1] = static_cast<uint32_t>(addr >> 32);
    txn.write = write;
    txn.mair = SMMU_MAIR_NORMAL_WB_RAWA;
    txn.sh = SMMU_SH_INNER;
    return txn;
}

smmu_dpi_result dpi_bench::translate(const smmu_dpi_txn &txn)
{
    smmu_dpi_result result;
    must(smmu_dpi_translate(number, reinterpret_cast<const uint32_t *>(&txn),
                            reinterpret_cast<uint32_t *>(&result)));
    return result;
}

uint64_t dpi_bench::count(const char *name) const
{
    unsigned long long value = 0;
    must(smmu_dpi_count(number, name, &value));
    return value;
}

uint32_t dpi_bench::read32(unsigned offset) const
{
    unsigned long long value = 0;
    must(smmu_dpi_reg_read(number, offset, 4, &value));
    return static_cast<uint32_t>(value);
}

} // namespace support

using support::current;

// What the package exports.

int smmu_sv_read(int number, const uint32_t *access, uint32_t *data)
{
    smmu_mem_req req;
    unsigned char bytes[64] = {};
    const smmu_mem_status status = support::note(number, access, req).mem.read(req, bytes);
    for (unsigned n = 0; n < 64; n++)
        data[n / 4] = (n % 4 ? data[n / 4] : 0) | uint32_t{bytes[n]} << 8 * (n % 4);
    return status == SMMU_MEM_OK;
}

int smmu_sv_write(int number, const uint32_t *access, const uint32_t *data)
{
    smmu_mem_req req;
    unsigned char bytes[64] = {};
    for (unsigned n = 0; n < 64; n++)
        bytes[n] = static_cast<unsigned char>(data[n / 4] >> 8 * (n % 4));
    return support::note(number, access, req).mem.write(req, bytes) == SMMU_MEM_OK;
}

int smmu_sv_compare_and_swap(int number, const uint32_t *access, const uint32_t *expected,
                             const uint32_t *value, uint32_t *old)
{
    smmu_mem_req req;
    support::memory &mem = support::note(number, access, req).mem;
    for (unsigned n = 0; n < req.size / 4; n++)
        old[n] = mem.load32(req.addr + 4 * n);
    if (std::equal(old, old + req.size / 4, expected))
        for (unsigned n = 0; n < req.size / 4; n++)
            mem.store32(req.addr + 4 * n, value[n]);
    return 1;
}

void smmu_sv_interrupt(int number, int sec, int irq)
{
    support::dpi_bench &bench = support::bench_of(number);
    bench.interrupts.emplace_back(sec, irq);
    if (bench.in_interrupt)
        bench.in_interrupt();
}

void smmu_sv_resumed(int number, int stall, int action)
{
    support::bench_of(number).resumed.emplace_back(stall, action);
}

void smmu_sv_invalidated(int number, const uint32_t *inval)
{
    smmu_dpi_inval words;
    std::memcpy(&words, inval, sizeof(words));
    support::bench_of(number).invals.push_back(words);
}

void smmu_sv_atc_invalidate(int number, const uint32_t *inval)
{
    smmu_dpi_atc_inv words;
    std::memcpy(&words, inval, sizeof(words));
    support::bench_of(number).atc_invals.push_back(words);
}

int smmu_sv_atc_sync(int number, std::uint32_t queue)
{
    support::bench_of(number).atc_syncs.push_back(queue);
    return 1;
}

void smmu_sv_page_response(int number, const uint32_t *response)
{
    smmu_dpi_prg_response words;
    std::memcpy(&words, response, sizeof(words));
    support::bench_of(number).page_responses.push_back(words);
}
