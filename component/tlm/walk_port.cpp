// SPDX-License-Identifier: Apache-2.0
// The memory accesses an SMMU makes on its own: see walk_port.hpp.
#include "walk_port.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "smmu/tlm/attributes.hpp"
#include "spend.hpp"

namespace smmu {

namespace {

constexpr std::size_t max_windows = 64; // that are kept; the oldest gives way

// The part of a latency that an access is.
latency_part part_of(const smmu_mem_req &request)
{
    static constexpr latency_part structures[] = {latency_part::l1std, latency_part::ste,
                                                  latency_part::l1cd, latency_part::cd};
    static_assert(SMMU_FETCH_L1STD == 0 && SMMU_FETCH_STE == 1 && SMMU_FETCH_L1CD == 2 &&
                  SMMU_FETCH_CD == 3);
    static constexpr int top = -1; // of VMSAv9-128 level -2 too
    static constexpr latency_part levels[2][5] = {
        {latency_part::s1_top, latency_part::s1_level0, latency_part::s1_level1,
         latency_part::s1_level2, latency_part::s1_level3},
        {latency_part::s2_top, latency_part::s2_level0, latency_part::s2_level1,
         latency_part::s2_level2, latency_part::s2_level3}};
    if (request.fetch <= SMMU_FETCH_CD)
        return structures[request.fetch];
    if (request.fetch == SMMU_FETCH_TTD)
        return levels[request.stage - 1][std::max<int>(request.level, top) - top];
    if (request.fetch == SMMU_FETCH_DPT)
        return latency_part::dpt_table;
    return request.fetch == SMMU_FETCH_TTD_UPDATE ? latency_part::update : latency_part::record;
}

// The measured latency of the transaction that an access is for, while the access is made.
class access_latency {
  public:
    // All before it is of another part; a record waits for its turn at the queue.
    access_latency(latency_split *split, const smmu_mem_req &request, const timing &times)
        : split_(split), part_(split ? part_of(request) : latency_part::other)
    {
        if (!split_)
            return;
        split_->passed(part_ == latency_part::record ? part_ : latency_part::other);
        split_->ahead(latency_part::walk_issue, times.walk_issue);
    }
    void done()
    {
        if (split_)
            split_->accessed(part_);
    }

  private:
    latency_split *split_;
    latency_part part_;
};

} // namespace

// A payload with its extension and, for an access by nb_transport, with room for its data: a
// process that is killed leaves its access to go on without it.
class walk_port::access_payload : public tlm::tlm_generic_payload, private tlm::tlm_mm_interface {
  public:
    explicit access_payload(std::vector<access_payload *> &idle) : idle_(idle)
    {
        set_mm(this);
        set_extension(&extension_);
    }
    ~access_payload() override { clear_extension(&extension_); } // payloads free theirs
    access_payload(const access_payload &) = delete;
    access_payload &operator=(const access_payload &) = delete;

    tlm::tlm_generic_payload &fill(tlm::tlm_command command, const smmu_mem_req &request,
                                   unsigned char *data)
    {
        extension_ = attributes();
        extension_.sid = request.sid;
        extension_.id = request.id;
        extension_.pas = static_cast<smmu_pas>(request.pas);
        extension_.memattr = request.attr;
        extension_.mpam = request.mpam;
        extension_.priv = true; // IHI 0070 13.1.2
        extension_.swap = swap ? &*swap : nullptr;

        set_command(command);
        set_address(request.addr);
        set_data_ptr(data);
        set_data_length(request.size);
        set_streaming_width(request.size);
        set_byte_enable_ptr(nullptr);
        set_byte_enable_length(0);
        set_dmi_allowed(false);
        set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return *this;
    }

    unsigned char own_data[64]; // smmu_mem_req.size is at most that
    std::optional<compare_and_swap> swap;
    bool responded = false;
    sc_core::sc_event response;

  private:
    void free(tlm::tlm_generic_payload *) override
    {
        reset(); // frees extensions that others have left to it (IEEE 1666 14.5)
        swap.reset();
        idle_.push_back(this);
    }

    std::vector<access_payload *> &idle_;
    attributes extension_;
};

// A payload for the length of one access. Several accesses may be suspended at a time.
class walk_port::lease {
  public:
    explicit lease(walk_port &port)
    {
        if (port.idle_.empty()) {
            port.all_.push_back(std::make_unique<access_payload>(port.idle_));
            access_ = port.all_.back().get();
        } else {
            access_ = port.idle_.back();
            port.idle_.pop_back();
        }
        access_->acquire();
    }
    ~lease() { access_->release(); }
    lease(const lease &) = delete;
    lease &operator=(const lease &) = delete;

    access_payload *operator->() { return access_; }

  private:
    access_payload *access_;
};

// An access that is under way counts.
class walk_port::presence {
  public:
    explicit presence(walk_port &port) : level_(port.level_)
    {
        if (level_)
            set_level(level_, level_->value + 1);
    }
    ~presence()
    {
        if (level_)
            set_level(level_, level_->value - 1);
    }
    presence(const presence &) = delete;
    presence &operator=(const presence &) = delete;

  private:
    smmu_level *level_; // as it was
};

bool walk_port::window::holds(const smmu_mem_req &request) const
{
    return request.addr >= dmi.get_start_address() &&
           request.addr + (request.size - 1) <= dmi.get_end_address();
}

walk_port::walk_port(const timing &times, std::function<tlm::tlm_fw_transport_if<> &()> memory)
    : times_(times), memory_(std::move(memory)), sender_("walk_requests", *this, memory_)
{
}
walk_port::~walk_port() = default;

void walk_port::response_arrived(tlm::tlm_generic_payload &payload)
{
    auto &access = static_cast<access_payload &>(payload);
    access.responded = true;
    access.response.notify();
}

// By one transaction; the calling process is suspended for it.
bool walk_port::transfer(lease &leased, tlm::tlm_command command, const smmu_mem_req &request,
                         unsigned char *data, sc_core::sc_time &delay)
{
    if (!approximate()) {
        tlm::tlm_generic_payload &payload = leased->fill(command, request, data);
        memory_().b_transport(payload, delay);
        return payload.is_response_ok();
    }
    if (command == tlm::TLM_WRITE_COMMAND)
        std::memcpy(leased->own_data, data, request.size);
    tlm::tlm_generic_payload &payload = leased->fill(command, request, leased->own_data);
    leased->responded = false;
    const presence under_way(*this);
    sender_.send(payload);
    while (!leased->responded)
        sc_core::wait(leased->response);
    if (command == tlm::TLM_READ_COMMAND)
        std::memcpy(data, leased->own_data, request.size);
    return payload.is_response_ok();
}

// By the debug transport interface: in no time.
bool walk_port::debug(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data)
{
    lease leased(*this);
    return memory_().transport_dbg(leased->fill(command, request, data)) == request.size;
}

smmu_mem_status walk_port::access(tlm::tlm_command command, const smmu_mem_req &request,
                                  unsigned char *data)
{
    const call_context *call = static_cast<const call_context *>(request.cookie);
    if (call && call->debug)
        return debug(command, request, data) ? SMMU_MEM_OK : SMMU_MEM_ABORT;

    sc_core::sc_time own; // background work has no transaction to put a delay on: it passes
    sc_core::sc_time &delay = call ? *call->delay : own;
    access_latency latency(call ? call->split : nullptr, request, times_);
    spend(times_, times_.walk_issue, delay);
    bool done = true;
    if (!direct(command, request, data, delay)) {
        lease leased(*this);
        done = transfer(leased, command, request, data, delay);
        if (leased->is_dmi_allowed())
            ask_for_window(leased->fill(command, request, data), request);
    }
    latency.done();
    pass(own);
    return done ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

smmu_mem_status walk_port::update(const smmu_mem_req &request, const compare_and_swap &swap,
                                  unsigned char *old)
{
    const call_context *call = static_cast<const call_context *>(request.cookie);
    lease leased(*this);
    sc_core::sc_time own; // of an address translation operation
    sc_core::sc_time &delay = call ? *call->delay : own;
    access_latency latency(call ? call->split : nullptr, request, times_);
    spend(times_, times_.walk_issue, delay);
    leased->swap = swap;
    bool done = transfer(leased, tlm::TLM_READ_COMMAND, request, old, delay);
    if (done && !leased->swap->done)
        done = update_by_debug(request, swap, old);
    latency.done();
    pass(own);
    return done ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

bool walk_port::update_by_debug(const smmu_mem_req &request, compare_and_swap swap,
                                unsigned char *old)
{
    if (!debug(tlm::TLM_READ_COMMAND, request, old))
        return false;
    if (!std::equal(old, old + swap.size, swap.expected))
        return true;
    return debug(tlm::TLM_WRITE_COMMAND, request, swap.value);
}

// The window that an access can be made through; null if there is none.
const walk_port::window *walk_port::window_for(tlm::tlm_command command,
                                               const smmu_mem_req &request) const
{
    const bool write = command == tlm::TLM_WRITE_COMMAND;
    for (const window &w : windows_) {
        const bool allowed = write ? w.dmi.is_write_allowed() : w.dmi.is_read_allowed();
        if (allowed && w.pas == request.pas && w.holds(request))
            return &w;
    }
    return nullptr;
}

bool walk_port::direct(tlm::tlm_command command, const smmu_mem_req &request, unsigned char *data,
                       sc_core::sc_time &delay) const
{
    const window *const w = window_for(command, request);
    if (!w)
        return false;
    const bool write = command == tlm::TLM_WRITE_COMMAND;
    unsigned char *host = w->dmi.get_dmi_ptr() + (request.addr - w->dmi.get_start_address());
    if (write)
        std::memcpy(host, data, request.size);
    else
        std::memcpy(data, host, request.size);
    delay += write ? w->dmi.get_write_latency() : w->dmi.get_read_latency();
    return true;
}

// `payload` is as it was sent: an interconnect may have left another address in it. What is granted
// for other addresses than those of the access would not help the next one either. Another access
// that was made at the same time may have asked before.
void walk_port::ask_for_window(tlm::tlm_generic_payload &payload, const smmu_mem_req &request)
{
    if (approximate() || window_for(payload.get_command(), request))
        return;
    window granted = {{}, request.pas};
    if (!memory_().get_direct_mem_ptr(payload, granted.dmi) || !granted.holds(request))
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
