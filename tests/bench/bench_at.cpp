// SPDX-License-Identifier: Apache-2.0
// What the component costs a transaction of four phases: 64 bytes read from a memory that takes 10
// ns, eight at a time, without and with an approximately-timed SMMU whose micro TLB has the
// answers: nothing measured, histograms and levels, and a trace of each transaction too.
#include "bench.hpp"
#include "guest_image.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/tlm/at_initiator.hpp"
#include "smmu/tlm/perfetto_trace.hpp"
#include "smmu/tlm/smmuv3.hpp"

namespace bench {

namespace {

constexpr unsigned transfer = 64;
constexpr unsigned outstanding = 8;
constexpr unsigned batch = 1000; // transactions of an iteration
const sc_core::sc_time memory_time(10, sc_core::SC_NS);

// Memory at guest_image::base that accepts every request at once.
class at_port : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<at_port> socket{"socket"};

    at_port(const sc_core::sc_module_name &name, std::vector<std::uint8_t> &bytes)
        : sc_core::sc_module(name), bytes_(bytes), responses_("responses", this, &at_port::respond)
    {
        socket.register_nb_transport_fw(this, &at_port::nb_transport_fw);
    }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (phase == tlm::END_RESP)
            return tlm::TLM_COMPLETED;
        payload.acquire();
        responses_.notify(payload, tlm::BEGIN_RESP, delay + memory_time);
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    void respond(tlm::tlm_generic_payload &payload, const tlm::tlm_phase &)
    {
        const std::uint64_t offset = payload.get_address() - guest_image::base;
        const unsigned length = payload.get_data_length();
        const bool inside = length <= bytes_.size() && offset <= bytes_.size() - length;
        if (inside)
            std::memcpy(payload.get_data_ptr(), &bytes_[offset], length);
        payload.set_response_status(inside ? tlm::TLM_OK_RESPONSE
                                           : tlm::TLM_ADDRESS_ERROR_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        socket->nb_transport_bw(payload, phase, delay);
        payload.release();
    }

    std::vector<std::uint8_t> &bytes_;
    tlm_utils::peq_with_cb_and_phase<at_port> responses_;
};

// Reads as fast as it gets answers, each from the next of the 64 pages at `base`.
class at_reader : public sc_core::sc_module, smmu::at_initiator::user, tlm::tlm_mm_interface {
  public:
    tlm_utils::simple_initiator_socket<at_reader> socket{"socket"};

    at_reader(const sc_core::sc_module_name &name, std::uint64_t base)
        : sc_core::sc_module(name), base_(base),
          sender_("sender", *this,
                  [this]() -> tlm::tlm_fw_transport_if<> & { return *socket.operator->(); })
    {
        socket.register_nb_transport_bw(this, &at_reader::nb_transport_bw);
        for (one &each : all_) {
            each.stream.sid = guest_image::sid;
            each.payload.set_mm(this);
            each.payload.set_extension(&each.stream);
            each.payload.set_command(tlm::TLM_READ_COMMAND);
            each.payload.set_data_ptr(each.data.data());
            each.payload.set_data_length(transfer);
            each.payload.set_streaming_width(transfer);
            idle_.push_back(&each.payload);
        }
    }
    ~at_reader() override
    {
        for (one &each : all_)
            each.payload.clear_extension(&each.stream);
    }

    // From a process: whether `count` reads were right.
    bool read(unsigned count)
    {
        left_ = count;
        right_ = true;
        send();
        while (left_ || idle_.size() != outstanding)
            sc_core::wait(done_);
        return right_;
    }

  private:
    struct one {
        smmu::attributes stream;
        tlm::tlm_generic_payload payload;
        std::array<unsigned char, transfer> data = {};
    };

    void send()
    {
        for (; left_ && !idle_.empty(); left_--) {
            tlm::tlm_generic_payload &payload = *idle_.back();
            idle_.pop_back();
            payload.set_address(base_ + page_++ % guest_image::pages * guest_image::page_size);
            payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            payload.set_dmi_allowed(false);
            payload.acquire();
            sender_.send(payload);
        }
    }

    void response_arrived(tlm::tlm_generic_payload &payload) override
    {
        right_ = right_ && payload.is_response_ok();
        payload.release();
    }

    void free(tlm::tlm_generic_payload *payload) override
    {
        idle_.push_back(payload);
        send();
        if (!left_ && idle_.size() == outstanding)
            done_.notify();
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return sender_.nb_transport_bw(payload, phase, delay);
    }

    std::uint64_t base_;
    std::array<one, outstanding> all_;
    std::vector<tlm::tlm_generic_payload *> idle_;
    unsigned left_ = 0;
    unsigned page_ = 0;
    bool right_ = true;
    sc_core::sc_event done_;
    smmu::at_initiator sender_;
};

// Two ways to one memory: straight, and through an SMMU.
class at_platform : public sc_core::sc_module {
  public:
    at_reader direct{"direct", guest_image::output};
    at_reader device{"device", guest_image::input};

    explicit at_platform(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        direct.socket.bind(direct_port_.socket);
        device.socket.bind(smmu_.dev());
        smmu_.mem().bind(device_port_.socket);
        smmu_.walk().bind(walk_port_.socket);
        registers_.bind(smmu_.prog());
    }

    // Programs the SMMU, once, and fills its caches.
    bool bring_up()
    {
        if (up_)
            return true;
        program(registers_, image_);
        up_ = true;
        return device.read(guest_image::pages);
    }

    // Measures from now on.
    void measure() { smmu_.measure(); }

    // And writes what it measures to where nobody reads it.
    void trace_measured()
    {
        trace_ = std::make_unique<smmu::perfetto_trace>(nowhere_.get());
        trace_->watch(smmu_.measure(), "smmu");
    }

  private:
    struct file_closer {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };

    static smmu::timing times()
    {
        smmu::timing times;
        times.mode = smmu::timing_mode::approximately_timed;
        times.lookup = sc_core::sc_time(2, sc_core::SC_NS);
        return times;
    }

    std::unique_ptr<std::FILE, file_closer> nowhere_{std::fopen("/dev/null", "w")};
    std::unique_ptr<smmu::perfetto_trace> trace_;
    guest_image image_ = make_guest_image();
    bool up_ = false;
    tlm_utils::simple_initiator_socket<at_platform> registers_{"registers"};
    smmu::smmuv3 smmu_{"smmu", smmu_config_default(), times()};
    at_port direct_port_{"direct_port", image_.bytes};
    at_port device_port_{"device_port", image_.bytes};
    at_port walk_port_{"walk_port", image_.bytes};
};

void transactions(benchmark::State &state, at_reader &reader)
{
    bool right = true;
    for (auto _ : state)
        right &= reader.read(batch);
    if (!right)
        state.SkipWithError("a transaction failed");
    state.counters["1/s"] = benchmark::Counter(static_cast<double>(state.iterations() * batch),
                                               benchmark::Counter::kIsRate);
}

void through_smmu(benchmark::State &state, at_platform &p)
{
    if (!p.bring_up())
        state.SkipWithError("the SMMU does not translate");
    transactions(state, p.device);
}

} // namespace

void add_at()
{
    const auto p = std::make_shared<at_platform>("at_platform");
    const auto measured = std::make_shared<at_platform>("at_measured");
    const auto traced = std::make_shared<at_platform>("at_traced");
    measured->measure();
    traced->trace_measured();
    benchmark::RegisterBenchmark("at.transactions_per_s.direct",
                                 [p](benchmark::State &state) { transactions(state, p->direct); });
    benchmark::RegisterBenchmark("at.transactions_per_s.smmu",
                                 [p](benchmark::State &state) { through_smmu(state, *p); });
    benchmark::RegisterBenchmark(
        "at.transactions_per_s.measured",
        [measured](benchmark::State &state) { through_smmu(state, *measured); });
    benchmark::RegisterBenchmark("at.transactions_per_s.traced", [traced](benchmark::State &state) {
        through_smmu(state, *traced);
    });
}

} // namespace bench
