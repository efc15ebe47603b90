// SPDX-License-Identifier: Apache-2.0
// Roles of a device beside that of vp::device. The machine asks its models for these, so
// that it needs to know none of their classes.
#ifndef VP_CAPABILITIES_HPP
#define VP_CAPABILITIES_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace smmu {
class ats_client;
class ats_server;
} // namespace smmu

namespace vp {

class device;

// A bus master whose devices translate addresses themselves (ATS).
class ats_source {
  public:
    virtual ~ats_source() = default;

    // Translation Requests of masters()[way] go to `server`, the SMMU behind it. Returns who is
    // told what the SMMU has for them; nullptr if this way asks for no translations. Once for each
    // way.
    virtual smmu::ats_client *connect_ats(std::size_t way, smmu::ats_server &server) = 0;
};

// Takes messages that are interrupts.
class msi_controller {
  public:
    virtual ~msi_controller() = default;

    // Interrupts of messages go to `controller`, which lives longer. Once, before the simulation
    // starts. Throws std::invalid_argument if it is none that has such interrupts.
    virtual void deliver_to(device &controller) = 0;
};

// Hands files to firmware. Each function at most once, offer_file() once for each name, before the
// simulation starts.
class firmware_files {
  public:
    virtual ~firmware_files() = default;

    virtual void offer_kernel(std::vector<std::uint8_t> image) = 0;
    virtual void offer_initrd(std::vector<std::uint8_t> image) = 0;
    virtual void offer_command_line(const std::string &text) = 0;
    virtual void offer_file(const std::string &name, std::vector<std::uint8_t> data) = 0;
};

// Sends and receives characters.
class character_device {
  public:
    virtual ~character_device() = default;

    // A character arrives. Returns false if it is lost.
    virtual bool receive(std::uint8_t byte) = 0;

    // Whether receive() would keep a character.
    virtual bool can_receive() const = 0;
};

} // namespace vp

#endif
