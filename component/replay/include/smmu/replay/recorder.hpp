// SPDX-License-Identifier: Apache-2.0
// Writes a log (smmu/replay/log.hpp) of what passes at the sockets of the SystemC component.
#ifndef SMMU_REPLAY_RECORDER_HPP
#define SMMU_REPLAY_RECORDER_HPP

#include <cstdint>
#include <iosfwd>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include <systemc>
#include <tlm>

#include "smmu/replay/log.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu {

// The log that all that is recorded of one SMMU goes to, in the order in which it is seen.
class log_recorder {
  public:
    // A transaction of a client, from its begin to its end.
    struct transaction {
        log_row row;            // what is asked for
        bool has_begun = false; // a row `begin` has been written
    };

    // `text` must outlive it.
    explicit log_recorder(std::ostream &text) : writer_(text) {}

    // Write a row, at this time. One by which software does something comes after rows `begin` of
    // the transactions that are under way.
    void write(log_row row);

    // A client's transaction begins, and ends with the answer in `result`: log_ok or log_abort.
    transaction *begin(const log_row &row);
    void end(transaction *it, std::uint64_t result); // likewise
    // It has no end: a reset has come, or the process that waits for it was killed.
    void lose(transaction *it);

  private:
    void put(log_row &row);

    log_writer writer_;
    std::list<transaction> under_way_;
    std::uint64_t tags_ = 0;
};

// The row of something that begins at this time.
log_row begun(log_row row);

// Which interface of an SMMU a connection is.
enum class recorded_interface {
    prog, // registers
    dev,  // what a client asks for
    mem,  // what leaves for memory
    walk, // accesses of the SMMU's own
};

// A recorder of one connection but for its sockets, which socket_recorder adds.
class socket_recorder_base : public sc_core::sc_module,
                             protected tlm::tlm_fw_transport_if<>,
                             protected tlm::tlm_bw_transport_if<> {
  protected:
    // Makes a recorder that has seen nothing.
    socket_recorder_base(const sc_core::sc_module_name &name, log_recorder &log,
                         recorded_interface which, unsigned tbu);

    // The target behind it, and the initiator before it.
    virtual tlm::tlm_fw_transport_if<> &downstream() = 0;
    virtual tlm::tlm_bw_transport_if<> &upstream() = 0; // likewise

  private:
    // What is under way, as it was when it began: the address may change on its way.
    struct passage {
        log_row row;
        attributes from;
        log_recorder::transaction *client = nullptr;
    };
    struct blocked; // a process in b_transport

    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay) override;
    unsigned transport_dbg(tlm::tlm_generic_payload &payload) override;
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi) override;
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override;

    passage begin(const tlm::tlm_generic_payload &payload);
    void end(passage &it, tlm::tlm_generic_payload &payload);
    void end(tlm::tlm_generic_payload &payload);
    void end_walk(const passage &it, const tlm::tlm_generic_payload &payload);
    log_row request_row(const tlm::tlm_generic_payload &payload, const attributes &from) const;

    log_recorder &log_;
    const recorded_interface which_;
    const unsigned tbu_;
    std::unordered_map<const tlm::tlm_generic_payload *, passage> under_way_; // of nb_transport
};

// Stands between an initiator socket and a target socket of BUSWIDTH bits, and passes on every call
// unchanged and in the same moment, but for direct memory access, which it denies: what passes by
// it would not be seen. A row is written when an access ends, of a write of registers before it
// goes on.
template <unsigned BUSWIDTH = 32> class socket_recorder : public socket_recorder_base {
  public:
    // The initiator is bound to it.
    tlm::tlm_target_socket<BUSWIDTH> target_socket{"target_socket"};
    // It is bound to the target.
    tlm::tlm_initiator_socket<BUSWIDTH> initiator_socket{"initiator_socket"};

    // Records connection `which` of an SMMU, of dev and mem that of TBU number `tbu`, to `log`,
    // which must outlive it.
    socket_recorder(const sc_core::sc_module_name &name, log_recorder &log,
                    recorded_interface which, unsigned tbu = 0)
        : socket_recorder_base(name, log, which, tbu)
    {
        target_socket.bind(*this);
        initiator_socket.bind(*this);
    }

  private:
    tlm::tlm_fw_transport_if<> &downstream() override { return *initiator_socket.operator->(); }
    tlm::tlm_bw_transport_if<> &upstream() override { return *target_socket.operator->(); }
};

// Records the interrupt wires of one Security state.
class interrupt_recorder : public sc_core::sc_module {
  public:
    sc_core::sc_in<bool> evtq{"evtq"};         // smmuv3::irq_evtq()
    sc_core::sc_in<bool> priq{"priq"};         // smmuv3::irq_priq()
    sc_core::sc_in<bool> cmd_sync{"cmd_sync"}; // smmuv3::irq_cmd_sync()
    sc_core::sc_in<bool> gerror{"gerror"};     // smmuv3::irq_gerror()

    // `log` must outlive it.
    interrupt_recorder(const sc_core::sc_module_name &name, log_recorder &log,
                       smmu_sec sec = SMMU_SEC_NS);

  private:
    void pulse(smmu_irq irq);

    log_recorder &log_;
    const smmu_sec sec_;
};

} // namespace smmu

#endif
