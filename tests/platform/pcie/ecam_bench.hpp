// SPDX-License-Identifier: Apache-2.0
// A host with DMA functions, software on one side of it and memory on the other.
#ifndef TESTS_ECAM_BENCH_HPP
#define TESTS_ECAM_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "../devices/flat_memory.hpp"
#include "ecam_host.hpp"
#include "pcie_dma_function.hpp"
#include "pcie_tree.hpp"
#include "smmu/tlm/attributes.hpp"
#include "vp/msi_extension.hpp"
#include "vp/wire.hpp"

namespace test {

inline const std::vector<vp::pcie_function_model> models = {{"vp,pcie-dma", vp::make_dma_function}};

inline std::unique_ptr<vp::ecam_host> make_host(const char *name, const edited_tree &tree)
{
    return std::make_unique<vp::ecam_host>(name, vp::read_pcie_node(*tree.tree().by_path(pcie)),
                                           models);
}

struct seen_access {
    unsigned way;
    bool write;
    std::uint64_t addr;
    std::uint32_t value;
    smmu::attributes attributes;
    std::uint32_t device_id;
};

// Memory at 0 behind each way out, the same for all; notes who reaches it. Addresses from
// `refused` on are refused.
struct memory : sc_core::sc_module {
    static constexpr std::uint64_t refused = 0x8000;

    explicit memory(const sc_core::sc_module_name &name, unsigned ways = 3)
        : sc_module(name), sockets("socket", ways), bytes(0x10000)
    {
        for (unsigned i = 0; i < sockets.size(); i++)
            sockets[i].register_b_transport(this, &memory::transport, static_cast<int>(i));
    }

    void transport(int way, tlm::tlm_generic_payload &trans, sc_core::sc_time &)
    {
        const std::uint64_t at = trans.get_address();
        std::uint32_t value = 0;

        std::memcpy(&value, trans.get_data_ptr(), std::min(trans.get_data_length(), 4u));
        seen.push_back({static_cast<unsigned>(way), trans.is_write(), at, value,
                        smmu::attributes::of(trans), vp::msi_extension::device_id_of(trans)});
        if (at >= refused && at < bytes.size())
            trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        else
            move(trans, bytes);
    }

    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<memory>> sockets;
    std::vector<std::uint8_t> bytes;
    std::vector<seen_access> seen;
};

// Software: one access at a time to configuration space or a window.
struct software : sc_core::sc_module {
    explicit software(const sc_core::sc_module_name &name) : sc_module(name) {}

    tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t at, void *data,
                                    unsigned length, unsigned width)
    {
        tlm::tlm_generic_payload trans;
        sc_core::sc_time delay;

        trans.set_command(command);
        trans.set_address(at);
        trans.set_data_ptr(static_cast<unsigned char *>(data));
        trans.set_data_length(length);
        trans.set_streaming_width(width);
        socket->b_transport(trans, delay);
        return trans.get_response_status();
    }

    std::uint64_t read(std::uint64_t at, unsigned length = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(access(tlm::TLM_READ_COMMAND, at, &value, length, length), tlm::TLM_OK_RESPONSE);
        return value;
    }

    void write(std::uint64_t at, std::uint64_t value, unsigned length = 4)
    {
        EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, at, &value, length, length), tlm::TLM_OK_RESPONSE);
    }

    tlm_utils::simple_initiator_socket<software> socket{"socket"};
};

// Integrated endpoint at 00:01.0; another behind the port at 00:02.0.
inline edited_tree bench_tree()
{
    auto tree = pcie_machine();
    plug_port(tree, "port@2,0", 0x10);
    plug(tree, "port@2,0/dma@0,0", "vp,pcie-dma", 0);
    plug(tree, "dma@1,0", "vp,pcie-dma", 0x08)
        .cells(below_pcie("dma@1,0"), "vp,burst-ns", {10})
        .cells(below_pcie("dma@1,0"), "vp,burst-bytes", {64});
    return tree;
}

// A host with software at its registers and windows, and memory behind its ways out.
template <typename Memory> struct host_bench {
    // What memory needs to know but its name comes last.
    template <typename... Args>
    explicit host_bench(const edited_tree &tree, Args... args)
        : host(make_host("host", tree)), ram("ram", args...)
    {
        ecam.socket.bind(*host->regs()[0]);
        io.socket.bind(*host->regs()[1]);
        low.socket.bind(*host->regs()[2]);
        high.socket.bind(*host->regs()[3]);
        for (unsigned i = 0; i < host->masters().size(); i++)
            ram.sockets[i].bind(*host->masters()[i]);
    }

    std::unique_ptr<vp::ecam_host> host;
    software ecam{"to_ecam"};
    software io{"to_io"};
    software low{"to_low"};
    software high{"to_high"};
    Memory ram;
};

struct bench : host_bench<memory> {
    bench() : host_bench(bench_tree())
    {
        for (unsigned i = 0; i < 2; i++)
            host->irqs()[i]->bind(wires[i]);
    }

    sc_core::sc_vector<vp::wire> wires{"wire", 2};
};

} // namespace test

#endif
