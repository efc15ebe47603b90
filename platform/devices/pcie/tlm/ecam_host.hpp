// SPDX-License-Identifier: Apache-2.0
// The generic ECAM host as a SystemC module: root complex, root ports, and the functions of a tree.
#ifndef VP_ECAM_HOST_HPP
#define VP_ECAM_HOST_HPP

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "pcie/pcie_host.h"
#include "pcie_function.hpp"
#include "pcie_node.hpp"
#include "root_ats.hpp"
#include "root_requests.hpp"
#include "vp/capabilities.hpp"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class ecam_host : public sc_core::sc_module,
                  public device,
                  public ats_source,
                  private pcie_upstream {
  public:
    // Throws dt_error for a child that no model serves, or that cannot be where it is.
    ecam_host(const sc_core::sc_module_name &name, const pcie_plan &plan,
              const std::vector<pcie_function_model> &models);
    ~ecam_host() override;

    // Configuration space, then the windows.
    std::vector<target *> regs() override;

    // One for each SMMU of `iommu-map`, then the way of what no entry has.
    std::vector<initiator *> masters() override;

    // For the ATS port of the SMMU behind masters()[way]; nullptr for a way without an SMMU, and
    // for all of a host without `ats-supported`.
    root_ats *ats(std::size_t way) const;
    smmu::ats_client *connect_ats(std::size_t way, smmu::ats_server &server) override;

    sc_core::sc_object *model_of(const dt_node &node) override;
    std::vector<wire_out *> irqs() override;
    std::vector<counter> counters() const override;
    std::vector<std::string> files() const override;

  private:
    struct fn_deleter {
        void operator()(pcie_fn *fn) const { pcie_fn_destroy(fn); }
    };
    struct host_deleter {
        void operator()(pcie_host *host) const { pcie_host_destroy(host); }
    };
    struct endpoint {
        dt_node node;
        std::string name;
        std::unique_ptr<pcie_function> model;
        pcie_link *link; // above it; nullptr: it takes no time
    };
    struct port {
        std::unique_ptr<pcie_fn, fn_deleter> fn;
        pcie_link link;
    };

    void plug(const pcie_slot &slot, port *above, const std::vector<pcie_function_model> &models);
    port &make_port(const pcie_slot &slot);
    pcie_fn *make_endpoint(const pcie_slot &slot, port *above,
                           const std::vector<pcie_function_model> &models);
    void on_window(int window, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    vp_status request(tlm::tlm_command command, const pcie_requester &from, std::uint64_t addr,
                      void *data, std::uint32_t size, sc_core::sc_time &delay) override;
    pcie_translation translate(std::uint16_t rid, const pcie_translation_request &wanted,
                               sc_core::sc_time &delay) override;
    void request_page(std::uint16_t rid, const pcie_page_request &wanted,
                      sc_core::sc_time &delay) override;

    // What the root complex knows of a requester.
    struct origin {
        unsigned way;
        std::uint32_t sid;
        std::uint32_t device_id;
    };

    const endpoint *behind_link(std::uint16_t rid) const;
    sc_core::sc_time link_time(std::uint16_t rid, bool completion, bool write, std::uint64_t addr,
                               std::uint32_t size) const;
    origin origin_of(std::uint16_t rid) const;
    unsigned route(tlm::tlm_generic_payload &payload);
    tlm::tlm_sync_enum on_phase(int way, tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                sc_core::sc_time &delay);
    void make_requests();
    void make_ats();
    std::vector<translation_client *> functions_of(unsigned way, std::uint32_t sid) const;
    root_ats *ats_of(std::uint16_t rid, std::uint32_t &sid) const;

    pcie_plan plan_;
    sc_core::sc_vector<wire_out> irqs_;
    sc_core::sc_vector<tlm_utils::simple_initiator_socket_tagged<ecam_host>> masters_;
    sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<ecam_host>> windows_;
    std::unique_ptr<pcie_host, host_deleter> host_;
    register_socket ecam_;
    std::list<port> ports_;
    std::vector<std::unique_ptr<root_ats>> ats_; // one for each SMMU, or none at all
    std::vector<endpoint> endpoints_;
    std::unique_ptr<root_requests> requests_; // of those that send by phases; NULL if none does
    std::uint64_t reads_ = 0;                 // requests of functions
    std::uint64_t writes_ = 0;                // and messages
};

// "pci-host-ecam-generic" as a bus, beside `reg` and `interrupts`.
extern const device_bus ecam_bus;

} // namespace vp

#endif
