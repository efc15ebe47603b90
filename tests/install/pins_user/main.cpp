// SPDX-License-Identifier: Apache-2.0
// A user of the installed library of pins: a checker sees a request that crosses 4 KiB, and a
// bridge refuses it.
#include <smmu/pins/axi_checker.hpp>
#include <smmu/pins/axi_to_tlm.hpp>
#include <tlm_utils/simple_target_socket.h>

using bus = smmu::pins::axi4<64, 4, 32>;

struct top : sc_core::sc_module {
    sc_core::sc_clock clock{"clock", 10, sc_core::SC_NS};
    sc_core::sc_signal<bool> reset_n{"reset_n"};
    smmu::pins::axi_wires<bus> wires{"wires_"};
    smmu::pins::axi_manager_pins<bus> manager{"manager_"};
    smmu::pins::axi_checker<bus> checker{"checker"};
    smmu::pins::axi_to_tlm<bus> bridge{"bridge"};
    tlm_utils::simple_target_socket<top> memory{"memory"};

    SC_HAS_PROCESS(top);
    explicit top(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        manager.bind(wires);
        checker.ACLK(clock);
        checker.ARESETn(reset_n);
        checker.axi.bind(wires);
        bridge.ACLK(clock);
        bridge.ARESETn(reset_n);
        bridge.axi.bind(wires);
        bridge.socket.bind(memory);
        SC_THREAD(send);
    }

    void send()
    {
        wait(25, sc_core::SC_NS);
        reset_n = true;
        wait(10, sc_core::SC_NS);
        manager.ARADDR = 0x1ff8;
        manager.ARLEN = 1;
        manager.ARSIZE = 3;
        manager.ARBURST = smmu::pins::AXI_BURST_INCR;
        manager.ARVALID = true;
        wait(10, sc_core::SC_NS); // the bridge is ready
        manager.ARVALID = false;
    }
};

int sc_main(int, char **)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_DO_NOTHING);
    top t("top");
    sc_core::sc_start(100, sc_core::SC_NS);
    return t.checker.complaints() == 1 && t.bridge.in_flight() == 1 ? 0 : 1;
}
