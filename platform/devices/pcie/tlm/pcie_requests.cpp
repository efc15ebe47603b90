// SPDX-License-Identifier: Apache-2.0
// Room, tags, and what becomes of a request that is answered.
#include "pcie_requests.hpp"

#include <algorithm>
#include <utility>

#include "vp/bus_access.hpp"
#include "vp/msi_extension.hpp"

namespace vp {

namespace {

// The extension of `payload`, which keeps it from then on.
template <typename Extension> Extension &extension_of(tlm::tlm_generic_payload &payload)
{
    auto *extension = payload.get_extension<Extension>();
    if (extension == nullptr) {
        extension = new Extension;
        payload.set_extension(extension);
    }
    return *extension;
}

// Transaction IDs: writes of a function have one, so that they stay in order; each read that is
// outstanding has its own.
std::uint32_t transaction_id(std::uint16_t rid, unsigned tag)
{
    return std::uint32_t{rid} << 9 | tag;
}
constexpr unsigned write_tag = pcie_requests::max_outstanding;

} // namespace

pcie_requests::pcie_requests(const sc_core::sc_module_name &name, unsigned outstanding)
    : sc_module(name), outstanding_(outstanding),
      initiator_("initiator", *this,
                 [this]() -> tlm::tlm_fw_transport_if<> & { return *socket.operator->(); })
{
    socket.register_nb_transport_bw(this, &pcie_requests::nb_transport_bw);
    for (unsigned tag = 0; tag < outstanding; tag++)
        tags_.insert(tag);
}

void pcie_requests::take_room(bool read, unsigned tags)
{
    while (under_way_ == outstanding_ || (read && outstanding_ - tags_.size() >= tags))
        sc_core::wait(room_);
    under_way_++;
}

unsigned pcie_requests::take_tag()
{
    const unsigned tag = *tags_.begin();
    tags_.erase(tags_.begin());
    return tag;
}

void pcie_requests::send(const request &wanted, unsigned tags, answered end)
{
    const bool read = wanted.command == tlm::TLM_READ_COMMAND;

    take_room(read, tags);
    auto &transaction = pool_.take(wanted.command, wanted.addr, wanted.size);
    transaction.acquire();
    auto &header = extension_of<pcie_request_header>(transaction);
    header = {};
    header.from = wanted.from;
    header.relaxed = wanted.relaxed;
    extension_of<msi_extension>(transaction) = msi_extension();
    transaction.context = {wanted, read ? take_tag() : write_tag, std::move(end)};
    transaction.attributes().id = transaction_id(wanted.from.rid, transaction.context.tag);
    if (!read)
        std::copy_n(wanted.data, wanted.size, transaction.get_data_ptr());
    initiator_.send(transaction);
}

void pcie_requests::response_arrived(tlm::tlm_generic_payload &payload)
{
    auto &transaction = pool::transaction_of(payload);
    const context done = std::move(transaction.context);
    const vp_status status = status_of(payload);
    const bool read = payload.is_read();

    if (read && status == VP_OK)
        std::copy_n(payload.get_data_ptr(), done.sent.size, done.sent.data);
    if (read)
        tags_.insert(done.tag);
    under_way_--;
    transaction.context = {};
    transaction.release();
    room_.notify(sc_core::SC_ZERO_TIME);
    done.end(status);
}

tlm::tlm_sync_enum pcie_requests::nb_transport_bw(tlm::tlm_generic_payload &payload,
                                                  tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return initiator_.nb_transport_bw(payload, phase, delay);
}

} // namespace vp
