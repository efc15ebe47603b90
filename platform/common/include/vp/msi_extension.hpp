// SPDX-License-Identifier: Apache-2.0
// Who sends a message-signalled interrupt, as an extension of the TLM generic payload.
#ifndef VP_MSI_EXTENSION_HPP
#define VP_MSI_EXTENSION_HPP

#include <cstdint>

#include <tlm>

namespace vp {

// Set by a bus master on writes that may reach GITS_TRANSLATER; everyone on the way leaves it
// there. It is the DeviceID that `msi-parent` or `msi-map` gives the master. The initiator owns it.
class msi_extension : public tlm::tlm_extension<msi_extension> {
  public:
    explicit msi_extension(std::uint32_t device = 0) : device_id(device) {}

    std::uint32_t device_id;

    tlm::tlm_extension_base *clone() const override { return new msi_extension(*this); }

    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const msi_extension &>(other);
    }

    // The DeviceID of `payload`: 0 if it has no extension.
    static std::uint32_t device_id_of(const tlm::tlm_generic_payload &payload)
    {
        const msi_extension *extension = payload.get_extension<msi_extension>();
        return extension ? extension->device_id : 0;
    }
};

} // namespace vp

#endif
