// SPDX-License-Identifier: Apache-2.0
// What gives transactions a DeviceID lets them pass by phases.
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "at_initiators.hpp"
#include "at_targets.hpp"
#include "smmu/tlm/protocol_checker.hpp"
#include "vp/msi_stamp.hpp"

namespace test_msi_stamp {
namespace {

constexpr std::uint32_t device_id = 0x1234;

// Notes what DeviceIDs requests have that go by, and responses that come back.
class id_recorder : public sc_core::sc_module {
  public:
    explicit id_recorder(const sc_core::sc_module_name &name) : sc_module(name)
    {
        in.register_nb_transport_fw(this, &id_recorder::forward);
        out.register_nb_transport_bw(this, &id_recorder::backward);
    }

    tlm_utils::simple_target_socket<id_recorder> in{"in"};
    tlm_utils::simple_initiator_socket<id_recorder> out{"out"};
    std::vector<std::uint32_t> requests;
    std::vector<bool> stamped_responses;

  private:
    void note(const tlm::tlm_generic_payload &trans)
    {
        stamped_responses.push_back(trans.get_extension<vp::msi_extension>() != nullptr);
    }
    tlm::tlm_sync_enum forward(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                               sc_core::sc_time &delay)
    {
        if (phase == tlm::BEGIN_REQ)
            requests.push_back(vp::msi_extension::device_id_of(trans));
        const bool ends = phase == tlm::END_RESP;
        const tlm::tlm_sync_enum status = out->nb_transport_fw(trans, phase, delay);
        if (!ends && (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP))
            note(trans);
        return status;
    }
    tlm::tlm_sync_enum backward(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                sc_core::sc_time &delay)
    {
        if (phase == tlm::BEGIN_RESP)
            note(trans);
        return in->nb_transport_bw(trans, phase, delay);
    }
};

class msi_stamp : public testing::TestWithParam<tlm_test::at_target_kind> {};

TEST_P(msi_stamp, is_on_requests_and_gone_from_responses)
{
    tlm_test::storage bytes;
    tlm_test::at_sender sender("sender", tlm_test::at_initiator_kinds[0], 4);
    id_recorder above("above");
    vp::msi_stamp stamp("stamp", device_id);
    stamp.add(7, device_id + 1);
    stamp.add(8, device_id + 2);
    id_recorder below("below");
    smmu::protocol_checker<> checker("checker");
    tlm_test::at_memory memory("memory", GetParam(), bytes);
    sender.socket.bind(above.in);
    above.out.bind(stamp.in);
    stamp.out.bind(below.in);
    below.out.bind(checker.target_socket);
    checker.initiator_socket.bind(memory.socket);

    std::vector<tlm_test::at_transfer> transfers;
    for (unsigned i = 0; i < 6; i++)
        transfers.push_back(tlm_test::at_read(tlm_test::storage::base + 4 * i, 4));
    transfers[4].attributes.id = 8;
    transfers[5].attributes.id = 9;
    for (tlm_test::at_transfer &transfer : transfers)
        sender.send(transfer);
    sc_core::sc_start();

    for (const tlm_test::at_transfer &transfer : transfers)
        EXPECT_EQ(transfer.responses, 1u);
    std::vector<std::uint32_t> expected(6, device_id);
    expected[4] = device_id + 2; // by the id, where it is one that was added
    EXPECT_EQ(below.requests, expected);
    EXPECT_EQ(above.requests, std::vector<std::uint32_t>(6, 0));
    EXPECT_EQ(above.stamped_responses, std::vector<bool>(6, false));
}

INSTANTIATE_TEST_SUITE_P(platform, msi_stamp, testing::ValuesIn(tlm_test::at_target_kinds),
                         [](const testing::TestParamInfo<tlm_test::at_target_kind> &info) {
                             return std::string(info.param.name);
                         });

} // namespace
} // namespace test_msi_stamp
