// SPDX-License-Identifier: Apache-2.0
// What AXI asks of a request by itself: see axi_request_rules.hpp.
#include "axi_request_rules.hpp"

namespace smmu::pins {

namespace {

bool is_compare(const axi_request &r)
{
    return r.atop && atomic_of(r) == axi_atomic::compare;
}

// Bursts (A3.1). A compare has rules of its own for wrapping (A6.4.3).
bool wraps(const axi_request &r)
{
    return r.burst == AXI_BURST_WRAP && !is_compare(r);
}

bool has_wrong_wrap_length(const axi_request &r)
{
    return wraps(r) && (r.transfers() < 2 || r.transfers() > 16 || !is_power_of_two(r.transfers()));
}

bool is_plain(const axi_request &r)
{
    return r.snoop == 0 && !is_shareable(r);
}

// Memory types (A4.3): a cache allocates only what is Modifiable.
bool is_reserved_type(const axi_request &r)
{
    return !(r.cache & 2) && r.cache & 0xc;
}

// A8.3.6: Device memory is everybody's, what is cached is not.
bool is_in_wrong_domain(const axi_request &r, const axi_shape &shape)
{
    if (!shape.domains)
        return false;
    const bool system = r.domain == AXI_DOMAIN_SYSTEM;
    return r.cache >> 1 == 0 ? !system : (r.cache & 0xc) && system;
}

bool is_no_line(const axi_request &r, axi_opcode opcode, const axi_shape &shape)
{
    if (r.atop || opcode == axi_opcode::reserved || row_of(opcode).line == axi_extent::ANY)
        return false;
    if (row_of(opcode).line == axi_extent::PART)
        return r.container() % shape.cache_line + r.total() > shape.cache_line;
    return r.total() != shape.cache_line || !is_regular(r, shape.bus_bytes);
}

// Exclusive accesses (A6.3.3).
bool is_exclusive_of_wrong_size(const axi_request &r)
{
    return r.lock && (!is_power_of_two(r.total()) || r.total() > 128);
}

bool is_exclusive_unaligned(const axi_request &r)
{
    return r.lock && r.addr % r.total();
}

// Atomic transactions (A6.4.3, A6.4.5). A reserved one has no rules.
bool is_atomic_of_wrong_size(const axi_request &r, const axi_shape &shape)
{
    const unsigned least = is_compare(r) ? 2 : 1;
    const unsigned most = is_compare(r) ? 32 : 8;
    return !is_power_of_two(r.total()) || r.total() < least || r.total() > most ||
           (r.len && r.bytes() != shape.bus_bytes);
}

bool is_atomic_unaligned(const axi_request &r)
{
    return r.addr % (is_compare(r) && r.total() > 1 ? r.total() / 2 : r.total());
}

// A compare of the upper half wraps to the lower one.
bool is_atomic_of_wrong_burst(const axi_request &r)
{
    const bool upper = is_compare(r) && r.addr % r.total();
    return r.burst != (upper ? AXI_BURST_WRAP : AXI_BURST_INCR);
}

bool is_atomic_reserved(const axi_request &r)
{
    return r.atop && atomic_of(r) == axi_atomic::reserved;
}

bool is_atomic(const axi_request &r)
{
    return r.atop && !is_atomic_reserved(r);
}

// Untranslated transactions (A13).
enum space { secure, nonsecure, root, realm };

space space_of(const axi_request &r)
{
    return static_cast<space>((r.nse ? 2 : 0) | (r.prot >> 1 & 1));
}

// A stream reaches Non-secure memory, and that of its own Security state.
bool is_in_wrong_space(const axi_request &r)
{
    constexpr space own[] = {nonsecure, secure, realm};
    return space_of(r) != nonsecure && space_of(r) != own[r.mmusecsid];
}

// RULE(rule, field, condition): what `r` on a bus of `shape` breaks, and by which field. `opcode`
// is its operation, looked up once.
#define REQUEST_RULES(RULE)                                                                        \
    RULE(size, "SIZE", r.bytes() > shape.bus_bytes)                                                \
    RULE(boundary, "ADDR", r.burst != AXI_BURST_WRAP && crosses_boundary(r, r.addr))               \
    RULE(burst_reserved, "BURST", r.burst > AXI_BURST_WRAP)                                        \
    RULE(wrap_length, "LEN", has_wrong_wrap_length(r))                                             \
    RULE(wrap_alignment, "ADDR", wraps(r) && r.addr % r.bytes())                                   \
    RULE(fixed_length, "LEN", r.burst == AXI_BURST_FIXED && r.transfers() > 16)                    \
    RULE(fixed_opcode, "BURST", r.burst == AXI_BURST_FIXED && !is_plain(r))                        \
    RULE(cache_reserved, "CACHE", is_reserved_type(r))                                             \
    RULE(domain, "DOMAIN", !is_reserved_type(r) && is_in_wrong_domain(r, shape))                   \
    RULE(opcode_reserved, "SNOOP", !r.atop && opcode == axi_opcode::reserved)                      \
    RULE(line, "SNOOP", is_no_line(r, opcode, shape))                                              \
    RULE(exclusive_size, "LOCK", is_exclusive_of_wrong_size(r))                                    \
    RULE(exclusive_alignment, "ADDR", !is_exclusive_of_wrong_size(r) && is_exclusive_unaligned(r)) \
    RULE(exclusive_length, "LEN", r.lock &&r.transfers() > 16)                                     \
    RULE(exclusive_opcode, "LOCK", r.lock && !is_plain(r))                                         \
    RULE(atomic_reserved, "ATOP", is_atomic_reserved(r))                                           \
    RULE(atomic_size, "SIZE", is_atomic(r) && is_atomic_of_wrong_size(r, shape))                   \
    RULE(atomic_alignment, "ADDR", is_atomic(r) && is_atomic_unaligned(r))                         \
    RULE(atomic_burst, "BURST",                                                                    \
         is_atomic(r) && !is_atomic_unaligned(r) && is_atomic_of_wrong_burst(r))                   \
    RULE(atomic_opcode, "ATOP", r.atop && (r.lock || r.snoop))                                     \
    RULE(secsid_reserved, "MMUSECSID", r.mmuvalid &&r.mmusecsid > AXI_SECSID_REALM)                \
    RULE(secsid_space, "PROT",                                                                     \
         r.mmuvalid &&r.mmusecsid <= AXI_SECSID_REALM && is_in_wrong_space(r))                     \
    RULE(ssid_without_valid, "MMUSSID", r.mmuvalid && !r.mmussidv && r.mmussid)                    \
    RULE(translated_secsid, "MMUSECSID", r.translated() && r.mmusecsid == AXI_SECSID_S)            \
    RULE(translated_ssid, "MMUSSIDV", r.translated() && shape.untranslated < 3 && r.mmussidv)

} // namespace

std::string signal_of(const axi_request &request, const char *field)
{
    return std::string(request.write ? "AW" : "AR") + field;
}

void check_request(const axi_request &r, const axi_shape &shape, const axi_complaint &tell)
{
    const axi_opcode opcode = opcode_of(r, shape.domains);
#define TELL(rule, field, condition)                                                               \
    if (condition)                                                                                 \
        tell(axi_rule::rule, signal_of(r, field));
    REQUEST_RULES(TELL)
#undef TELL
}

const char *broken_by(const axi_request &r, const axi_shape &shape)
{
    const axi_opcode opcode = opcode_of(r, shape.domains);
#define FIELD(rule, field, condition)                                                              \
    if (condition)                                                                                 \
        return field;
    REQUEST_RULES(FIELD)
#undef FIELD
    return nullptr;
}

} // namespace smmu::pins
