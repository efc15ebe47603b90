// SPDX-License-Identifier: Apache-2.0
// The Device Permission Table of the fuzzer: see reentry_dpt.hpp.
#include "core/reentry_dpt.hpp"

#include <algorithm>

#include "support/tables.hpp"

using namespace support;

reentry_dpt::reentry_dpt(reentry_host &host) : host_(host), table_(host)
{
    for (unsigned page = 0; page < pages; ++page)
        set(page, access::read_write);
}

void reentry_dpt::program()
{
    host_.write(reg::DPT_BASE, dpt_builder::base, 8);
    host_.write(reg::DPT_BASE_CFG, table_.shape().base_cfg());
    error_ = false;
}

void reentry_dpt::set(unsigned page, access what)
{
    constexpr unsigned of_all = 2; // AC: no VMID counts
    history_[page].push_back(what);
    if (what == access::none)
        table_.refuse(address(page));
    else
        table_.grant(address(page), {of_all, what == access::read_write, 0});
}

reentry_dpt::changes reentry_dpt::now() const
{
    changes all{};
    for (unsigned page = 0; page < pages; ++page)
        all[page] = history_[page].size() - 1;
    return all;
}

void reentry_dpt::invalidated(const changes &then)
{
    for (unsigned page = 0; page < pages; ++page)
        invalidated(page, then[page]);
}

void reentry_dpt::invalidated(unsigned page, size_t then)
{
    floor_[page] = std::max(floor_[page], then);
}

unsigned reentry_dpt::page_of(uint64_t addr)
{
    const auto page = static_cast<unsigned>((addr - first) >> 12);
    check(addr >= first && page < pages, "an access that the DPT says nothing of");
    return page;
}

bool reentry_dpt::allows(unsigned page, size_t change, bool write) const
{
    const access what = history_[page][change];
    return what == access::read_write || (what == access::read && !write);
}

void reentry_dpt::check_passed(uint64_t addr, bool write) const
{
    const unsigned page = page_of(addr);
    for (size_t change = floor_[page]; change < history_[page].size(); ++change)
        if (allows(page, change, write))
            return;
    check(false, "an access that the DPT has never allowed since an invalidation");
}

void reentry_dpt::check_exactly(uint64_t addr, bool write, bool passed) const
{
    const unsigned page = page_of(addr);
    check(passed == allows(page, history_[page].size() - 1, write),
          "an access is not as the DPT says");
}

void reentry_dpt::observe()
{
    const bool error = ((host_.reg(reg::GERROR) ^ host_.reg(reg::GERRORN)) & reg::GERROR_DPT) != 0;
    check(!error || error_ || (host_.reg(reg::DPT_CFG_FAR) & 1) != 0,
          "DPT_ERR with DPT_CFG_FAR.FAULT == 0");
    error_ = error;
}
