// SPDX-License-Identifier: Apache-2.0
// What a PCI Express host behind the SMMU itself is bound to.
#ifndef TESTS_HOST_SOCKETS_HPP
#define TESTS_HOST_SOCKETS_HPP

#include <systemc>
#include <tlm>

#include "ecam_bench.hpp"
#include "tlm/bench.hpp"

namespace test {

// Software in front of configuration space and of the windows, and a checker on the way to the
// SMMU.
struct host_sockets {
    // The host takes the second port of the bench's SMMU; its other ways lead to memory.
    void bind(vp::ecam_host &host, tlm_test::bench &b)
    {
        ecam.socket.bind(*host.regs()[0]);
        io.socket.bind(*host.regs()[1]);
        low.socket.bind(*host.regs()[2]);
        high.socket.bind(*host.regs()[3]);
        checker.target_socket.bind(*host.masters()[0]);
        checker.initiator_socket.bind(b.smmu.dev(1));
        for (unsigned i : {1u, 2u}) // a socket for many binds by its other half only
            dynamic_cast<tlm::tlm_base_initiator_socket<> &>(*host.masters()[i])
                .bind(b.memory.port);
        for (unsigned i = 0; i < 2; i++)
            host.irqs()[i]->bind(wires[i]);
    }

    smmu::protocol_checker<> checker{"checker"};
    software ecam{"to_ecam"};
    software io{"to_io"};
    software low{"to_low"};
    software high{"to_high"};
    sc_core::sc_vector<vp::wire> wires{"wire", 2};
};

} // namespace test

#endif
