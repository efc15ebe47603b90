// SPDX-License-Identifier: Apache-2.0
// The smallest platform with an SMMU: one device writes through it into one memory.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include <smmu/tlm/smmuv3.hpp>

namespace {

constexpr std::uint64_t ram_base = 0x8000'0000;
constexpr std::uint64_t ste_address = ram_base;            // a Stream table of one entry
constexpr std::uint64_t cd_address = ram_base + 0x40;      // its Context descriptor
constexpr std::uint64_t table_address = ram_base + 0x1000; // its translation table

struct ram : sc_core::sc_module {
    tlm_utils::simple_target_socket<ram> tables{"tables"};
    tlm_utils::simple_target_socket<ram> data{"data"};
    std::vector<unsigned char> bytes = std::vector<unsigned char>(0x10000);

    explicit ram(const sc_core::sc_module_name &name) : sc_module(name)
    {
        tables.register_b_transport(this, &ram::b_transport);
        data.register_b_transport(this, &ram::b_transport);
    }

    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        const std::uint64_t offset = payload.get_address() - ram_base;
        const unsigned length = payload.get_data_length();
        if (offset >= bytes.size() || length > bytes.size() - offset) {
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        unsigned char *here = bytes.data() + offset;
        if (payload.is_write())
            std::memcpy(here, payload.get_data_ptr(), length);
        else
            std::memcpy(payload.get_data_ptr(), here, length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
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
};

// A bus master that writes one number at a time: the CPU and the DMA device of this platform.
struct master : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<master> socket{"socket"};

    explicit master(const sc_core::sc_module_name &name) : sc_module(name) {}

    bool write(std::uint64_t address, std::uint64_t value, unsigned size)
    {
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(address);
        payload.set_data_ptr(reinterpret_cast<unsigned char *>(&value));
        payload.set_data_length(size);
        payload.set_streaming_width(size);
        sc_core::sc_time delay;
        socket->b_transport(payload, delay);
        return payload.is_response_ok();
    }
};

struct top : sc_core::sc_module {
    master cpu{"cpu"};
    master dma{"dma"};
    ram memory{"memory"};
    smmu::smmuv3 smmu{"smmu"};

    explicit top(const sc_core::sc_module_name &name) : sc_module(name)
    {
        cpu.socket.bind(smmu.prog());
        dma.socket.bind(smmu.dev());
        smmu.mem().bind(memory.data);
        smmu.walk().bind(memory.tables);
        SC_HAS_PROCESS(top);
        SC_THREAD(run);
    }

    // Map the first gigabyte of StreamID 0 to ram_base (IHI 0070 5.2, 5.4, 6.3; DDI 0487 D8.3).
    void program()
    {
        memory.store(ste_address, 0xb | cd_address);     // V, Config: stage 1
        memory.store(cd_address, 0x0000'6202'c000'3519); // 39 bits of input, 4 KiB
        memory.store(cd_address + 8, table_address);     // TTB0
        memory.store(cd_address + 24, 0xff);             // MAIR 0: Normal Write-Back
        memory.store(table_address, ram_base | 0x741);   // a level 1 Block, read-write
        cpu.write(0x80, ste_address, 8);                 // STRTAB_BASE
        cpu.write(0x88, 0, 4);                           // STRTAB_BASE_CFG: linear, one
        cpu.write(0x20, 1, 4);                           // CR0.SMMUEN
    }

    void run()
    {
        program();
        const bool written = dma.write(0x9008, 42, 8);
        const bool stopped = !dma.write(0x4000'0000, 42, 8); // the second gigabyte is not mapped
        worked = written && stopped && memory.load(ram_base + 0x9008) == 42;
    }

    bool worked = false;
};

} // namespace

int sc_main(int, char *[])
{
    top t("top");
    sc_core::sc_start();
    std::puts(t.worked ? "the device reached its memory and no other" : "failed");
    return t.worked ? 0 : 1;
}
