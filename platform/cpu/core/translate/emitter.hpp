// SPDX-License-Identifier: Apache-2.0
// What turns the ops of one block into host instructions. Guest state is in struct a64_cpu wherever
// control may leave: registers of the host hold copies of guest registers, never the only value.
#ifndef A64_EMITTER_HPP
#define A64_EMITTER_HPP

#include <asmjit/x86.h>

#include <cstddef>
#include <cstdint>
#include <vector>

extern "C" {
#include "exec/exec.h"
}

namespace a64 {

namespace x86 = asmjit::x86;
using x86::CondCode;
using x86::Gp;

// The flags of the host after an instruction that set flags of the guest: carry or borrow is C.
enum class host_flags { unknown, carry, borrow };

// What an op does that flags are set or kept for.
enum : std::uint8_t { sets_flags = 1, reads_flags = 2, may_leave = 4 };

class emitter;

// How an instruction is emitted, by its handler; `how` is for `emit` alone. That returns false if
// it leaves this op to the handler, and has emitted nothing then.
struct emit_row {
    a64_exec *exec;
    bool (*emit)(emitter &e, const a64_op &o, unsigned how);
    unsigned how;
    std::uint8_t flags;
};

struct emit_rows {
    const emit_row *row;
    std::size_t count;
};

extern const emit_rows integer_rows, branch_rows, memory_rows, system_rows;

// Bits of `how` that most groups share.
enum : unsigned { how_wide = 1u << 31 };

inline bool is_wide(unsigned how)
{
    return how & how_wide;
}

inline Gp sized(const Gp &r, bool wide)
{
    return wide ? Gp(r.r64()) : Gp(r.r32());
}

inline bool fits_int32(std::uint64_t v)
{
    return static_cast<std::uint64_t>(static_cast<std::int32_t>(v)) == v;
}

// A handler is called with the PE and the op; generated code keeps the first where it is.
inline const Gp pe = x86::rdi, scratch0 = x86::rax, scratch1 = x86::rcx, scratch2 = x86::rdx;

inline x86::Mem field(std::size_t offset, unsigned size)
{
    return x86::ptr(pe, static_cast<std::int32_t>(offset), size);
}
#define PE_FIELD(name) field(offsetof(a64_cpu, name), static_cast<unsigned>(sizeof(a64_cpu::name)))

class emitter {
  public:
    // `out` are the ops that handlers are given: those of the block, but whose `exec` goes on with
    // generated code.
    emitter(asmjit::CodeHolder &code, const a64_op *ops, a64_op *out)
        : a(&code), ops_(ops), out_(out)
    {
    }

    // Emits all `count` ops. Returns false if none of them is worth it.
    bool emit_all(unsigned count);
    // The code is at `base`: sets `exec` of all ops of `out`.
    void place(const asmjit::CodeHolder &code, std::uint8_t *base);

    // ---- Registers ----

    // The host register that has the value of guest register `n`, all 64 bits; valid during the op.
    Gp source(unsigned n);
    // One for a new value of `n`, which no source of this op is in, to be set and kept.
    Gp destination(unsigned n);
    // The same, with the value of `from` in its low or all bits.
    Gp changed(unsigned n, unsigned from, bool wide);
    // What has been computed is the value of `n`: stores it.
    void keep(unsigned n, const Gp &r);

    // ---- Flags ----

    // The last instruction has set the flags of the host as the op does those of the guest.
    void set_flags(host_flags kind);
    // The condition of `o`, whose number is `number`, as one of the host.
    CondCode condition(const a64_op &o, unsigned number);
    // What the op emits after this leaves the flags alone.
    void flags_stay() { flags_after_ = flags_; }
    // Nor does the host still have them, though the op set them.
    void flags_unknown() { flags_after_ = host_flags::unknown; }

    // ---- Control ----

    // Where the handler does all of the op: nothing of it must have been done, all state is in
    // memory. After it, control comes back.
    asmjit::Label handler();
    // Leaves the block after the op for the address that is in scratch0.
    void leave(const a64_op &o);
    // Leaves it for `displacement` from the start of the block if `cc` holds.
    void leave_if(CondCode cc, const a64_op &o, std::uint64_t displacement);
    // scratch0 = address of the start of the block + displacement
    void address(const Gp &r, std::uint64_t displacement);
    void constant(const Gp &r, std::uint64_t value);
    // r = Rm extended and shifted as o says, in a register of its own or where it is.
    Gp extended(const a64_op &o);

    x86::Assembler a;

  private:
    struct slot {
        Gp host;
        unsigned guest;
        unsigned used; // when it was
    };
    struct cold { // to the handler of op `index`
        asmjit::Label label;
        unsigned index;
    };
    struct exit {
        asmjit::Label label;
        const a64_op *op;
        std::uint64_t displacement;
    };
    struct back { // from the handler before op `index`
        asmjit::Label label, main;
        unsigned index;
        std::vector<slot> slots;
    };

    static constexpr unsigned nothing = REG_SLOTS;

    slot &take(unsigned n);
    void forget(unsigned n);
    void forget_all();
    void find_wanted_flags(unsigned count);
    void emit_op(unsigned index);
    void to_handler(unsigned index);
    void emit_jump();
    void emit_cold();
    void emit_back(const back &b);

    const a64_op *ops_;
    a64_op *out_;
    slot slots_[5] = {{x86::rsi, nothing, 0},
                      {x86::r8, nothing, 0},
                      {x86::r9, nothing, 0},
                      {x86::r10, nothing, 0},
                      {x86::r11, nothing, 0}};
    unsigned clock_ = 0;
    host_flags flags_ = host_flags::unknown, flags_after_ = host_flags::unknown;
    const emit_row *rows_[BLOCK_MAX_INSNS + 1] = {};
    bool wanted_flags_[BLOCK_MAX_INSNS + 1] = {};
    bool wanted_ = false;
    bool emitted_any_ = false;
    bool falls_ = false; // generated code runs into this op
    bool cold_here_ = false;
    unsigned index_ = 0;
    asmjit::Label entry_[BLOCK_MAX_INSNS + 2]; // of ops that handlers go on with
    asmjit::Label jump_, out_of_block_;
    std::vector<cold> cold_;
    std::vector<exit> exits_;
    std::vector<back> backs_;
};

} // namespace a64

#endif
