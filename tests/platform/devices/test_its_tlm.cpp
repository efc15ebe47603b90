// SPDX-License-Identifier: Apache-2.0
// ITS, LPI tables and RTC as SystemC modules on one small machine: messages with their DeviceID,
// commands beside the program, simulated time.
#include <functional>

#include <gtest/gtest.h>
#include <libfdt.h>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "gic.hpp"
#include "its.hpp"
#include "pl031.hpp"
#include "ram.hpp"
#include "router.hpp"
#include "support/shared_bench.hpp"
#include "vp/msi_stamp.hpp"
#include "vp/wire.hpp"

namespace test_its_tlm {
namespace {

using sc_core::sc_time;

// A bus master that does what it is told in a process of its own.
struct master : sc_core::sc_module {
    explicit master(sc_core::sc_module_name name) : sc_module(name), bus("bus")
    {
        sc_core::sc_spawn([this] {
            for (;;) {
                sc_core::wait(go);
                todo();
                sc_core::sc_pause();
            }
        });
    }

    void run(std::function<void()> work)
    {
        todo = std::move(work);
        go.notify(sc_core::SC_ZERO_TIME);
        sc_core::sc_start();
    }

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t at, void *data,
                                    unsigned size, vp::msi_extension *device = nullptr)
    {
        tlm::tlm_generic_payload trans;
        sc_time delay;

        trans.set_command(command);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(size);
        trans.set_streaming_width(size);
        if (device)
            trans.set_extension(device);
        bus->b_transport(trans, delay);
        if (device) {
            EXPECT_EQ(trans.get_extension<vp::msi_extension>(), device) << "given back";
            trans.clear_extension(device);
        }
        return trans.get_response_status();
    }

    std::uint64_t read(std::uint64_t at, unsigned size)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(access(tlm::TLM_READ_COMMAND, at, &value, size), tlm::TLM_OK_RESPONSE);
        return value;
    }

    void write(std::uint64_t at, std::uint64_t value, unsigned size,
               vp::msi_extension *device = nullptr)
    {
        EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, at, &value, size, device), tlm::TLM_OK_RESPONSE);
    }

    std::function<void()> todo;
    sc_core::sc_event go;
    tlm_utils::simple_initiator_socket<master> bus;
};

// The RTC of a node with `vp,epoch`.
std::unique_ptr<vp::device> make_rtc(std::uint32_t epoch)
{
    std::vector<std::uint8_t> blob(1024);
    void *fdt = blob.data();

    fdt_create(fdt, static_cast<int>(blob.size()));
    fdt_finish_reservemap(fdt);
    fdt_begin_node(fdt, "");
    fdt_begin_node(fdt, "rtc");
    fdt_property_u32(fdt, "vp,epoch", epoch);
    fdt_end_node(fdt);
    fdt_end_node(fdt);
    fdt_finish(fdt);
    blob.resize(fdt_totalsize(fdt));
    return vp::make_pl031(*vp::dt_tree(std::move(blob)).by_path("/rtc"), "rtc");
}

constexpr std::uint32_t epoch = 1000;
constexpr std::uint64_t its_at = 0x8080000;
constexpr std::uint64_t translater = its_at + 0x10040;
constexpr std::uint64_t gicr_at = 0x80A0000;
constexpr std::uint64_t rtc_at = 0x9010000;
constexpr std::uint64_t ram_at = 0x40000000;
constexpr std::uint64_t config_table = ram_at;
constexpr std::uint64_t pending_table = ram_at + 0x10000;
constexpr std::uint64_t device_table = ram_at + 0x20000;
constexpr std::uint64_t collection_table = ram_at + 0x30000;
constexpr std::uint64_t queue = ram_at + 0x40000;
constexpr std::uint64_t itt = ram_at + 0x50000;
constexpr std::uint64_t slow_at = 0x50000000; // memory that takes 3 ns
constexpr std::uint64_t valid = std::uint64_t{1} << 63;
constexpr unsigned stamped = 7; // DeviceID of the master behind a stamp
constexpr std::uint32_t first_lpi = 8192;

struct bench {
    bench()
    {
        translator.attach(gic);
        cpu.bus.bind(router.up[0]);
        translator.bus.bind(router.up[1]);
        gic.bus.bind(router.up[2]);
        device.bus.bind(stamp.in);
        stamp.out.bind(router.up[3]);
        map(0, 0x8000000, GIC_DIST_SIZE, *gic.regs()[0]);
        map(1, gicr_at, GIC_REDIST_SIZE, *gic.regs()[1]);
        map(2, its_at, ITS_SIZE, *translator.regs()[0]);
        map(3, ram_at, 0x100000, ram.socket);
        map(5, slow_at, 0x1000, slow.socket);
        map(4, rtc_at, PL031_SIZE, *rtc->regs()[0]);
        rtc->irqs()[0]->bind(rtc_wire);
        gic.connect_pe(0, [this](unsigned line, bool level) {
            if (line == GIC_IRQ)
                irq = level;
        });
    }

    void map(unsigned port, std::uint64_t base, std::uint64_t size, vp::device::target &socket)
    {
        router.map(port, base, size);
        router.down[port].bind(socket);
    }

    std::uint64_t icc(bool write, std::uint32_t reg, std::uint64_t value = 0)
    {
        const vp_gic_cpuif cpuif = gic.cpuif(0);
        EXPECT_TRUE(write ? cpuif.write(cpuif.gic, 0, reg, value)
                          : cpuif.read(cpuif.gic, 0, reg, &value));
        return value;
    }

    std::uint64_t acknowledge()
    {
        const std::uint64_t intid = icc(false, 0xC660); // ICC_IAR1_EL1
        if (intid >= first_lpi)
            icc(true, 0xC661, intid); // ICC_EOIR1_EL1
        return intid;
    }

    bool irq = false;
    vp::gic gic{"gic", {0}, 32, true};
    vp::its translator{"its"};
    std::unique_ptr<vp::device> rtc = make_rtc(epoch);
    vp::router router{"router", 4, 6};
    vp::ram ram{"ram", 0x100000, sc_core::SC_ZERO_TIME};
    vp::ram slow{"slow", 0x1000, sc_time(3, sc_core::SC_NS)};
    vp::msi_stamp stamp{"stamp", stamped};
    master cpu{"cpu"};
    master device{"device"};
    vp::wire rtc_wire{"rtc_wire"};
};

support::shared_bench<bench> the_bench;

class its_tlm : public ::testing::Test {
  protected:
    its_tlm() : b(*the_bench)
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME); // the masters wait for work
        b.cpu.run([this] { open(); });
    }

    // Everything on; DeviceIDs 0 to 7 have event 0, mapped to the LPI of their number.
    void open()
    {
        for (unsigned i = 0; i < 8; i++)
            b.cpu.write(config_table + i, 0x81, 1);
        b.cpu.write(0x8000000, 2, 4);
        b.cpu.write(gicr_at + 0x14, 0, 4);
        b.cpu.write(gicr_at + 0x70, config_table | 15, 8);
        b.cpu.write(gicr_at + 0x78, pending_table, 8);
        b.cpu.write(gicr_at, 1, 4);
        b.icc(true, 0xC230, 0xFF); // ICC_PMR_EL1
        b.icc(true, 0xC667, 1);    // ICC_IGRPEN1_EL1
        b.cpu.write(its_at, 0, 4);
        b.cpu.write(its_at + 0x100, device_table | valid, 8);
        b.cpu.write(its_at + 0x108, collection_table | valid, 8);
        b.cpu.write(its_at + 0x80, queue | valid, 8);
        b.cpu.write(its_at + 0x88, 0, 8);
        b.cpu.write(its_at, 1, 4);
        tail_ = 0;
        push(0x09, 0, valid);
        for (std::uint64_t id = 0; id < 8; id++) {
            push(0x08 | id << 32, 0, (itt + 0x100 * id) | valid);
            push(0x0A | id << 32, (first_lpi + id) << 32, 0);
        }
        ring();
    }

    void push(std::uint64_t word0, std::uint64_t word1, std::uint64_t word2)
    {
        b.cpu.write(queue + tail_, word0, 8);
        b.cpu.write(queue + tail_ + 8, word1, 8);
        b.cpu.write(queue + tail_ + 16, word2, 8);
        b.cpu.write(queue + tail_ + 24, 0, 8);
        tail_ += 32;
    }

    void ring() { b.cpu.write(its_at + 0x88, tail_, 8); }

    bench &b;
    std::uint64_t tail_ = 0;
};

TEST_F(its_tlm, CommandsOfAQuickLookAreDone)
{
    b.cpu.run([this] {
        const std::uint64_t done = b.cpu.read(its_at + 0x90, 8);
        push(0x03, 0, 0); // INT of device 0
        ring();
        EXPECT_EQ(b.cpu.read(its_at + 0x90, 8), done + 32) << "without leaving the processor";
        EXPECT_TRUE(b.irq);
        EXPECT_EQ(b.acknowledge(), first_lpi);
    });
}

TEST_F(its_tlm, MessageCarriesTheDeviceOfItsExtension)
{
    b.cpu.run([this] {
        vp::msi_extension who(3);
        b.cpu.write(translater, 0, 4, &who);
        EXPECT_EQ(b.acknowledge(), first_lpi + 3);
    });
}

TEST_F(its_tlm, MessageWithoutExtensionIsOfDevice0)
{
    b.cpu.run([this] {
        b.cpu.write(translater, 0, 4);
        EXPECT_EQ(b.acknowledge(), first_lpi);
    });
}

TEST_F(its_tlm, StampNamesTheDeviceAndKeepsTheMastersOwnExtension)
{
    b.device.run([this] {
        b.device.write(translater, 0, 4);
        EXPECT_EQ(b.acknowledge(), first_lpi + stamped);
        vp::msi_extension own(3);
        b.device.write(translater, 0, 4, &own);
        EXPECT_EQ(b.acknowledge(), first_lpi + stamped);
    });
}

TEST_F(its_tlm, StampLetsDebugAndDirectAccessPass)
{
    tlm::tlm_generic_payload trans;
    tlm::tlm_dmi dmi;
    std::uint8_t byte = 0x5A;

    trans.set_write();
    trans.set_address(ram_at + 0x60000);
    trans.set_data_ptr(&byte);
    trans.set_data_length(1);
    EXPECT_EQ(b.device.bus->transport_dbg(trans), 1u);
    trans.set_read();
    ASSERT_TRUE(b.device.bus->get_direct_mem_ptr(trans, dmi));
    EXPECT_EQ(dmi.get_start_address(), ram_at);
    EXPECT_EQ(dmi.get_dmi_ptr()[0x60000], 0x5A);
}

TEST_F(its_tlm, MessageTakesTheTimeOfItsTableReads)
{
    b.cpu.run([this] {
        vp::msi_extension who(6);
        push(0x08 | std::uint64_t{6} << 32, 0, slow_at | valid);
        push(0x0A | std::uint64_t{6} << 32, std::uint64_t{first_lpi + 6} << 32, 0);
        ring();
        sc_core::wait(1, sc_core::SC_US);
        const auto start = sc_core::sc_time_stamp().value();
        b.cpu.write(translater, 0, 4, &who);
        EXPECT_EQ(sc_core::sc_time_stamp().value() - start, sc_time(3, sc_core::SC_NS).value());
        EXPECT_EQ(b.acknowledge(), first_lpi + 6);
    });
}

TEST_F(its_tlm, TablesThatAreNotThereDropTheMessage)
{
    b.cpu.run([this] {
        push(0x08, 0, 0x1000 | valid); // the table of device 0 is nowhere
        ring();
        b.cpu.write(translater, 0, 4);
        EXPECT_EQ(b.acknowledge(), 1023u);
    });
}

TEST_F(its_tlm, QueueThatFeedsItselfLetsTimePass)
{
    b.cpu.run([this] {
        // Event 17 of device 0 has its entry in GITS_CWRITER: INTID 0x2020 is also an offset. The
        // queue of 4 KiB is full of the command, so that there is always another one.
        push(0x08, 7, its_at | valid);
        ring();
        for (std::uint64_t at = 0; at < 0x1000; at += 32) {
            b.cpu.write(queue + at, 0x0A, 8);
            b.cpu.write(queue + at + 8, 17 | std::uint64_t{at % 64 ? 0x2FE0u : 0x2020u} << 32, 8);
            b.cpu.write(queue + at + 16, 0, 8);
        }
        tail_ = 0;
        ring();
        sc_core::wait(10, sc_core::SC_US);
        b.cpu.write(its_at, 0, 4);
    });
    SUCCEED() << "it came to an end";
}

TEST_F(its_tlm, DebugReadsSeeRegisters)
{
    tlm::tlm_generic_payload trans;
    std::uint32_t value = 0;

    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(its_at + 0xFFE8);
    trans.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
    trans.set_data_length(4);
    EXPECT_EQ(b.cpu.bus->transport_dbg(trans), 4u);
    EXPECT_EQ(value, 0x3Bu);
}

TEST_F(its_tlm, CountersTellWhatHappened)
{
    const auto before = b.translator.counters();

    b.cpu.run([this] {
        b.cpu.write(translater, 0, 4);
        b.cpu.write(translater, 1, 4);
        b.acknowledge();
    });
    const auto after = b.translator.counters();
    ASSERT_EQ(after[0].name, "messages");
    EXPECT_EQ(after[0].value, before[0].value + 1);
    ASSERT_EQ(after[1].name, "messages-dropped");
    EXPECT_EQ(after[1].value, before[1].value + 1);
}

// --- RTC ---

TEST_F(its_tlm, ClockFollowsSimulatedTime)
{
    b.cpu.run([this] {
        sc_core::wait(sc_time(1, sc_core::SC_SEC) - sc_core::sc_time_stamp());
        EXPECT_EQ(b.cpu.read(rtc_at, 4), epoch + 1);
        sc_core::wait(sc_time(2500, sc_core::SC_MS));
        EXPECT_EQ(b.cpu.read(rtc_at, 4), epoch + 3);
    });
}

TEST_F(its_tlm, AlarmRingsOnItsSecond)
{
    b.cpu.run([this] {
        const std::uint64_t shown = b.cpu.read(rtc_at, 4);
        b.cpu.write(rtc_at + 0x10, 1, 4);
        b.cpu.write(rtc_at + 4, shown + 2, 4);
        const std::uint64_t start = shown - epoch;
        const sc_time due(static_cast<double>(start + 2), sc_core::SC_SEC);
        sc_core::wait(due - sc_core::sc_time_stamp() - sc_time(1, sc_core::SC_NS));
        EXPECT_FALSE(b.rtc_wire.read());
        sc_core::wait(sc_time(1, sc_core::SC_NS));
        sc_core::wait(sc_core::SC_ZERO_TIME);
        EXPECT_TRUE(b.rtc_wire.read());
        b.cpu.write(rtc_at + 0x1C, 1, 4);
        EXPECT_FALSE(b.rtc_wire.read());
    });
}

} // namespace
} // namespace test_its_tlm
