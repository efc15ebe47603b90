// SPDX-License-Identifier: Apache-2.0
// The translation buffer unit: see smmu/tlm/tbu.hpp.
#include "smmu/tlm/tbu.hpp"

#include <algorithm>
#include <vector>

#include "dmi_grants.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu {

namespace {

// Bits of an input address that a mapping of 2^span_log2 bytes passes on unchanged.
std::uint64_t span_mask(unsigned span_log2)
{
    return span_log2 < 64 ? (std::uint64_t(1) << span_log2) - 1 : ~std::uint64_t(0);
}

// How many of `wanted` (not 0) bytes from `address` on share its answer. One that is not to forward
// a transaction holds for no more than the smallest page.
unsigned covered(const smmu_result &result, std::uint64_t address, unsigned wanted)
{
    constexpr unsigned smallest_page_log2 = 12;
    const bool mapped = result.outcome == SMMU_FORWARD;
    const std::uint64_t mask = span_mask(mapped ? result.span_log2 : smallest_page_log2);
    const std::uint64_t following = mask - (address & mask);
    return static_cast<unsigned>(std::min<std::uint64_t>(wanted - 1, following)) + 1;
}

// Whether the command is the one that an operation comes with (attributes::op).
bool fits(const tlm::tlm_generic_payload &payload, smmu_op op)
{
    switch (op) {
    case SMMU_OP_ORDINARY:
        return true;
    case SMMU_OP_READ_CLEAN_INVALIDATE:
    case SMMU_OP_READ_DESTRUCTIVE:
        return payload.is_read();
    case SMMU_OP_WRITE_PREFETCH:
    case SMMU_OP_ATOMIC:
        return payload.is_write();
    default:
        return payload.get_command() == tlm::TLM_IGNORE_COMMAND;
    }
}

// Whether the payload moves no data and asks for no operation either: what it is for, only others
// know.
bool is_empty(const tlm::tlm_generic_payload &payload, const attributes &from)
{
    return payload.get_command() == tlm::TLM_IGNORE_COMMAND && from.op == SMMU_OP_ORDINARY;
}

// Whether what the TBU is to forward is well formed; what else is wrong is the target's to say.
tlm::tlm_response_status check(const tlm::tlm_generic_payload &payload)
{
    if (!fits(payload, attributes::of(payload).op))
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (!payload.get_data_length() || !payload.get_streaming_width())
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (payload.get_byte_enable_ptr() && !payload.get_byte_enable_length())
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

// A client's payload while it is lent to downstream, whole or in pieces, with an extension of the
// TBU's own. Gives it back as it was, whatever happens.
class forwarding {
  public:
    explicit forwarding(tlm::tlm_generic_payload &payload)
        : payload_(payload), from_(attributes::of(payload)), own_(from_),
          theirs_(payload.set_extension(&own_)), address_(payload.get_address()),
          data_(payload.get_data_ptr()), length_(payload.get_data_length()),
          width_(payload.get_streaming_width()), enables_(payload.get_byte_enable_ptr()),
          enables_length_(payload.get_byte_enable_length())
    {
    }

    ~forwarding()
    {
        payload_.set_address(address_);
        payload_.set_data_ptr(data_);
        payload_.set_data_length(length_);
        payload_.set_streaming_width(width_);
        payload_.set_byte_enable_ptr(enables_);
        payload_.set_byte_enable_length(enables_length_);
        if (theirs_)
            payload_.set_extension(theirs_);
        else
            payload_.clear_extension(&own_);
    }

    forwarding(const forwarding &) = delete;
    forwarding &operator=(const forwarding &) = delete;

    const attributes &from() const { return from_; }
    std::uint64_t address() const { return address_; }
    unsigned length() const { return length_; }
    unsigned width() const { return std::min(width_, length_); } // bytes until addresses repeat

    // Point the payload at the result's address and attributes.
    void redirect(const smmu_result &result)
    {
        own_.pas = static_cast<smmu_pas>(result.pas);
        own_.op = static_cast<smmu_op>(result.op);
        own_.memattr = result.attr;
        own_.instr = result.instr;
        own_.priv = result.priv;
        own_.pbha = result.pbha;
        payload_.set_address(result.addr);
    }

    // Cut the payload to `length` bytes from byte `done` on. All of them keep their streaming.
    void cut(unsigned done, unsigned length)
    {
        if (length == length_)
            return;
        payload_.set_data_ptr(data_ ? data_ + done : nullptr);
        payload_.set_data_length(length);
        payload_.set_streaming_width(length);
        if (!enables_)
            return;
        piece_enables_.resize(length);
        for (unsigned i = 0; i < length; i++)
            piece_enables_[i] = enables_[(done + i) % enables_length_];
        payload_.set_byte_enable_ptr(piece_enables_.data());
        payload_.set_byte_enable_length(length);
    }

    // Read as zero, write ignored, for the bytes that are enabled.
    void raz_wi(unsigned done, unsigned length)
    {
        for (unsigned i = done; payload_.is_read() && i < done + length; i++)
            if (!enables_ || enables_[i % enables_length_] == TLM_BYTE_ENABLED)
                data_[i] = 0;
    }

  private:
    tlm::tlm_generic_payload &payload_;
    const attributes from_;
    attributes own_;
    attributes *theirs_; // NULL if the client gave none
    std::uint64_t address_;
    unsigned char *data_;
    unsigned length_;
    unsigned width_;
    unsigned char *enables_;
    unsigned enables_length_;
    std::vector<unsigned char> piece_enables_;
};

// Whether what downstream granted holds the address that `result` leads to. An interconnect may
// answer for another one.
bool holds(const tlm::tlm_dmi &dmi, const smmu_result &result)
{
    return dmi.get_start_address() <= result.addr && result.addr <= dmi.get_end_address();
}

// Cut what downstream granted in output addresses to the mapping that `result` describes for the
// input address `address`, and turn it into input addresses. Returns the output range left.
address_range cut_to_mapping(const smmu_result &result, std::uint64_t address, tlm::tlm_dmi &dmi)
{
    const std::uint64_t mask = span_mask(result.span_log2);
    const std::uint64_t base = result.addr & ~mask;
    const address_range output = {std::max<std::uint64_t>(base, dmi.get_start_address()),
                                  std::min<std::uint64_t>(base | mask, dmi.get_end_address())};
    dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (output.first - dmi.get_start_address()));
    dmi.set_start_address((address & ~mask) + (output.first - base));
    dmi.set_end_address((address & ~mask) + (output.last - base));
    return output;
}

// Whether the answer to a transaction gives the right to do directly what the transaction does.
bool permits(const smmu_result &result, bool write)
{
    const unsigned need = write ? SMMU_PERM_W : result.instr ? SMMU_PERM_X : SMMU_PERM_R;
    return result.outcome == SMMU_FORWARD && (result.perm & need);
}

// Take from `dmi` the rights that the stream does not have. Returns whether what was asked for, to
// read or to write, remains.
bool cut_to_permissions(bool may_read, bool may_write, bool write, tlm::tlm_dmi &dmi)
{
    may_read = may_read && dmi.is_read_allowed();
    may_write = may_write && dmi.is_write_allowed();
    dmi.set_granted_access(static_cast<tlm::tlm_dmi::dmi_access_e>(
        (may_read ? tlm::tlm_dmi::DMI_ACCESS_READ : tlm::tlm_dmi::DMI_ACCESS_NONE) |
        (may_write ? tlm::tlm_dmi::DMI_ACCESS_WRITE : tlm::tlm_dmi::DMI_ACCESS_NONE)));
    return write ? may_write : may_read;
}

// See tbu_base::nobody().
class no_target : public tlm::tlm_fw_transport_if<> {
  public:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &) override
    {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &,
                                       sc_core::sc_time &) override
    {
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return tlm::TLM_COMPLETED;
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &) override { return 0; }
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &) override { return false; }
};

bool refuse(std::uint64_t address, tlm::tlm_dmi &dmi)
{
    dmi.init();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
}

} // namespace

tbu_base::tbu_base(const sc_core::sc_module_name &name, tcu_base &owner)
    : sc_module(name), tcu_(owner), number_(owner.attach(*this)),
      grants_(std::make_unique<dmi_grants>())
{
}

tbu_base::~tbu_base() = default;

tlm::tlm_fw_transport_if<> &tbu_base::nobody()
{
    static no_target target;
    return target;
}

void tbu_base::allow_dmi(bool allowed)
{
    dmi_allowed_ = allowed;
    if (!allowed)
        withdraw(grants_->withdraw(address_range{0, ~std::uint64_t(0)}));
}

bool tbu_base::grants_dmi() const
{
    return dmi_allowed_ && tcu_.times().mode == timing_mode::loosely_timed;
}

smmu_txn tbu_base::request(const attributes &from, std::uint64_t address, bool write) const
{
    smmu_txn txn = {};
    txn.addr = address;
    txn.sid = from.sid;
    txn.ssid = from.ssid;
    txn.sec = from.sec;
    txn.tbu = static_cast<std::uint8_t>(number_);
    txn.ssv = from.ssv;
    txn.op = static_cast<std::uint8_t>(from.op);
    txn.write = write;
    txn.instr = from.instr;
    txn.priv = from.priv;
    txn.translated = from.translated;
    txn.attr = from.memattr;
    return txn;
}

void tbu_base::probe_either(const attributes &from, std::uint64_t address, smmu_result &result)
{
    for (const bool write : {false, true}) {
        tcu_.probe(request(from, address, write), result);
        if (result.outcome == SMMU_FORWARD)
            break;
    }
}

void tbu_base::dev_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    tlm::tlm_response_status status = check(payload);
    if (status != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(status);
        return;
    }
    forwarding lent(payload);
    bool direct = grants_dmi();
    for (unsigned done = 0; done < lent.length() && status == tlm::TLM_OK_RESPONSE;) {
        const unsigned streamed = done % lent.width();
        const std::uint64_t address = lent.address() + streamed;
        smmu_result result;
        tcu_base::transit in_transit(tcu_);
        if (is_empty(payload, lent.from()))
            probe_either(lent.from(), address, result);
        else
            tcu_.translate(request(lent.from(), address, payload.is_write()), in_transit, delay,
                           result);
        unsigned length =
            covered(result, address, std::min(lent.length() - done, lent.width() - streamed));
        if (length == lent.width())
            length = lent.length(); // the first piece holds all addresses: repeats go along
        if (result.outcome == SMMU_FORWARD) {
            lent.redirect(result);
            lent.cut(done, length);
            payload.set_dmi_allowed(false);
            payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            downstream().b_transport(payload, delay);
            status = payload.get_response_status();
            direct = direct && payload.is_dmi_allowed();
        } else {
            direct = false;
            if (result.outcome == SMMU_RAZWI)
                lent.raz_wi(done, length);
            else
                status = tlm::TLM_GENERIC_ERROR_RESPONSE;
        }
        done += length;
    }
    payload.set_dmi_allowed(direct);
    payload.set_response_status(status);
}

unsigned tbu_base::dev_transport_dbg(tlm::tlm_generic_payload &payload)
{
    forwarding lent(payload);
    unsigned done = 0;
    while (done < lent.length()) {
        const std::uint64_t address = lent.address() + done;
        smmu_result result;
        tcu_.probe(request(lent.from(), address, payload.is_write()), result);
        const unsigned length = covered(result, address, lent.length() - done);
        if (result.outcome == SMMU_ABORT)
            break;
        unsigned moved = length;
        if (result.outcome == SMMU_RAZWI) {
            lent.raz_wi(done, length);
        } else {
            lent.redirect(result);
            lent.cut(done, length);
            moved = downstream().transport_dbg(payload);
        }
        done += moved;
        if (moved != length)
            break;
    }
    return done;
}

bool tbu_base::dev_get_direct_mem_ptr(tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi)
{
    forwarding lent(payload);
    const std::uint64_t address = lent.address();
    if (!grants_dmi())
        return refuse(address, dmi);
    smmu_result result;
    tcu_.probe(request(lent.from(), address, payload.is_write()), result);
    if (!permits(result, payload.is_write()))
        return refuse(address, dmi);
    smmu_result as_read = result; // a write's answer does not tell whether reads are fetches
    if (payload.is_write())
        tcu_.probe(request(lent.from(), address, false), as_read);
    lent.redirect(result);
    if (!downstream().get_direct_mem_ptr(payload, dmi) || !holds(dmi, result) ||
        !cut_to_permissions(permits(as_read, false), permits(result, true), payload.is_write(),
                            dmi))
        return refuse(address, dmi);
    dmi.set_read_latency(dmi.get_read_latency() + tcu_.times().lookup);
    dmi.set_write_latency(dmi.get_write_latency() + tcu_.times().lookup);
    const address_range output = cut_to_mapping(result, address, dmi);
    const address_range input = {dmi.get_start_address(), dmi.get_end_address()};
    return grants_->add({input, output, result.tag}) || refuse(address, dmi);
}

void tbu_base::invalidate(const smmu_inval &inval)
{
    withdraw(grants_->withdraw(inval));
}

void tbu_base::mem_invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    withdraw(grants_->withdraw(address_range{start, end}));
}

void tbu_base::withdraw(const std::vector<address_range> &inputs)
{
    for (const address_range &input : inputs)
        upstream().invalidate_direct_mem_ptr(input.first, input.last);
}

} // namespace smmu
