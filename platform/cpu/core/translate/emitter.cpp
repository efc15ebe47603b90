// SPDX-License-Identifier: Apache-2.0
// The frame of generated code: registers, flags, ways in and out.
#include "translate/emitter.hpp"

#include <algorithm>
#include <unordered_map>

namespace a64 {

namespace {

std::unordered_map<a64_exec *, const emit_row *> all_rows()
{
    std::unordered_map<a64_exec *, const emit_row *> all;
    for (const emit_rows *rows : {&integer_rows, &memory_rows, &branch_rows, &system_rows})
        for (std::size_t i = 0; i < rows->count; i++)
            all.emplace(rows->row[i].exec, &rows->row[i]);
    return all;
}

// nullptr: the handler runs.
const emit_row *find_row(a64_exec *exec)
{
    static const auto rows = all_rows();
    const auto row = rows.find(exec);
    return row == rows.end() ? nullptr : row->second;
}

x86::Mem guest(unsigned n)
{
    return field(offsetof(a64_cpu, x) + 8 * n, 8);
}

CondCode opposite(CondCode cc)
{
    return static_cast<CondCode>(static_cast<unsigned>(cc) ^ 1);
}

} // namespace

// ---- Registers ----

emitter::slot &emitter::take(unsigned n)
{
    slot &s = *std::min_element(std::begin(slots_), std::end(slots_),
                                [](const slot &l, const slot &r) { return l.used < r.used; });
    s.guest = n;
    s.used = ++clock_;
    return s;
}

void emitter::forget(unsigned n)
{
    for (slot &s : slots_)
        if (s.guest == n)
            s.guest = nothing;
}

void emitter::forget_all()
{
    for (slot &s : slots_)
        s.guest = nothing;
    flags_ = host_flags::unknown;
}

Gp emitter::source(unsigned n)
{
    for (slot &s : slots_) {
        if (s.guest == n) {
            s.used = ++clock_;
            return s.host;
        }
    }
    const slot &s = take(n);
    a.mov(s.host, guest(n));
    return s.host;
}

Gp emitter::destination(unsigned n)
{
    forget(n);
    return take(n == REG_SINK ? nothing : n).host;
}

Gp emitter::changed(unsigned n, unsigned from, bool wide)
{
    const Gp old = source(from);
    if (n == from)
        return old;
    const Gp r = destination(n);
    a.mov(sized(r, wide), sized(old, wide));
    return r;
}

void emitter::keep(unsigned n, const Gp &r)
{
    if (n != REG_SINK)
        a.mov(guest(n), r.r64());
}

void emitter::constant(const Gp &r, std::uint64_t value)
{
    if (value <= UINT32_MAX)
        a.mov(r.r32(), static_cast<std::uint32_t>(value));
    else
        a.mov(r.r64(), value);
}

Gp emitter::extended(const a64_op &o)
{
    const Gp m = source(o.rm), r = scratch1;
    switch (o.extend) {
    case 0:
        a.movzx(r.r32(), m.r8());
        break;
    case 1:
        a.movzx(r.r32(), m.r16());
        break;
    case 2:
        a.mov(r.r32(), m.r32());
        break;
    case 4:
        a.movsx(r, m.r8());
        break;
    case 5:
        a.movsx(r, m.r16());
        break;
    case 6:
        a.movsxd(r, m.r32());
        break;
    default:
        if (o.shift == 0)
            return m;
        a.mov(r, m);
        break;
    }
    if (o.shift)
        a.shl(r, o.shift);
    return r;
}

// ---- Flags ----

// LAHF has N, Z and C in bits 15, 14 and 8, V comes beside them. None of this changes what the host
// has in its own, except that a borrow becomes a carry.
void emitter::set_flags(host_flags kind)
{
    if (wanted_) {
        if (kind == host_flags::borrow)
            a.cmc();
        kind = host_flags::carry;
        a.lahf();
        a.seto(x86::al);
        a.mov(scratch1.r32(), 0xc101);
        a.pext(scratch0.r32(), scratch0.r32(), scratch1.r32());
        a.mov(PE_FIELD(nzcv), scratch0.r32());
    }
    flags_after_ = kind;
}

CondCode emitter::condition(const a64_op &o, unsigned number)
{
    // By the condition's number without its lowest bit, which turns it round.
    static constexpr CondCode by_number[] = {CondCode::kE, CondCode::kB, CondCode::kS,
                                             CondCode::kO, CondCode::kA, CondCode::kGE,
                                             CondCode::kG};
    if (flags_ == host_flags::unknown || number >= 14) {
        a.mov(scratch0.r32(), o.cond);
        a.mov(scratch1.r32(), PE_FIELD(nzcv));
        a.bt(scratch0.r32(), scratch1.r32());
        flags_ = host_flags::unknown;
        return CondCode::kB;
    }
    const unsigned which = number >> 1;
    if (which == 4 && flags_ == host_flags::carry) { // HI: C and not Z
        a.cmc();
        flags_ = host_flags::borrow;
    }
    CondCode cc = by_number[which];
    if (which == 1 && flags_ == host_flags::borrow) // CS
        cc = opposite(cc);
    return number & 1 ? opposite(cc) : cc;
}

// Which ops set flags that can be seen: an op that may leave the block, or reads them, comes before
// the next that sets them. At the end all can.
void emitter::find_wanted_flags(unsigned count)
{
    bool wanted = true;
    for (unsigned i = count; i-- > 0;) {
        const unsigned does = rows_[i] ? rows_[i]->flags : unsigned{may_leave | reads_flags};
        wanted_flags_[i] = wanted;
        if (does & sets_flags)
            wanted = false;
        if (does & (may_leave | reads_flags))
            wanted = true;
    }
}

// ---- Control ----

asmjit::Label emitter::handler()
{
    if (!cold_here_) {
        cold_.push_back({a.newLabel(), index_});
        cold_here_ = true;
    }
    return cold_.back().label;
}

void emitter::to_handler(unsigned index)
{
    a.mov(x86::rsi, reinterpret_cast<std::uint64_t>(&out_[index]));
    a.jmp(reinterpret_cast<std::uint64_t>(ops_[index].exec));
}

void emitter::address(const Gp &r, std::uint64_t displacement)
{
    a.mov(r, PE_FIELD(pc));
    if (fits_int32(displacement)) {
        if (displacement)
            a.lea(r, x86::ptr(r, static_cast<std::int32_t>(displacement)));
    } else {
        a.mov(scratch1, displacement);
        a.add(r, scratch1);
    }
}

// go_to() of exec.h.
void emitter::leave(const a64_op &o)
{
    a.sub(PE_FIELD(remaining), o.index + 1);
    a.mov(PE_FIELD(pc), scratch0);
    if (!BLOCKS_CHAIN)
        a.ret();
    else if (jump_.isValid())
        a.jmp(jump_);
    else
        emit_jump();
}

// What all ways out of the block have in common is there once: the less code there is, the more of
// it is in the caches of the host.
void emitter::emit_jump()
{
    const Gp pc = scratch0, at = scratch1, context = scratch2;
    jump_ = a.newLabel();
    a.bind(jump_);
    static_assert(sizeof(a64_jump) == 32 && (JUMP_ENTRIES & (JUMP_ENTRIES - 1)) == 0,
                  "entries are found without a multiplication");
    const auto entry = [&](std::size_t offset, unsigned size) {
        return x86::ptr(pe, at, 3, static_cast<std::int32_t>(offsetof(a64_cpu, jump) + offset),
                        size);
    };
    a.mov(at.r32(), pc.r32());
    a.and_(at.r32(), 4 * (JUMP_ENTRIES - 1));
    a.cmp(PE_FIELD(attention), 0);
    a.jne(out_of_block_);
    a.cmp(entry(offsetof(a64_jump, pc), 8), pc);
    a.jne(out_of_block_);
    a.mov(context, PE_FIELD(jump_context));
    a.cmp(entry(offsetof(a64_jump, context), 8), context);
    a.jne(out_of_block_);
    a.mov(x86::rsi, entry(offsetof(a64_jump, entry), 8));
    a.mov(at.r32(), entry(offsetof(a64_jump, insns), 4));
    a.cmp(PE_FIELD(remaining), at);
    a.jb(out_of_block_);
    a.jmp(x86::qword_ptr(x86::rsi, offsetof(a64_op, exec)));
}

void emitter::leave_if(CondCode cc, const a64_op &o, std::uint64_t displacement)
{
    exits_.push_back({a.newLabel(), &o, displacement});
    a.j(cc, exits_.back().label);
}

void emitter::emit_back(const back &b)
{
    a.bind(b.label);
    for (const slot &s : b.slots)
        if (s.guest != nothing)
            a.mov(s.host, guest(s.guest));
    a.jmp(b.main);
}

void emitter::emit_cold()
{
    for (const exit &x : exits_) {
        a.bind(x.label);
        address(scratch0, x.displacement);
        leave(*x.op);
    }
    for (const cold &c : cold_) {
        a.bind(c.label);
        to_handler(c.index);
    }
    for (const back &b : backs_)
        emit_back(b);
    a.bind(out_of_block_);
    a.ret();
}

// Control reaches op `index` from the code before it, from a handler by way of `out_`, or both.
void emitter::emit_op(unsigned index)
{
    const a64_op &o = ops_[index];
    const emit_row *row = rows_[index];
    const bool after_handler = index > 0 && (cold_here_ || !falls_);
    if (row && after_handler) {
        entry_[index] = a.newLabel();
        if (falls_) {
            backs_.push_back({entry_[index], a.newLabel(), index, {}});
            backs_.back().slots.assign(std::begin(slots_), std::end(slots_));
            a.bind(backs_.back().main);
        } else {
            forget_all();
            a.bind(entry_[index]);
        }
    }
    index_ = index;
    cold_here_ = false;
    wanted_ = wanted_flags_[index];
    flags_after_ = host_flags::unknown;
    if (row && row->emit(*this, o, row->how)) {
        emitted_any_ = falls_ = true;
        flags_ = flags_after_;
        return;
    }
    if (falls_)
        to_handler(index);
    rows_[index] = nullptr;
    falls_ = false;
}

bool emitter::emit_all(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        rows_[i] = find_row(ops_[i].exec);
    find_wanted_flags(count);
    out_of_block_ = a.newLabel();
    for (unsigned i = 0; i < count; i++)
        emit_op(i);
    emit_cold();
    for (unsigned i = 0; i < count; i++)
        out_[i] = ops_[i];
    return emitted_any_;
}

void emitter::place(const asmjit::CodeHolder &code, std::uint8_t *base)
{
    for (unsigned i = 0; i <= BLOCK_MAX_INSNS; i++)
        if (rows_[i] && entry_[i].isValid())
            out_[i].exec = reinterpret_cast<a64_exec *>(base + code.labelOffset(entry_[i]));
    if (rows_[0])
        out_[0].exec = reinterpret_cast<a64_exec *>(base);
}

} // namespace a64
