// SPDX-License-Identifier: Apache-2.0
// Gives the traffic of a bus master that knows nothing of DeviceIDs the one the device tree says.
#ifndef VP_MSI_STAMP_HPP
#define VP_MSI_STAMP_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/tlm/attributes.hpp"
#include "vp/msi_extension.hpp"

namespace vp {

// Stands between a master and the bus; transactions carry its msi_extension while downstream, until
// their response. Those that come by nb_transport have none of their own. A master that sends the
// messages of several says by smmu::attributes::id whose they are. It outlives the payloads of the
// master.
class msi_stamp : public sc_core::sc_module {
  public:
    msi_stamp(const sc_core::sc_module_name &name, std::uint32_t device_id)
        : sc_module(name), extension_(device_id)
    {
        in.register_b_transport(this, &msi_stamp::b_transport);
        in.register_nb_transport_fw(this, &msi_stamp::nb_transport_fw);
        in.register_get_direct_mem_ptr(this, &msi_stamp::get_direct_mem_ptr);
        in.register_transport_dbg(this, &msi_stamp::transport_dbg);
        out.register_nb_transport_bw(this, &msi_stamp::nb_transport_bw);
        out.register_invalidate_direct_mem_ptr(this, &msi_stamp::invalidate_direct_mem_ptr);
    }

    // What has this id gets that DeviceID. Before the simulation starts.
    void add(std::uint32_t id, std::uint32_t device_id)
    {
        others_.push_back({id, std::make_unique<stamped>(device_id)});
    }

    tlm_utils::simple_target_socket<msi_stamp> in{"in"};
    tlm_utils::simple_initiator_socket<msi_stamp> out{"out"};

  private:
    // The stamp's own. A payload that is destroyed under way, as at the end of a simulation, frees
    // the extensions that it carries.
    struct stamped final : msi_extension {
        using msi_extension::msi_extension;
        void free() override {}
    };
    struct other {
        std::uint32_t id;
        std::unique_ptr<stamped> extension;
    };

    msi_extension &extension_of(const tlm::tlm_generic_payload &trans)
    {
        if (!others_.empty()) {
            const std::uint32_t id = smmu::attributes::of(trans).id;
            for (const other &row : others_)
                if (row.id == id)
                    return *row.extension;
        }
        return extension_;
    }

    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
    {
        msi_extension &ours = extension_of(trans);
        msi_extension *const theirs = trans.set_extension(&ours);
        out->b_transport(trans, delay);
        if (theirs)
            trans.set_extension(theirs);
        else
            trans.clear_extension(&ours);
    }

    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (phase == tlm::BEGIN_REQ)
            trans.set_extension(&extension_of(trans));
        const tlm::tlm_sync_enum status = out->nb_transport_fw(trans, phase, delay);
        if (status == tlm::TLM_COMPLETED ||
            (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP))
            trans.clear_extension<msi_extension>();
        return status;
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (phase == tlm::BEGIN_RESP)
            trans.clear_extension<msi_extension>();
        return in->nb_transport_bw(trans, phase, delay);
    }

    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
    {
        return out->get_direct_mem_ptr(trans, dmi);
    }

    unsigned transport_dbg(tlm::tlm_generic_payload &trans) { return out->transport_dbg(trans); }

    void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last)
    {
        in->invalidate_direct_mem_ptr(first, last);
    }

    stamped extension_; // of all others
    std::vector<other> others_;
};

} // namespace vp

#endif
