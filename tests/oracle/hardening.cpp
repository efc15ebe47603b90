// SPDX-License-Identifier: Apache-2.0
// Translation hardening, row by row of DDI 0487 D8.2.7.
#include "oracle/hardening.hpp"

namespace oracle {

// IHI 0070 5.2, AssuredOnly.
bool s2_has_assured_only(const id_fields &id, const raw512 &ste)
{
    if (id.the == 0 || s2_vmsa32(id, ste))
        return false;
    return s2_d128(id, ste) || ste.field(329, 329) == 1;
}

// IHI 0070 5.4, PnCH.
bool s1_has_protected(const id_fields &id, const raw512 &cd)
{
    if (id.the == 0 || s1_vmsa32(id, cd))
        return false;
    return s1_d128(id, cd) || cd.field(122, 122) == 1;
}

// DDI 0487 R_VHFGB: permissions that TopLevel is about are not of VMSAv8-32.
bool tl_of(const id_fields &id, const raw512 &ste, unsigned n)
{
    return id.the == 1 && !s2_vmsa32(id, ste) && ste.field(330 + n, 330 + n) == 1;
}

bool is_mro(const std::string &permission)
{
    return permission.substr(0, 3) == "MRO";
}

// Tables D8-14 and D8-15, with Table D8-81: rows are TLn of the table's own range and of the other,
// then the same of TopLevel; 'x' is either.
bool top_level_fault(bool tl0, bool tl1, const std::string &permission, unsigned n)
{
    static const char *const faults[] = {"0101", "1x0x"};
    const bool top0 = permission == "MRO-TL0" || permission == "MRO-TL01";
    const bool top1 = permission == "MRO-TL1" || permission == "MRO-TL01";
    const bool low[] = {tl0, tl1, top0, top1}, high[] = {tl1, tl0, top1, top0};
    const bool *have = n == 0 ? low : high;
    for (const char *row : faults) {
        bool fits = true;
        for (unsigned i = 0; i < 4; ++i)
            fits &= row[i] == 'x' || (row[i] == '1') == have[i];
        if (fits)
            return true;
    }
    return false;
}

} // namespace oracle
