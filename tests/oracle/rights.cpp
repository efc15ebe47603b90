// SPDX-License-Identifier: Apache-2.0
// Stage 1 rights as Table D8-65 of DDI 0487 lists them, and stage 2 rights.
#include "oracle/rights.hpp"

namespace oracle {

void hierarchical::add(uint64_t table_descriptor)
{
    no_el0 |= bits(table_descriptor, 61, 61) == 1;
    read_only |= bits(table_descriptor, 62, 62) == 1;
    uxn |= bits(table_descriptor, 60, 60) == 1;
    pxn |= bits(table_descriptor, 59, 59) == 1;
}

static bool read_only(uint64_t leaf, const hierarchical &limits, bool hd)
{
    const bool clean = hd && bits(leaf, 51, 51) == 1;
    return (bits(leaf, 7, 7) == 1 && !clean) || limits.read_only;
}

// DDI 0487 D8.4.1.2, Table D8-65: two Exception levels. PAN: D8.4, R_XTSQH;
// with EPAN it is about unprivileged execution too, whatever WXN says (D8.4.5.1, FEAT_PAN3).
unsigned rights_with_el0(const id_fields &id, const raw512 &cd, uint64_t leaf,
                         const hierarchical &limits, bool priv, bool hd)
{
    const bool ap2 = read_only(leaf, limits, hd);
    const bool ap1 = bits(leaf, 6, 6) == 1 && !limits.no_el0;
    const bool uxn = bits(leaf, 54, 54) == 1 || limits.uxn;
    const bool pxn = bits(leaf, 53, 53) == 1 || limits.pxn;
    const bool wxn = cd.field(36, 36) == 1;
    const bool pan = cd.field(40, 40) == 1;

    const bool unpriv_read = ap1;
    const bool unpriv_write = ap1 && !ap2;
    const bool priv_write = !ap2;
    if (!priv)
        return (unpriv_read ? RIGHT_READ : 0) | (unpriv_write ? RIGHT_WRITE : 0) |
               (!uxn && !(wxn && unpriv_write) ? RIGHT_EXECUTE : 0);

    const bool epan = id.epan == 1 && cd.field(123, 123) == 1;
    const bool never = pan && (unpriv_read || unpriv_write || (epan && !uxn));
    const bool priv_execute = !pxn && !unpriv_write && !(wxn && priv_write);
    return (!never ? RIGHT_READ : 0) | (priv_write && !never ? RIGHT_WRITE : 0) |
           (priv_execute ? RIGHT_EXECUTE : 0);
}

// DDI 0487 G5.6: AP[2:1]; XN for both privileges, PXN for one, each also set by WXN and UWXN; and
// nobody executes what he cannot read. PAN is about data alone.
unsigned rights_with_el0_32(const raw512 &cd, uint64_t leaf, const hierarchical &limits, bool priv)
{
    const uint64_t ap =
        (limits.no_el0 ? 0 : bits(leaf, 6, 6)) | (limits.read_only ? 2 : bits(leaf, 7, 7) << 1);
    const bool unpriv_read = ap == 1 || ap == 3;
    const bool unpriv_write = ap == 1;
    const bool priv_write = ap == 0 || ap == 1;
    const bool xn = bits(leaf, 54, 54) == 1 || limits.uxn ||
                    (cd.field(36, 36) == 1 && (priv ? priv_write : unpriv_write));
    const bool pxn =
        bits(leaf, 53, 53) == 1 || limits.pxn || (cd.field(37, 37) == 1 && unpriv_write);
    if (!priv)
        return (unpriv_read ? RIGHT_READ : 0) | (unpriv_write ? RIGHT_WRITE : 0) |
               (unpriv_read && !xn ? RIGHT_EXECUTE : 0);
    const bool never = cd.field(40, 40) == 1 && unpriv_read;
    return (never ? 0 : RIGHT_READ) | (priv_write && !never ? RIGHT_WRITE : 0) |
           (!xn && !pxn ? RIGHT_EXECUTE : 0);
}

// DDI 0487 D8.4.1.2: one Exception level; AP[1] and privilege do not matter (IHI 0070 13.4.1).
unsigned rights_without_el0(const raw512 &cd, uint64_t leaf, const hierarchical &limits, bool hd)
{
    const bool writable = !read_only(leaf, limits, hd);
    const bool xn = bits(leaf, 54, 54) == 1 || limits.uxn;
    const bool wxn = cd.field(36, 36) == 1;
    return RIGHT_READ | (writable ? RIGHT_WRITE : 0) |
           (!xn && !(wxn && writable) ? RIGHT_EXECUTE : 0);
}

// DDI 0487 D8.4.2, G5.6: S2AP, and XN[1:0]: 0b00 both, 0b01 EL0 alone, 0b10 none, 0b11 EL1 alone.
// In VMSAv8-32 what cannot be read cannot be executed.
unsigned rights_stage2(const id_fields &id, const raw512 &ste, uint64_t leaf, bool priv)
{
    const uint64_t xn = bits(leaf, 54, 53);
    const bool execute = id.xnx == 0 ? xn < 2 : xn == 0 || xn == (priv ? 3u : 1u);
    const bool read = bits(leaf, 6, 6) == 1;
    return (read ? RIGHT_READ : 0) | (bits(leaf, 7, 7) == 1 ? RIGHT_WRITE : 0) |
           (execute && (read || !s2_vmsa32(ste)) ? RIGHT_EXECUTE : 0);
}

} // namespace oracle
