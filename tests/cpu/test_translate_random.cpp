// SPDX-License-Identifier: Apache-2.0
// Random programs of all instructions, translated and interpreted: nothing that can be seen
// differs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

extern "C" {
#include "decode/cpu_decode.h"
}
#include "encode.hpp"
#include "twins.hpp"

namespace cpu_test::test_translate_random {
namespace {

// Two pages of code, each at two addresses; pages of data, some of which are special.
constexpr std::uint64_t code_pa = ram_base + 0x100000, code_va = 0x123456000;
constexpr std::uint64_t alias_va = 0xffff'8000'0000'4000;
constexpr std::uint64_t data_pa = ram_base + 0x200000, data_va = 0x7654321000;
constexpr unsigned code_words = 2048, data_pages = 16;
constexpr unsigned read_only = 4, unmapped = 8, device = 12, code_again = 14;
constexpr std::uint32_t often_read[] = {SP_EL0, A64_SYSREG(3, 0, 13, 0, 4),
                                        A64_SYSREG(3, 3, 13, 0, 2), A64_SYSREG(3, 3, 4, 2, 1)};
constexpr std::uint64_t vectors = ram_base + 0x10000;

class program {
  public:
    explicit program(unsigned seed) : random_(seed), twins_(1 + seed % 3)
    {
        a64_decoder_init(&decoder_);
        twins_.both([this, seed](machine &m) { build(m, seed); });
        for (unsigned i = 0; i < code_words; i++) {
            const std::uint32_t word = instruction();
            twins_.both([&](machine &m) { m.poke32(code_pa + 4 * i, word); });
        }
        for (unsigned i = 0; i < code_words / 32; i++)
            exclusives(code_pa + 4 * below(code_words - 3));
    }

    void run()
    {
        if (below(8) == 0)
            start();
        registers();
        const bool interrupt = below(16) == 0;
        twins_.both([&](machine &m) { a64_set_line(m.cpu.get(), A64_IRQ, interrupt); });
        if (below(10) == 0)
            store_code();
        twins_.run(below(4) ? 1 + below(50) : 1 + below(5000));
    }

    void expect_same_memory() { EXPECT_TRUE(twins_.translated.ram == twins_.interpreted.ram); }

  private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }

    void build(machine &m, unsigned seed)
    {
        tables t(m);
        t.map(ram_base, ram_base, tables::af, 2); // EL1's own: vectors
        for (unsigned page = 0; page < 2; page++) {
            t.map(code_va + 0x1000 * page, code_pa + 0x1000 * page, tables::af);
            t.map(alias_va + 0x1000 * page, code_pa + 0x1000 * page, tables::af | tables::ng);
        }
        for (unsigned page = 0; page < data_pages; page++)
            map_data(t, page);
        t.enable(1, seed & 4 ? 0x30d00981 : 0x30d0099b); // alignment is checked, or not
        if (seed & 1)                                    // tags are ignored
            m.set_sys(TCR_EL1, t.tcr() | std::uint64_t{3} << 37);
        m.set_sys(CPACR_EL1, seed % 4 ? 3u << 20 : 0);
        m.set_sys(VBAR_EL1, vectors);
        for (unsigned vector = 0; vector < 16; vector++)
            m.code(vectors + 0x80 * vector, {a64::mrs(28, ELR_EL1), a64::add_imm(28, 28, 4),
                                             a64::msr(ELR_EL1, 28), a64::eret});
        a64_set_pc(m.cpu.get(), code_va);
    }

    static void map_data(tables &t, unsigned page)
    {
        std::uint64_t attrs = tables::af | (page & 1 ? tables::ap_el0 : 0);
        std::uint64_t pa = data_pa + 0x1000 * page;
        if (page == unmapped)
            return;
        if (page == read_only)
            attrs |= tables::ap_ro;
        if (page == code_again)
            pa = code_pa;
        if (page == device) {
            attrs |= tables::device;
            pa = device_base;
        }
        t.map(data_va + 0x1000 * page, pa, attrs);
    }

    void start()
    {
        const std::uint64_t at = (below(2) ? code_va : alias_va) + 4 * below(code_words);
        static constexpr std::uint32_t levels[] = {el1h, el1h, el1h, el1t, el0t};
        const std::uint32_t pstate =
            levels[below(std::size(levels))] | static_cast<std::uint32_t>(below(16)) << 28;
        twins_.both([&](machine &m) {
            a64_set_pstate(m.cpu.get(), pstate);
            a64_set_pc(m.cpu.get(), at);
        });
    }

    std::uint64_t value()
    {
        static constexpr std::uint64_t special[] = {0,
                                                    1,
                                                    ~std::uint64_t{0},
                                                    std::uint64_t{1} << 63,
                                                    ~std::uint64_t{0} >> 1,
                                                    0x80000000,
                                                    0x7fffffff,
                                                    0xffffffff,
                                                    63,
                                                    31};
        return below(3) ? random_() : special[below(std::size(special))];
    }

    // Bases in x20 to x27 and SP, offsets in x16 to x19, addresses of code in x10 and x11.
    void registers()
    {
        const auto set = [this](unsigned n, std::uint64_t v) {
            twins_.both([&](machine &m) { m.set_x(n, v); });
        };
        for (unsigned n = 0; n < 16; n++)
            if (below(4) == 0)
                set(n, value());
        for (unsigned n = 10; n < 12; n++)
            set(n, code_va + 4 * below(code_words) + (below(64) == 0) +
                       (below(8) ? 0 : below(256) << 56));
        for (unsigned n = 16; n < 20; n++)
            set(n, below(2) ? below(256) : ~below(256));
        for (unsigned n = 20; n < 28; n++)
            set(n, data_va + 0x800 + below(data_pages * 0x1000 - 0x1000) / 8 * 8 +
                       (below(4) ? 0 : below(8)));
        set(REG_SP, data_va + 0x2000 + 16 * below(0x100) + (below(8) ? 0 : below(16)));
        set(30, code_va + 4 * below(code_words));
    }

    void store_code()
    {
        const std::uint64_t at = code_pa + 4 * below(code_words);
        const std::uint32_t word = instruction();
        twins_.both([&](machine &m) { m.code(at, {word}); });
    }

    // Claims that may hold, which are hardly any by chance.
    void exclusives(std::uint64_t at)
    {
        const auto size = static_cast<std::uint32_t>(below(4)) << 30;
        const auto base = static_cast<unsigned>(20 + below(2));
        const auto any = [this] { return static_cast<unsigned>(below(16)); };
        for (const std::uint32_t word :
             {a64::ldxr(any(), base), a64::stxr(any(), any(), base), a64::stxr(any(), any(), 20)}) {
            const std::uint32_t of_size = (word & 0x3fffffff) | size;
            twins_.both([&](machine &m) { m.poke32(at, of_size); });
            at += 4;
        }
    }

    static bool is(const std::string &name, const char *begin) { return name.rfind(begin, 0) == 0; }

    // Those that change how the machine goes on are in tests of their own.
    static bool is_left_out(const std::string &name)
    {
        for (const char *begin : {"HINT", "HVC", "SMC", "MSR", "SYS", "ERET", "UNDEFINED"})
            if (is(name, begin))
                return true;
        return false;
    }

    std::uint32_t field(const std::string &name, unsigned width, bool memory)
    {
        const std::uint64_t any = random_() & ((std::uint64_t{1} << width) - 1);
        if (name == "Rn" && memory)
            return static_cast<std::uint32_t>(below(8) ? 20 + below(8) : 31);
        if (name == "Rm" && memory)
            return static_cast<std::uint32_t>(16 + below(4));
        if (name[0] == 'R' && width == 5)
            return static_cast<std::uint32_t>(below(12)  ? below(16)
                                              : below(3) ? 31
                                                         : 20 + below(8));
        if (name == "imm26" || name == "imm19" || name == "imm14")
            return static_cast<std::uint32_t>(below(128) - 64) & ((1u << width) - 1);
        if (name == "imms" || name == "immr" || name == "imm6") {
            static constexpr std::uint32_t edges[] = {0, 1, 7, 8, 15, 16, 31, 32, 63};
            return below(2) ? edges[below(std::size(edges))] : static_cast<std::uint32_t>(any);
        }
        if (memory && name == "imm12")
            return static_cast<std::uint32_t>(below(4) ? below(64) : any);
        if (below(4) == 0)
            return below(2) ? 0 : static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1);
        return static_cast<std::uint32_t>(any);
    }

    static unsigned width_of(const std::string &name)
    {
        static const std::map<std::string, unsigned> width = {
#define A64_FIELD(name, bits) {#name, bits},
#include "decode/fields.def"
        };
        return width.at(name);
    }

    std::uint32_t word_of(const std::string &pattern, bool memory)
    {
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < pattern.size();) {
            const std::size_t end = std::min(pattern.find(' ', i), pattern.size());
            const std::string token = pattern.substr(i, end - i);
            if (token.find_first_not_of("01x") == std::string::npos) {
                for (const char bit : token)
                    word = word << 1 | (bit == 'x' ? below(2) : bit == '1');
            } else if (!token.empty()) {
                const unsigned width = width_of(token);
                word = word << width | field(token, width, memory);
            }
            i = end + 1;
        }
        return word;
    }

    // Mostly of the general instructions, which stand before those of SIMD but for a few of these
    // that load and store.
    std::uint32_t instruction()
    {
        for (;;) {
            const std::uint64_t among = below(8) ? ROW_CSNEG_x : ROW_COUNT;
            const auto row = static_cast<unsigned>(below(among));
            const std::string name = a64_decoder_row_name(row);
            const bool jumps = name == "BR" || name == "BLR" || name == "RET";
            const bool memory = is(name, "LD") || is(name, "ST") || is(name, "PRFM");
            if (is_left_out(name) || (is(name, "SVC") && below(4)) || (is(name, "BRK") && below(4)))
                continue;
            const std::uint32_t word = word_of(a64_decoder_row_pattern(row), memory);
            a64_op op;
            if (a64_decoder_decode(&decoder_, word, &op) == ROW_UNDEFINED && below(16))
                continue;
            if (name == "MRS" && below(4))
                return a64::mrs(word & 31, often_read[below(std::size(often_read))]);
            if (jumps)
                return (word & ~std::uint32_t{31 << 5}) | static_cast<std::uint32_t>(10 + below(2))
                                                              << 5;
            return word;
        }
    }

    std::mt19937_64 random_;
    a64_decoder decoder_;
    twins twins_;
};

class Programs : public testing::TestWithParam<unsigned> {};

TEST_P(Programs, DoTheSameTranslated)
{
    program p(GetParam());
    for (unsigned i = 0; i < 400 && !HasFailure(); i++)
        p.run();
    p.expect_same_memory();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Programs, testing::Range(0u, 24u));

} // namespace
} // namespace cpu_test::test_translate_random
