// SPDX-License-Identifier: Apache-2.0
// The table of QEMU's departures. Each was observed with version 7.2, the one of Debian 12.
#include "differential/gaps.hpp"

#include <algorithm>
#include <iterator>

#include "support/commands.hpp"

namespace differential {

using support::event;

namespace {

struct row {
    gap what;
    const char *reason;
};

// A row leaves something out; deleting it puts that back into the comparison.
constexpr row table[] = {
    {gap::event_class, "7.3: CLASS is zero in all events but F_WALK_EABT"},
    {gap::event_privilege, "7.3: PnU is always zero; the core's client is privileged"},
    {gap::event_per_part,
     "an aborted access is repeated in parts of at most 4 bytes, each of which "
     "records an event"},
    {gap::cd_fetch_address, "7.3.9: FetchAddr of F_CD_FETCH is where others have InputAddr"},
    {gap::access_flag, "5.4, AFFD: a descriptor with AF == 0 does not fault"},
    {gap::output_size, "3.4, 7.3.13: an address beyond the OAS or CD.IPS does not fault"},
    {gap::pan, "5.4, PAN: privilege is not modelled, so CD.PAN has no effect"},
    {gap::table_permissions,
     "DDI 0487 D8.4: APTable faults before the walk has ended, and not at all if the "
     "leaf is cached"},
    {gap::block_level, "DDI 0487 D8.3: a Block descriptor translates at levels that have none"},
    {gap::s1cdmax, "5.2, S1CDMax: a value other than zero is C_BAD_STE although SSIDSIZE is 0"},
    {gap::input_size, "3.4: addresses of 2^48 and more do not reach the SMMU, nor any memory"},
    {gap::context_ptr_size, "3.4.3: S1ContextPtr beyond the OAS does not make the STE ILLEGAL"},
    {gap::invalid_config,
     "3.21.3: QEMU caches no STE or CD of a faulty configuration, the core does; both may"},
    {gap::span,
     "5.1, Span: 2^Span STEs are read instead of 2^(Span - 1), and Reserved values count"},
    {gap::disabled_half, "5.4, EPD0: stops what is cached too, not just walks; the CD is followed "
                         "by a CMD_TLBI_NH_ASID"},
    {gap::format_change,
     "6.3.25, FMT: a linear Stream table is read as a 2-level one if the one before was such"},
    {gap::ttb1, "3.4.1: TTB1 translates low addresses beyond CD.T0SZ instead of high ones"},
    {gap::gbpa, "6.3.14: GBPA reads zero"},
    {gap::silent_commands, "4.1.1: commands of features that are not there are consumed"},
};

} // namespace

bool masked(gap what)
{
    return std::any_of(std::begin(table), std::end(table),
                       [&](const row &r) { return r.what == what; });
}

bool accepted_silently(unsigned opcode)
{
    static const unsigned opcodes[] = {
        support::CMD_TLBI_EL3_ALL,   support::CMD_TLBI_EL3_VA, support::CMD_TLBI_EL2_ALL,
        support::CMD_TLBI_EL2_ASID,  support::CMD_TLBI_EL2_VA, support::CMD_TLBI_EL2_VAA,
        support::CMD_TLBI_S12_VMALL, support::CMD_TLBI_S2_IPA, support::CMD_ATC_INV,
        support::CMD_PRI_RESP,       support::CMD_RESUME,      support::CMD_STALL_TERM,
    };
    return masked(gap::silent_commands) &&
           std::find(std::begin(opcodes), std::end(opcodes), opcode) != std::end(opcodes);
}

static bool is_part(const event &part, event whole, uint64_t addr)
{
    if (whole.input_addr != 0 && part.input_addr - addr < 8)
        whole.input_addr = part.input_addr;
    return part == whole;
}

std::vector<event> merge_parts(const std::vector<event> &events, uint64_t addr)
{
    if (!masked(gap::event_per_part) || events.empty())
        return events;
    std::vector<event> merged = {events.front()};
    std::copy_if(events.begin() + 1, events.end(), std::back_inserter(merged),
                 [&](const event &e) { return !is_part(e, events.front(), addr); });
    return merged;
}

void forgive(event &core, event &qemu)
{
    if (masked(gap::event_class) && core.type != support::F_WALK_EABT)
        core.cls = qemu.cls;
    if (masked(gap::event_privilege))
        core.pnu = qemu.pnu;
    if (masked(gap::cd_fetch_address) && qemu.type == support::F_CD_FETCH)
        std::swap(qemu.input_addr, qemu.addr);
}

} // namespace differential
