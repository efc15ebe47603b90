// SPDX-License-Identifier: Apache-2.0
// What the base protocol asks of the attributes of a payload (IEEE 1666-2011 14.7 to 14.17).
#ifndef COMPONENT_TLM_PAYLOAD_RULES_HPP
#define COMPONENT_TLM_PAYLOAD_RULES_HPP

#include <vector>

#include <tlm>

namespace smmu {

// The rows of protocol_rules.def.
enum class protocol_rule {
#define SMMU_PROTOCOL_RULE(name, clause, message) name,
#include "smmu/tlm/protocol_rules.def"
#undef SMMU_PROTOCOL_RULE
};

// The rules that `payload` breaks when it is sent.
std::vector<protocol_rule> broken_when_sent(const tlm::tlm_generic_payload &payload);

// What must stay as it is while a transaction is under way.
class payload_snapshot {
  public:
    explicit payload_snapshot(const tlm::tlm_generic_payload &payload);

    // The rules that what has changed in `payload` since then breaks.
    std::vector<protocol_rule> broken_by(const tlm::tlm_generic_payload &payload) const;

  private:
    struct attribute;
    static const attribute attributes[];

    tlm::tlm_command command_;
    const unsigned char *data_;
    unsigned length_;
    unsigned streaming_width_;
    const unsigned char *byte_enable_;
    unsigned byte_enable_length_;
    std::vector<unsigned char> write_data_; // none of what does not write
    std::vector<unsigned char> byte_enables_;
};

} // namespace smmu

#endif
