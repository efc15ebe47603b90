// SPDX-License-Identifier: Apache-2.0
// An address-decoding interconnect: many initiators in, many targets out.
#ifndef VP_ROUTER_HPP
#define VP_ROUTER_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "bus/addrmap.h"

namespace vp {

// Carries transactions of any upstream port to the downstream port that owns their address; on the
// way down, and back up for DMI, addresses are made relative to the port's range. A transaction
// that no single port owns is answered with TLM_ADDRESS_ERROR_RESPONSE.
class router : public sc_core::sc_module {
  public:
    using upstream_socket = tlm_utils::simple_target_socket_tagged<router>;
    using downstream_socket = tlm_utils::simple_initiator_socket_tagged<router>;

    // `latency` is what the hop adds to the delay of a transaction and to DMI latencies.
    router(const sc_core::sc_module_name &name, unsigned upstreams, unsigned downstreams,
           const sc_core::sc_time &latency = sc_core::SC_ZERO_TIME);

    sc_core::sc_vector<upstream_socket> up;
    sc_core::sc_vector<downstream_socket> down;

    // Gives `down[port]`, which must have no range yet, the addresses base ... base + size - 1.
    // Throws std::invalid_argument if the range is empty, wraps around or overlaps another.
    void map(unsigned port, std::uint64_t base, std::uint64_t size);

    // Transactions forwarded, and those that found no target.
    std::uint64_t forwarded() const { return forwarded_; }
    std::uint64_t misses() const { return misses_; }

  private:
    void b_transport(int port, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    bool get_direct_mem_ptr(int port, tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(int port, tlm::tlm_generic_payload &trans);
    void invalidate_direct_mem_ptr(int port, sc_dt::uint64 first, sc_dt::uint64 last);

    struct map_deleter {
        void operator()(addrmap *map) const { addrmap_destroy(map); }
    };
    std::unique_ptr<addrmap, map_deleter> map_;
    std::vector<addrmap_entry> ranges_; // by downstream port; last < first: none
    std::vector<std::size_t> hints_;    // by upstream port
    sc_core::sc_time latency_;
    std::uint64_t forwarded_ = 0;
    std::uint64_t misses_ = 0;
};

} // namespace vp

#endif
