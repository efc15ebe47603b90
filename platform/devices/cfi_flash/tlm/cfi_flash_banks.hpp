// SPDX-License-Identifier: Apache-2.0
// NOR flash as a SystemC module: the banks of a "cfi-flash" node, with files of the host.
#ifndef VP_CFI_FLASH_BANKS_HPP
#define VP_CFI_FLASH_BANKS_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "cfi_flash/cfi_flash.h"
#include "cfi_flash/flash_file.h"
#include "host_memory.hpp"
#include "vp/device.hpp"

namespace vp {

// One bank behind a target socket. Reads of its array are those of a memory, of any length, and
// granted DMI; everything else is an access to registers (register_socket.hpp). Takes no time. A
// debugger reads the array and writes nothing.
class cfi_flash_bank : public sc_core::sc_module {
  public:
    struct options {
        std::uint64_t size;
        std::string file;             // that has its contents; empty: none, it is erased
        bool write_protected = false; // the file is read only
    };

    // Throws std::invalid_argument about size or file.
    cfi_flash_bank(const sc_core::sc_module_name &name, options opts);

    tlm_utils::simple_target_socket<cfi_flash_bank> socket;

    const std::string &file() const { return options_.file; }
    std::uint64_t stores() const { return stores_; } // times that bytes were written

  private:
    void open_file();
    host_memory &array();
    cfi_flash *create();
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
    unsigned transport_dbg(tlm::tlm_generic_payload &trans);
    static bool on_store(void *user, std::uint64_t offset, std::uint32_t size);
    static void on_reads_array(void *user, bool array);

    options options_;
    host_memory memory_; // what array() gives
    bool loaded_ = false;
    std::unique_ptr<flash_file, void (*)(flash_file *)> file_;
    std::unique_ptr<cfi_flash, void (*)(cfi_flash *)> core_;
    std::uint64_t stores_ = 0;
};

class cfi_flash_banks : public sc_core::sc_module, public device {
  public:
    cfi_flash_banks(const sc_core::sc_module_name &name,
                    const std::vector<cfi_flash_bank::options> &banks);

    std::vector<target *> regs() override;
    std::vector<counter> counters() const override;
    std::vector<std::string> files() const override;

  private:
    std::vector<std::unique_ptr<cfi_flash_bank>> banks_;
};

// Factory for "cfi-flash" with two banks: the first has the contents of the file that
// `vp,firmware` names and cannot be written, the second those of `vp,backing-file`, and is.
std::unique_ptr<device> make_cfi_flash(const dt_node &node, const char *name);

} // namespace vp

#endif
