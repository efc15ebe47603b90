// SPDX-License-Identifier: Apache-2.0
// smmu::pins::apb_to_tlm makes transactions of transfers, and answers them (IHI 0024).
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "../tlm/error_log.hpp"
#include "../tlm/ram.hpp"
#include "smmu/pins/apb_checker.hpp"
#include "smmu/pins/apb_to_tlm.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace pins_test::test_apb_to_tlm {

namespace {

using namespace smmu::pins;
using bus = apb5<32, 32>;
using strings = std::vector<std::string>;

constexpr std::uint32_t base = 0x8000'0000; // of the memory

// The requester by hand, before memory of TLM.
struct bench : sc_core::sc_module {
    sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS};
    sc_core::sc_signal<bool> reset_n{"reset_n"};
    apb_wires<bus> wires{"wires_"};
    apb_bundle<bus, two_state, axi_side::manager> mine{"mine_"};
    apb_to_tlm<bus> bridge{"bridge"};
    apb_checker<bus> pin_checker{"pin_checker"};
    smmu::protocol_checker<> checker{"checker"};
    tlm_test::ram memory{"memory"};
    tlm_test::error_log errors;

    explicit bench(const sc_core::sc_module_name &name = "bench") : sc_module(name)
    {
        bridge.PCLK(clock);
        bridge.PRESETn(reset_n);
        bridge.apb.bind(wires);
        mine.bind(wires);
        pin_checker.PCLK(clock);
        pin_checker.PRESETn(reset_n);
        pin_checker.apb.bind(wires);
        bridge.socket.bind(checker.target_socket);
        checker.initiator_socket.bind(memory.port);
    }

    void run(const std::function<void()> &test)
    {
        bool ended = false;
        sc_core::sc_spawn([&] {
            wait(25, sc_core::SC_NS);
            reset_n = true;
            edge();
            test();
            ended = true;
            sc_core::sc_stop();
        });
        sc_core::sc_start(1, sc_core::SC_MS);
        EXPECT_TRUE(ended);
        EXPECT_EQ(errors.texts, strings());
    }

    void edge() { wait(clock.posedge_event()); }

    // Privileged and Non-secure, unless `prot` says otherwise.
    void begin(std::uint32_t address, bool write, std::uint32_t data = 0, std::uint32_t strobes = 0,
               std::uint32_t prot = 3)
    {
        mine.PADDR = address;
        mine.PWRITE = write;
        mine.PWDATA = data;
        mine.PSTRB = strobes;
        mine.PPROT = prot;
        mine.PSEL = true;
        edge();
        mine.PENABLE = true;
    }
    // Returns whether it has failed.
    bool end()
    {
        cycles = 0;
        do {
            edge();
            cycles++;
        } while (!wires.PREADY);
        mine.PSEL = false;
        mine.PENABLE = false;
        return wires.PSLVERR;
    }
    bool write(std::uint32_t address, std::uint32_t data, std::uint32_t strobes = 0xf)
    {
        begin(address, true, data, strobes);
        return end();
    }
    std::uint32_t read(std::uint32_t address)
    {
        begin(address, false);
        EXPECT_FALSE(end());
        return wires.PRDATA;
    }

    unsigned cycles = 0; // of the last access phase
};

TEST(apb_to_tlm, writes_the_bytes_whose_strobes_are_high_and_reads_words)
{
    bench b;
    b.run([&] {
        EXPECT_FALSE(b.write(base + 8, 0x44332211));
        EXPECT_FALSE(b.write(base + 8, 0x88776655, 0x6));
        EXPECT_EQ(b.read(base + 8), 0x44776611u);
        EXPECT_EQ(b.memory.load64(base + 8), 0x44776611u);
        ASSERT_EQ(b.memory.log.size(), 3u);
        const smmu::attributes &a = b.memory.log[0].attributes;
        EXPECT_TRUE(a.priv);
        EXPECT_FALSE(a.instr);
        EXPECT_EQ(a.pas, SMMU_PAS_NS);
        EXPECT_FALSE(b.write(base + 8, 0, 0)) << "nothing is written";
        EXPECT_EQ(b.memory.log.size(), 3u);
        EXPECT_EQ(b.read(base + 8), 0x44776611u);
    });
    EXPECT_EQ(b.bridge.pending(), 0u);
}

struct mark : tlm::tlm_extension<mark> {
    tlm::tlm_extension_base *clone() const override { return new mark; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

// IEEE 1666 14.5, 14.8: the payload is used again.
TEST(apb_to_tlm, sends_nothing_on_that_a_target_has_left_in_a_payload)
{
    bench b;
    unsigned marked = 0;
    b.memory.fails = [&marked](const tlm::tlm_generic_payload &payload) {
        auto &mine = const_cast<tlm::tlm_generic_payload &>(payload);
        marked += mine.get_extension<mark>() || mine.get_gp_option() != tlm::TLM_MIN_PAYLOAD;
        mine.set_auto_extension(new mark);
        mine.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
        return false;
    };
    b.run([&] {
        for (unsigned i = 0; i < 2; i++)
            b.read(base);
        EXPECT_EQ(b.memory.log.size(), 2u);
    });
    EXPECT_EQ(marked, 0u);
}

// IHI 0024, protection: PNSE and PPROT[1] are the four spaces.
TEST(apb_to_tlm, says_the_address_space)
{
    struct row {
        bool nse;
        bool prot1;
        smmu_pas pas;
    };
    bench b;
    b.run([&] {
        for (const row &each : {row{false, false, SMMU_PAS_S}, row{false, true, SMMU_PAS_NS},
                                row{true, false, SMMU_PAS_ROOT}, row{true, true, SMMU_PAS_REALM}}) {
            b.mine.PNSE = each.nse;
            b.begin(base, false, 0, 0, each.prot1 ? 2 : 0);
            b.end();
            EXPECT_EQ(b.memory.log.back().attributes.pas, each.pas);
        }
    });
}

TEST(apb_to_tlm, waits_for_the_target)
{
    bench b;
    b.memory.latency = sc_core::sc_time(72, sc_core::SC_NS);
    b.run([&] {
        b.memory.store64(base, 0x1234);
        EXPECT_EQ(b.read(base), 0x1234u);
        EXPECT_EQ(b.cycles, 9u) << "72 ns from the edge of the setup phase on";
    });
}

TEST(apb_to_tlm, answers_an_error_with_pslverr)
{
    bench b;
    b.run([&] {
        b.begin(0x1000, false);
        EXPECT_TRUE(b.end());
        EXPECT_FALSE(b.write(base, 1));
        EXPECT_TRUE(b.write(0x1000, 1));
    });
}

TEST(apb_to_tlm, forgets_a_transfer_in_reset)
{
    bench b;
    b.memory.latency = sc_core::sc_time(100, sc_core::SC_NS);
    b.run([&] {
        b.memory.store64(base, 0x77);
        b.memory.store64(base + 0x100, 0x99);
        b.begin(base, false);
        b.edge();
        b.reset_n = false;
        b.mine.PSEL = false;
        b.mine.PENABLE = false;
        b.edge();
        b.reset_n = true;
        b.edge();
        EXPECT_EQ(b.bridge.pending(), 1u);
        EXPECT_EQ(b.read(base + 0x100), 0x99u) << "not what has been asked for before";
        EXPECT_EQ(b.bridge.pending(), 0u);
    });
}

} // namespace

} // namespace pins_test::test_apb_to_tlm
