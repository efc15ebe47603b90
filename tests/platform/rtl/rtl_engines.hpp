// SPDX-License-Identifier: Apache-2.0
// The DMA engine in RTL between bridges, with memory behind them: as it is in a machine, and with a
// signal for every pin.
#ifndef TESTS_PLATFORM_RTL_RTL_ENGINES_HPP
#define TESTS_PLATFORM_RTL_RTL_ENGINES_HPP

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "Vrtl_dma.h"
#include "Vrtl_dma_wires.h"
#include "rtl_clock.hpp"
#include "rtl_stepper.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/pins/tlm_to_axi.hpp"
#include "smmu/tlm/smmuv3.hpp"

#define SMMU_AXI_BIND   bind_registers
#define SMMU_AXI_PREFIX s_
#include "smmu/pins/axi_model_pins.hpp"
#define SMMU_AXI_BIND   bind_memory
#define SMMU_AXI_PREFIX m_
#include "smmu/pins/axi_model_pins.hpp"
#define SMMU_AXI_TO_MODEL   registers_to_model
#define SMMU_AXI_FROM_MODEL registers_from_model
#define SMMU_AXI_PREFIX     s_
#include "smmu/pins/axi_model_values.hpp"
#define SMMU_AXI_TO_MODEL   memory_to_model
#define SMMU_AXI_FROM_MODEL memory_from_model
#define SMMU_AXI_PREFIX     m_
#include "smmu/pins/axi_model_values.hpp"

namespace rtl_test {

inline constexpr std::uint32_t length = 0x10000; // of a copy, and between source and destination

// Registers that a copy needs, as docs/rtl.md has them; the last one starts it.
struct register_write {
    std::uint32_t offset;
    std::uint32_t value;
};
inline constexpr std::array<register_write, 5> program = {
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

inline std::vector<std::uint8_t> make_memory()
{
    std::vector<std::uint8_t> bytes(2 * length);
    for (std::size_t i = 0; i < length; i++)
        bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
}

inline bool is_copied(const std::vector<std::uint8_t> &bytes)
{
    return std::memcmp(bytes.data(), bytes.data() + length, length) == 0;
}

// What the memory does with an access.
enum class rtl_memory {
    answers_at_once,
    calls_accessed, // before it
};

// An engine between bridges, with a memory behind them.
class rtl_platform : public sc_core::sc_module {
  public:
    // In a process: a copy, until its interrupt.
    bool copy()
    {
        std::memset(bytes_.data() + length, 0, length);
        copying_ = true;
        wake();
        for (const register_write &each : program)
            write(each);
        if (!irq_.read())
            sc_core::wait(irq_.posedge_event());
        write({0x08, 0});
        copying_ = false;
        return is_copied(bytes_);
    }

    virtual std::uint64_t cycles() const = 0;

    // Called in a process before an access of memory; may wait.
    std::function<void(const tlm::tlm_generic_payload &)> accessed;

  protected:
    rtl_platform(const sc_core::sc_module_name &name, rtl_memory memory) : sc_module(name)
    {
        if (memory == rtl_memory::calls_accessed)
            memory_.register_b_transport(this, &rtl_platform::b_transport);
        else
            memory_.register_nb_transport_fw(this, &rtl_platform::nb_transport_fw);
    }
    virtual void wake() = 0;
    bool is_copying() const { return copying_; }

    sc_core::sc_signal<bool> irq_{"irq"};
    tlm_utils::simple_initiator_socket<rtl_platform> cpu_{"cpu"};
    tlm_utils::simple_target_socket<rtl_platform> memory_{"memory"};

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
        if (accessed)
            accessed(payload);
        access(payload);
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &)
    {
        access(payload);
        return tlm::TLM_COMPLETED;
    }

    void access(tlm::tlm_generic_payload &payload)
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
};

// An SMMU that translates what stream 0 copies: pages of 4 KiB at three levels, each to itself
// (IHI 0070 5.2, 5.4, 6.3; DDI 0487 D8.3).
class rtl_smmu : public sc_core::sc_module {
  public:
    explicit rtl_smmu(const sc_core::sc_module_name &name) : sc_module(name)
    {
        registers_.bind(smmu.prog());
        smmu.walk().bind(tables_);
        tables_.register_b_transport(this, &rtl_smmu::b_transport);
        put(0x0, 0xb | 0x40);             // STE: V, Config: stage 1
        put(0x40, 0x0000'6202'c000'3519); // CD: 39 bits of input, 40 of output, 4 KiB
        put(0x48, 0x1000);                // TTB0
        put(0x58, 0xff);                  // MAIR 0: Normal Write-Back
        put(0x1000, 0x2003);              // a table of level 2, and one of level 3
        put(0x2000, 0x3003);
        for (std::uint64_t page = 0; page < 2 * length / 0x1000; page++)
            put(0x3000 + 8 * page, page << 12 | 0x743);
    }

    // In a process, once: the only register out of reset is CR0.SMMUEN, as the Stream table is at
    // 0.
    void enable()
    {
        std::uint32_t smmuen = 1;
        tlm::tlm_generic_payload payload;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(0x20);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&smmuen));
        payload.set_data_length(sizeof(smmuen));
        payload.set_streaming_width(sizeof(smmuen));
        registers_->b_transport(payload, delay);
    }

    smmu::smmuv3 smmu{"smmu"};

  private:
    void put(std::size_t at, std::uint64_t word) { std::memcpy(&bytes_[at], &word, sizeof(word)); }
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        std::memcpy(payload.get_data_ptr(), &bytes_[payload.get_address()],
                    payload.get_data_length());
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    tlm_utils::simple_initiator_socket<rtl_smmu> registers_{"registers"};
    tlm_utils::simple_target_socket<rtl_smmu> tables_{"tables"};
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(0x4000);
};

// As it is in a machine: a call for each cycle, and an SMMU before the memory unless that is
// nullptr.
class rtl_stepped final : public rtl_platform, private vp::rtl_steps_of<rtl_stepped> {
    friend vp::rtl_steps_of<rtl_stepped>;

  public:
    explicit rtl_stepped(const sc_core::sc_module_name &name,
                         rtl_memory memory = rtl_memory::answers_at_once,
                         rtl_smmu *translates = nullptr)
        : rtl_platform(name, memory)
    {
        cpu_.bind(to_registers_.socket);
        if (translates) {
            to_memory_.socket.bind(translates->smmu.dev());
            translates->smmu.mem().bind(memory_);
        } else {
            to_memory_.socket.bind(memory_);
        }
    }
    std::uint64_t cycles() const override { return clock_.cycles(); }

  private:
    static constexpr auto manager = smmu::pins::axi_side::manager;
    static constexpr auto subordinate = smmu::pins::axi_side::subordinate;

    void cycle(bool reset_n, const sc_core::sc_time &) override
    {
        const auto level = reset_n ? smmu::pins::pin_level::high : smmu::pins::pin_level::low;
        to_memory_.edge(memory_pins_, level);
        to_registers_.edge(register_pins_, level);
        model_.clk = 1;
        model_.rst_n = reset_n;
        model_.eval();
        memory_to_model<rtl_dma_bus, manager>(memory_pins_, model_);
        registers_to_model<rtl_dma_registers, subordinate>(register_pins_, model_);
        model_.clk = 0;
        model_.eval();
        memory_from_model<rtl_dma_bus, manager>(model_, memory_pins_);
        registers_from_model<rtl_dma_registers, subordinate>(model_, register_pins_);
    }
    bool wanted() const override { return is_copying(); }
    bool is_quiet() const override
    {
        return to_memory_.is_quiet(memory_pins_) && to_registers_.is_quiet(register_pins_);
    }
    bool has_news() const override { return model_.irq != told_irq_; }
    void publish() override
    {
        told_irq_ = model_.irq;
        irq_.write(told_irq_);
    }
    void wake() override { clock_.wake(); }

    vp::rtl_stepper clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS), *this};
    smmu::pins::axi_values register_pins_ = smmu::pins::axi_values::of<rtl_dma_registers>();
    smmu::pins::axi_values memory_pins_ = smmu::pins::axi_values::of<rtl_dma_bus>();
    Vrtl_dma model_;
    smmu::pins::tlm_to_axi_stepped<rtl_dma_registers> to_registers_{"to_registers"};
    smmu::pins::axi_to_tlm_stepped<rtl_dma_bus> to_memory_{"to_memory"};
    bool told_irq_ = false;
};

// With a signal of SystemC for every pin.
class rtl_wired : public rtl_platform {
  public:
    explicit rtl_wired(const sc_core::sc_module_name &name,
                       rtl_memory memory = rtl_memory::answers_at_once)
        : rtl_platform(name, memory)
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
    }
    std::uint64_t cycles() const override { return clock_.cycles(); }

  private:
    void wake() override { clock_.wake(); }

    vp::rtl_clock clock_{"clock", sc_core::sc_time(10, sc_core::SC_NS),
                         [this] { return is_copying(); }};
    smmu::pins::axi_wires<rtl_dma_registers> register_wires_{"registers_"};
    smmu::pins::axi_wires<rtl_dma_bus> memory_wires_{"memory_"};
    Vrtl_dma_wires model_{"model"};
    smmu::pins::tlm_to_axi<rtl_dma_registers> to_registers_{"to_registers"};
    smmu::pins::axi_to_tlm<rtl_dma_bus> to_memory_{"to_memory"};
    sc_core::sc_signal<bool> busy_{"busy"};
};

} // namespace rtl_test

#endif
