// SPDX-License-Identifier: Apache-2.0
// Memory for the TLM tests: as slow as asked, grants DMI if asked, remembers who accessed it.
#ifndef TESTS_TLM_RAM_HPP
#define TESTS_TLM_RAM_HPP

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>

#include "smmu/tlm/attributes.hpp"
#include "support/bits.hpp"

namespace tlm_test {

// Bytes at addresses of a bus, and a log of who accessed them.
class storage {
  public:
    static constexpr std::uint64_t base = 0x8000'0000;
    static constexpr std::uint64_t size = 16 << 20;

    storage() : bytes_(size) {}

    // Access what `payload` asks for, log it and set the response status.
    void perform(tlm::tlm_generic_payload &payload);

    struct access {
        std::uint64_t address;
        unsigned length;
        bool write;
        bool extended; // carried smmu::attributes
        smmu::attributes attributes;
    };
    std::vector<access> log;                 // but for debug accesses
    unsigned count(std::uint32_t sid) const; // logged accesses that name this stream
    unsigned debugs = 0;                     // debug accesses
    bool swaps = false;                      // knows smmu::compare_and_swap
    bool atomics = false;                    // knows smmu::atomic_access

    // Whether an access, debug or not, fails; it has no effect then.
    std::function<bool(const tlm::tlm_generic_payload &)> fails;

    // Direct access, as by software.
    unsigned char *host(std::uint64_t address);
    std::uint64_t load64(std::uint64_t address);
    void store64(std::uint64_t address, std::uint64_t value);
    template <std::size_t N> void store_image(std::uint64_t address, const support::image<N> &image)
    {
        for (std::size_t i = 0; i < N; i++)
            store64(address + 8 * i, image.word[i]);
    }

  protected:
    tlm::tlm_response_status move(tlm::tlm_generic_payload &payload);

  private:
    std::vector<unsigned char> bytes_;
};

// Initiators of nb_transport have to take responses in the call (TLM_COMPLETED).
class ram : public sc_core::sc_module, public storage {
  public:
    tlm_utils::multi_passthrough_target_socket<ram> port{"port"};

    explicit ram(const sc_core::sc_module_name &name);
    ~ram() override;

    sc_core::sc_time latency; // of every access, put on its delay

    // Called before an access is made; may suspend it.
    std::function<void(std::uint64_t address)> before;

    // The DMI it grants; nothing while `last` is below `first`.
    std::uint64_t dmi_first = 1;
    std::uint64_t dmi_last = 0;
    void grant_all();
    tlm::tlm_dmi::dmi_access_e granted = tlm::tlm_dmi::DMI_ACCESS_READ_WRITE;
    unsigned dmi_asked = 0; // how often it was

    // As an interconnect may be: it leaves offsets instead of addresses in payloads, and grants the
    // same DMI whichever address is asked for.
    bool leaves_offsets = false;
    bool grants_elsewhere = false;

    // Take back what was granted for first .. last.
    void withdraw(std::uint64_t first, std::uint64_t last);

  private:
    struct answer {
        int id;
        tlm::tlm_generic_payload *payload;
        sc_core::sc_time due; // sc_max_time() while it is not known
    };

    void respond();
    tlm::tlm_sync_enum nb_transport_fw(int id, tlm::tlm_generic_payload &payload,
                                       tlm::tlm_phase &phase, sc_core::sc_time &delay);
    void b_transport(int id, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay);
    unsigned transport_dbg(int id, tlm::tlm_generic_payload &payload);
    bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload &payload, tlm::tlm_dmi &dmi);

    std::list<answer> answers_; // in the order of their requests
};

} // namespace tlm_test

#endif
