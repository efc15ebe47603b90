// SPDX-License-Identifier: Apache-2.0
// Sparse physical memory: pages on demand, abort rules, access log.
#include "support/memory.hpp"

#include <algorithm>
#include <cstring>

namespace support {

void memory::store(uint64_t addr, const void *data, size_t size)
{
    const auto *from = static_cast<const uint8_t *>(data);
    while (size > 0) {
        const size_t offset = addr % page_size;
        const size_t part = std::min(size, page_size - offset);
        auto &slot = pages_[addr / page_size];
        if (!slot)
            slot = std::make_unique<page>();
        std::memcpy(slot->data() + offset, from, part);
        addr += part;
        from += part;
        size -= part;
    }
}

void memory::load(uint64_t addr, void *data, size_t size) const
{
    auto *to = static_cast<uint8_t *>(data);
    while (size > 0) {
        const size_t offset = addr % page_size;
        const size_t part = std::min(size, page_size - offset);
        const auto found = pages_.find(addr / page_size);
        if (found == pages_.end())
            std::memset(to, 0, part);
        else
            std::memcpy(to, found->second->data() + offset, part);
        addr += part;
        to += part;
        size -= part;
    }
}

void memory::store32(uint64_t addr, uint32_t value)
{
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; ++i)
        bytes[i] = static_cast<uint8_t>(value >> 8 * i);
    store(addr, bytes, sizeof(bytes));
}

void memory::store64(uint64_t addr, uint64_t value)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i)
        bytes[i] = static_cast<uint8_t>(value >> 8 * i);
    store(addr, bytes, sizeof(bytes));
}

uint32_t memory::load32(uint64_t addr) const
{
    uint8_t bytes[4];
    load(addr, bytes, sizeof(bytes));
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i)
        value |= uint32_t{bytes[i]} << 8 * i;
    return value;
}

uint64_t memory::load64(uint64_t addr) const
{
    return load32(addr) | uint64_t{load32(addr + 4)} << 32;
}

static bool covers(const abort_rule &rule, uint64_t addr, size_t size, smmu_fetch fetch)
{
    return addr <= rule.last && addr + size - 1 >= rule.first &&
           (!rule.fetch || *rule.fetch == fetch);
}

bool memory::aborts(uint64_t addr, size_t size, smmu_fetch fetch) const
{
    return std::any_of(rules_.begin(), rules_.end(), [&](const abort_rule &rule) {
        return rule.skip == 0 && covers(rule, addr, size, fetch);
    });
}

smmu_mem_status memory::begin(const smmu_mem_req &req, bool write)
{
    if (before)
        before(req);
    smmu_mem_status status = SMMU_MEM_OK;
    for (auto &rule : rules_) {
        if (!covers(rule, req.addr, req.size, static_cast<smmu_fetch>(req.fetch)))
            continue;
        if (rule.skip > 0)
            --rule.skip;
        else
            status = SMMU_MEM_ABORT;
    }
    if (keep_log_)
        log_.push_back({req, write, status});
    return status;
}

smmu_mem_status memory::read(const smmu_mem_req &req, void *data)
{
    const smmu_mem_status status = begin(req, false);
    if (status == SMMU_MEM_OK)
        load(req.addr, data, req.size);
    return status;
}

smmu_mem_status memory::write(const smmu_mem_req &req, const void *data)
{
    const smmu_mem_status status = begin(req, true);
    if (status != SMMU_MEM_OK)
        return status;
    store(req.addr, data, req.size);
    if (req.fetch == SMMU_FETCH_MSI)
        msis_.push_back({req.addr, load32(req.addr), req.attr});
    return status;
}

smmu_mem_status memory::cas(const smmu_mem_req &req, const void *expected, const void *value,
                            void *old)
{
    const smmu_mem_status status = begin(req, true);
    if (status != SMMU_MEM_OK)
        return status;
    load(req.addr, old, req.size);
    if (std::memcmp(old, expected, req.size) == 0)
        store(req.addr, value, req.size);
    return status;
}

size_t memory::count(smmu_fetch fetch) const
{
    return static_cast<size_t>(std::count_if(
        log_.begin(), log_.end(), [&](const mem_access &a) { return a.req.fetch == fetch; }));
}

} // namespace support
