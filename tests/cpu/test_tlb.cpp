// SPDX-License-Identifier: Apache-2.0
// What TLB maintenance takes and what it leaves, held against a TLB that looks at all of its
// entries (DDI 0487 D8.17): random mappings, accesses, contexts and invalidations.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <tuple>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_tlb {
namespace {

constexpr std::uint64_t page_size = 0x1000, code_page = ram_base + 0x20000;
constexpr std::uint64_t upper = 0xffff000000000000;

// ---- The model ----

// What entries are made under.
struct context {
    bool el2, stage2;
    unsigned vmid, asid;
    bool operator<(const context &o) const
    {
        return std::tie(el2, stage2, vmid, asid) < std::tie(o.el2, o.stage2, o.vmid, o.asid);
    }
    bool operator==(const context &o) const { return !(*this < o) && !(o < *this); }
};

struct entry {
    bool valid;
    std::uint64_t page, pa;
    context made_under;
    unsigned log2; // of the page or block of stage 1
    bool global;
};

// What an invalidation names.
struct operand {
    unsigned vmid, asid;
    std::uint64_t va;
};

bool of_vmid(const entry &e, const operand &o)
{
    return !e.made_under.el2 && e.made_under.vmid == o.vmid;
}

bool at_address(const entry &e, const operand &o)
{
    return (e.page ^ o.va) >> e.log2 == 0;
}

// A form of TLBI, with CRm of the one that stays in the PE and of the one that does not.
struct form {
    const char *name;
    unsigned op1, crm, shared_crm, op2;
    a64_dvm_op op;
    bool (*takes)(const entry &e, const operand &o);
};

constexpr form forms[] = {
    {"VMALLE1", 0, 7, 3, 0, A64_DVM_VMALL, of_vmid},
    {"VAE1", 0, 7, 3, 1, A64_DVM_VA,
     [](const entry &e, const operand &o) {
         return of_vmid(e, o) && at_address(e, o) && (e.global || e.made_under.asid == o.asid);
     }},
    {"ASIDE1", 0, 7, 3, 2, A64_DVM_ASID,
     [](const entry &e, const operand &o) {
         return of_vmid(e, o) && !e.global && e.made_under.asid == o.asid;
     }},
    {"VAAE1", 0, 7, 3, 3, A64_DVM_VAA,
     [](const entry &e, const operand &o) { return of_vmid(e, o) && at_address(e, o); }},
    {"VALE1", 0, 7, 3, 5, A64_DVM_VA,
     [](const entry &e, const operand &o) {
         return of_vmid(e, o) && at_address(e, o) && (e.global || e.made_under.asid == o.asid);
     }},
    {"VAALE1", 0, 7, 3, 7, A64_DVM_VAA,
     [](const entry &e, const operand &o) { return of_vmid(e, o) && at_address(e, o); }},
    {"IPAS2E1", 4, 4, 0, 1, A64_DVM_IPA, [](const entry &, const operand &) { return false; }},
    {"ALLE2", 4, 7, 3, 0, A64_DVM_ALL,
     [](const entry &e, const operand &) { return e.made_under.el2; }},
    {"VAE2", 4, 7, 3, 1, A64_DVM_VA,
     [](const entry &e, const operand &o) { return e.made_under.el2 && at_address(e, o); }},
    {"ALLE1", 4, 7, 3, 4, A64_DVM_ALL,
     [](const entry &e, const operand &) { return !e.made_under.el2; }},
    {"VMALLS12E1", 4, 7, 3, 6, A64_DVM_VMALLS12, of_vmid},
};

bool is_of_el2_regime(const form &f)
{
    return f.op1 == 4 && f.crm == 7 && f.op2 < 4;
}

// An entry for each page number modulo 1024, at each exception level. So many contexts are told
// apart; one more begins with all empty.
class model {
  public:
    void use(const context &now)
    {
        if (known_.count(now))
            return;
        if (known_.size() == max_contexts)
            clear();
        known_.insert(now);
    }
    void clear()
    {
        drop([](const entry &) { return true; });
        known_.clear();
    }
    entry &at(unsigned el, std::uint64_t va) { return entries_[el][va / page_size % 1024]; }
    const entry *find(unsigned el, std::uint64_t va, const context &now)
    {
        const entry &e = at(el, va);
        return e.valid && e.page == (va & ~(page_size - 1)) && e.made_under == now ? &e : nullptr;
    }
    template <class Condition> void drop(Condition condition)
    {
        for (auto &level : entries_)
            for (entry &e : level)
                if (e.valid && condition(e))
                    e.valid = false;
    }

  private:
    static constexpr std::size_t max_contexts = 254;
    std::array<std::array<entry, 1024>, 3> entries_{};
    std::set<context> known_;
};

// ---- The PE ----

// A page or block of stage 1, mapped in both halves of the address space.
struct leaf {
    std::uint64_t va;
    unsigned level, log2;
    std::uint64_t pa;
    bool global;
};

// Which instruction, of those in the code page.
enum insn { LOAD, CLEAN, SET_TTBR0, SET_VTTBR, SET_HCR, SET_SCTLR, TLBI };

struct world : machine {
    world(unsigned granule, unsigned seed)
        : machine(true, false, 2), random(seed), t(*this, granule, ram_base + 0x400000),
          t2(*this, 12, ram_base + 0x500000)
    {
        add_leaves(granule);
        const std::uint64_t leaf_mask = ~((std::uint64_t{1} << granule) - 1);
        t.map(code_page & leaf_mask, code_page & leaf_mask,
              tables::af | tables::ap_el0 | tables::ap_ro);
        for (std::uint64_t gib = 1; gib < 12; gib++)
            t2.map(gib << 30, gib << 30, stage2_all, 1);
        for (std::uint64_t pa = ram_base; pa < ram_base + ram_size; pa += page_size)
            if (is_data(pa))
                poke64(pa + word, pa);
        t.enable(0, sctlr);
        set_sys(MAIR_EL2, tables::mair);
        set_sys(TCR_EL2, 0x80800000 | 2 << 16 |
                             (granule == 12   ? 0
                              : granule == 14 ? 2
                                              : 1)
                                 << 14 |
                             16);
        set_sys(TTBR0_EL2, t.root());
        set_sys(SCTLR_EL2, 0x30c50831);
        set_sys(VTCR_EL2, std::uint64_t{1} << 31 | 2 << 16 | 1 << 6 | 25);
        set_sys(HCR_EL2, hcr::rw);
        code(code_page, {a64::ldr(0, 1), a64::msr(a64::DC_CVAC, 1), a64::msr(TTBR0_EL1, 1),
                         a64::msr(VTTBR_EL2, 1), a64::msr(HCR_EL2, 1), a64::msr(SCTLR_EL1, 1)});
        m.use(now(2));
        for (leaf &l : leaves)
            remap(l);
    }

    unsigned below(unsigned n) { return static_cast<unsigned>(random() % n); }

    context now(unsigned el) const
    {
        return el == 2 ? context{true, false, 0, 0} : context{false, stage2, vmid, asid};
    }

    void execute(insn which, unsigned el, std::uint64_t operand)
    {
        const std::uint64_t at = code_page + 4 * which;
        a64_set_pstate(cpu.get(), el == 2 ? el2h : el == 1 ? el1h : el0t);
        m.use(now(el));
        set_x(1, operand);
        run_at(at, 1);
        ASSERT_EQ(pc(), at + 4) << "an exception";
    }

    // ---- What is done at random ----

    // Another translation, without an invalidation.
    void remap(leaf &l)
    {
        const std::uint64_t size = std::uint64_t{1} << l.log2, before = l.pa;
        while (l.pa == before)
            l.pa = l.log2 <= 16   ? ram_base + 0x600000 + below(8) * size
                   : l.log2 == 21 ? ram_base + std::array{0, 1, 3}[below(3)] * size
                                  : 0x80000000 + below(8) * size;
        l.global = below(2);
        t.map(l.va, l.pa, tables::af | tables::ap_el0 | (l.global ? 0 : tables::ng), l.level);
    }

    std::uint64_t some_va(leaf &l)
    {
        const std::uint64_t pages = (std::uint64_t{1} << l.log2) / page_size;
        const std::uint64_t page = std::array<std::uint64_t, 3>{0, 5, pages - 1}[below(3)] % pages;
        return l.va + page * page_size;
    }

    // The mapping is another than what the TLB may have, so that the answer tells where it is from.
    void access()
    {
        leaf &l = leaves[below(static_cast<unsigned>(leaves.size()))];
        const unsigned el = below(3);
        const std::uint64_t va = some_va(l) | (el != 2 && below(2) ? upper : 0);
        const std::uint64_t offset = (va & ~upper) - l.va;
        a64_set_pstate(cpu.get(), el == 2 ? el2h : el == 1 ? el1h : el0t);
        m.use(now(el));
        const entry *found = m.find(el, va, now(el));
        while (below(2) || (found && l.pa + offset == found->pa))
            remap(l);
        const std::uint64_t expected = found ? found->pa : l.pa + offset;
        std::uint64_t pa = 0;
        ASSERT_TRUE(a64_debug_translate(cpu.get(), va, &pa));
        ASSERT_EQ(pa, expected) << (found ? "gone: " : "still there: ") << std::hex << va
                                << " at EL" << el << ", level " << l.level;
        ASSERT_NO_FATAL_FAILURE(execute(is_data(pa) ? LOAD : CLEAN, el, va + word));
        if (is_data(pa)) {
            ASSERT_EQ(x(0), expected) << "where a load goes";
        }
        if (!found)
            m.at(el, va) = {true, va, expected, now(el), l.log2, l.global};
    }

    void change_context()
    {
        if (below(4))
            asid = below(4) ? 1 + below(3) : 0x100 + below(0x400);
        else
            vmid = below(2);
        if (below(10) == 0)
            stage2 = !stage2;
        execute(SET_TTBR0, 2, t.root() | std::uint64_t{asid} << 48);
        execute(SET_VTTBR, 2, t2_start() | std::uint64_t{vmid} << 48);
        execute(SET_HCR, 2, hcr::rw | (stage2 ? hcr::vm : 0));
    }

    void invalidate()
    {
        const form &f = forms[below(std::size(forms))];
        leaf &l = leaves[below(static_cast<unsigned>(leaves.size()))];
        operand o{vmid, below(10) ? 1 + below(3) : asid, some_va(l)};
        if (!is_of_el2_regime(f) && below(2))
            o.va |= upper;
        if (below(4) == 0)
            snoop(f, o);
        else
            issue(f, o);
        m.drop([&](const entry &e) { return f.takes(e, o); });
    }

    void issue(const form &f, const operand &o)
    {
        const unsigned crm = below(2) ? f.crm : f.shared_crm;
        code(code_page + 4 * TLBI, {a64::msr(A64_SYSREG(1, f.op1, 8, crm, f.op2), 1)});
        execute(TLBI, f.op1 == 4 || below(2) ? 2 : 1,
                std::uint64_t{o.asid} << 48 | (o.va / page_size & 0xfffffffffff));
    }

    // Of another PE, which has a VMID of its own.
    void snoop(const form &f, operand &o)
    {
        o.vmid = below(2);
        a64_dvm dvm{};
        dvm.op = f.op;
        dvm.regime = is_of_el2_regime(f) ? A64_REGIME_EL2 : A64_REGIME_EL10;
        dvm.asid = static_cast<std::uint16_t>(o.asid);
        dvm.vmid = is_of_el2_regime(f) ? 0 : static_cast<std::uint16_t>(o.vmid);
        dvm.addr = o.va;
        a64_snoop(cpu.get(), &dvm);
    }

    // Another SCTLR_EL1, written at EL1: all that was made under the old one is gone.
    void control()
    {
        sctlr ^= 1 << 18;
        m.clear();
        execute(SET_SCTLR, 1, sctlr);
    }

    // Host pointers to memory are withdrawn, of a page or of many.
    void withdraw()
    {
        const leaf &l = leaves[below(static_cast<unsigned>(leaves.size()))];
        const std::uint64_t first = l.pa + 8, last = first + (below(2) ? 0 : 0x5000);
        a64_dmi_invalidate(cpu.get(), first, last);
        m.drop([&](const entry &e) { return e.pa <= last && e.pa + page_size > first; });
    }

    static constexpr std::uint64_t word =
        0xff8; // of each page of data, which has its address there

    std::mt19937 random;
    model m;
    tables t, t2;
    std::vector<leaf> leaves;
    unsigned vmid = 0, asid = 0;
    bool stage2 = false;
    std::uint64_t sctlr = 0x30d00981 | 1 << 26; // DC CVAC at EL0

  private:
    static constexpr std::uint64_t stage2_all = tables::af | 0xf << 2 | 3 << 6;

    static bool is_data(std::uint64_t pa)
    {
        return pa >= ram_base && pa < ram_base + ram_size &&
               (pa < ram_base + 0x400000 || pa >= ram_base + 0x600000);
    }

    std::uint64_t t2_start() { return peek64(t2.descriptor(0, 0)) & ~(page_size - 1); }

    // At each level that has leaves: neighbours, and one whose entries are where those of the first
    // are.
    void add_leaves(unsigned granule)
    {
        for (unsigned level = granule == 12 ? 1 : 2; level <= 3; level++) {
            const unsigned log2 = granule + (3 - level) * (granule - 3);
            const std::uint64_t size = std::uint64_t{1} << log2;
            const std::uint64_t va = std::uint64_t{0x1000 + level} << 32;
            for (std::uint64_t at : {va, va + size, va + 1024 * size})
                leaves.push_back({at, level, log2, 0, false});
        }
    }
};

class TlbMaintenance : public testing::TestWithParam<std::tuple<unsigned, unsigned>> {};

TEST_P(TlbMaintenance, TakesWhatALookAtAllEntriesTakes)
{
    const auto [granule, seed] = GetParam();
    SCOPED_TRACE("granule 2^" + std::to_string(granule) + ", seed " + std::to_string(seed));
    world w(granule, seed);
    for (unsigned step = 0; step < 30000; step++) {
        SCOPED_TRACE("step " + std::to_string(step));
        const unsigned what = w.below(100);
        if (w.below(4000) == 0)
            w.control();
        else if (what < 84)
            w.access();
        else if (what < 92)
            w.change_context();
        else if (what < 99)
            w.invalidate();
        else
            w.withdraw();
        if (HasFatalFailure())
            return;
    }
}

INSTANTIATE_TEST_SUITE_P(Random, TlbMaintenance,
                         testing::Combine(testing::Values(12u, 14u, 16u),
                                          testing::Values(1u, 2u, 3u)));

} // namespace
} // namespace cpu_test::test_tlb
