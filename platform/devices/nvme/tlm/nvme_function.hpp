// SPDX-License-Identifier: Apache-2.0
// "vp,nvme", an NVMe controller as a PCI Express function, with a file of the host as its disk.
#ifndef VP_NVME_FUNCTION_HPP
#define VP_NVME_FUNCTION_HPP

#include <memory>
#include <string>
#include <vector>

#include "nvme/nvme.h"
#include "pcie_worker.hpp"
#include "timed_disk.hpp"

namespace vp {

class nvme_function : public pcie_worker {
  public:
    struct options {
        std::string file;
        std::uint64_t size = 0;   // of a file that is to be made if it is not there; 0: it must be
        unsigned block_shift = 9; // log2 of the bytes of a block
        unsigned data_shift = NVME_MAX_DATA_SHIFT; // MDTS
        std::string serial;                        // 1 to NVME_SERIAL_LENGTH characters
        bool ats = false;                          // it has the capability
        translation_options translations;
        request_options requests;
        sc_core::sc_time access_time{5, sc_core::SC_US}; // of each access to the medium
    };

    // Throws std::invalid_argument if the file will not do or the options make no sense.
    nvme_function(const sc_core::sc_module_name &name, const options &opts, pcie_kind kind);

    std::vector<device::counter> counters() const override;
    std::vector<std::string> files() const override { return {options_.file}; }

  private:
    struct deleter {
        void operator()(nvme *n) const { nvme_destroy(n); }
    };

    vp_status bar_read(unsigned bar, std::uint64_t offset, unsigned size,
                       std::uint64_t &value) override;
    vp_status bar_write(unsigned bar, std::uint64_t offset, unsigned size,
                        std::uint64_t value) override;
    void function_reset() override;
    void work() override;
    nvme *create();

    options options_;
    timed_disk disk_;
    std::unique_ptr<nvme, deleter> core_;
};

// The serial number of a node without `vp,serial`: one for each place in a machine.
std::string nvme_serial(const dt_node &node);

// Factory for "vp,nvme"; docs/nvme.md lists the properties.
std::unique_ptr<pcie_function> make_nvme_function(const dt_node &node, const char *name,
                                                  pcie_kind kind);

} // namespace vp

#endif
