// SPDX-License-Identifier: Apache-2.0
// The TLM wrappers of the devices on one bench: sockets, wires, processes, simulated time.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <libfdt.h>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "dma_engine.hpp"
#include "flat_memory.hpp"
#include "gic.hpp"
#include "pl011.hpp"
#include "smmu/tlm/attributes.hpp"
#include "support/shared_bench.hpp"
#include "vp/wire.hpp"

namespace test_device_tlm {
namespace {

using sc_core::sc_time;

// --- Device tree of the DMA engine ---

struct dma_node {
    std::vector<std::uint32_t> sids;
    std::vector<std::pair<const char *, std::uint32_t>> properties;
};

vp::dt_tree tree_of(const dma_node &node)
{
    std::vector<std::uint8_t> blob(4096);
    void *fdt = blob.data();

    fdt_create(fdt, static_cast<int>(blob.size()));
    fdt_finish_reservemap(fdt);
    fdt_begin_node(fdt, "");
    fdt_begin_node(fdt, "iommu");
    fdt_property_u32(fdt, "phandle", 1);
    fdt_property_u32(fdt, "#iommu-cells", 1);
    fdt_end_node(fdt);
    fdt_begin_node(fdt, "dma");
    for (const auto &[name, value] : node.properties)
        fdt_property_u32(fdt, name, value);
    if (!node.sids.empty()) {
        void *cells = nullptr;
        fdt_property_placeholder(fdt, "iommus", static_cast<int>(8 * node.sids.size()), &cells);
        for (std::size_t i = 0; i < node.sids.size(); i++) {
            fdt32_st(static_cast<std::uint8_t *>(cells) + 8 * i, 1);
            fdt32_st(static_cast<std::uint8_t *>(cells) + 8 * i + 4, node.sids[i]);
        }
    }
    fdt_end_node(fdt);
    fdt_end_node(fdt);
    fdt_finish(fdt);
    blob.resize(fdt_totalsize(fdt));
    return vp::dt_tree(std::move(blob));
}

std::unique_ptr<vp::device> make_dma(const char *name, const dma_node &node)
{
    return vp::make_dma_engine(*tree_of(node).by_path("/dma"), name);
}

// --- Mistakes in the device tree (first: AddressSanitizer takes exceptions after the first
// switch of SystemC processes for errors) ---

std::string mistake(const dma_node &node)
{
    try {
        make_dma("bad", node);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

TEST(dma_engine_node, MistakesNameNodeAndProperty)
{
    const struct {
        dma_node node;
        const char *start;
    } mistakes[] = {
        {{{}, {{"vp,burst-bytes", 100}}}, "/dma: vp,burst-bytes: "},
        {{{}, {{"vp,burst-bytes", 8192}}}, "/dma: vp,burst-bytes: "},
        {{{}, {{"vp,burst-ns", 0}}}, "/dma: vp,burst-ns: "},
        {{{}, {{"vp,outstanding", 0}}}, "/dma: vp,outstanding: must be 1 to 64"},
        {{{}, {{"vp,outstanding", 65}}}, "/dma: vp,outstanding: must be 1 to 64"},
        {{{}, {{"vp,channels", 0}}}, "/dma: vp,channels: "},
        {{{}, {{"vp,channels", 256}}}, "/dma: vp,channels: "},
        {{{1, 2}, {{"vp,channels", 3}}}, "/dma: iommus: "},
    };

    for (const auto &m : mistakes)
        EXPECT_EQ(mistake(m.node).substr(0, std::strlen(m.start)), m.start);
}

// --- Bench ---

// Memory at 0 that notes the attributes of what reaches it.
struct memory : sc_core::sc_module {
    explicit memory(sc_core::sc_module_name name) : sc_module(name), socket("socket"), bytes(0x4000)
    {
        socket.register_b_transport(this, &memory::transport);
    }

    void transport(tlm::tlm_generic_payload &trans, sc_time &)
    {
        seen.push_back(smmu::attributes::of(trans));
        test::move(trans, bytes);
    }

    tlm_utils::simple_target_socket<memory> socket;
    std::vector<std::uint8_t> bytes;
    std::vector<smmu::attributes> seen;
};

// A master that makes one register access at a time.
struct host : sc_core::sc_module {
    explicit host(sc_core::sc_module_name name) : sc_module(name), socket("socket") {}

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t at, void *data,
                                    unsigned length, std::vector<unsigned char> enables = {})
    {
        tlm::tlm_generic_payload trans;
        sc_time delay;

        trans.set_command(command);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(length);
        trans.set_streaming_width(length);
        trans.set_byte_enable_ptr(enables.empty() ? nullptr : enables.data());
        trans.set_byte_enable_length(static_cast<unsigned>(enables.size()));
        socket->b_transport(trans, delay);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        return trans.get_response_status();
    }

    std::uint64_t read(std::uint64_t at, unsigned length = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(access(tlm::TLM_READ_COMMAND, at, &value, length), tlm::TLM_OK_RESPONSE);
        return value;
    }

    void write(std::uint64_t at, std::uint64_t value, unsigned length = 4)
    {
        EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, at, &value, length), tlm::TLM_OK_RESPONSE);
    }

    unsigned debug_read(std::uint64_t at, void *data, unsigned length)
    {
        tlm::tlm_generic_payload trans;

        trans.set_command(tlm::TLM_READ_COMMAND);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(length);
        return socket->transport_dbg(trans);
    }

    tlm_utils::simple_initiator_socket<host> socket;
};

constexpr std::uint64_t dma_page = DMA_PAGE_SIZE;

struct bench {
    bench() : dma(make_dma("dma", {{0x40, 0x77}, {{"vp,burst-bytes", 64}, {"vp,burst-ns", 10}}}))
    {
        to_dist.socket.bind(*gic.regs()[0]);
        to_redist.socket.bind(*gic.regs()[1]);
        to_uart.socket.bind(*uart.regs()[0]);
        to_dma.socket.bind(*dma->regs()[0]);
        ram.socket.bind(*dma->masters()[0]);
        gic.bus.bind(no_tables.socket);
        dma->irqs()[0]->bind(dma_wire);
        gic.spi(0).bind(dma_wire);
        uart.irqs()[0]->bind(uart_wire);
        gic.spi(1).bind(uart_wire);
        gic.spi(2).bind(plain);
        gic.spi(3).bind(high_from_start);
        high_from_start.write(true);
        gic.connect_pe(0, [this](unsigned line, bool level) { (line ? fiq : irq) = level; });
        uart.set_output([this](std::uint8_t byte) { printed += static_cast<char>(byte); });
    }

    // Everything of the GIC on; SPIs are group 1 and enabled.
    void open_gic()
    {
        to_dist.write(0x84, 0xFFFFFFFF);
        to_dist.write(0x104, 0xFFFFFFF7);
        to_dist.write(0, 2);
        to_redist.write(0x14, 0);
        const vp_gic_cpuif cpu = gic.cpuif(0);
        cpu.write(cpu.gic, cpu.pe, 3u << 14 | 4u << 7 | 6u << 3, 0xF8);
        cpu.write(cpu.gic, cpu.pe, 3u << 14 | 12u << 7 | 12u << 3 | 7, 1);
    }

    void put_descriptor(std::uint64_t at, std::uint64_t src, std::uint64_t dst,
                        std::uint32_t length, std::uint32_t flags, std::uint64_t next)
    {
        const std::uint64_t words[] = {src, dst, std::uint64_t{flags} << 32 | length, next};
        std::memcpy(&ram.bytes[at], words, sizeof words);
    }

    bool irq = false;
    bool fiq = false;
    std::string printed;
    vp::gic gic{"gic", {0, 1}, 64};
    vp::pl011 uart{"uart"};
    std::unique_ptr<vp::device> dma;
    memory ram{"ram"};
    memory no_tables{"no_tables"}; // this GIC has no LPIs
    host to_dist{"to_dist"};
    host to_redist{"to_redist"};
    host to_uart{"to_uart"};
    host to_dma{"to_dma"};
    vp::wire dma_wire{"dma_wire"};
    vp::wire uart_wire{"uart_wire"};
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> plain{"plain"};
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> high_from_start{"high_from_start"};
};

support::shared_bench<bench> the_bench;

class device_tlm : public ::testing::Test {
  protected:
    device_tlm() : b(*the_bench)
    {
        if (!sc_core::sc_start_of_simulation_invoked())
            sc_core::sc_start(sc_core::SC_ZERO_TIME);
        b.open_gic();
    }

    static void run_ns(double ns) { sc_core::sc_start(ns, sc_core::SC_NS); }

    bench &b;
};

// --- Register sockets ---

TEST_F(device_tlm, RegisterSocketRefusesOddSizesAndByteEnables)
{
    std::uint64_t value = 0;

    EXPECT_EQ(b.to_dma.access(tlm::TLM_READ_COMMAND, 0, &value, 3), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(b.to_dma.access(tlm::TLM_READ_COMMAND, 0, &value, 8, {0xff, 0xff, 0, 0}),
              tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
}

TEST_F(device_tlm, RegisterSocketTakesTheWordThatByteEnablesSelect)
{
    const std::uint32_t first = static_cast<std::uint32_t>(b.to_redist.read(8));
    const std::uint32_t second = static_cast<std::uint32_t>(b.to_redist.read(12));
    std::uint32_t words[2] = {1, 2};

    ASSERT_NE(first, 1u);
    EXPECT_EQ(b.to_redist.access(tlm::TLM_READ_COMMAND, 8, words, 8,
                                 {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}),
              tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(words[0], first);
    EXPECT_EQ(words[1], 2u);
    words[0] = 1;
    EXPECT_EQ(b.to_redist.access(tlm::TLM_READ_COMMAND, 8, words, 8,
                                 {0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}),
              tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(words[0], 1u);
    EXPECT_EQ(words[1], second);
}

TEST_F(device_tlm, RegisterSocketRefusesWhatIsNeitherReadNorWrite)
{
    std::uint64_t value = 0;

    EXPECT_EQ(b.to_dma.access(tlm::TLM_IGNORE_COMMAND, 0, &value, 4),
              tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST_F(device_tlm, RegisterSocketTellsDecodeFromSlaveErrors)
{
    std::uint64_t value = 0;

    EXPECT_EQ(b.to_dma.access(tlm::TLM_READ_COMMAND, 2 * dma_page, &value, 4),
              tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(b.to_dma.access(tlm::TLM_WRITE_COMMAND, 0, &value, 2),
              tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST_F(device_tlm, DebugReadHasNoSideEffect)
{
    std::uint32_t value = 0;

    ASSERT_TRUE(b.uart.receive('d'));
    EXPECT_EQ(b.to_uart.debug_read(0, &value, 4), 4u);
    EXPECT_EQ(value, std::uint32_t{'d'});
    EXPECT_EQ(b.to_uart.read(0), std::uint32_t{'d'});
    EXPECT_EQ(b.to_uart.debug_read(2, &value, 4), 0u) << "refused";
}

// --- GIC ---

TEST_F(device_tlm, WireReachesThePeWithinTheWrite)
{
    b.dma_wire.write(true);
    EXPECT_TRUE(b.irq);
    b.dma_wire.write(false);
    EXPECT_FALSE(b.irq);
}

TEST_F(device_tlm, SignalReachesThePeAfterADelta)
{
    b.plain.write(true);
    run_ns(1);
    EXPECT_TRUE(b.irq);
    b.plain.write(false);
    run_ns(1);
    EXPECT_FALSE(b.irq);
}

TEST_F(device_tlm, LevelThatIsHighFromTheStartIsSeen)
{
    run_ns(1);
    EXPECT_TRUE(b.to_dist.read(0x204) >> 3 & 1);
}

TEST_F(device_tlm, PpiIsDeliveredToItsPe)
{
    b.to_redist.write(0x10080, 1u << 27);
    b.to_redist.write(0x10100, 1u << 27);
    b.gic.set_ppi(0, 11, true);
    EXPECT_TRUE(b.irq);
    b.gic.set_ppi(0, 11, false);
    EXPECT_FALSE(b.irq);
}

TEST_F(device_tlm, SecondRedistributorIsInTheSameFrame)
{
    EXPECT_EQ(b.to_redist.read(GIC_REDIST_SIZE + 8, 8), 0x0000000100000130u);
}

// --- PL011 ---

TEST_F(device_tlm, UartIsReadyToPrintOutOfReset)
{
    b.printed.clear();
    for (char c : {'h', 'i'})
        b.to_uart.write(0, static_cast<unsigned char>(c));
    EXPECT_EQ(b.printed, "hi");
}

TEST_F(device_tlm, ReceiveTimeoutTakes32BitPeriods)
{
    const double bit_ns = 1e9 / 24e6 * 16 * (13 + 1.0 / 64);

    ASSERT_TRUE(b.uart.receive('x'));
    run_ns(20 * bit_ns);
    ASSERT_TRUE(b.uart.receive('y'));
    run_ns(31 * bit_ns);
    EXPECT_FALSE(b.to_uart.read(0x3C) >> 6 & 1) << "the second character began it anew";
    run_ns(2 * bit_ns);
    EXPECT_TRUE(b.to_uart.read(0x3C) >> 6 & 1);
    b.to_uart.read(0);
    b.to_uart.read(0);
}

TEST_F(device_tlm, UartInterruptGoesAndComesAtOnce)
{
    b.to_uart.write(0x38, 1u << 5);
    b.to_uart.write(0, 'x');
    EXPECT_TRUE(b.irq);
    b.to_uart.write(0x44, 1u << 5);
    EXPECT_FALSE(b.irq);
    b.to_uart.write(0x38, 0);
}

// --- DMA engine ---

TEST_F(device_tlm, TransferTakesTimeForEachBurst)
{
    for (unsigned i = 0; i < 256; i++)
        b.ram.bytes[0x1000 + i] = static_cast<std::uint8_t>(i * 7);
    b.put_descriptor(0, 0x1000, 0x2000, 256, 1, 0);
    b.to_dma.write(0x10, 0, 8);
    b.to_dma.write(0x08, 1);
    run_ns(39);
    EXPECT_EQ(b.to_dma.read(0x0C), 1u);
    run_ns(2);
    EXPECT_EQ(b.to_dma.read(0x0C), 2u);
    EXPECT_EQ(std::memcmp(&b.ram.bytes[0x1000], &b.ram.bytes[0x2000], 256), 0);
}

TEST_F(device_tlm, TransactionsCarryStreamAndSubstream)
{
    b.ram.seen.clear();
    b.put_descriptor(0, 0x1000, 0x2000, 8, 1, 0);
    b.to_dma.write(dma_page + 0x34, 0x80000009);
    b.to_dma.write(dma_page + 0x10, 0, 8);
    b.to_dma.write(dma_page + 0x08, 1);
    run_ns(100);
    ASSERT_EQ(b.ram.seen.size(), 3u);
    for (const smmu::attributes &seen : b.ram.seen) {
        EXPECT_EQ(seen.sid, 0x77u);
        EXPECT_TRUE(seen.ssv);
        EXPECT_EQ(seen.ssid, 9u);
    }
}

TEST_F(device_tlm, DmaInterruptReachesThePe)
{
    b.put_descriptor(0, 0x1000, 0x2000, 8, 1, 0);
    b.to_dma.write(0x10, 0, 8);
    b.to_dma.write(0x08, 5);
    run_ns(100);
    EXPECT_TRUE(b.irq);
    b.to_dma.write(0x0C, 2);
    EXPECT_FALSE(b.irq);
}

TEST_F(device_tlm, EndlessListLetsTimePassAndCanBeStopped)
{
    b.put_descriptor(0x20, 0x1000, 0x2000, 1, 0, 0x20);
    b.to_dma.write(0x10, 0x20, 8);
    b.to_dma.write(0x08, 1);
    run_ns(5000);
    EXPECT_EQ(b.to_dma.read(0x0C), 1u);
    EXPECT_NEAR(static_cast<double>(b.to_dma.read(0x28, 8)), 500, 2);
    b.to_dma.write(0x08, 2);
    run_ns(20);
    EXPECT_EQ(b.to_dma.read(0x0C), 0u);
}

TEST_F(device_tlm, AbortOfTheBusIsReported)
{
    b.put_descriptor(0, 0x1000, 0x123456789A, 8, 1, 0);
    b.to_dma.write(0x10, 0, 8);
    b.to_dma.write(0x08, 1);
    run_ns(100);
    EXPECT_EQ(b.to_dma.read(0x0C), 4u);
    EXPECT_EQ(b.to_dma.read(0x30), 3u);
    EXPECT_EQ(b.to_dma.read(0x20, 8), 0x123456789Au);
}

} // namespace
} // namespace test_device_tlm
