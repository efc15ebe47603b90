// SPDX-License-Identifier: Apache-2.0
// The traffic generator as a SystemC module: a register frame, a wire, and a bus master.
#ifndef VP_TRAFFIC_GENERATOR_HPP
#define VP_TRAFFIC_GENERATOR_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/pace.hpp"
#include "traffic/traffic.h"
#include "vp/device.hpp"
#include "vp/payload_pool.hpp"
#include "vp/register_socket.hpp"

namespace vp {

// Transactions carry an smmu::attributes extension. By nb_transport as many are outstanding as
// wanted, by b_transport one after the other.
class traffic_generator : public sc_core::sc_module,
                          public device,
                          private smmu::at_initiator::user {
  public:
    struct options {
        traffic_config config = traffic_config_default(); // without its lists
        std::vector<std::uint32_t> sids = {0};
        std::vector<traffic_piece> pieces;
        std::vector<traffic_record> records;
        bool approximate = false;                // by nb_transport
        std::optional<sc_core::sc_time> start{}; // when a run starts that no software has started
        std::vector<std::string> files;          // of the host, where all this is from

        // The configuration with its lists, which stay those of the options.
        traffic_config whole() const;
    };

    // Throws std::invalid_argument for options that make no sense.
    traffic_generator(const sc_core::sc_module_name &name, const options &opts);

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<initiator *> masters() override { return {&master_}; }
    std::vector<wire_out *> irqs() override { return {&irq_}; }
    std::vector<counter> counters() const override;
    std::vector<std::string> files() const override { return options_.files; }

  private:
    traffic *create();
    void start_itself();
    void serve();
    void issue(const traffic_access &access);
    void send(const traffic_access &access);
    void transport(const traffic_access &access);
    void response_arrived(tlm::tlm_generic_payload &payload) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

    options options_;
    tlm_utils::simple_initiator_socket<traffic_generator> master_{"master"};
    wire_out irq_{"irq"};
    payload_pool<unsigned> pool_; // their context is the slot
    smmu::at_initiator initiator_;
    smmu::pace pace_;
    sc_core::sc_event changed_; // there may be something to do
    std::unique_ptr<traffic, void (*)(traffic *)> core_;
    register_socket socket_;
};

// Factory for "vp,traffic-generator"; docs/traffic.md lists the properties.
std::unique_ptr<device> make_traffic_generator(const dt_node &node, const char *name);

} // namespace vp

#endif
