// SPDX-License-Identifier: Apache-2.0
// Requests of AXI: see smmu/pins/axi_request.hpp.
#include "smmu/pins/axi_request.hpp"

#include <iterator>

namespace smmu::pins {

namespace {

enum : unsigned {
    NON = 1u << AXI_DOMAIN_NON,
    SHAREABLE = 1u << AXI_DOMAIN_INNER | 1u << AXI_DOMAIN_OUTER,
    SYSTEM = 1u << AXI_DOMAIN_SYSTEM,
};

constexpr axi_opcode_row opcodes[] = {
#define SMMU_AXI_OPCODE(channel, name, snoop, domains, data, line)                                 \
    {axi_channel::channel, axi_opcode::name, #name, snoop, domains, data, axi_extent::line},
#include "smmu/pins/axi_opcodes.def"
#undef SMMU_AXI_OPCODE
};

// The rows, to be found: by channel, AxSNOOP and AxDOMAIN, or `any_domain`.
constexpr unsigned snoops = 32;
constexpr unsigned any_domain = 4;
struct opcode_index {
    axi_opcode of[2][snoops][any_domain + 1];

    constexpr opcode_index() : of()
    {
        for (auto &channel : of)
            for (auto &snoop : channel)
                for (axi_opcode &each : snoop)
                    each = axi_opcode::reserved;
        for (std::size_t i = std::size(opcodes); i-- != 0;) // the first one counts
            for (unsigned domain = 0; domain <= any_domain; domain++)
                if (domain == any_domain || opcodes[i].domains >> domain & 1)
                    of[opcodes[i].channel == axi_channel::AW][opcodes[i].snoop][domain] =
                        opcodes[i].opcode;
    }
};
constexpr opcode_index opcodes_found;

// Both request channels have these fields, by names that differ in one letter.
#define REQUEST_FIELDS(FIELD, X)                                                                   \
    FIELD(id, X##ID)                                                                               \
    FIELD(addr, X##ADDR)                                                                           \
    FIELD(len, X##LEN)                                                                             \
    FIELD(size, X##SIZE)                                                                           \
    FIELD(burst, X##BURST)                                                                         \
    FIELD(lock, X##LOCK)                                                                           \
    FIELD(cache, X##CACHE)                                                                         \
    FIELD(prot, X##PROT)                                                                           \
    FIELD(nse, X##NSE)                                                                             \
    FIELD(qos, X##QOS)                                                                             \
    FIELD(region, X##REGION)                                                                       \
    FIELD(user, X##USER)                                                                           \
    FIELD(domain, X##DOMAIN)                                                                       \
    FIELD(snoop, X##SNOOP)                                                                         \
    FIELD(mmuvalid, X##MMUVALID)                                                                   \
    FIELD(mmusecsid, X##MMUSECSID)                                                                 \
    FIELD(mmusid, X##MMUSID)                                                                       \
    FIELD(mmussidv, X##MMUSSIDV)                                                                   \
    FIELD(mmussid, X##MMUSSID)                                                                     \
    FIELD(mmuatst, X##MMUATST)                                                                     \
    FIELD(mmuflow, X##MMUFLOW)                                                                     \
    FIELD(pbha, X##PBHA)                                                                           \
    FIELD(mpam, X##MPAM)                                                                           \
    FIELD(idunq, X##IDUNQ)

#define GET(field, signal)                                                                         \
    request.field = static_cast<decltype(request.field)>(beat.get(axi_signal::signal));
#define SET(field, signal) beat.set(axi_signal::signal, request.field);

axi_beat write_beat_of(const axi_request &request)
{
    axi_beat beat;
    REQUEST_FIELDS(SET, AW)
    beat.set(axi_signal::AWATOP, request.atop);
    return beat;
}

axi_beat read_beat_of(const axi_request &request)
{
    axi_beat beat;
    REQUEST_FIELDS(SET, AR)
    return beat;
}

axi_request write_request_of(const axi_beat &beat)
{
    axi_request request = {};
    request.write = true;
    REQUEST_FIELDS(GET, AW)
    request.atop = static_cast<unsigned>(beat.get(axi_signal::AWATOP));
    return request;
}

axi_request read_request_of(const axi_beat &beat)
{
    axi_request request = {};
    REQUEST_FIELDS(GET, AR)
    return request;
}

#undef GET
#undef SET
#undef REQUEST_FIELDS

bool has_data(const axi_request &request, bool domains)
{
    const axi_opcode opcode = opcode_of(request, domains);
    return opcode == axi_opcode::reserved || row_of(opcode).data;
}

} // namespace

axi_request request_of(axi_channel channel, const axi_beat &beat)
{
    return channel == axi_channel::AW ? write_request_of(beat) : read_request_of(beat);
}

axi_beat beat_of(const axi_request &request)
{
    return request.write ? write_beat_of(request) : read_beat_of(request);
}

// An atomic transaction has AWSNOOP 0 and any domain: what the table says for 0 serves it.
axi_opcode opcode_of(const axi_request &request, bool domains)
{
    if (request.snoop >= snoops || request.domain >= any_domain)
        return axi_opcode::reserved;
    return opcodes_found.of[request.write][request.snoop][domains ? request.domain : any_domain];
}

const axi_opcode_row &row_of(axi_opcode opcode)
{
    return opcodes[static_cast<std::size_t>(opcode)];
}

axi_atomic atomic_of(const axi_request &request)
{
    switch (request.atop >> 3) {
    case 0:
        return request.atop ? axi_atomic::reserved : axi_atomic::none;
    case 2:
    case 3:
        return axi_atomic::store;
    case 4:
    case 5:
        return axi_atomic::load;
    default:
        break;
    }
    if (request.atop == 0x30)
        return axi_atomic::swap;
    return request.atop == 0x31 ? axi_atomic::compare : axi_atomic::reserved;
}

unsigned write_transfers(const axi_request &request, bool domains)
{
    return request.write && has_data(request, domains) ? request.transfers() : 0;
}

bool returns_data(const axi_request &request)
{
    const axi_atomic atomic = atomic_of(request);
    return atomic == axi_atomic::load || atomic == axi_atomic::swap ||
           atomic == axi_atomic::compare;
}

axi_request returned_by(axi_request request)
{
    if (atomic_of(request) == axi_atomic::compare) { // half of the data
        request.burst = AXI_BURST_INCR;
        if (request.len)
            request.len = request.transfers() / 2 - 1;
        else if (request.size)
            request.size--;
    }
    request.write = false;
    request.atop = 0;
    return request;
}

unsigned read_transfers(const axi_request &request, bool domains)
{
    return has_data(request, domains) ? request.transfers() : 1;
}

axi_transfer transfer_of(const axi_request &request, unsigned number, unsigned bus_bytes)
{
    const unsigned bytes = request.bytes(); // a power of two, as the width of the bus
    const std::uint64_t aligned = request.addr & ~std::uint64_t{bytes - 1};
    // The address of a compare is that of the compared half; both halves are transferred.
    std::uint64_t address = atomic_of(request) == axi_atomic::compare ? aligned : request.addr;
    if (number && request.burst != AXI_BURST_FIXED)
        address = aligned + std::uint64_t{number} * bytes;
    if (request.burst == AXI_BURST_WRAP && address >= request.container() + request.total())
        address -= request.total();
    const unsigned lane = static_cast<unsigned>(address) & (bus_bytes - 1);
    return {address, lane, (lane & ~(bytes - 1)) + bytes};
}

bool is_regular(const axi_request &request, unsigned bus_bytes)
{
    const unsigned transfers = request.transfers();
    if (transfers > 16 || (transfers & (transfers - 1)) || request.burst == AXI_BURST_FIXED ||
        (transfers > 1 && request.bytes() != bus_bytes))
        return false;
    const unsigned alignment = request.burst == AXI_BURST_INCR ? request.total() : request.bytes();
    return request.addr % alignment == 0;
}

} // namespace smmu::pins
