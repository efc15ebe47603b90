// SPDX-License-Identifier: Apache-2.0
// Loads and stores, as exec_ldst.c, exec_excl.c and exec_fp_ldst.c have them: the fast path, all
// else is the handler's.
#include "translate/emitter.hpp"

namespace a64 {

namespace {

// `how` of an access
enum : unsigned {
    LOG2 = 7, // of the bytes of a register
    SIGNED = 8,
    WORD_RESULT = 16, // sign extension is to 32 bits
    IS_STORE = 32,
    BY_OFFSET = 0, // addressing
    BY_REGISTER = 64,
    PRE_INDEXED = 128,
    POST_INDEXED = 192,
    ADDRESSING = 192,
    UNPRIVILEGED = 256,
    LITERAL = 512,
    PAIR = 1024,
    SIMD = 2048,
};

unsigned log2_of(unsigned how)
{
    return how & LOG2;
}

const Gp va = scratch0, host = scratch1;

void address_into_va(emitter &e, const a64_op &o, unsigned how)
{
    if (how & LITERAL) {
        e.address(va, 4u * o.index + o.imm);
        return;
    }
    const Gp base = e.source(o.rn);
    if (o.sp_align) {
        e.a.test(base.r8(), o.sp_align);
        e.a.jnz(e.handler());
    }
    switch (how & ADDRESSING) {
    case BY_REGISTER: {
        const Gp m = e.extended(o);
        e.a.lea(va, x86::ptr(base, m));
        break;
    }
    case POST_INDEXED:
        e.a.mov(va, base);
        break;
    default:
        e.a.lea(va, x86::ptr(base, static_cast<std::int32_t>(o.imm)));
        break;
    }
}

// mem_readable() and mem_writable() of mem.h: after this `host` is the entry of va.
void look_up(emitter &e, unsigned how)
{
    const unsigned unit = 1u << log2_of(how);
    const Gp tag = scratch2;
    static_assert(sizeof(a64_tlb_entry) == 64 && TLB_PAGE_SHIFT == 12, "shifts to an entry");
    if (how & UNPRIVILEGED) {
        e.a.cmp(PE_FIELD(el), 2);
        e.a.je(e.handler());
    }
    e.a.mov(host, va);
    e.a.shr(host, 6);
    e.a.and_(host.r32(), (TLB_ENTRIES - 1) * 64);
    if (how & UNPRIVILEGED)
        e.a.lea(host, x86::ptr(host, pe, 0, offsetof(a64_cpu, tlbs.entry)));
    else
        e.a.add(host, field(offsetof(a64_cpu, tlb), 8));
    if (how & PAIR)
        e.a.lea(tag, x86::ptr(va, static_cast<std::int32_t>(unit)));
    else
        e.a.mov(tag, va);
    e.a.and_(tag, static_cast<std::int32_t>(-4096 | static_cast<int>(unit - 1)));
    e.a.or_(tag, PE_FIELD(tlb_context));
    e.a.cmp(tag, x86::qword_ptr(host, how & IS_STORE ? offsetof(a64_tlb_entry, write_tag)
                                                     : offsetof(a64_tlb_entry, read_tag)));
    e.a.jne(e.handler());
}

// The access is to host + va.
void to_host(emitter &e)
{
    e.a.mov(host, x86::qword_ptr(host, offsetof(a64_tlb_entry, to_host)));
}

void probe(emitter &e, unsigned how)
{
    look_up(e, how);
    to_host(e);
}

x86::Mem at(unsigned how, unsigned which = 0)
{
    const unsigned size = 1u << log2_of(how);
    return x86::ptr(va, host, 0, static_cast<std::int32_t>(which * size), size);
}

// The base, after the access or, of a load, before its value is kept.
void write_back(emitter &e, const a64_op &o, unsigned how)
{
    if ((how & ADDRESSING) < PRE_INDEXED)
        return;
    const Gp base = e.destination(o.rn);
    if ((how & ADDRESSING) == PRE_INDEXED)
        e.a.mov(base, va);
    else
        e.a.lea(base, x86::ptr(va, static_cast<std::int32_t>(o.imm)));
    e.keep(o.rn, base);
}

// ---- General registers ----

void load(emitter &e, unsigned rd, unsigned how, unsigned which)
{
    const Gp d = e.destination(rd);
    const bool is_signed = how & SIGNED;
    const Gp wide = how & WORD_RESULT ? d.r32() : d;
    switch (log2_of(how)) {
    case 0:
    case 1:
        is_signed ? e.a.movsx(wide, at(how, which)) : e.a.movzx(d.r32(), at(how, which));
        break;
    case 2:
        is_signed ? e.a.movsxd(d, at(how, which)) : e.a.mov(d.r32(), at(how, which));
        break;
    default:
        e.a.mov(d, at(how, which));
        break;
    }
    e.keep(rd, d);
}

void store(emitter &e, const Gp &value, unsigned how, unsigned which)
{
    switch (log2_of(how)) {
    case 0:
        e.a.mov(at(how, which), value.r8());
        break;
    case 1:
        e.a.mov(at(how, which), value.r16());
        break;
    case 2:
        e.a.mov(at(how, which), value.r32());
        break;
    default:
        e.a.mov(at(how, which), value);
        break;
    }
}

// Both values of a pair have been read before registers change: memory does not, by that.
bool transfer(emitter &e, const a64_op &o, unsigned how)
{
    if (how & IS_STORE) {
        const Gp first = e.source(o.rt), second = how & PAIR ? e.source(o.rt2) : first;
        address_into_va(e, o, how);
        probe(e, how);
        store(e, first, how, 0);
        if (how & PAIR)
            store(e, second, how, 1);
        write_back(e, o, how);
        return true;
    }
    address_into_va(e, o, how);
    probe(e, how);
    write_back(e, o, how);
    load(e, o.rd, how, 0);
    if (how & PAIR)
        load(e, o.rd2, how, 1);
    return true;
}

// ---- Exclusive, load-acquire and store-release, as exec_excl.c has them ----

// What is on the fast path has the alignment that these need, whatever the memory.
bool transfer_ordered(emitter &e, const a64_op &o, unsigned how)
{
    return transfer(e, o, how | o.log2);
}

x86::Mem monitor(std::size_t offset, unsigned size)
{
    return field(offsetof(a64_cpu, monitor) + offset, size);
}
#define MONITOR(name)                                                                              \
    monitor(offsetof(a64_monitor, name), static_cast<unsigned>(sizeof(a64_monitor::name)))

// pa = where the access goes that has been probed, as monitor.h has it; `host` is spent.
void physical(emitter &e, const Gp &pa)
{
    e.a.mov(pa.r32(), va.r32());
    e.a.and_(pa.r32(), ~static_cast<std::uint32_t>(TLB_PAGE_MASK));
    e.a.or_(pa, x86::qword_ptr(host, offsetof(a64_tlb_entry, t.pa)));
}

bool load_exclusive(emitter &e, const a64_op &o, unsigned)
{
    const unsigned how = o.log2;
    const Gp pa = scratch2;
    address_into_va(e, o, how);
    look_up(e, how);
    physical(e, pa);
    e.a.mov(MONITOR(set), 1);
    e.a.mov(MONITOR(size), 1 << o.log2);
    e.a.mov(MONITOR(pa), pa);
    to_host(e);
    load(e, o.rd, how, 0);
    return true;
}

bool store_exclusive(emitter &e, const a64_op &o, unsigned)
{
    const unsigned how = o.log2 | IS_STORE;
    const Gp pa = scratch2, value = e.source(o.rt);
    const asmjit::Label lost = e.a.newLabel(), done = e.a.newLabel();
    address_into_va(e, o, how);
    look_up(e, how);
    physical(e, pa);
    to_host(e);
    const Gp status = e.destination(o.rs);
    e.a.cmp(MONITOR(set), 0);
    e.a.mov(MONITOR(set), 0);
    e.a.je(lost);
    e.a.cmp(MONITOR(pa), pa);
    e.a.jne(lost);
    e.a.cmp(MONITOR(size), 1 << o.log2);
    e.a.jne(lost);
    store(e, value, how, 0);
    e.a.xor_(status.r32(), status.r32());
    e.a.jmp(done);
    e.a.bind(lost);
    e.a.mov(status.r32(), 1);
    e.a.bind(done);
    e.keep(o.rs, status);
    return true;
}

// ---- SIMD and floating point ----

x86::Mem vector(unsigned n, unsigned size, unsigned offset = 0)
{
    return field(offsetof(a64_cpu, v) + 16 * n + offset, size);
}

void load_vector(emitter &e, unsigned n, unsigned how, unsigned which)
{
    switch (log2_of(how)) {
    case 0:
    case 1:
        e.a.movzx(scratch2.r32(), at(how, which));
        break;
    case 2:
        e.a.mov(scratch2.r32(), at(how, which));
        break;
    case 3:
        e.a.mov(scratch2, at(how, which));
        break;
    default:
        e.a.movups(x86::xmm0, at(how, which));
        e.a.movups(vector(n, 16), x86::xmm0);
        return;
    }
    e.a.mov(vector(n, 8), scratch2);
    e.a.mov(vector(n, 8, 8), 0);
}

void store_vector(emitter &e, unsigned n, unsigned how, unsigned which)
{
    if (log2_of(how) == 4) {
        e.a.movups(x86::xmm0, vector(n, 16));
        e.a.movups(at(how, which), x86::xmm0);
        return;
    }
    e.a.mov(scratch2, vector(n, 8));
    store(e, scratch2, how, which);
}

bool transfer_vector(emitter &e, const a64_op &o, unsigned how)
{
    e.a.cmp(PE_FIELD(fp_trapped), 0);
    e.a.jne(e.handler());
    address_into_va(e, o, how);
    probe(e, how);
    const auto move = how & IS_STORE ? store_vector : load_vector;
    move(e, o.rd, how, 0);
    if (how & PAIR)
        move(e, o.rd2, how, 1);
    write_back(e, o, how);
    return true;
}

#define ROW(name, emit, how)                                                                       \
    {                                                                                              \
        exec_##name, emit, how, may_leave                                                          \
    }
#define UNTO(name, emit, how)                                                                      \
    ROW(name##_off, emit, (how) | BY_OFFSET), ROW(name##_unscaled, emit, (how) | BY_OFFSET),       \
        ROW(name##_reg, emit, (how) | BY_REGISTER), ROW(name##_pre, emit, (how) | PRE_INDEXED),    \
        ROW(name##_post, emit, (how) | POST_INDEXED)
#define GENERAL(name, how)                                                                         \
    UNTO(name, transfer, how), ROW(name##_unpriv, transfer, (how) | BY_OFFSET | UNPRIVILEGED)
#define PAIRS(name, emit, how)                                                                     \
    ROW(name##_off, emit, (how) | PAIR), ROW(name##_pre, emit, (how) | PAIR | PRE_INDEXED),        \
        ROW(name##_post, emit, (how) | PAIR | POST_INDEXED)
#define VECTORS(suffix, log2)                                                                      \
    UNTO(LDR_##suffix, transfer_vector, log2),                                                     \
        UNTO(STR_##suffix, transfer_vector, (log2) | IS_STORE)
#define VECTOR_PAIRS(suffix, log2)                                                                 \
    PAIRS(LDP_##suffix, transfer_vector, log2),                                                    \
        PAIRS(STP_##suffix, transfer_vector, (log2) | IS_STORE),                                   \
        ROW(LDNP_##suffix, transfer_vector, (log2) | PAIR),                                        \
        ROW(STNP_##suffix, transfer_vector, (log2) | PAIR | IS_STORE)

const emit_row rows[] = {
    GENERAL(LDRB, 0),
    GENERAL(LDRH, 1),
    GENERAL(LDR_w, 2),
    GENERAL(LDR_x, 3),
    GENERAL(LDRSB_w, 0 | SIGNED | WORD_RESULT),
    GENERAL(LDRSB_x, 0 | SIGNED),
    GENERAL(LDRSH_w, 1 | SIGNED | WORD_RESULT),
    GENERAL(LDRSH_x, 1 | SIGNED),
    GENERAL(LDRSW, 2 | SIGNED),
    GENERAL(STRB, 0 | IS_STORE),
    GENERAL(STRH, 1 | IS_STORE),
    GENERAL(STR_w, 2 | IS_STORE),
    GENERAL(STR_x, 3 | IS_STORE),
    ROW(LDR_w_lit, transfer, 2 | LITERAL),
    ROW(LDR_x_lit, transfer, 3 | LITERAL),
    ROW(LDRSW_lit, transfer, 2 | SIGNED | LITERAL),
    PAIRS(LDP_w, transfer, 2),
    PAIRS(LDP_x, transfer, 3),
    PAIRS(LDPSW, transfer, 2 | SIGNED),
    PAIRS(STP_w, transfer, 2 | IS_STORE),
    PAIRS(STP_x, transfer, 3 | IS_STORE),
    ROW(LDNP_w, transfer, 2 | PAIR),
    ROW(LDNP_x, transfer, 3 | PAIR),
    ROW(STNP_w, transfer, 2 | PAIR | IS_STORE),
    ROW(STNP_x, transfer, 3 | PAIR | IS_STORE),

    ROW(LDAR, transfer_ordered, 0),
    ROW(STLR, transfer_ordered, IS_STORE),
    ROW(LDXR, load_exclusive, 0),
    ROW(STXR, store_exclusive, 0),

    VECTORS(b, 0),
    VECTORS(h, 1),
    VECTORS(s, 2),
    VECTORS(d, 3),
    VECTORS(q, 4),
    VECTOR_PAIRS(s, 2),
    VECTOR_PAIRS(d, 3),
    VECTOR_PAIRS(q, 4),
    ROW(LDR_s_lit, transfer_vector, 2 | LITERAL),
    ROW(LDR_d_lit, transfer_vector, 3 | LITERAL),
    ROW(LDR_q_lit, transfer_vector, 4 | LITERAL),
};

} // namespace

const emit_rows memory_rows = {rows, sizeof rows / sizeof *rows};

} // namespace a64
