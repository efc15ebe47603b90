// SPDX-License-Identifier: Apache-2.0
// A testbench with clocks: RTL of an SMMU will be where `smmu` is, between a device that speaks
// AXI, memory that does, and software that programs it by APB.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include <smmu/pins/apb_checker.hpp>
#include <smmu/pins/axi_checker.hpp>
#include <smmu/pins/pin_smmuv3.hpp>

namespace {

using namespace smmu::pins;

constexpr std::uint64_t ram_base = 0x8000'0000;
constexpr std::uint64_t ste_address = ram_base;            // a Stream table of one entry
constexpr std::uint64_t cd_address = ram_base + 0x40;      // its Context descriptor
constexpr std::uint64_t table_address = ram_base + 0x1000; // its translation table

// 64 bits of data everywhere.
struct buses : pin_smmuv3_buses {
    using device = axi5_untranslated<64, 4, 64>;
    using memory = axi5<64, 4, 48>;
    using walk = axi5<64, 2, 48>;
    using prog = apb4<32, 20>;
};

// Memory behind two buses: bridges make calls of what is on their pins.
struct ram : sc_core::sc_module {
    axi_to_tlm<buses::memory> data{"data"};
    axi_to_tlm<buses::walk> tables{"tables"};
    std::vector<unsigned char> bytes = std::vector<unsigned char>(0x10000);

    explicit ram(const sc_core::sc_module_name &name) : sc_module(name)
    {
        for (auto *socket : {&from_data_, &from_tables_})
            socket->register_b_transport(this, &ram::b_transport);
        data.socket.bind(from_data_);
        tables.socket.bind(from_tables_);
    }

    std::uint64_t load(std::uint64_t address) const
    {
        std::uint64_t value = 0;
        std::memcpy(&value, &bytes.at(address - ram_base), sizeof value);
        return value;
    }
    void store(std::uint64_t address, std::uint64_t value)
    {
        std::memcpy(&bytes.at(address - ram_base), &value, sizeof value);
    }

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        const std::uint64_t offset = payload.get_address() - ram_base;
        const unsigned length = payload.get_data_length();
        if (offset >= bytes.size() || length > bytes.size() - offset) {
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        if (payload.is_write())
            std::memcpy(bytes.data() + offset, payload.get_data_ptr(), length);
        else
            std::memcpy(payload.get_data_ptr(), bytes.data() + offset, length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    tlm_utils::simple_target_socket<ram> from_data_{"from_data"}, from_tables_{"from_tables"};
};

struct top : sc_core::sc_module {
    sc_core::sc_clock clock{"clock", 2, sc_core::SC_NS}; // of AXI
    sc_core::sc_clock pclk{"pclk", 10, sc_core::SC_NS};  // of APB
    sc_core::sc_signal<bool> reset_n{"reset_n"};
    sc_core::sc_signal<bool> gerror{"gerror"};
    axi_wires<buses::device> device_wires{"device_wires_"};
    axi_wires<buses::memory> memory_wires{"memory_wires_"};
    axi_wires<buses::walk> walk_wires{"walk_wires_"};
    apb_wires<buses::prog> prog_wires{"prog_wires_"};

    pin_smmuv3<buses> smmu{"smmu"};
    ram memory{"memory"};
    axi_checker<buses::device> checker{"checker"}; // of what the device and the SMMU say
    apb_checker<buses::prog> prog_checker{"prog_checker"};
    axi_manager_pins<buses::device> device{"device_"};
    apb_bundle<buses::prog, two_state, axi_side::manager> cpu{"cpu_"};

    SC_HAS_PROCESS(top);
    explicit top(const sc_core::sc_module_name &name) : sc_module(name)
    {
        smmu.ACLK(clock);
        smmu.PCLK(pclk);
        smmu.ARESETn(reset_n);
        smmu.dev[0].bind(device_wires);
        smmu.mem[0].bind(memory_wires);
        smmu.walk.bind(walk_wires);
        smmu.prog.bind(prog_wires);
        smmu.irq_gerror(gerror);
        memory.data.axi.bind(memory_wires);
        memory.tables.axi.bind(walk_wires);
        memory.data.ACLK(clock);
        memory.tables.ACLK(clock);
        memory.data.ARESETn(reset_n);
        memory.tables.ARESETn(reset_n);
        checker.ACLK(clock);
        checker.ARESETn(reset_n);
        checker.axi.bind(device_wires);
        prog_checker.PCLK(pclk);
        prog_checker.PRESETn(reset_n);
        prog_checker.apb.bind(prog_wires);
        device.bind(device_wires);
        cpu.bind(prog_wires);
        SC_THREAD(run);
    }

    // A transfer of APB (IHI 0024).
    void program(std::uint32_t address, std::uint32_t value)
    {
        cpu.PADDR = address;
        cpu.PWDATA = value;
        cpu.PSTRB = 0xf;
        cpu.PWRITE = true;
        cpu.PSEL = true;
        wait(pclk.posedge_event());
        cpu.PENABLE = true;
        do
            wait(pclk.posedge_event());
        while (!prog_wires.PREADY);
        cpu.PSEL = false;
        cpu.PENABLE = false;
    }

    // A burst of one transfer of 8 bytes by stream 0; returns BRESP.
    unsigned write(std::uint64_t address, std::uint64_t value)
    {
        device.AWADDR = address;
        device.AWSIZE = 3;
        device.AWBURST = AXI_BURST_INCR;
        device.AWCACHE = 3;
        device.AWDOMAIN = AXI_DOMAIN_SYSTEM;
        device.AWPROT = 2; // Non-secure
        device.AWMMUVALID = true;
        device.AWVALID = true;
        device.WDATA = value;
        device.WSTRB = 0xff;
        device.WLAST = true;
        do
            wait(clock.posedge_event());
        while (!device_wires.AWREADY);
        device.AWVALID = false;
        device.WVALID = true;
        do
            wait(clock.posedge_event());
        while (!device_wires.WREADY);
        device.WVALID = false;
        device.BREADY = true;
        do
            wait(clock.posedge_event());
        while (!device_wires.BVALID);
        device.BREADY = false;
        return device_wires.BRESP;
    }

    // Map the first gigabyte of StreamID 0 to ram_base (IHI 0070 5.2, 5.4, 6.3; DDI 0487 D8.3).
    void run()
    {
        memory.store(ste_address, 0xb | cd_address);     // V, Config: stage 1
        memory.store(cd_address, 0x0000'6202'c000'3519); // 39 bits of input, 4 KiB
        memory.store(cd_address + 8, table_address);     // TTB0
        memory.store(cd_address + 24, 0xff);             // MAIR 0: Normal Write-Back
        memory.store(table_address, ram_base | 0x741);   // a level 1 Block, read-write
        wait(20, sc_core::SC_NS);
        reset_n = true;
        wait(20, sc_core::SC_NS);
        program(0x80, static_cast<std::uint32_t>(ste_address)); // STRTAB_BASE
        program(0x88, 0);                                       // STRTAB_BASE_CFG: linear, one
        program(0x20, 1);                                       // CR0.SMMUEN
        const bool written = write(0x9008, 42) == AXI_OKAY;
        const bool stopped = write(0x4000'0000, 42) == AXI_SLVERR; // beyond the first gigabyte
        worked = written && stopped && memory.load(ram_base + 0x9008) == 42 &&
                 checker.complaints() == 0 && prog_checker.complaints() == 0;
        sc_core::sc_stop();
    }

    bool worked = false;
};

} // namespace

int sc_main(int, char *[])
{
    top t("top");
    sc_core::sc_start(1, sc_core::SC_MS);
    std::puts(t.worked ? "the device reached its memory and no other" : "failed");
    return t.worked ? 0 : 1;
}
