// SPDX-License-Identifier: Apache-2.0
// Where labels come from.
#include "oracle/labels.hpp"

namespace oracle {

label permitted(const id_fields &id, uint64_t partid, uint64_t pmg)
{
    label l;
    if (id.mpam == 1 && partid <= id.partid_max)
        l.partid = static_cast<unsigned>(partid);
    if (id.mpam == 1 && pmg <= id.pmg_max)
        l.pmg = static_cast<unsigned>(pmg);
    return l;
}

label label_of_gmpam(const id_fields &id, const registers &regs)
{
    return permitted(id, bits(regs.gmpam, 15, 0), bits(regs.gmpam, 23, 16));
}

label label_of_gbpmpam(const id_fields &id, const registers &regs)
{
    return permitted(id, bits(regs.gbpmpam, 15, 0), bits(regs.gbpmpam, 23, 16));
}

label label_of_ste(const id_fields &id, const raw512 &ste)
{
    return permitted(id, ste.field(287, 272), ste.field(327, 320));
}

bool s1mpam(const id_fields &id, const raw512 &ste)
{
    return id.mpam == 1 && ste.field(90, 90) == 1;
}

bool vms_enabled(const id_fields &id, const raw512 &ste)
{
    return ste.field(3, 1) == 0b111 && s1mpam(id, ste) && id.partid_max != 0;
}

} // namespace oracle
