// SPDX-License-Identifier: Apache-2.0
// Pages behind the Device Permission Table: see stress_dpt.hpp.
#include "stress_dpt.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/commands.hpp"

namespace tlm_test {

namespace {

constexpr std::uint64_t level0 = ram::base + 0xd0'0000, level1 = ram::base + 0xe0'0000;
constexpr std::uint64_t first_page = bench::data + 0x38'0000;
constexpr std::uint64_t covered = 0x2000;     // by a descriptor, of which the lower half is used
constexpr std::uint64_t all_may_write = 0x19; // A 0b01, AC0 0b10, W0

} // namespace

stress_dpt::stress_dpt(bench &b, page_history &history, unsigned first_number, std::uint32_t sid,
                       support::random_source &random)
    : bench_(b), history_(history), first_number_(first_number), random_(random),
      stream_(b, sid, sid)
{
    stream_.entry().eats = 3;
    stream_.publish();
    b.memory.store64(level0 + 8 * (ram::base >> 30), level1 | 3);
    for (unsigned page = 0; page < pages; page++)
        set(page, true);
}

void stress_dpt::enable()
{
    bench_.write64(reg::DPT_BASE, level0);
    bench_.write32(reg::DPT_BASE_CFG, 0); // 32 bits, 4 KiB, entries of 1 GiB
    bench_.write32(reg::CR0, bench_.read32(reg::CR0) | reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN);
}

std::uint64_t stress_dpt::address(unsigned page) const
{
    return first_page + page * covered;
}

void stress_dpt::set(unsigned page, bool accessible)
{
    const std::uint64_t descriptor = level1 + 8 * (address(page) / covered & 0x1'ffff);
    bench_.memory.store64(descriptor, accessible ? all_may_write : 0);
    history_.leads(number(page), accessible ? address(page) : nowhere);
}

support::command stress_dpt::toggle(unsigned page)
{
    set(page, history_.address(number(page)) == nowhere);
    return random_.coin() ? support::dpti_all() : support::dpti_pa(address(page), 0);
}

smmu::attributes stress_dpt::attributes() const
{
    smmu::attributes from;
    from.sid = stream_.sid();
    from.translated = true;
    return from;
}

void stress_dpt::check(unsigned page, tlm::tlm_response_status status,
                       const sc_core::sc_time &begin, const sc_core::sc_time &end)
{
    const bool passes = status == tlm::TLM_OK_RESPONSE;
    const std::vector<std::uint64_t> may = history_.addresses(number(page), begin, end);
    EXPECT_NE(std::find(may.begin(), may.end(), passes ? address(page) : nowhere), may.end())
        << "page " << page << (passes ? " is" : " is not") << " accessed at " << begin;
    (passes ? passed : refused)++;
}

} // namespace tlm_test
