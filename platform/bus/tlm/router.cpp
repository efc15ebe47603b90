// SPDX-License-Identifier: Apache-2.0
// Router: decoding, address translation in both directions, DMI windows cut to a port's range.
#include "router.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

namespace vp {

router::router(const sc_core::sc_module_name &name, unsigned upstreams, unsigned downstreams,
               const sc_core::sc_time &latency)
    : sc_module(name), up("up", upstreams), down("down", downstreams), map_(addrmap_create()),
      ranges_(downstreams, addrmap_entry{1, 0, 0}), hints_(upstreams, 0), latency_(latency)
{
    if (!map_)
        throw std::bad_alloc();
    for (unsigned i = 0; i < upstreams; i++) {
        up[i].register_b_transport(this, &router::b_transport, static_cast<int>(i));
        up[i].register_get_direct_mem_ptr(this, &router::get_direct_mem_ptr, static_cast<int>(i));
        up[i].register_transport_dbg(this, &router::transport_dbg, static_cast<int>(i));
    }
    for (unsigned i = 0; i < downstreams; i++)
        down[i].register_invalidate_direct_mem_ptr(this, &router::invalidate_direct_mem_ptr,
                                                   static_cast<int>(i));
}

void router::map(unsigned port, std::uint64_t base, std::uint64_t size)
{
    const addrmap_entry entry = {base, base + (size - 1), port};
    if (size == 0 || addrmap_add(map_.get(), &entry) != ADDRMAP_OK)
        throw std::invalid_argument("address range is empty, wraps around or overlaps another");
    ranges_.at(port) = entry;
}

namespace {

// Gives a transaction another address while it is downstream.
class readdressed {
  public:
    readdressed(tlm::tlm_generic_payload &trans, std::uint64_t address)
        : trans_(trans), original_(trans.get_address())
    {
        trans.set_address(address);
    }
    ~readdressed() { trans_.set_address(original_); }
    readdressed(const readdressed &) = delete;
    readdressed &operator=(const readdressed &) = delete;

  private:
    tlm::tlm_generic_payload &trans_;
    std::uint64_t original_;
};

// The part of [first, last], relative to a port's range, that lies in it, as system addresses.
// False if nothing does.
bool to_system(const addrmap_entry &range, std::uint64_t &first, std::uint64_t &last)
{
    const std::uint64_t length = range.last - range.first;
    if (last < first || first > length)
        return false;
    first += range.first;
    last = range.first + std::min(last, length);
    return true;
}

} // namespace

void router::b_transport(int port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    const std::uint64_t address = trans.get_address();
    const std::uint64_t extent =
        std::min(trans.get_data_length(), std::max(trans.get_streaming_width(), 1u));
    const addrmap_entry *entry =
        addrmap_find(map_.get(), address, &hints_[static_cast<unsigned>(port)]);

    delay += latency_;
    if (entry == nullptr || (extent != 0 && extent - 1 > entry->last - address)) {
        misses_++;
        trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    forwarded_++;
    const readdressed scope(trans, address - entry->first);
    down[entry->port]->b_transport(trans, delay);
}

bool router::get_direct_mem_ptr(int port, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi)
{
    const std::uint64_t address = trans.get_address();
    const addrmap_entry *entry =
        addrmap_find(map_.get(), address, &hints_[static_cast<unsigned>(port)]);
    std::uint64_t first = 0;
    std::uint64_t last = UINT64_MAX;
    bool granted = false;

    if (entry == nullptr) {
        addrmap_gap(map_.get(), address, &first, &last);
    } else {
        const readdressed scope(trans, address - entry->first);
        granted = down[entry->port]->get_direct_mem_ptr(trans, dmi);
        first = dmi.get_start_address();
        last = dmi.get_end_address();
        if (!to_system(*entry, first, last)) {
            granted = false;
            first = last = address;
        }
    }
    dmi.set_start_address(first);
    dmi.set_end_address(last);
    dmi.set_read_latency(dmi.get_read_latency() + latency_);
    dmi.set_write_latency(dmi.get_write_latency() + latency_);
    return granted;
}

unsigned router::transport_dbg(int port, tlm::tlm_generic_payload &trans)
{
    const std::uint64_t address = trans.get_address();
    const unsigned length = trans.get_data_length();
    const addrmap_entry *entry =
        addrmap_find(map_.get(), address, &hints_[static_cast<unsigned>(port)]);

    if (entry == nullptr || length == 0)
        return 0;
    const readdressed scope(trans, address - entry->first);
    const std::uint64_t room = entry->last - address;
    trans.set_data_length(length - 1 > room ? static_cast<unsigned>(room + 1) : length);
    const unsigned done = down[entry->port]->transport_dbg(trans);
    trans.set_data_length(length);
    return done;
}

void router::invalidate_direct_mem_ptr(int port, sc_dt::uint64 first, sc_dt::uint64 last)
{
    std::uint64_t from = first;
    std::uint64_t to = last;
    if (!to_system(ranges_[static_cast<unsigned>(port)], from, to))
        return;
    for (auto &socket : up)
        socket->invalidate_direct_mem_ptr(from, to);
}

} // namespace vp
