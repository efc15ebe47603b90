// SPDX-License-Identifier: Apache-2.0
// Reads with the translation's own updates laid over memory.
#include "oracle/memory_view.hpp"

namespace oracle {

bool memory_view::read(fetch what, uint64_t addr, unsigned size, uint8_t *data, const label &with)
{
    accesses_.push_back({what, addr, with});
    if (!reader_(what, addr, size, data))
        return false;
    for (const update &u : updates_)
        for (unsigned i = 0; i < 8; ++i)
            if (u.addr + i >= addr && u.addr + i < addr + size)
                data[u.addr + i - addr] = u.after[i];
    return true;
}

bool memory_view::replace(uint64_t addr, uint64_t descriptor, bool big_endian, const label &with)
{
    update u;
    u.addr = addr;
    if (!read(fetch::update, addr, 8, u.before.data(), with))
        return false;
    for (unsigned i = 0; i < 8; ++i)
        u.after[big_endian ? 7 - i : i] = static_cast<uint8_t>(descriptor >> 8 * i);
    for (update &known : updates_) {
        if (known.addr == addr) {
            known.after = u.after;
            return true;
        }
    }
    updates_.push_back(u);
    return true;
}

void memory_view::make_optional(size_t first)
{
    for (size_t i = first; i < updates_.size(); ++i)
        updates_[i].optional = true;
}

} // namespace oracle
