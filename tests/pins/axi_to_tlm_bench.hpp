// SPDX-License-Identifier: Apache-2.0
// A bridge from AXI to TLM between a manager and a target that a test plays by hand.
#ifndef TESTS_PINS_AXI_TO_TLM_BENCH_HPP
#define TESTS_PINS_AXI_TO_TLM_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <tlm_utils/passthrough_target_socket.h>

#include "hand_side.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/tlm/at_target.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace pins_test {

using byte_values = std::vector<unsigned>;

// Accepts requests and keeps them until the test answers.
class patient_target : public sc_core::sc_module, private smmu::at_target::user {
  public:
    tlm_utils::passthrough_target_socket<patient_target> socket{"socket"};

    explicit patient_target(const sc_core::sc_module_name &name)
        : sc_module(name), side_("side", *this, [this]() -> tlm::tlm_bw_transport_if<> & {
              return *socket.operator->();
          })
    {
        socket.register_nb_transport_fw(this, &patient_target::nb_transport_fw);
        socket.register_transport_dbg(this, &patient_target::transport_dbg);
    }

    struct seen {
        tlm::tlm_command command;
        std::uint64_t address;
        byte_values data, enables;
        unsigned width;
        smmu::attributes attributes;
    };
    std::vector<seen> log;                            // requests that have come
    std::vector<tlm::tlm_generic_payload *> payloads; // of them; answered: nullptr
    bool accepts = true;
    std::size_t completed = SIZE_MAX;  // the request that is answered in its call
    std::vector<unsigned char> memory; // for debug transport, from address `memory_base` on

    // Answers request `number`, a read with bytes from `first` on.
    void answer(std::size_t number, tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE,
                unsigned first = 0)
    {
        tlm::tlm_generic_payload &payload = *payloads.at(number);
        if (payload.is_read())
            std::iota(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length(),
                      static_cast<unsigned char>(first));
        payload.set_response_status(status);
        payloads[number] = nullptr;
        side_.respond(payload);
    }
    void accept(std::size_t number) { side_.accept(*payloads.at(number)); }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return side_.nb_transport_fw(payload, phase, delay);
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &payload)
    {
        EXPECT_EQ(smmu::attributes::of(payload).op, SMMU_OP_ORDINARY);
        const std::uint64_t offset = payload.get_address() - memory_base;
        const unsigned length = payload.get_data_length();
        if (offset + length > memory.size())
            return 0;
        if (payload.is_read())
            std::copy_n(&memory[offset], length, payload.get_data_ptr());
        else
            std::copy_n(payload.get_data_ptr(), length, &memory[offset]);
        return length;
    }
    void request_arrived(tlm::tlm_generic_payload &payload) override
    {
        const unsigned char *const data = payload.get_data_ptr();
        const unsigned char *const enables = payload.get_byte_enable_ptr();
        seen it = {payload.get_command(),         payload.get_address(),        {}, {},
                   payload.get_streaming_width(), smmu::attributes::of(payload)};
        it.data.assign(data, data + payload.get_data_length());
        if (enables)
            it.enables.assign(enables, enables + payload.get_byte_enable_length());
        log.push_back(it);
        payloads.push_back(&payload);
        if (accepts)
            side_.accept(payload);
        if (payloads.size() - 1 == completed)
            answer(completed);
    }

    smmu::at_target side_;
};

struct axi_to_tlm_bench : hand_side_of<smmu::pins::axi_side::manager> {
    axi_to_tlm_bench() : hand_side_of("b")
    {
        bridge.ACLK(clock);
        bridge.ARESETn(reset_n);
        bridge.axi.bind(wires);
        bridge.socket.bind(tlm.target_socket);
        tlm.initiator_socket.bind(target.socket);
    }

    // A write of one transfer, as far as the target.
    void write(const smmu::pins::axi_request &request, unsigned first = 0, unsigned strobe = 0xff)
    {
        put(request);
        for (unsigned i = 0; i < request.transfers(); i++)
            data(first + 8 * i, strobe, i == request.len);
        cycle(2);
    }
    unsigned write_response()
    {
        return static_cast<unsigned>(
            get(smmu::pins::axi_channel::B).get(smmu::pins::axi_signal::BRESP));
    }
    unsigned read_response()
    {
        return static_cast<unsigned>(
            get(smmu::pins::axi_channel::R).get(smmu::pins::axi_signal::RRESP));
    }

    smmu::pins::axi_to_tlm<full_bus> bridge{"bridge"};
    smmu::protocol_checker<> tlm{"tlm"};
    patient_target target{"target"};
};

// The values `first`, `first` + 1 and so on, `count` of them.
inline byte_values counted(unsigned first, unsigned count)
{
    byte_values result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

} // namespace pins_test

#endif
