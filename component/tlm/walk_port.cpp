// SPDX-License-Identifier: Apache-2.0
// The memory accesses an SMMU makes on its own: see walk_port.hpp.
#include "walk_port.hpp"

#include <algorithm>
#include <cstring>

#include "smmu/tlm/attributes.hpp"
#include "spend.hpp"

namespace smmu {

namespace {

constexpr std::size_t max_windows = 64; // that are kept; the oldest gives way

} // namespace

// A payload with its extension, owned together: payloads would free what they still hold.
struct walk_port::access_payload {
    tlm::tlm_generic_payload payload;
    attributes extension;

    access_payload() { payload.set_extension(&extension); }
    ~access_payload() { payload.clear_extension(&extension); }
    access_payload(const access_payload &) = delete;
    access_payload &operator=(const access_payload &) = delete;
};

// An idle payload for the length of one access. Several accesses may be suspended at a time.
class walk_port::lease {
  public:
    explicit lease(walk_port &port) : port_(port)
    {
        if (port.idle_.empty()) {
            access_ = std::make_unique<access_payload>();
        } else {
            access_ = std::move(port.idle_.back());
            port.idle_.pop_back();
        }
    }
    ~lease() { port_.idle_.push_back(std::move(access_)); }
    lease(const lease &) = delete;
    lease &operator=(const lease &) = delete;

    tlm::tlm_generic_payload &fill(tlm::tlm_command command, const smmu_mem_req &request,
                                   unsigned char *data)
    {
        attributes &extension = access_->extension;
        extension = attributes();
        extension.sid = request.sid;
        extension.pas = static_cast<smmu_pas>(request.pas);
        extension.memattr = request.attr;
        extension.priv = true; // IHI 0070 13.1.2

        tlm::tlm_generic_payload &payload = access_->payload;
        payload.set_command(command);
        payload.set_address(request.addr);
        payload.set_data_ptr(data);
        payload.set_data_length(request.size);
        payload.set_streaming_width(request.size);
        payload.set_byte_enable_ptr(nullptr);
        payload.set_byte_enable_length(0);
        payload.set_dmi_allowed(false);
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return payload;
    }

  private:
    walk_port &port_;
    std::unique_ptr<access_payload> access_;
};

bool walk_port::window::holds(const smmu_mem_req &request) const
{
    return request.addr >= dmi.get_start_address() &&
           request.addr + (request.size - 1) <= dmi.get_end_address();
}

walk_port::walk_port(const timing &times) : times_(times) {}
walk_port::~walk_port() = default;

smmu_mem_status walk_port::access(tlm::tlm_fw_transport_if<> &memory, tlm::tlm_command command,
                                  const smmu_mem_req &request, unsigned char *data)
{
    const call_context *call = static_cast<const call_context *>(request.cookie);
    lease leased(*this);
    if (call && call->debug) {
        tlm::tlm_generic_payload &payload = leased.fill(command, request, data);
        return memory.transport_dbg(payload) == request.size ? SMMU_MEM_OK : SMMU_MEM_ABORT;
    }

    sc_core::sc_time own; // background work has no transaction to put a delay on: it passes
    sc_core::sc_time &delay = call ? *call->delay : own;
    spend(times_, times_.walk_issue, delay);
    smmu_mem_status status = SMMU_MEM_OK;
    if (!direct(command, request, data, delay)) {
        tlm::tlm_generic_payload &payload = leased.fill(command, request, data);
        memory.b_transport(payload, delay);
        status = payload.is_response_ok() ? SMMU_MEM_OK : SMMU_MEM_ABORT;
        if (payload.is_dmi_allowed())
            ask_for_window(memory, leased.fill(command, request, data), request);
    }
    spend(times_, sc_core::SC_ZERO_TIME, delay);
    pass(own);
    return status;
}

smmu_mem_status walk_port::compare_and_swap(tlm::tlm_fw_transport_if<> &memory,
                                            const smmu_mem_req &request, const void *expected,
                                            const void *value, unsigned char *old)
{
    const call_context *call = static_cast<const call_context *>(request.cookie);
    lease leased(*this);
    sc_core::sc_time own; // of an address translation operation
    sc_core::sc_time &delay = call ? *call->delay : own;
    spend(times_, times_.walk_issue, delay);
    tlm::tlm_generic_payload &payload = leased.fill(tlm::TLM_READ_COMMAND, request, old);
    memory.b_transport(payload, delay);
    bool done = payload.is_response_ok();
    if (done) {
        leased.fill(tlm::TLM_READ_COMMAND, request, old);
        done = memory.transport_dbg(payload) == request.size;
    }
    if (done && std::memcmp(old, expected, request.size) == 0) {
        unsigned char bytes[8];
        std::memcpy(bytes, value, sizeof bytes);
        leased.fill(tlm::TLM_WRITE_COMMAND, request, bytes);
        done = memory.transport_dbg(payload) == request.size;
    }
    spend(times_, sc_core::SC_ZERO_TIME, delay);
    pass(own);
    return done ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

bool walk_port::direct(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data,
                       sc_core::sc_time &delay) const
{
    const bool write = command == tlm::TLM_WRITE_COMMAND;
    for (const window &w : windows_) {
        const bool allowed = write ? w.dmi.is_write_allowed() : w.dmi.is_read_allowed();
        if (!allowed || w.pas != request.pas || !w.holds(request))
            continue;
        unsigned char *host = w.dmi.get_dmi_ptr() + (request.addr - w.dmi.get_start_address());
        if (write)
            std::memcpy(host, data, request.size);
        else
            std::memcpy(data, host, request.size);
        delay += write ? w.dmi.get_write_latency() : w.dmi.get_read_latency();
        return true;
    }
    return false;
}

// `payload` is as it was sent: an interconnect may have left another address in it. What is granted
// for other addresses than those of the access would not help the next one either.
void walk_port::ask_for_window(tlm::tlm_fw_transport_if<> &memory,
                               tlm::tlm_generic_payload &payload, const smmu_mem_req &request)
{
    if (times_.mode != timing_mode::loosely_timed)
        return;
    window granted = {{}, request.pas};
    if (!memory.get_direct_mem_ptr(payload, granted.dmi) || !granted.holds(request))
        return;
    if (windows_.size() == max_windows)
        windows_.erase(windows_.begin());
    windows_.push_back(granted);
}

void walk_port::invalidate(sc_dt::uint64 start, sc_dt::uint64 end)
{
    const auto overlaps = [start, end](const window &w) {
        return w.dmi.get_start_address() <= end && start <= w.dmi.get_end_address();
    };
    windows_.erase(std::remove_if(windows_.begin(), windows_.end(), overlaps), windows_.end());
}

} // namespace smmu
