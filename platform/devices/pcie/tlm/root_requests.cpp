// SPDX-License-Identifier: Apache-2.0
// A request is accepted when it has left the link, or without one when the way out accepts it.
#include "root_requests.hpp"

#include <string>
#include <utility>

#include "vp/picoseconds.hpp"

namespace vp {

namespace {

std::uint64_t now()
{
    return to_ps(sc_core::sc_time_stamp());
}

sc_core::sc_time until(std::uint64_t moment)
{
    return from_ps(moment - now());
}

} // namespace

// --- one function ---

root_lane::root_lane(const sc_core::sc_module_name &name, root_requests &root, unsigned number,
                     pcie_link *link, payload_size max_payload)
    : sc_module(name), root_(root), number_(number), link_(link),
      max_payload_(std::move(max_payload)),
      target_("target", *this,
              [this]() -> tlm::tlm_bw_transport_if<> & { return *socket.operator->(); }),
      to_sent_("to_sent", this, &root_lane::sent),
      to_arrive_("to_arrive", this, &root_lane::arrived),
      to_complete_("to_complete", this, &root_lane::completed)
{
    socket.register_nb_transport_fw(this, &root_lane::nb_transport_fw);
}

tlm::tlm_sync_enum root_lane::nb_transport_fw(tlm::tlm_generic_payload &payload,
                                              tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return target_.nb_transport_fw(payload, phase, delay);
}

pcie_tlps root_lane::tlps_of(const tlm::tlm_generic_payload &payload) const
{
    return {payload.get_address(), payload.get_data_length(), max_payload_()};
}

bool root_lane::has_credit(const tlm::tlm_generic_payload &payload) const
{
    const auto &config = link_->config;
    const std::uint64_t limit = payload.is_write() ? config.posted : config.non_posted;

    return limit == 0 || held_[payload.is_write()] < limit;
}

void root_lane::request_arrived(tlm::tlm_generic_payload &payload)
{
    pcie_request_header::of(payload).lane = number_;
    if (link_ != nullptr) {
        begun_ = &payload;
        begin_transfer();
        return;
    }
    arrived_.push_back(&payload);
    forward();
}

// Onto the link, if there is a request and it has its credit.
void root_lane::begin_transfer()
{
    if (begun_ == nullptr || !has_credit(*begun_))
        return;
    tlm::tlm_generic_payload &payload = *std::exchange(begun_, nullptr);
    const pcie_tlps tlps = tlps_of(payload);
    const std::uint64_t time = payload.is_write() ? pcie_link_write_time(&link_->config, &tlps)
                                                  : pcie_link_read_time(&link_->config);
    held_[payload.is_write()]++;
    const std::uint64_t left = pcie_link_send(link_, PCIE_LINK_UP, now(), time);
    to_sent_.notify(payload, tlm::BEGIN_REQ, until(left));
    to_arrive_.notify(payload, tlm::BEGIN_REQ, until(left + link_->config.latency));
}

void root_lane::sent(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
{
    target_.accept(payload);
}

void root_lane::arrived(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
{
    arrived_.push_back(&payload);
    forward();
}

void root_lane::forward()
{
    if (forwarding_ || arrived_.empty())
        return;
    tlm::tlm_generic_payload &first = *arrived_.front();
    if (!pcie_request_header::of(first).relaxed && writes_ != 0)
        return;
    forwarding_ = true;
    writes_ += first.is_write();
    root_.forward(first);
}

void root_lane::accepted(tlm::tlm_generic_payload &payload)
{
    arrived_.pop_front();
    forwarding_ = false;
    if (link_ == nullptr) {
        target_.accept(payload);
    } else {
        held_[payload.is_write()]--;
        begin_transfer();
    }
    forward();
}

// Writes have no completion that would take the link.
void root_lane::responded(tlm::tlm_generic_payload &payload)
{
    if (payload.is_write()) {
        writes_--;
        target_.respond(payload);
        forward();
        return;
    }
    if (link_ == nullptr) {
        target_.respond(payload);
        return;
    }
    pcie_tlps tlps = tlps_of(payload);
    if (!payload.is_response_ok())
        tlps.size = 0;
    const std::uint64_t left = pcie_link_send(link_, PCIE_LINK_DOWN, now(),
                                              pcie_link_completion_time(&link_->config, &tlps));
    to_complete_.notify(payload, tlm::BEGIN_RESP, until(left + link_->config.latency));
}

void root_lane::completed(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
{
    target_.respond(payload);
}

// --- the ways out ---

class root_requests::way : private smmu::at_initiator::user {
  public:
    way(const char *name, root_requests &root, way_out target)
        : root_(root), initiator_(name, *this, std::move(target))
    {
    }

    smmu::at_initiator &initiator() { return initiator_; }

  private:
    root_lane &lane_of(tlm::tlm_generic_payload &payload)
    {
        return *root_.lanes_[pcie_request_header::of(payload).lane];
    }
    void request_accepted(tlm::tlm_generic_payload &payload) override
    {
        lane_of(payload).accepted(payload);
    }
    void response_arrived(tlm::tlm_generic_payload &payload) override
    {
        lane_of(payload).responded(payload);
    }

    root_requests &root_;
    smmu::at_initiator initiator_;
};

root_requests::root_requests(const sc_core::sc_module_name &name, router route,
                             std::vector<way_out> ways)
    : sc_module(name), route_(std::move(route))
{
    for (way_out &target : ways)
        ways_.push_back(std::make_unique<way>(("way_" + std::to_string(ways_.size())).c_str(),
                                              *this, std::move(target)));
}

root_requests::~root_requests() = default;

tlm::tlm_base_target_socket<> &root_requests::add(pcie_link *link,
                                                  root_lane::payload_size max_payload)
{
    const auto number = static_cast<unsigned>(lanes_.size());

    lanes_.push_back(std::make_unique<root_lane>(sc_core::sc_gen_unique_name("lane"), *this, number,
                                                 link, std::move(max_payload)));
    return lanes_.back()->socket;
}

void root_requests::forward(tlm::tlm_generic_payload &payload)
{
    ways_[route_(payload)]->initiator().send(payload);
}

tlm::tlm_sync_enum root_requests::nb_transport_bw(unsigned way, tlm::tlm_generic_payload &payload,
                                                  tlm::tlm_phase &phase, sc_core::sc_time &delay)
{
    return ways_[way]->initiator().nb_transport_bw(payload, phase, delay);
}

} // namespace vp
