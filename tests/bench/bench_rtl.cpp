// SPDX-License-Identifier: Apache-2.0
// What a cycle of RTL costs: the DMA engine copies, between bridges in a simulation of SystemC, and
// alone with a memory that answers at once.
#include "bench.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "Vrtl_dma.h"
#include "Vrtl_dma_alone.h"
#include "rtl_clock.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_axi.hpp"

#define SMMU_AXI_BIND   bind_registers
#define SMMU_AXI_PREFIX s_
#include "smmu/pins/axi_model_pins.hpp"
#define SMMU_AXI_BIND   bind_memory
#define SMMU_AXI_PREFIX m_
#include "smmu/pins/axi_model_pins.hpp"

namespace bench {

namespace {

constexpr std::uint32_t length = 0x10000; // of a copy, and between source and destination
constexpr unsigned beats = 8;             // of a burst

// Registers that a copy needs, as docs/rtl.md has them; the last one starts it.
struct register_write {
    std::uint32_t offset;
    std::uint32_t value;
};
constexpr std::array<register_write, 5> program = {
    {{0x14, length}, {0x18, 0}, {0x20, length}, {0x0c, 6}, {0x08, 3}}};

struct rtl_dma_bus : smmu::pins::axi4<64, 2, 64> {
    static constexpr bool exclusives = false;
    static constexpr bool qos = false;
    static constexpr bool regions = false;
    static constexpr unsigned response_width = 3;
    static constexpr unsigned untranslated = 3;
    static constexpr unsigned sid_width = 16;
};
using rtl_dma_registers = smmu::pins::axi4_lite<32, 12>;

std::vector<std::uint8_t> make_memory()
{
    std::vector<std::uint8_t> bytes(2 * length);
    for (std::size_t i = 0; i < length; i++)
        bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
}

bool is_copied(const std::vector<std::uint8_t> &bytes)
{
    return std::memcmp(bytes.data(), bytes.data() + length, length) == 0;
}

// The engine as it is in a machine: bridges at its pins, memory behind them.
class rtl_platform : public sc_core::sc_module {
  public:
    explicit rtl_platform(const sc_core::sc_module_name &name) : sc_module(name)
    {
        bind_registers(model_, register_wires_);
        bind_memory(model_, memory_wires_);
        for (auto *each : {&to_memory_.ACLK, &to_registers_.ACLK, &model_.clk})
            each->bind(clock_.clk);
        for (auto *each : {&to_memory_.ARESETn, &to_registers_.ARESETn, &model_.rst_n})
            each->bind(clock_.reset_n);
        to_memory_.axi.bind(memory_wires_);
        to_registers_.axi.bind(register_wires_);
        model_.irq.bind(irq_);
        model_.busy.bind(busy_);
        cpu_.bind(to_registers_.socket);
        to_memory_.socket.bind(memory_);
        memory_.register_b_transport(this, &rtl_platform::b_transport);
    }

    // In a process: a copy, until its interrupt.
    bool copy()
    {
        std::memset(bytes_.data() + length, 0, length);
        copying_ = true;
        clock_.wake();
        for (const register_write &each : program)
            write(each);
        if (!irq_.read())
            sc_core::wait(irq_.posedge_event());
        write({0x08, 0});
        copying_ = false;
        return is_copied(bytes_);
    }

    std::uint64_t cycles() const { return clock_.cycles(); }

  private:
    void write(register_write what)
    {
        tlm::tlm_generic_payload payload;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(what.offset);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&what.value));
        payload.set_data_length(sizeof(what.value));
        payload.set_streaming_width(sizeof(what.value));
        cpu_->b_transport(payload, delay);
    }

    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        std::uint8_t *const at = &bytes_[payload.get_address()];
        if (payload.is_read())
            std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
        else
            std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    std::vector<std::uint8_t> bytes_ = make_memory();
    bool copying_ = false;
    vp::rtl_clock clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS),
                         [this] { return copying_; }};
    smmu::pins::axi_wires<rtl_dma_registers> register_wires_{"registers_"};
    smmu::pins::axi_wires<rtl_dma_bus> memory_wires_{"memory_"};
    Vrtl_dma model_{"model"};
    smmu::pins::tlm_to_axi<rtl_dma_registers> to_registers_{"to_registers"};
    smmu::pins::axi_to_tlm<rtl_dma_bus> to_memory_{"to_memory"};
    sc_core::sc_signal<bool> irq_{"irq"};
    sc_core::sc_signal<bool> busy_{"busy"};
    tlm_utils::simple_initiator_socket<rtl_platform> cpu_{"cpu"};
    tlm_utils::simple_target_socket<rtl_platform> memory_{"memory"};
};

// The engine alone: its pins are moved by a loop that does no more than they need.
class rtl_alone {
  public:
    rtl_alone()
    {
        model_.rst_n = 0;
        for (unsigned i = 0; i < 4; i++)
            cycle();
        model_.rst_n = 1;
        model_.s_BREADY = 1;
        model_.s_WSTRB = 0xf;
        model_.m_AWREADY = 1;
        model_.m_WREADY = 1;
    }

    bool copy()
    {
        std::memset(bytes_.data() + length, 0, length);
        for (const register_write &each : program)
            write(each);
        while (!model_.irq)
            cycle();
        write({0x08, 0});
        return is_copied(bytes_);
    }

    std::uint64_t cycles() const { return cycles_; }

  private:
    void write(register_write what)
    {
        model_.s_AWADDR = what.offset;
        model_.s_WDATA = what.value;
        model_.s_AWVALID = model_.s_WVALID = 1;
        cycle();
        model_.s_AWVALID = model_.s_WVALID = 0;
        cycle();
    }

    // One read at a time is answered, and one write: what pins say before the edge counts.
    void cycle()
    {
        model_.m_ARREADY = beat_ == beats;
        model_.eval();
        const bool asked = model_.m_ARVALID && model_.m_ARREADY;
        const std::uint64_t address = model_.m_ARADDR;
        const unsigned id = model_.m_ARID;
        take_write();
        model_.clk = 1;
        model_.eval();
        model_.m_RVALID = 0;
        if (asked) {
            beat_ = 0;
            read_ = address;
            model_.m_RID = id;
        }
        if (beat_ != beats) {
            std::uint64_t data;
            std::memcpy(&data, &bytes_[read_ + 8 * beat_], sizeof(data));
            model_.m_RDATA = data;
            model_.m_RVALID = 1;
            model_.m_RLAST = ++beat_ == beats;
        }
        model_.m_BVALID = responds_;
        model_.m_BID = write_id_;
        responds_ = false;
        model_.clk = 0;
        model_.eval();
        cycles_++;
    }

    void take_write()
    {
        if (model_.m_AWVALID) {
            write_ = model_.m_AWADDR;
            write_id_ = model_.m_AWID;
        }
        if (model_.m_WVALID) {
            const std::uint64_t data = model_.m_WDATA;
            std::memcpy(&bytes_[write_], &data, sizeof(data));
            write_ += sizeof(data);
            responds_ = model_.m_WLAST;
        }
    }

    std::vector<std::uint8_t> bytes_ = make_memory();
    Vrtl_dma_alone model_;
    unsigned beat_ = beats; // of the read that is answered
    std::uint64_t read_ = 0;
    std::uint64_t write_ = 0;
    unsigned write_id_ = 0;
    bool responds_ = false;
    std::uint64_t cycles_ = 0;
};

template <class Engine> void cycles(benchmark::State &state, Engine &engine)
{
    const std::uint64_t before = engine.cycles();
    bool right = true;
    for (auto _ : state)
        right &= engine.copy();
    if (!right)
        state.SkipWithError("what was copied is wrong");
    state.counters["1/s"] = benchmark::Counter(static_cast<double>(engine.cycles() - before),
                                               benchmark::Counter::kIsRate);
}

} // namespace

void add_rtl()
{
    const auto platform = std::make_shared<rtl_platform>("rtl_platform");
    const auto alone = std::make_shared<rtl_alone>();
    benchmark::RegisterBenchmark("rtl.cycles_per_s",
                                 [platform](benchmark::State &state) { cycles(state, *platform); });
    benchmark::RegisterBenchmark("rtl.alone.cycles_per_s",
                                 [alone](benchmark::State &state) { cycles(state, *alone); });
}

} // namespace bench
