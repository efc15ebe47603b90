// SPDX-License-Identifier: Apache-2.0
// A user of the installed recorders: what a device asks an SMMU out of reset for is recorded, and
// replayed without a difference.
#include <smmu/replay/axi_recorder.hpp>
#include <smmu/replay/recorder.hpp>
#include <smmu/replay/replay.hpp>
#include <smmu/tlm/smmuv3.hpp>

#include <sstream>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

struct top : sc_core::sc_module {
    std::ostringstream text;
    smmu::log_recorder log{text};
    tlm_utils::simple_initiator_socket<top> cpu{"cpu"}, device{"device"};
    tlm_utils::simple_target_socket<top> tables{"tables"}, memory{"memory"};
    smmu::socket_recorder<> dev{"dev", log, smmu::recorded_interface::dev};
    smmu::socket_recorder<> mem{"mem", log, smmu::recorded_interface::mem};
    smmu::smmuv3 smmu{"smmu"};

    SC_HAS_PROCESS(top);
    explicit top(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        cpu.bind(smmu.prog());
        device.bind(dev.target_socket);
        dev.initiator_socket.bind(smmu.dev());
        smmu.mem().bind(mem.target_socket);
        mem.initiator_socket.bind(memory);
        smmu.walk().bind(tables);
        for (auto *each : {&tables, &memory})
            each->register_b_transport(this, &top::receive);
        SC_THREAD(send);
    }

    void send()
    {
        unsigned char data[4] = {};
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(0x12345678);
        payload.set_data_ptr(data);
        payload.set_data_length(sizeof data);
        payload.set_streaming_width(sizeof data);
        sc_core::sc_time delay;
        device->b_transport(payload, delay);
    }

    void receive(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

int sc_main(int, char **)
{
    top t("top");
    sc_core::sc_start();
    const smmu_config cfg = smmu_config_default();
    smmu::replay_counts counts;
    std::istringstream log(t.text.str());
    const auto rows = smmu::read_log(log, ".");
    return rows.size() == 2 && !smmu::replay_log(cfg, rows, counts) ? 0 : 1;
}
