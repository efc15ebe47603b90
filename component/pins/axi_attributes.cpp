// SPDX-License-Identifier: Apache-2.0
// Attributes of AXI and of TLM: see smmu/pins/axi_attributes.hpp.
#include "smmu/pins/axi_attributes.hpp"

#include <algorithm>
#include <iterator>

#include "amba_spaces.hpp"

namespace smmu::pins {

namespace {

enum memory_way : unsigned { IN = 1, OUT = 2, BOTH = 3 };
enum class memory_domain { SYSTEM, ANY };

struct memory_row {
    memory_way way;
    unsigned arcache;
    unsigned awcache;
    memory_domain domain;
    std::uint8_t mair;

    constexpr unsigned cache(bool write) const { return write ? awcache : arcache; }
};

constexpr memory_row memory_rows[] = {
#define SMMU_AXI_MEMORY(name, way, arcache, awcache, domain, mair)                                 \
    {way, arcache, awcache, memory_domain::domain, mair},
#include "smmu/pins/axi_memory.def"
#undef SMMU_AXI_MEMORY
};

struct operation_row {
    smmu_op op;
    axi_opcode opcode;
};

constexpr operation_row operation_rows[] = {
#define SMMU_AXI_OPERATION(op, opcode) {SMMU_OP_##op, axi_opcode::opcode},
#include "smmu/pins/axi_operations.def"
#undef SMMU_AXI_OPERATION
};

// What requests on pins are taken as, to be found: rows of memory_rows by AxCACHE, where none fits
// nullptr, and operations by opcode, the last one for what is reserved.
constexpr unsigned caches = 16;
struct incoming {
    const memory_row *memory[2][2][caches]; // of a read or a write, System or not
    smmu_op op[static_cast<std::size_t>(axi_opcode::reserved) + 1];

    constexpr incoming() : memory(), op()
    {
        for (std::size_t i = std::size(memory_rows); i-- != 0;) // the first one counts
            for (const bool write : {false, true})
                if (const memory_row &row = memory_rows[i]; row.way & IN)
                    memory[write][row.domain == memory_domain::SYSTEM][row.cache(write)] = &row;
        for (smmu_op &each : op)
            each = SMMU_OP_ORDINARY;
        for (const operation_row &row : operation_rows)
            op[static_cast<std::size_t>(row.opcode)] = row.op;
    }
};
constexpr incoming taken_as;

// Both directions of the PARTID spaces, by MPAM_SP (IHI 0070 17.7).
constexpr smmu_sec partid_spaces[] = {SMMU_SEC_S, SMMU_SEC_NS, SMMU_SEC_ROOT, SMMU_SEC_REALM};

// Both directions of AWATOP[2:0] of what is neither swap nor compare (IHI 0022 L A6.4.6).
constexpr atomic_function functions[] = {
    atomic_function::add,          atomic_function::clear,       atomic_function::exclusive_or,
    atomic_function::set,          atomic_function::signed_max,  atomic_function::signed_min,
    atomic_function::unsigned_max, atomic_function::unsigned_min};

enum atop : unsigned {
    atop_store = 0x10,
    atop_load = 0x20,
    atop_swap = 0x30,
    atop_compare = 0x31,
    atop_big_endian = 8,
};

enum prot : unsigned { privileged = 1, instruction = 4 };

bool fits(std::uint64_t value, unsigned width)
{
    return width >= 64 || value >> width == 0;
}

bool is_cached(unsigned cache)
{
    return cache & 0xc;
}

std::uint8_t shareability_of(unsigned domain)
{
    switch (domain) {
    case AXI_DOMAIN_NON:
        return SMMU_SH_NON;
    case AXI_DOMAIN_INNER:
        return SMMU_SH_INNER;
    default: // System is everybody's (IHI 0070 16.7.5.1.1)
        return SMMU_SH_OUTER;
    }
}

unsigned domain_of(std::uint8_t sh)
{
    switch (sh) {
    case SMMU_SH_NON:
        return AXI_DOMAIN_NON;
    case SMMU_SH_INNER:
        return AXI_DOMAIN_INNER;
    default:
        return AXI_DOMAIN_OUTER;
    }
}

// The attribute byte that AXI has a word for: inner attributes are the outer ones, but for what is
// not cached outside, and nothing is transient.
std::uint8_t spoken(std::uint8_t mair)
{
    const unsigned outer = mair >> 4;
    if (outer == 0)
        return mair & 0x0c;
    if (outer == 4)
        return (mair & 0xf) == 4 ? 0x44 : 0x4f;
    return static_cast<std::uint8_t>((outer | 8) * 0x11);
}

bool has_data(smmu_op op)
{
    switch (op) {
    case SMMU_OP_ORDINARY:
    case SMMU_OP_READ_CLEAN_INVALIDATE:
    case SMMU_OP_READ_DESTRUCTIVE:
    case SMMU_OP_WRITE_PREFETCH:
    case SMMU_OP_ATOMIC:
        return true;
    default:
        return false;
    }
}

const axi_opcode_row *opcode_for(smmu_op op, bool write, unsigned domain, const axi_shape &shape)
{
    const unsigned width = write ? shape.awsnoop_width : shape.arsnoop_width;
    for (const operation_row &row : operation_rows) {
        const axi_opcode_row &opcode = row_of(row.opcode);
        if (row.op == op && (opcode.channel == axi_channel::AW) == write &&
            (!shape.domains || opcode.domains >> domain & 1) && fits(opcode.snoop, width))
            return &opcode;
    }
    return nullptr;
}

smmu_op op_of(const axi_request &request, const axi_shape &shape)
{
    if (request.atop)
        return SMMU_OP_ATOMIC;
    return taken_as.op[static_cast<std::size_t>(opcode_of(request, shape.domains))];
}

// Without AxMPAM a request has the default label in the space of its address.
smmu_mpam mpam_of(const axi_request &request, smmu_pas pas, const axi_mpam &layout)
{
    if (!layout.width)
        return {0, 0, static_cast<std::uint8_t>(pas)};
    const unsigned partid = request.mpam >> layout.space_bits();
    const unsigned pmg = partid >> layout.partid_bits();
    return {
        static_cast<std::uint16_t>(partid & word_mask(layout.partid_bits(), 0)),
        static_cast<std::uint8_t>(pmg),
        static_cast<std::uint8_t>(partid_spaces[request.mpam & word_mask(layout.space_bits(), 0)])};
}

// MPAM_NS is the lower bit of MPAM_SP: Root is Secure in it, and Realm Non-secure (17.7).
unsigned word_of(const smmu_mpam &mpam, const axi_mpam &layout)
{
    unsigned space = 3;
    while (space != 0 && partid_spaces[space] != mpam.space)
        space--;
    return (unsigned{mpam.pmg} << layout.partid_bits() | mpam.partid) << layout.space_bits() |
           (space & static_cast<unsigned>(word_mask(layout.space_bits(), 0)));
}

void set_stream(axi_request &request, const attributes &attributes, const axi_shape &shape)
{
    request.mmuvalid = shape.untranslated != 0;
    if (!request.mmuvalid)
        return;
    request.mmusecsid = attributes.sec;
    request.mmusid = attributes.sid;
    request.mmussidv = attributes.ssv;
    request.mmussid = attributes.ssv ? attributes.ssid : 0;
    if (shape.untranslated == 1)
        request.mmuatst = attributes.translated;
    else
        request.mmuflow = attributes.translated ? AXI_FLOW_ATST : AXI_FLOW_STALL;
}

} // namespace

smmu_memattr memattr_of(const axi_request &request, const axi_shape &shape)
{
    const bool system =
        shape.domains ? request.domain == AXI_DOMAIN_SYSTEM : !is_cached(request.cache);
    const memory_row *const row =
        request.cache < caches ? taken_as.memory[request.write][system][request.cache] : nullptr;
    if (!row)
        return {SMMU_MAIR_DEVICE_nGnRnE, SMMU_SH_OUTER};
    return {row->mair, shareability_of(system ? unsigned{AXI_DOMAIN_SYSTEM} : request.domain)};
}

void set_memattr(axi_request &request, const smmu_memattr &memattr)
{
    const std::uint8_t mair = spoken(memattr.mair);
    for (const memory_row &row : memory_rows)
        if (row.way & OUT && row.mair == mair) {
            request.cache = row.cache(request.write);
            request.domain = row.domain == memory_domain::SYSTEM ? unsigned{AXI_DOMAIN_SYSTEM}
                                                                 : domain_of(memattr.sh);
            return;
        }
}

attributes attributes_of(const axi_request &request, const axi_shape &shape)
{
    attributes result;
    result.op = op_of(request, shape);
    result.id = request.id;
    result.qos = static_cast<std::uint8_t>(request.qos);
    result.pas = amba_space_of((request.nse ? 2u : 0u) | (request.prot >> 1 & 1));
    result.priv = request.prot & privileged;
    result.instr = request.prot & instruction;
    result.memattr = memattr_of(request, shape);
    result.pbha = static_cast<std::uint8_t>(request.pbha);
    result.mpam = mpam_of(request, result.pas, shape.mpam);
    if (request.burst == AXI_BURST_WRAP) {
        result.wrap_beat = static_cast<std::uint8_t>(request.bytes());
        result.wrap_first = static_cast<std::uint16_t>(request.addr - request.container());
    }
    if (!request.mmuvalid)
        return result;
    result.sec = static_cast<smmu_sec>(request.mmusecsid);
    result.sid = request.mmusid;
    result.ssv = request.mmussidv;
    result.ssid = request.mmussid;
    result.translated = request.translated();
    return result;
}

void set_attributes(axi_request &request, const attributes &attributes, const axi_shape &shape)
{
    request.id = static_cast<std::uint32_t>(attributes.id & word_mask(shape.id_width, 0));
    request.qos = attributes.qos & 0xf;
    const unsigned space = amba_space_bits(attributes.pas);
    request.nse = space >> 1;
    request.prot = (space & 1) << 1;
    request.prot |= (attributes.priv ? privileged : 0u) | (attributes.instr ? instruction : 0u);
    set_memattr(request, attributes.memattr);
    // Maintenance has no memory type, and is nobody's alone (IHI 0070 16.7.2.3).
    if (!has_data(attributes.op) && request.domain == AXI_DOMAIN_SYSTEM) {
        request.domain = AXI_DOMAIN_OUTER;
        request.cache |= 2;
    }
    request.pbha = attributes.pbha & 0xf;
    request.mpam = shape.mpam.width ? word_of(attributes.mpam, shape.mpam) : 0;
    const axi_opcode_row *const opcode =
        opcode_for(attributes.op, request.write, request.domain, shape);
    request.snoop = opcode ? opcode->snoop : 0;
    if (!shape.domains) // as nobody says otherwise
        request.domain = AXI_DOMAIN_NON;
    set_stream(request, attributes, shape);
}

unsigned atop_of(const atomic_access &atomic)
{
    if (atomic.function == atomic_function::swap)
        return atop_swap;
    if (atomic.function == atomic_function::compare)
        return atop_compare;
    const auto *const row = std::find(std::begin(functions), std::end(functions), atomic.function);
    return (atomic.returns ? atop_load : atop_store) | (atomic.big_endian ? atop_big_endian : 0u) |
           static_cast<unsigned>(row - functions);
}

// A compare has what it compares with at its address, and what it writes in the other half.
atomic_access operation_of(const axi_request &request, const unsigned char *data)
{
    atomic_access result;
    result.returns = returns_data(request);
    const unsigned total = request.total();
    switch (atomic_of(request)) {
    case axi_atomic::compare: {
        const bool upper = request.addr % total != 0;
        result.function = atomic_function::compare;
        std::copy_n(data + (upper ? total / 2 : 0), total / 2, result.expected);
        std::copy_n(data + (upper ? 0 : total / 2), total / 2, result.operand);
        return result;
    }
    case axi_atomic::swap:
        result.function = atomic_function::swap;
        break;
    default:
        result.function = functions[request.atop & 7];
        result.big_endian = request.atop & atop_big_endian;
        break;
    }
    std::copy_n(data, total, result.operand);
    return result;
}

bool has_operation(smmu_op op, bool write, unsigned domain, const axi_shape &shape)
{
    return opcode_for(op, write, domain, shape) != nullptr;
}

const char *unfit_for(const attributes &attributes, const axi_shape &shape)
{
    if (!shape.realms && (attributes.pas == SMMU_PAS_REALM || attributes.pas == SMMU_PAS_ROOT))
        return "physical address space";
    if (shape.mpam.width && !fits(attributes.mpam.partid, shape.mpam.partid_bits()))
        return "PARTID";
    if (shape.mpam.width && !fits(attributes.mpam.pmg, shape.mpam.pmg_bits()))
        return "PMG";
    if (shape.mpam.width && attributes.mpam.space >= SMMU_SEC_COUNT)
        return "PARTID space";
    if (!shape.untranslated)
        return nullptr;
    if (!fits(attributes.sec, shape.secsid_width))
        return "Security state";
    if (!fits(attributes.sid, shape.sid_width))
        return "StreamID";
    if (attributes.ssv && (!shape.ssid_width || !fits(attributes.ssid, shape.ssid_width)))
        return "SubstreamID";
    return nullptr;
}

} // namespace smmu::pins
