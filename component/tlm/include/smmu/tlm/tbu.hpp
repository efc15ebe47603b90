// SPDX-License-Identifier: Apache-2.0
// The translation buffer unit: the way of one device, or of several, through an SMMU.
#ifndef SMMU_TLM_TBU_HPP
#define SMMU_TLM_TBU_HPP

#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "smmu/tlm/attributes.hpp"
#include "smmu/tlm/tcu.hpp"

namespace smmu {

class dmi_grants;
class piece_pool;
struct address_range;
struct client_payload;

// A TBU but for its sockets, which basic_tbu adds in the width of the bus.
class tbu_base : public sc_core::sc_module, private tcu_base::tbu_interface {
  public:
    ~tbu_base() override;

    // Whether the TBU grants direct memory access, at first true; what is granted is withdrawn
    // where it may not be any more. Without it every access is a transaction, which others can see.
    void allow_dmi(bool allowed);

  protected:
    // Attaches itself to `owner`, which must outlive it: the errors of tcu_base::attach(). It has
    // `initiators`, numbered from 0.
    tbu_base(const sc_core::sc_module_name &name, tcu_base &owner, unsigned initiators);

    // The target behind the mem socket.
    virtual tlm::tlm_fw_transport_if<> &downstream() = 0;
    // The target where there is none: every access ends with an address error.
    static tlm::tlm_fw_transport_if<> &nobody();
    // An initiator; nullptr if nothing is bound to its socket.
    virtual tlm::tlm_bw_transport_if<> *upstream(unsigned initiator) = 0;
    // The error "/smmu/smmuv3/port": there is no initiator of this number.
    [[noreturn]] void no_initiator(unsigned initiator) const;

    // What device `initiator` calls: the functions below that begin with dev_, for it.
    tlm::tlm_fw_transport_if<> &device(unsigned initiator);
    // What the target calls: those that begin with mem_.
    tlm::tlm_bw_transport_if<> &memory();

    // Translate and forward. A transaction that crosses the end of a mapping goes on in pieces, in
    // ascending order, and ends at the first one that fails. One that the SMMU aborts gets
    // TLM_GENERIC_ERROR_RESPONSE (a slave error, where an address error says that nobody is there);
    // one that it terminates without error reads zeros or loses its data. One that it stalls does
    // not return until software resumes or terminates it. One that is to transfer nothing and is no
    // operation (TLM_IGNORE_COMMAND, SMMU_OP_ORDINARY) is translated as by a debugger, and goes on
    // where it might read or write. Nothing of the payload changes but data, response status and
    // DMI hint: what goes downstream is a payload of the TBU's own. In an approximately-timed model
    // the transaction waits for its place like those of nb_transport.
    void dev_b_transport(unsigned initiator, tlm::tlm_generic_payload &payload,
                         sc_core::sc_time &delay);

    // The same with the four phases of the base protocol, for any number of transactions at once:
    // timing.def has the limits of an approximately-timed model. A request is accepted (END_REQ)
    // when it has entered the TBU. Transactions of one initiator with one ID and direction
    // (smmu::attributes) go on in the order they came; responses come in any order. That
    // is what tbu_traffic does.

    // The same without side effects; stops at the first byte that has no translation.
    unsigned dev_transport_dbg(tlm::tlm_generic_payload &payload);

    // Grant what downstream grants, cut to the mapping and to its permissions, until an
    // invalidation touches it. A refusal is for the one address asked for: what is refused today
    // may be mapped tomorrow, and nothing would tell the initiator. The grant is for the attributes
    // of `payload`: an initiator that varies them has to keep grants apart by them. Each access by
    // it takes what downstream says and what a transaction of one beat takes in the TBU. No grants
    // in an approximately-timed model, nor where allow_dmi() says so. What is withdrawn is so from
    // all initiators.
    bool dev_get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi);

    // Downstream withdraws what it granted of its addresses `start` to `end`: so do we, of ours.
    void mem_invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

  private:
    struct way;
    class device_port;

    // Inline in the source that has and uses them, for every transaction; so below.
    inline bool grants_dmi() const;
    inline sc_core::sc_time entry(unsigned beats) const;
    inline tlm::tlm_fw_transport_if<> &target();
    bool kind_of(const client_payload &client, smmu_txn_kind &kind) const;
    inline void transport_loosely(const client_payload &client, sc_core::sc_time &delay);
    inline bool answer(const client_payload &client, const smmu_txn &txn, std::uint64_t address,
                       smmu_result &result);
    void invalidate(const smmu_inval &inval) override;
    bool holds_answers() const override;
    void measure(measurement &by) override;
    void withdraw(const std::vector<address_range> &inputs);

    // Where `address` leads for a transaction that needs no rights, if some access has any there.
    void probe_either(const attributes &from, std::uint64_t address, smmu_result &result);
    inline smmu_txn request(const attributes &from, std::uint64_t address, bool write) const;
    inline smmu_txn request(const client_payload &client, std::uint64_t address) const;

    tcu_base &tcu_;
    unsigned number_; // among the TBUs of the TCU
    unsigned initiators_;
    std::unique_ptr<dmi_grants> grants_;
    bool dmi_allowed_ = true;
    std::unique_ptr<piece_pool> pieces_;           // of transactions that are not in traffic
    std::unique_ptr<way> way_;                     // of those that are
    tlm::tlm_fw_transport_if<> *target_ = nullptr; // downstream(), once it has been asked for
    std::vector<std::unique_ptr<device_port>> devices_;
};

// A TBU on buses of BUSWIDTH bits; the width changes nothing but the type of its sockets.
template <unsigned BUSWIDTH = 32> class basic_tbu : public tbu_base {
  public:
    // Where a device sends to it; may stay unbound.
    using dev_socket = tlm::tlm_target_socket<BUSWIDTH, tlm::tlm_base_protocol_types, 1,
                                              sc_core::SC_ZERO_OR_MORE_BOUND>;

    // To memory; may stay unbound: accesses end with an address error then.
    tlm::tlm_initiator_socket<BUSWIDTH, tlm::tlm_base_protocol_types, 1,
                              sc_core::SC_ZERO_OR_MORE_BOUND>
        mem{"mem"};

    // Attaches itself to `owner`, which must outlive it. `initiators` devices share it.
    basic_tbu(const sc_core::sc_module_name &name, tcu_base &owner, unsigned initiators = 1)
        : tbu_base(name, owner, initiators), devs_("dev", initiators)
    {
        for (unsigned i = 0; i < initiators; i++)
            devs_[i].bind(device(i));
        mem.bind(memory());
    }

    // The socket of device `initiator`. Without it an error "/smmu/smmuv3/port".
    dev_socket &dev(unsigned initiator = 0)
    {
        if (initiator >= devs_.size())
            no_initiator(initiator);
        return devs_[initiator];
    }

  private:
    tlm::tlm_fw_transport_if<> &downstream() override
    {
        return mem.size() ? *mem.operator->() : nobody();
    }
    tlm::tlm_bw_transport_if<> *upstream(unsigned initiator) override
    {
        dev_socket &socket = devs_[initiator];
        return socket.get_base_port().size() ? socket.operator->() : nullptr;
    }

    sc_core::sc_vector<dev_socket> devs_;
};

// The usual width; the library has its code.
using tbu = basic_tbu<>;
extern template class basic_tbu<32>;

} // namespace smmu

#endif
