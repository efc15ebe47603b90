// SPDX-License-Identifier: Apache-2.0
// Which blocks are translated, when, and where their code is.
#include "translate/translator.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "translate/emitter.hpp"

namespace {

struct release {
    void operator()(void *memory) const { std::free(memory); }
};

template <class T> using array = std::unique_ptr<T[], release>;

// Zeros; memory that is not touched takes none of the host's.
template <class T> array<T> allocate(std::size_t count)
{
    return array<T>(static_cast<T *>(std::calloc(count, sizeof(T))));
}

// What went wrong while code was written shows in the end.
class error_memory : public asmjit::ErrorHandler {
  public:
    void handleError(asmjit::Error, const char *, asmjit::BaseEmitter *) override { any = true; }
    bool any = false;
};

asmjit::JitAllocator::CreateParams mapped_twice()
{
    asmjit::JitAllocator::CreateParams params{};
    params.options = asmjit::JitAllocatorOptions::kUseDualMapping; // never writable and executable
    params.blockSize = 1 << 20;
    return params;
}

bool host_can()
{
    const auto &features = asmjit::CpuInfo::host().features().x86();
    return features.hasBMI2() && features.hasLZCNT() && features.hasLAHFSAHF();
}

// What a block was translated to, for as long as there is room: blocks that are dropped, and
// decoded again from the same bytes, need not be translated again.
struct translation {
    std::uint64_t pa;
    std::uint32_t insns;
    const a64_op *ops; // nullptr: none
};
constexpr std::size_t translations = 32768;

} // namespace

// A block that has been watched from the start is entered by an op of `count`, as many as it has
// still to run, until it is translated: then by ops of its own in `ops`. Code goes when there is no
// more room for these, which bounds it.
struct a64_translator {
    explicit a64_translator(std::uint32_t runs)
        : after(runs), params(mapped_twice()), runtime(&params),
          count(allocate<a64_op>(BLOCK_POOL)), ops(allocate<a64_op>(BLOCK_OP_POOL)),
          known(allocate<translation>(translations))
    {
    }

    std::uint32_t after;
    asmjit::JitAllocator::CreateParams params;
    asmjit::JitRuntime runtime;
    array<a64_op> count;
    array<a64_op> ops;
    std::size_t ops_used = 0;
    array<translation> known; // by a hash
};

namespace {

void run_and_count(a64_cpu *c, const a64_op *o);

translation &place_of(a64_translator &t, const a64_block &block)
{
    return t.known[(block.pa >> 2 ^ block.pa >> 17) % translations];
}

unsigned ops_of(const a64_block &block)
{
    return block.insns + !(block.ops[block.insns - 1].is & ROW_IS_ENDS_BLOCK);
}

// The same bytes decode to the same ops.
bool is_of(const translation &known, const a64_block &block)
{
    if (!known.ops || known.pa != block.pa || known.insns != block.insns)
        return false;
    for (unsigned i = 0; i < block.insns; i++)
        if (known.ops[i].word != block.ops[i].word)
            return false;
    return true;
}

void watch(a64_translator &t, a64_block &block, std::size_t number)
{
    const translation &known = place_of(t, block);
    if (is_of(known, block)) {
        block.entry = known.ops;
        return;
    }
    a64_op &o = t.count[number];
    o = {};
    o.exec = run_and_count;
    o.imm = t.after;
    block.entry = &o;
}

// Blocks are between each other: no code is on its way.
void forget_all(a64_translator &t, a64_cpu *c)
{
    t.runtime.reset(asmjit::ResetPolicy::kHard);
    t.ops_used = 0;
    std::fill_n(t.known.get(), translations, translation{});
    for (std::size_t i = 0; i < c->blocks.used; i++)
        watch(t, c->blocks.pool[i], i);
    for (a64_jump &j : c->jump)
        if (j.entry)
            j.entry = c->blocks.pool[j.number].entry;
}

// The ops that run in the place of those of `block`: these themselves if it cannot be translated.
const a64_op *translate(a64_translator &t, a64_cpu *c, const a64_block &block)
{
    const unsigned count = ops_of(block);
    if (t.ops_used + count > BLOCK_OP_POOL)
        forget_all(t, c);
    a64_op *out = &t.ops[t.ops_used];
    error_memory errors;
    asmjit::CodeHolder code;
    if (code.init(t.runtime.environment()) != asmjit::kErrorOk)
        return block.ops;
    code.setErrorHandler(&errors);
    a64::emitter emitter(code, block.ops, out);
    std::uint8_t *base = nullptr;
    if (!emitter.emit_all(count) || errors.any || t.runtime.add(&base, &code) != asmjit::kErrorOk)
        return block.ops;
    emitter.place(code, base);
    t.ops_used += count;
    place_of(t, block) = {block.pa, block.insns, out};
    return out;
}

// The block has run often enough, or came here from a jump that was entered before it was
// translated.
__attribute__((noinline)) void enter_translated(a64_cpu *c, const a64_op *o, a64_block &block)
{
    if (block.entry == o)
        block.entry = translate(*c->translator, c, block);
    a64_jump &j = *jump_entry(c, c->pc);
    if (j.entry == o)
        j.entry = block.entry;
}

// Runs an op in the place of a block.
void run_and_count(a64_cpu *c, const a64_op *o)
{
    a64_translator &t = *c->translator;
    const std::size_t number = static_cast<std::size_t>(o - t.count.get());
    a64_block &block = c->blocks.pool[number];
    if (A64_LIKELY(t.count[number].imm)) {
        t.count[number].imm--;
        block.ops->exec(c, block.ops);
        return;
    }
    enter_translated(c, o, block);
    block.entry->exec(c, block.entry);
}

// Is there memory to write code to, and may that be executed?
bool can_add_code(a64_translator &t)
{
    asmjit::CodeHolder code;
    void *base = nullptr;
    if (code.init(t.runtime.environment()) != asmjit::kErrorOk)
        return false;
    asmjit::x86::Assembler(&code).ret();
    return t.runtime.add(&base, &code) == asmjit::kErrorOk;
}

} // namespace

a64_translator *translator_create(uint32_t after)
{
    if (!after || !host_can())
        return nullptr;
    std::unique_ptr<a64_translator> t(new (std::nothrow) a64_translator(after));
    return t && t->count && t->ops && t->known && can_add_code(*t) ? t.release() : nullptr;
}

void translator_destroy(a64_translator *t)
{
    delete t;
}

void translator_watch(a64_cpu *c, a64_block *block)
{
    if (c->translator)
        watch(*c->translator, *block, static_cast<std::size_t>(block - c->blocks.pool));
}
