// SPDX-License-Identifier: Apache-2.0
// Memory as a log tells of it: see replay_memory.hpp.
#include "replay_memory.hpp"

#include <algorithm>

namespace smmu {

namespace {

constexpr unsigned largest_read = 4096; // a row can show so many bytes

bool is_abort(const log_row &row)
{
    return row.get(log_column::result, log_ok) == log_abort;
}

} // namespace

replay_memory::replay_memory(const std::vector<log_row> &rows) : rows_(rows)
{
    for (std::size_t i = 0; i < rows.size(); i++)
        switch (rows[i].what) {
        case log_record::read:
            reads_[rows[i].get(log_column::addr)].push_back(i);
            break;
        case log_record::reset:
            resets_.push_back(i);
            break;
        default:
            break;
        }
}

replay_memory::page &replay_memory::page_of(std::uint64_t addr)
{
    std::unique_ptr<page> &found = pages_[addr / page_bytes];
    if (!found)
        found = std::make_unique<page>();
    return *found;
}

void replay_memory::store(std::uint64_t addr, const std::uint8_t *bytes, std::size_t size)
{
    for (std::size_t i = 0; i < size; i++) {
        page &of = page_of(addr + i);
        const std::size_t place = (addr + i) % page_bytes;
        of.bytes[place] = bytes[i];
        of.known.set(place);
        of.aborts.reset(place);
    }
}

void replay_memory::take(const log_row &row)
{
    const std::uint64_t addr = row.get(log_column::addr);
    if (!is_abort(row)) {
        store(addr, row.data.data(), row.data.size());
        return;
    }
    for (std::uint64_t i = 0; i < row.size(1); i++)
        page_of(addr + i).aborts.set((addr + i) % page_bytes);
}

// What is fetched behind it is of another queue.
std::size_t replay_memory::next_reset() const
{
    const auto next = std::upper_bound(resets_.begin(), resets_.end(), now_);
    return next == resets_.end() ? rows_.size() : *next;
}

// The first row behind the current one, and before row `end`, that shows what is read.
const log_row *replay_memory::to_come(const smmu_mem_req &req, std::size_t end) const
{
    std::size_t first = end;
    for (std::uint64_t bytes = 4; bytes <= largest_read; bytes *= 2) {
        const auto at = reads_.find(req.addr / bytes * bytes);
        if (at == reads_.end())
            continue;
        const auto next = std::upper_bound(at->second.begin(), at->second.end(), now_);
        if (next == at->second.end() || *next >= first)
            continue;
        const log_row &row = rows_[*next];
        if (row.get(log_column::addr) + row.size(req.size) >= req.addr + req.size)
            first = *next;
    }
    return first == end ? nullptr : &rows_[first];
}

replay_memory::state replay_memory::load_known(const smmu_mem_req &req, std::uint8_t *bytes) const
{
    for (std::size_t i = 0; i < req.size; i++) {
        const auto found = pages_.find((req.addr + i) / page_bytes);
        if (found == pages_.end())
            return state::unknown;
        const std::size_t place = (req.addr + i) % page_bytes;
        if (found->second->aborts[place])
            return state::abort;
        if (!found->second->known[place])
            return state::unknown;
        bytes[i] = found->second->bytes[place];
    }
    return state::known;
}

replay_memory::state replay_memory::load(const smmu_mem_req &req, std::uint8_t *bytes) const
{
    const state known = load_known(req, bytes);
    const log_row *later = nullptr;
    if (req.fetch == SMMU_FETCH_CMDQ)
        later = to_come(req, next_reset());
    if (!later && known == state::unknown)
        later = to_come(req, rows_.size());
    if (!later)
        return known;
    if (is_abort(*later))
        return state::abort;
    std::copy_n(&later->data[req.addr - later->get(log_column::addr)], req.size, bytes);
    return state::known;
}

} // namespace smmu
