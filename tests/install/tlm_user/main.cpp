// SPDX-License-Identifier: Apache-2.0
// A user of the installed component: out of reset an SMMU lets transactions through unchanged.
#include <smmu/tlm/protocol_checker.hpp>
#include <smmu/tlm/smmuv3.hpp>

struct top : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<top> cpu{"cpu"}, device{"device"};
    tlm_utils::simple_target_socket<top> tables{"tables"}, memory{"memory"};
    smmu::protocol_checker<> checker{"checker"};
    smmu::smmuv3 smmu{"smmu"};
    sc_dt::uint64 seen = 0;

    SC_HAS_PROCESS(top);
    explicit top(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        cpu.bind(smmu.prog());
        device.bind(checker.target_socket);
        checker.initiator_socket.bind(smmu.dev());
        smmu.walk().bind(tables);
        smmu.mem().bind(memory);
        tables.register_b_transport(this, &top::receive);
        memory.register_b_transport(this, &top::receive);
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
        seen = payload.get_address();
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

int sc_main(int, char **)
{
    top t("top");
    sc_core::sc_start();
    return t.seen == 0x12345678 ? 0 : 1;
}
