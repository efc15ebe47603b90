// SPDX-License-Identifier: Apache-2.0
// smmu::pins::tlm_to_axi_stepped at rest, where it does not look at its pins, notices what concerns
// it.
#include <gtest/gtest.h>

#include <tlm_utils/simple_initiator_socket.h>

#include "buses.hpp"
#include "smmu/pins/axi_values.hpp"
#include "smmu/pins/tlm_to_axi.hpp"

namespace pins_test::test_tlm_to_axi_stepped {

namespace {

using namespace smmu::pins;

class resting_bridge : public sc_core::sc_module {
  public:
    tlm_to_axi_stepped<full_bus> bridge{"bridge"};

    explicit resting_bridge(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket_.bind(bridge.socket);
        edge();
        edge();
    }

    void edge(pin_level aresetn = pin_level::high) { bridge.edge(pins_, aresetn); }
    bool is_ready() const
    {
        return pins_.is_ready(axi_channel::B) && pins_.is_ready(axi_channel::R);
    }

  private:
    tlm_utils::simple_initiator_socket<resting_bridge> socket_{"socket"};
    axi_values pins_ = axi_values::of<full_bus>();
};

TEST(tlm_to_axi_stepped, asks_a_throttle_that_comes_while_it_rests)
{
    resting_bridge it("it");
    ASSERT_TRUE(it.is_ready());
    it.bridge.set_throttle([](axi_channel) { return false; });
    it.edge();
    EXPECT_FALSE(it.is_ready());
    it.bridge.set_throttle({});
    it.edge();
    EXPECT_TRUE(it.is_ready());
}

TEST(tlm_to_axi_stepped, is_reset_while_it_rests)
{
    resting_bridge it("it");
    it.edge(pin_level::low);
    EXPECT_FALSE(it.is_ready());
    it.edge();
    EXPECT_TRUE(it.is_ready());
}

} // namespace

} // namespace pins_test::test_tlm_to_axi_stepped
