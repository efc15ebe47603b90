// SPDX-License-Identifier: Apache-2.0
// What the component costs a transaction: 64 bytes read from a plain memory, without and with it;
// and what is left of that where a client copies by DMI.
#include "bench.hpp"
#include "guest_image.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "smmu/tlm/smmuv3.hpp"

namespace bench {

namespace {

constexpr unsigned transfer = 64;

// One port of a memory that takes no time.
class memory_port : public sc_core::sc_module {
  public:
    tlm_utils::simple_target_socket<memory_port> socket{"socket"};

    // `bytes` stand at guest_image::base and must outlive the port.
    memory_port(const sc_core::sc_module_name &name, std::vector<std::uint8_t> &bytes)
        : sc_core::sc_module(name), bytes_(bytes)
    {
        socket.register_b_transport(this, &memory_port::b_transport);
        socket.register_transport_dbg(this, &memory_port::transport_dbg);
        socket.register_get_direct_mem_ptr(this, &memory_port::get_direct_mem_ptr);
    }

  private:
    void b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        const std::uint64_t offset = payload.get_address() - guest_image::base;
        const unsigned length = payload.get_data_length();
        if (length > bytes_.size() || offset > bytes_.size() - length) {
            payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            return;
        }
        if (payload.is_read())
            std::memcpy(payload.get_data_ptr(), &bytes_[offset], length);
        else
            std::memcpy(&bytes_[offset], payload.get_data_ptr(), length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }

    unsigned transport_dbg(tlm::tlm_generic_payload &payload)
    {
        sc_core::sc_time delay;
        b_transport(payload, delay);
        return payload.is_response_ok() ? payload.get_data_length() : 0;
    }

    bool get_direct_mem_ptr(tlm::tlm_generic_payload &, tlm::tlm_dmi &dmi)
    {
        dmi.set_dmi_ptr(bytes_.data());
        dmi.set_start_address(guest_image::base);
        dmi.set_end_address(guest_image::base + bytes_.size() - 1);
        dmi.allow_read_write();
        return true;
    }

    std::vector<std::uint8_t> &bytes_;
};

// Two ways to one memory: straight, and through an SMMU.
class platform : public sc_core::sc_module {
  public:
    using initiator = tlm_utils::simple_initiator_socket<platform>;

    initiator direct{"direct"};
    initiator device{"device"};

    explicit platform(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        direct.bind(direct_port_.socket);
        device.bind(smmu_.dev());
        smmu_.mem().bind(device_port_.socket);
        smmu_.walk().bind(walk_port_.socket);
        registers_.bind(smmu_.prog());
    }

    // The memory behind both.
    std::uint8_t *bytes() { return image_.bytes.data(); }

    // Programs the SMMU, once.
    void bring_up()
    {
        if (up_)
            return;
        program(registers_, image_);
        up_ = true;
    }

  private:
    guest_image image_ = make_guest_image();
    bool up_ = false;
    initiator registers_{"registers"};
    smmu::smmuv3 smmu_{"smmu"};
    memory_port direct_port_{"direct_port", image_.bytes};
    memory_port device_port_{"device_port", image_.bytes};
    memory_port walk_port_{"walk_port", image_.bytes};
};

// One read after the other through `socket`, each from the next of the 64 pages at `base`.
class reader {
  public:
    reader(platform::initiator &socket, std::uint64_t base) : socket_(socket), base_(base)
    {
        stream_.sid = guest_image::sid;
        payload_.set_extension(&stream_);
        payload_.set_command(tlm::TLM_READ_COMMAND);
        payload_.set_data_ptr(data_);
        payload_.set_data_length(transfer);
        payload_.set_streaming_width(transfer);
    }

    ~reader() { payload_.clear_extension(&stream_); }
    reader(const reader &) = delete;
    reader &operator=(const reader &) = delete;

    bool read()
    {
        payload_.set_address(base_ + page_++ % guest_image::pages * guest_image::page_size);
        payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        sc_core::sc_time delay;
        socket_->b_transport(payload_, delay);
        return payload_.is_response_ok();
    }

  private:
    platform::initiator &socket_;
    std::uint64_t base_;
    unsigned page_ = 0;
    smmu::attributes stream_;
    tlm::tlm_generic_payload payload_;
    unsigned char data_[transfer] = {};
};

constexpr unsigned copied_pages = guest_image::pages / 2;
constexpr std::size_t copied_bytes = copied_pages * guest_image::page_size;

// Copies the first half of the pages to the second through windows that the SMMU grants: one is
// asked for where none has been, and looked up by its page where one has.
class dmi_copier {
  public:
    explicit dmi_copier(platform::initiator &socket) : socket_(socket)
    {
        stream_.sid = guest_image::sid;
    }

    bool copy()
    {
        for (unsigned page = 0; page < copied_pages; page++) {
            const std::uint8_t *from = window(page);
            std::uint8_t *to = window(page + copied_pages);
            if (!from || !to)
                return false;
            std::memcpy(to, from, guest_image::page_size);
        }
        return true;
    }

  private:
    std::uint8_t *window(unsigned page)
    {
        std::uint8_t *&known = windows_[page];
        return known ? known : known = ask(guest_image::input + page * guest_image::page_size);
    }

    // Where the page at `address` is, or null.
    std::uint8_t *ask(std::uint64_t address)
    {
        tlm::tlm_generic_payload payload;
        payload.set_command(tlm::TLM_WRITE_COMMAND);
        payload.set_address(address);
        payload.set_extension(&stream_);
        tlm::tlm_dmi dmi;
        const bool granted = socket_->get_direct_mem_ptr(payload, dmi);
        payload.clear_extension(&stream_);
        if (!granted || !dmi.is_read_write_allowed() || dmi.get_start_address() > address ||
            dmi.get_end_address() - address < guest_image::page_size - 1)
            return nullptr;
        return dmi.get_dmi_ptr() + (address - dmi.get_start_address());
    }

    platform::initiator &socket_;
    smmu::attributes stream_;
    std::array<std::uint8_t *, guest_image::pages> windows_ = {};
};

void dmi_copy(benchmark::State &state, platform &p)
{
    dmi_copier client(p.device);
    bool right = true;
    for (auto _ : state) {
        right &= client.copy();
        benchmark::ClobberMemory();
    }
    if (!right)
        state.SkipWithError("a window is refused");
}

// The same bytes, by who knows where they are: `piece` of them at a time.
void plain_copy(benchmark::State &state, platform &p, std::size_t piece)
{
    std::uint8_t *from = p.bytes() + (guest_image::output - guest_image::base);
    for (auto _ : state) {
        for (std::size_t at = 0; at < copied_bytes; at += piece)
            std::memcpy(from + copied_bytes + at, from + at, piece);
        benchmark::ClobberMemory();
    }
}

void b_transport(benchmark::State &state, platform::initiator &socket, std::uint64_t base)
{
    reader r(socket, base);
    bool right = true;
    for (unsigned page = 0; page < guest_image::pages; page++)
        right &= r.read();
    for (auto _ : state)
        right &= r.read();
    if (!right)
        state.SkipWithError("a transaction failed");
}

} // namespace

void add_tlm()
{
    const auto p = std::make_shared<platform>("platform");
    benchmark::RegisterBenchmark("tlm.b_transport.direct", [p](benchmark::State &state) {
        b_transport(state, p->direct, guest_image::output);
    });
    benchmark::RegisterBenchmark("tlm.b_transport.smmu", [p](benchmark::State &state) {
        p->bring_up();
        b_transport(state, p->device, guest_image::input);
    });
    benchmark::RegisterBenchmark("dmi.memcpy", [p](benchmark::State &state) {
        plain_copy(state, *p, guest_image::page_size);
    });
    benchmark::RegisterBenchmark("dmi.memcpy.at_once", [p](benchmark::State &state) {
        plain_copy(state, *p, copied_bytes);
    });
    benchmark::RegisterBenchmark("dmi.copy", [p](benchmark::State &state) {
        p->bring_up();
        dmi_copy(state, *p);
    });
}

} // namespace bench
