// SPDX-License-Identifier: Apache-2.0
// smmu::pins::tlm_to_apb against a completer that waits and fails (IHI 0024).
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "../tlm/error_log.hpp"
#include "smmu/pins/apb_checker.hpp"
#include "smmu/pins/tlm_to_apb.hpp"
#include "smmu/tlm/attributes.hpp"

namespace pins_test::test_tlm_to_apb {

namespace {

using namespace smmu::pins;
using bus = apb4<32, 12>;
using bus_with_spaces = apb5<32, 12>;

// A transfer as the completer has seen it.
struct transfer {
    bool write;
    std::uint32_t address, data, strobes, prot; // PNSE is bit 3 of `prot`

    bool operator==(const transfer &other) const
    {
        return write == other.write && address == other.address && data == other.data &&
               strobes == other.strobes && prot == other.prot;
    }
};

void PrintTo(const transfer &it, std::ostream *out)
{
    *out << (it.write ? "write " : "read ") << std::hex << it.address << " data " << it.data
         << " strobes " << it.strobes << " prot " << it.prot;
}

constexpr std::uint32_t failing = 0x20; // address of a word that answers with an error

// Words of memory, behind so many cycles of waiting each.
template <class BUS> class completer : public sc_core::sc_module {
  public:
    sc_core::sc_in<bool> PCLK{"PCLK"};
    apb_completer_pins<BUS> apb{"c_"};
    unsigned waits = 0;
    std::array<std::uint32_t, 64> words{};
    std::vector<transfer> seen;
    unsigned woken = 0; // cycles with PSEL and PWAKEUP

    SC_HAS_PROCESS(completer);
    explicit completer(const sc_core::sc_module_name &name) : sc_module(name)
    {
        SC_METHOD(clocked);
        sensitive << PCLK.pos();
        dont_initialize();
    }

  private:
    transfer shown() const
    {
        return {apb.PWRITE.read(), apb.PADDR.read(), apb.PWDATA.read(), apb.PSTRB.read(),
                apb.PPROT.read() | (apb.sample().pnse ? 8u : 0u)};
    }

    void clocked()
    {
        if (!apb.PSEL.read())
            return;
        woken += apb.sample().pwakeup;
        if (!apb.PENABLE.read()) {
            first_ = shown();
            left_ = waits;
            answer();
        } else if (apb.PREADY.read()) {
            seen.push_back(first_);
        } else {
            answer();
        }
    }

    // What the pins say from here on: a word behind the waits.
    void answer()
    {
        const bool ready = left_ == 0;
        left_ -= ready ? 0 : 1;
        apb.PREADY = ready;
        apb.PSLVERR = ready && first_.address == failing;
        std::uint32_t &word = words[first_.address / 4 % words.size()];
        apb.PRDATA = word;
        for (unsigned lane = 0; ready && first_.write && lane < 4; lane++)
            if (first_.strobes >> lane & 1) {
                word &= ~(0xffu << 8 * lane);
                word |= first_.data & 0xffu << 8 * lane;
            }
    }

    transfer first_{};
    unsigned left_ = 0;
};

template <class BUS> struct bench_of : sc_core::sc_module {
    sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS};
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> reset_n{"reset_n"};
    apb_wires<BUS> wires{"wires_"};
    tlm_to_apb<BUS> bridge{"bridge"};
    apb_checker<BUS> checker{"checker"};
    tlm_test::error_log errors;
    completer<BUS> memory{"memory"};
    tlm_utils::simple_initiator_socket<bench_of> socket{"socket"};

    explicit bench_of(const sc_core::sc_module_name &name = "bench") : sc_module(name)
    {
        bridge.PCLK(clock);
        bridge.PRESETn(reset_n);
        bridge.apb.bind(wires);
        checker.PCLK(clock);
        checker.PRESETn(reset_n);
        checker.apb.bind(wires);
        memory.PCLK(clock);
        memory.apb.bind(wires);
        socket.bind(bridge.socket);
    }

    tlm::tlm_response_status send(tlm::tlm_command command, std::uint64_t address, void *data,
                                  unsigned length,
                                  const std::function<void(tlm::tlm_generic_payload &)> &more = {})
    {
        struct extended : tlm::tlm_generic_payload {
            ~extended() override { clear_extension<smmu::attributes>(); }
        } payload;
        sc_core::sc_time delay;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(static_cast<unsigned char *>(data));
        payload.set_data_length(length);
        payload.set_streaming_width(length);
        if (more)
            more(payload);
        socket->b_transport(payload, delay);
        return payload.get_response_status();
    }
    tlm::tlm_response_status write(std::uint64_t address, std::uint32_t value)
    {
        return send(tlm::TLM_WRITE_COMMAND, address, &value, 4);
    }

    // Runs `test` in a process, out of reset.
    void run(const std::function<void()> &test)
    {
        bool ended = false;
        sc_core::sc_spawn([&] {
            sc_core::wait(25, sc_core::SC_NS);
            reset_n = true;
            test();
            ended = true;
            sc_core::sc_stop();
        });
        sc_core::sc_start(1, sc_core::SC_MS);
        EXPECT_TRUE(ended);
        EXPECT_EQ(errors.texts, std::vector<std::string>());
        EXPECT_EQ(checker.in_flight(), 0u);
        EXPECT_EQ(bridge.in_flight(), 0);
    }
};

using bench = bench_of<bus>;

TEST(TlmToApb, WritesAndReadsWords)
{
    bench it;
    it.run([&] {
        std::uint32_t value = 0;
        EXPECT_EQ(it.write(0x10, 0x12345678), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0x10, &value, 4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0x12345678);
    });
    EXPECT_EQ(it.memory.seen,
              (std::vector<transfer>{{true, 0x10, 0x12345678, 0xf, 2}, {false, 0x10, 0, 0, 2}}));
}

// Setup and one access; each wait is one more.
TEST(TlmToApb, TakesTwoCyclesAndTheWaits)
{
    bench it;
    it.run([&] {
        for (const unsigned waits : {0u, 3u}) {
            it.memory.waits = waits;
            it.write(0, 1); // ends at an edge
            const sc_core::sc_time before = sc_core::sc_time_stamp();
            it.write(0, 1);
            EXPECT_EQ(sc_core::sc_time_stamp() - before,
                      sc_core::sc_time(10 * (3 + waits), sc_core::SC_NS)); // one to begin
        }
    });
}

TEST(TlmToApb, SplitsWhatIsLongerThanAWordAndCutsWhatIsShorter)
{
    bench it;
    std::array<unsigned char, 7> bytes = {1, 2, 3, 4, 5, 6, 7};
    it.run([&] {
        std::array<unsigned char, 7> back{};
        EXPECT_EQ(it.send(tlm::TLM_WRITE_COMMAND, 0x13, bytes.data(), 7), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0x13, back.data(), 7), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(back, bytes);
    });
    ASSERT_EQ(it.memory.seen.size(), 6);
    EXPECT_EQ(it.memory.seen[0], (transfer{true, 0x10, 0x01000000, 0x8, 2}));
    EXPECT_EQ(it.memory.seen[1], (transfer{true, 0x14, 0x05040302, 0xf, 2}));
    EXPECT_EQ(it.memory.seen[2], (transfer{true, 0x18, 0x00000706, 0x3, 2}));
}

TEST(TlmToApb, LeavesOutWhatIsNotEnabled)
{
    bench it;
    std::array<unsigned char, 12> bytes{};
    std::array<unsigned char, 12> enables{};
    enables[1] = enables[9] = 0xff;
    it.run([&] {
        const auto enable = [&](tlm::tlm_generic_payload &payload) {
            payload.set_byte_enable_ptr(enables.data());
            payload.set_byte_enable_length(12);
        };
        bytes.fill(0x55);
        EXPECT_EQ(it.send(tlm::TLM_WRITE_COMMAND, 0, bytes.data(), 12, enable),
                  tlm::TLM_OK_RESPONSE);
        it.memory.words.fill(0x77777777);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, bytes.data(), 12, enable),
                  tlm::TLM_OK_RESPONSE);
        enables.fill(0);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, bytes.data(), 12, enable),
                  tlm::TLM_OK_RESPONSE);
    });
    ASSERT_EQ(it.memory.seen.size(), 4);
    EXPECT_EQ(it.memory.seen[0].strobes, 2);
    EXPECT_EQ(it.memory.seen[1].address, 8);
    for (unsigned i = 0; i < 12; i++)
        EXPECT_EQ(bytes[i], i == 1 || i == 9 ? 0x77 : 0x55) << i;
}

TEST(TlmToApb, EndsAtAnError)
{
    bench it;
    it.run([&] {
        std::array<unsigned char, 12> bytes{};
        bytes.fill(0x55);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, failing - 4, bytes.data(), 12),
                  tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(bytes[0], 0x55);
        EXPECT_EQ(it.write(failing, 1), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(it.write(0, 1), tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(it.memory.seen.size(), 4); // of the read two
}

TEST(TlmToApb, RefusesWhatTheBusCannotSay)
{
    bench it;
    it.run([&] {
        std::uint64_t value = 0;
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0xffc, &value, 8),
                  tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, ~std::uint64_t{0}, &value, 4),
                  tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_IGNORE_COMMAND, 0, &value, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, &value, 0), tlm::TLM_BURST_ERROR_RESPONSE);
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, &value, 8,
                          [](auto &payload) { payload.set_streaming_width(4); }),
                  tlm::TLM_BURST_ERROR_RESPONSE);
        smmu::attributes attributes;
        for (const smmu_pas space : {SMMU_PAS_REALM, SMMU_PAS_ROOT}) {
            attributes.pas = space;
            EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, &value, 4,
                              [&](auto &payload) { payload.set_extension(&attributes); }),
                      tlm::TLM_GENERIC_ERROR_RESPONSE);
        }
        EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0xffc, &value, 4), tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(it.memory.seen.size(), 1);
}

TEST(TlmToApb, SaysWhoAccesses)
{
    bench it;
    it.run([&] {
        std::uint32_t value = 0;
        smmu::attributes attributes;
        const auto extend = [&](auto &payload) { payload.set_extension(&attributes); };
        attributes.priv = true;
        attributes.instr = true;
        it.send(tlm::TLM_READ_COMMAND, 0, &value, 4, extend);
        attributes = {};
        attributes.pas = SMMU_PAS_S;
        it.send(tlm::TLM_READ_COMMAND, 0, &value, 4, extend);
    });
    ASSERT_EQ(it.memory.seen.size(), 2);
    EXPECT_EQ(it.memory.seen[0].prot, 7);
    EXPECT_EQ(it.memory.seen[1].prot, 0);
}

// IHI 0024, protection: PNSE and PPROT[1] are the four spaces. PWAKEUP comes with PSEL.
TEST(TlmToApb, SaysAddressSpacesAndWakesUpWhereTheBusCan)
{
    bench_of<bus_with_spaces> it;
    it.run([&] {
        std::uint32_t value = 0;
        smmu::attributes attributes;
        for (const smmu_pas space : {SMMU_PAS_S, SMMU_PAS_NS, SMMU_PAS_ROOT, SMMU_PAS_REALM}) {
            attributes.pas = space;
            EXPECT_EQ(it.send(tlm::TLM_READ_COMMAND, 0, &value, 4,
                              [&](auto &payload) { payload.set_extension(&attributes); }),
                      tlm::TLM_OK_RESPONSE);
        }
    });
    ASSERT_EQ(it.memory.seen.size(), 4);
    EXPECT_EQ(it.memory.seen[0].prot, 0);
    EXPECT_EQ(it.memory.seen[1].prot, 2);
    EXPECT_EQ(it.memory.seen[2].prot, 8);
    EXPECT_EQ(it.memory.seen[3].prot, 10);
    EXPECT_EQ(it.memory.woken, 8u) << "two cycles of each transfer";
    EXPECT_FALSE(it.wires.PWAKEUP.read());
}

// Two processes, and one that is killed while it waits.
TEST(TlmToApb, EndsWhatItHasBegun)
{
    bench it;
    it.memory.waits = 5;
    it.run([&] {
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] { it.write(4, 0xdead); });
        sc_core::wait(12, sc_core::SC_NS);
        EXPECT_EQ(it.bridge.in_flight(), 1);
        victim.kill();
        EXPECT_EQ(it.write(8, 0xbeef), tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(it.memory.words[1], 0xdead);
    EXPECT_EQ(it.memory.words[2], 0xbeef);
}

TEST(TlmToApb, ResetEndsWhatIsInFlight)
{
    bench it;
    it.memory.waits = 5;
    bool held = false;
    it.run([&] {
        sc_core::sc_spawn([&] {
            sc_core::wait(32, sc_core::SC_NS);
            it.reset_n = false;
            held = it.wires.PSEL.read();
        });
        EXPECT_EQ(it.write(4, 1), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_TRUE(held);
        sc_core::wait(10, sc_core::SC_NS);
        EXPECT_FALSE(it.wires.PSEL.read());
    });
}

} // namespace

} // namespace pins_test::test_tlm_to_apb
