// SPDX-License-Identifier: Apache-2.0
// A TLM target socket in front of a register frame of a device kernel.
#ifndef VP_REGISTER_SOCKET_HPP
#define VP_REGISTER_SOCKET_HPP

#include <cstdint>

#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/tlm/register_word.hpp"
#include "vp/device.h"

namespace vp {

// The answers of registers to a bus, the same for all devices; docs/architecture.md has the
// table. What is no access to a register ends as smmu::register_word says. The rest is for `frame`
// to say: VP_DECERR becomes TLM_ADDRESS_ERROR_RESPONSE, VP_SLVERR TLM_GENERIC_ERROR_RESPONSE. No
// DMI; takes no time.
//
// A debugger reads what an access would, by peek (or read, where that has no side effects), and
// writes nothing.
class register_socket : public tlm_utils::simple_target_socket<register_socket> {
  public:
    // `frame` and `dev` stay with the caller and live as long as the socket is used.
    register_socket(const char *name, const vp_frame &frame, void *dev = nullptr)
        : simple_target_socket(name), frame_(frame), dev_(dev)
    {
        register_b_transport(this, &register_socket::on_transport);
        register_transport_dbg(this, &register_socket::on_debug);
    }

    // The device, where it is not known before; once, before the simulation starts.
    void set_device(void *dev) { dev_ = dev; }

    // The same for a socket of the caller's own, where the device depends on the transaction: an
    // access, and a debug access, which gives the number of bytes moved.
    static tlm::tlm_response_status access(const vp_frame &frame, void *dev,
                                           tlm::tlm_generic_payload &trans)
    {
        smmu::register_word word(trans);
        vp_status status = VP_OK;

        if (word.status() != tlm::TLM_OK_RESPONSE)
            return word.status();
        if (trans.is_read()) {
            std::uint64_t value = 0;
            status = frame.read(dev, word.address(), word.size(), &value);
            word.store(value);
        } else {
            status = frame.write(dev, word.address(), word.size(), word.load());
        }
        return status == VP_OK       ? tlm::TLM_OK_RESPONSE
               : status == VP_DECERR ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                     : tlm::TLM_GENERIC_ERROR_RESPONSE;
    }

    static unsigned debug_access(const vp_frame &frame, void *dev, tlm::tlm_generic_payload &trans)
    {
        smmu::register_word word = smmu::register_word::of_debugger(trans);
        std::uint64_t value = 0;

        if (!trans.is_read() || word.status() != tlm::TLM_OK_RESPONSE)
            return 0;
        const vp_status status = frame.peek ? frame.peek(dev, word.address(), word.size(), &value)
                                            : frame.read(dev, word.address(), word.size(), &value);
        if (status != VP_OK)
            return 0;
        word.store(value);
        return word.size();
    }

  private:
    void on_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
    {
        trans.set_response_status(access(frame_, dev_, trans));
    }

    unsigned on_debug(tlm::tlm_generic_payload &trans) { return debug_access(frame_, dev_, trans); }

    const vp_frame &frame_;
    void *dev_;
};

} // namespace vp

#endif
