// SPDX-License-Identifier: Apache-2.0
// Loads instruction lists.
#include "images.hpp"

#include <fstream>

namespace cpu_test {

std::vector<listed_insn> load_image(machine &m, const char *path)
{
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char *>(m.ram.data()), ram_size);
    std::vector<listed_insn> table;
    for (std::uint64_t at = ram_base; m.peek64(at); at += 24)
        table.push_back({reinterpret_cast<const char *>(m.host(m.peek64(at))), m.peek64(at + 8),
                         static_cast<int>(m.peek64(at + 16))});
    return table;
}

mapped_machine::mapped_machine(bool with_dmi, const char *image) : machine(with_dmi)
{
    load_image(*this, image);
    tables t(*this);
    for (std::uint64_t at = ram_base; at < ram_base + ram_size; at += 0x200000)
        t.map(at, at, tables::af | (at == buffer_at ? tables::ap_el0 : 0), 2);
    t.map(0, ram_base, tables::af, 3);
    t.enable();
    set_sys(CNTKCTL_EL1, 3);
    set_sys(CPACR_EL1, 3u << 20);
}

} // namespace cpu_test
