// SPDX-License-Identifier: Apache-2.0
// Stage 1 rights as Table D8-65 of DDI 0487 lists them, and stage 2 rights.
#include "oracle/rights.hpp"

#include "oracle/hardening.hpp"

#include <map>
#include <set>
#include <stdexcept>
#include <string>

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
           (execute && (read || !s2_vmsa32(id, ste)) ? RIGHT_EXECUTE : 0);
}

// --- Indirect permissions -----------------------------------------------------------------------

// PIIndex[3:0] is bits 54, 53, 51 and 6 (DDI 0487 tables D8-52, D8-53).
indexes indexes_of(uint64_t leaf)
{
    return {static_cast<unsigned>(bits(leaf, 54, 54) * 8 + bits(leaf, 53, 53) * 4 +
                                  bits(leaf, 51, 51) * 2 + bits(leaf, 6, 6)),
            static_cast<unsigned>(bits(leaf, 62, 59))};
}

static unsigned rights_in(const std::string &letters)
{
    unsigned rights = 0;
    for (const char letter : letters)
        rights |= letter == 'r' ? RIGHT_READ : letter == 'w' ? RIGHT_WRITE : RIGHT_EXECUTE;
    return rights;
}

// IHI 0070 5.4, the tables of PIIU and PIIP.
static unsigned stage1_interpretation(uint64_t code)
{
    static const std::map<uint64_t, const char *> table = {
        {0b000, ""}, {0b001, "r"}, {0b010, "x"}, {0b011, "rx"}, {0b101, "rw"}, {0b111, "rwx"}};
    return rights_in(table.at(code));
}

// IHI 0070 3.26.1, steps 1 and 2.
unsigned indirect_rights_stage1(const raw512 &cd, const indexes &of, bool priv, bool el0)
{
    const unsigned i = of.pi;
    const uint64_t for_priv = cd.field(3 * i + 450, 3 * i + 448);
    if (!el0)
        return stage1_interpretation(for_priv);
    const unsigned unprivileged = stage1_interpretation(cd.field(3 * i + 386, 3 * i + 384));
    if (!priv)
        return unprivileged;
    const unsigned privileged = stage1_interpretation(for_priv);
    const bool pan = cd.field(40, 40) == 1 && unprivileged != 0;
    return pan ? privileged & RIGHT_EXECUTE : privileged;
}

// DDI 0487 Table D8-82: the name of a permission, and what is executable with it.
struct stage2_permission {
    std::string data;
    std::set<char> execute; // 'p', 'u'
};

static stage2_permission stage2_interpretation(uint64_t code)
{
    static const stage2_permission table[] = {
        {"NoAccess", {}}, {"NoAccess", {}}, {"MRO", {}},     {"MRO-TL1", {}},
        {"WO", {}},       {"NoAccess", {}}, {"MRO-TL0", {}}, {"MRO-TL01", {}},
        {"RO", {}},       {"RO", {'u'}},    {"RO", {'p'}},   {"RO", {'p', 'u'}},
        {"RW", {}},       {"RW", {'u'}},    {"RW", {'p'}},   {"RW", {'p', 'u'}}};
    return table[code];
}

// DDI 0487 Table D8-83.
static std::string combined_mro(const std::string &a, const std::string &b)
{
    if (a == "MRO")
        return b;
    if (b == "MRO" || a == b)
        return a;
    return "MRO-TL01";
}

// DDI 0487 tables D8-83 and D8-84, and R_XLNQX for two General permissions.
static std::string combined(const std::string &a, const std::string &b)
{
    const auto pair = [&](const char *x, const char *y) {
        const auto fits = [](const std::string &name, const std::string &pattern) {
            return pattern == "MRO" ? is_mro(name) : name == pattern;
        };
        return (fits(a, x) && fits(b, y)) || (fits(a, y) && fits(b, x));
    };
    if (a == "NoAccess" || b == "NoAccess" || pair("WO", "MRO") || pair("WO", "RO"))
        return "NoAccess";
    if (pair("WO", "WO") || pair("WO", "RW"))
        return "WO";
    if (pair("MRO", "MRO"))
        return combined_mro(a, b);
    if (pair("MRO", "RW"))
        return is_mro(a) ? a : b;
    if (pair("MRO", "RO") || pair("RO", "RO") || pair("RO", "RW"))
        return "RO";
    if (pair("RW", "RW"))
        return "RW";
    throw std::logic_error("no row for " + a + " and " + b);
}

static stage2_permission overlaid(const id_fields &id, const raw512 &ste, const indexes &of)
{
    const unsigned pi = of.pi, po = of.po;
    stage2_permission permission = stage2_interpretation(bits(id.s2pii, 4 * pi + 3, 4 * pi));
    if (s2_overlaid(id, ste)) {
        const stage2_permission over = stage2_interpretation(ste.field(4 * po + 451, 4 * po + 448));
        permission.data = combined(permission.data, over.data);
        for (const char who : {'p', 'u'})
            if (over.execute.count(who) == 0)
                permission.execute.erase(who);
    }
    return permission;
}

std::string stage2_permission_of(const id_fields &id, const raw512 &ste, const indexes &of)
{
    return overlaid(id, ste, of).data;
}

// DDI 0487 tables D8-79 and D8-80.
unsigned indirect_rights_stage2(const id_fields &id, const raw512 &ste, const indexes &of,
                                bool priv, bool structure)
{
    const stage2_permission permission = overlaid(id, ste, of);
    static const std::map<std::string, const char *> data = {
        {"NoAccess", ""},  {"MRO", "r"}, {"MRO-TL0", "r"}, {"MRO-TL1", "r"},
        {"MRO-TL01", "r"}, {"WO", "w"},  {"RO", "r"},      {"RW", "rw"}};
    static const std::map<std::string, const char *> updates = {
        {"NoAccess", ""},   {"MRO", "rw"}, {"MRO-TL0", "rw"}, {"MRO-TL1", "rw"},
        {"MRO-TL01", "rw"}, {"WO", ""},    {"RO", "r"},       {"RW", "rw"}};
    const unsigned rights = rights_in((structure ? updates : data).at(permission.data));
    return rights | (permission.execute.count(priv ? 'p' : 'u') != 0 ? RIGHT_EXECUTE : 0);
}

} // namespace oracle
