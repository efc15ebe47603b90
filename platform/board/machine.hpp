// SPDX-License-Identifier: Apache-2.0
// The machine a plan describes, built of models and bound together.
#ifndef VP_MACHINE_HPP
#define VP_MACHINE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "gic.hpp"
#include "interconnect.hpp"
#include "plan.hpp"
#include "pmcg_node.hpp"
#include "processors.hpp"
#include "program.hpp"
#include "ram.hpp"
#include "smmu_node.hpp"
#include "trace.hpp"
#include "vp/wire.hpp"

namespace vp {

class machine : public sc_core::sc_module {
  public:
    // `quantum`: how far a CPU may run ahead of the rest. Lines that `trace` selects go to it.
    // Throws dt_error if a model refuses its node or cannot be bound as the tree says.
    machine(const sc_core::sc_module_name &name, const machine_plan &plan, boot_image image,
            const sc_core::sc_time &quantum, trace_log &trace);
    ~machine() override;

    guest_end end() const { return end_; }
    std::uint64_t exit_status() const { return exit_status_; } // of guest_end::exit

    // Valid as long as the machine.
    const processors &cpus() const { return *processors_; }

    // The SMMUs, in the order of the plan; valid as long as the machine.
    const std::vector<smmu_device *> &smmus() const { return smmus_; }

    // Ends the run as if the guest had powered off, with this in its place.
    void end_run(guest_end end, std::uint64_t status = 0);

    // Calls `what` when the guest says that what is measured begins anew, with its time, which is
    // not in the past.
    void on_measure(std::function<void(const sc_core::sc_time &when)> what)
    {
        measured_ = std::move(what);
    }

    // "NODE.NAME" and value of every counter of every model.
    std::vector<device::counter> counters() const;

    // Paths of the files of the host that models have open.
    std::vector<std::string> files() const;

  private:
    struct instance {
        dt_node node;
        std::unique_ptr<device> model;
    };

    void make_devices(const machine_plan &plan);
    void connect_devices();
    void offer_files();
    void make_smmus(const machine_plan &plan);
    void make_pmcgs(const machine_plan &plan);
    void connect_ats(const machine_plan &plan);
    void make_memory(const machine_plan &plan);
    void make_gic(const machine_plan &plan);
    void make_cpus(const machine_plan &plan, const sc_core::sc_time &quantum);
    std::unique_ptr<cpu> make_cpu(const machine_plan &plan, unsigned index,
                                  const sc_core::sc_time &quantum);
    void connect_events();
    void make_router(const machine_plan &plan);
    void add_frames(const dt_node &node, const std::vector<device::target *> &sockets,
                    const std::vector<dt_range> &reg, bool memory = false);
    void connect_wires(const dt_node &node, device &model, const spi_list &spis);
    std::string instance_name(const dt_node &node);

    void start_of_simulation() override;
    void store(std::uint64_t address, const std::vector<std::uint8_t> &data);

    boot_image image_;
    trace_log &trace_;
    std::vector<std::pair<std::string, std::string>> names_; // instance name, path of its node
    std::vector<instance> devices_;
    std::vector<smmu_device *> smmus_; // owned by devices_
    std::vector<pmcg_device *> pmcgs_; // likewise
    gic *gic_ = nullptr;               // owned by devices_
    std::unique_ptr<processors> processors_;
    std::vector<bus_frame> frames_;
    std::vector<bus_initiator> masters_;
    std::unique_ptr<router> router_;
    std::vector<std::unique_ptr<wire>> wires_;
    tlm_utils::simple_initiator_socket<machine> loader_;

    std::function<void(const sc_core::sc_time &when)> measured_; // empty: nobody measures
    guest_end end_ = guest_end::running;
    std::uint64_t exit_status_ = 0;
};

} // namespace vp

#endif
