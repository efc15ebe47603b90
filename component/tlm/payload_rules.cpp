// SPDX-License-Identifier: Apache-2.0
// What the base protocol asks of the attributes of a payload: see payload_rules.hpp.
#include "payload_rules.hpp"

#include <algorithm>

namespace smmu {

namespace {

using tlm::tlm_generic_payload;

bool transfers(const tlm_generic_payload &payload)
{
    return payload.get_command() != tlm::TLM_IGNORE_COMMAND;
}

struct sent_rule {
    protocol_rule rule;
    bool (*broken)(const tlm_generic_payload &);
};

// What transfers nothing needs no data, and no length.
constexpr sent_rule sent_rules[] = {
    {protocol_rule::data_pointer_null,
     [](const tlm_generic_payload &p) { return transfers(p) && !p.get_data_ptr(); }},
    {protocol_rule::data_length_zero,
     [](const tlm_generic_payload &p) { return transfers(p) && p.get_data_length() == 0; }},
    {protocol_rule::byte_enable_length_zero,
     [](const tlm_generic_payload &p) {
         return p.get_byte_enable_ptr() && p.get_byte_enable_length() == 0;
     }},
    {protocol_rule::streaming_width_zero,
     [](const tlm_generic_payload &p) { return p.get_streaming_width() == 0; }},
    {protocol_rule::dmi_allowed_sent,
     [](const tlm_generic_payload &p) { return p.is_dmi_allowed(); }},
    {protocol_rule::answered_when_sent,
     [](const tlm_generic_payload &p) {
         return p.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE;
     }},
};

std::vector<unsigned char> copy(const unsigned char *bytes, unsigned length)
{
    return bytes ? std::vector<unsigned char>(bytes, bytes + length) : std::vector<unsigned char>();
}

} // namespace

std::vector<protocol_rule> broken_when_sent(const tlm_generic_payload &payload)
{
    std::vector<protocol_rule> rules;
    for (const sent_rule &row : sent_rules)
        if (row.broken(payload))
            rules.push_back(row.rule);
    return rules;
}

struct payload_snapshot::attribute {
    protocol_rule rule;
    bool (*differs)(const payload_snapshot &, const tlm_generic_payload &);
};

// Contents are compared where the pointer to them is the same still.
const payload_snapshot::attribute payload_snapshot::attributes[] = {
    {protocol_rule::command_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_command() != s.command_;
     }},
    {protocol_rule::data_pointer_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_data_ptr() != s.data_;
     }},
    {protocol_rule::data_length_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_data_length() != s.length_;
     }},
    {protocol_rule::streaming_width_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_streaming_width() != s.streaming_width_;
     }},
    {protocol_rule::byte_enable_pointer_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_byte_enable_ptr() != s.byte_enable_;
     }},
    {protocol_rule::byte_enable_length_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_byte_enable_length() != s.byte_enable_length_;
     }},
    {protocol_rule::byte_enables_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_byte_enable_ptr() == s.byte_enable_ &&
                !std::equal(s.byte_enables_.begin(), s.byte_enables_.end(), s.byte_enable_);
     }},
    {protocol_rule::write_data_changed,
     [](const payload_snapshot &s, const tlm_generic_payload &p) {
         return p.get_data_ptr() == s.data_ &&
                !std::equal(s.write_data_.begin(), s.write_data_.end(), s.data_);
     }},
};

payload_snapshot::payload_snapshot(const tlm_generic_payload &payload)
    : command_(payload.get_command()), data_(payload.get_data_ptr()),
      length_(payload.get_data_length()), streaming_width_(payload.get_streaming_width()),
      byte_enable_(payload.get_byte_enable_ptr()),
      byte_enable_length_(payload.get_byte_enable_length()),
      write_data_(payload.is_write() ? copy(data_, length_) : std::vector<unsigned char>()),
      byte_enables_(copy(byte_enable_, byte_enable_length_))
{
}

std::vector<protocol_rule> payload_snapshot::broken_by(const tlm_generic_payload &payload) const
{
    std::vector<protocol_rule> rules;
    for (const attribute &row : attributes)
        if (row.differs(*this, payload))
            rules.push_back(row.rule);
    return rules;
}

} // namespace smmu
