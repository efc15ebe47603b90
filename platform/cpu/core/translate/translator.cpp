// SPDX-License-Identifier: Apache-2.0
// Which blocks are translated, when, and where their code is.
#include "translate/translator.h"

#include <cstdlib>
#include <memory>
#include <new>

#include "translate/emitter.hpp"

namespace {

// Bytes of generated code; all of it goes when they are used up.
constexpr std::size_t code_room = 64 << 20;

struct release {
    void operator()(void *memory) const { std::free(memory); }
};

std::unique_ptr<a64_op[], release> allocate_ops(std::size_t count)
{
    return std::unique_ptr<a64_op[], release>(
        static_cast<a64_op *>(std::calloc(count, sizeof(a64_op))));
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
    return features.hasBMI() && features.hasBMI2() && features.hasLZCNT() && features.hasLAHFSAHF();
}

} // namespace

// A block that has been watched from the start is entered by an op of `count`, as many as it has
// still to run, until it is translated: then by ops that correspond to its own.
struct a64_translator {
    explicit a64_translator(std::uint32_t runs)
        : after(runs), params(mapped_twice()), runtime(&params), count(allocate_ops(BLOCK_POOL)),
          ops(allocate_ops(BLOCK_OP_POOL))
    {
    }

    std::uint32_t after;
    asmjit::JitAllocator::CreateParams params;
    asmjit::JitRuntime runtime;
    std::size_t used = 0;
    std::uint32_t flushes = 0; // of the store, when code was written last
    std::unique_ptr<a64_op[], release> count;
    std::unique_ptr<a64_op[], release> ops;
};

namespace {

void run_and_count(a64_cpu *c, const a64_op *o);

void watch(a64_translator &t, a64_block &block, std::size_t number)
{
    a64_op &o = t.count[number];
    o = {};
    o.exec = run_and_count;
    o.imm = t.after;
    block.entry = &o;
}

// No generated code is on its way: blocks are between each other.
void drop_code(a64_translator &t, a64_cpu *c)
{
    t.runtime.reset(asmjit::ResetPolicy::kHard);
    t.used = 0;
    t.flushes = c->blocks.flushes;
    for (std::uint32_t i = 0; i < c->blocks.used; i++)
        watch(t, c->blocks.pool[i], i);
}

unsigned ops_of(const a64_block &block)
{
    return block.insns + !(block.ops[block.insns - 1].is & ROW_IS_ENDS_BLOCK);
}

// The ops that run in the place of those of `block`: these themselves if it cannot be translated.
const a64_op *translate(a64_translator &t, a64_cpu *c, const a64_block &block)
{
    if (t.flushes != c->blocks.flushes || t.used > code_room)
        drop_code(t, c);
    a64_op *out = &t.ops[static_cast<std::size_t>(block.ops - c->blocks.ops)];
    error_memory errors;
    asmjit::CodeHolder code;
    if (code.init(t.runtime.environment()) != asmjit::kErrorOk)
        return block.ops;
    code.setErrorHandler(&errors);
    a64::emitter emitter(code, block.ops, out);
    void *base = nullptr;
    if (!emitter.emit_all(ops_of(block)) || errors.any ||
        t.runtime.add(&base, &code) != asmjit::kErrorOk)
        return block.ops;
    t.used += code.codeSize();
    emitter.place(code, reinterpret_cast<std::uint64_t>(base));
    return out;
}

__attribute__((noinline)) void translate_counted(a64_cpu *c, const a64_op *o)
{
    a64_translator &t = *c->translator;
    a64_block &block = c->blocks.pool[o - t.count.get()];
    block.entry = translate(t, c, block);
}

// Runs an op in the place of a block.
void run_and_count(a64_cpu *c, const a64_op *o)
{
    a64_translator &t = *c->translator;
    const std::size_t number = static_cast<std::size_t>(o - t.count.get());
    const a64_block &block = c->blocks.pool[number];
    if (A64_UNLIKELY(--t.count[number].imm == 0))
        translate_counted(c, o);
    const a64_op *entry = block.entry == o ? block.ops : block.entry;
    entry->exec(c, entry);
}

} // namespace

a64_translator *translator_create(uint32_t after)
{
    if (!after || !host_can())
        return nullptr;
    std::unique_ptr<a64_translator> t(new (std::nothrow) a64_translator(after));
    return t && t->count && t->ops ? t.release() : nullptr;
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
