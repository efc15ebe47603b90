// SPDX-License-Identifier: Apache-2.0
// Accesses of processes, in either coding style.
#include "vp/bus_master.hpp"

#include <algorithm>

#include "vp/bus_access.hpp"

namespace vp {

bus_master::bus_master(const char *name, bool approximate)
    : socket(name), approximate_(approximate),
      initiator_(sc_core::sc_gen_unique_name("initiator"), *this,
                 [this]() -> tlm::tlm_fw_transport_if<> & { return *socket.operator->(); })
{
    socket.register_nb_transport_bw(this, &bus_master::nb_transport_bw);
}

vp_status bus_master::access(tlm::tlm_command command, std::uint64_t addr, void *data,
                             std::uint32_t size, smmu::attributes attributes,
                             sc_core::sc_time &delay)
{
    if (approximate_)
        return send(command, addr, data, size, attributes);
    return bus_access(socket, command, addr, data, size, delay, attributes);
}

// The data is the transaction's own until the answer: whoever waits may be gone by then.
vp_status bus_master::send(tlm::tlm_command command, std::uint64_t addr, void *data,
                           std::uint32_t size, const smmu::attributes &attributes)
{
    auto &transaction = pool_.take(command, addr, size);
    auto *bytes = static_cast<unsigned char *>(data);

    transaction.acquire();
    transaction.attributes() = attributes;
    transaction.context.over = false;
    if (command == tlm::TLM_WRITE_COMMAND)
        std::copy_n(bytes, size, transaction.get_data_ptr());
    initiator_.send(transaction);
    while (!transaction.context.over)
        sc_core::wait(transaction.context.answered);
    const vp_status status = status_of(transaction);
    if (command == tlm::TLM_READ_COMMAND && status == VP_OK)
        std::copy_n(transaction.get_data_ptr(), size, bytes);
    transaction.release();
    return status;
}

void bus_master::response_arrived(tlm::tlm_generic_payload &payload)
{
    wait_for_answer &waiter = pool::transaction_of(payload).context;
    waiter.over = true;
    waiter.answered.notify(sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum bus_master::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                               tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return initiator_.nb_transport_bw(payload, phase, delay);
}

} // namespace vp
