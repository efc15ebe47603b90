// SPDX-License-Identifier: Apache-2.0
// Watches addresses of exclusive accesses, for memory that does not know them.
#ifndef SMMU_PINS_EXCLUSIVE_MONITOR_HPP
#define SMMU_PINS_EXCLUSIVE_MONITOR_HPP

#include <cstdint>
#include <vector>

namespace smmu::pins {

// Which exclusive reads have not been overtaken by a write (IHI 0022 L A6.3.2). Given to every
// bridge to a memory, axi_to_tlm::set_monitor(), it sees what they write; who writes by another way
// says so. Addresses are those of the memory: bridges before an SMMU have others.
class exclusive_monitor {
  public:
    // An exclusive read of `length` bytes from `address` on by `id` at `port` has been asked for.
    // It takes the place of the one before, of the same ID and port.
    void watch(const void *port, std::uint32_t id, std::uint64_t address, unsigned length);
    // It has failed.
    void forget(const void *port, std::uint32_t id);
    // Nobody of `port` is there any more: it has been reset.
    void forget(const void *port);
    // Whether an exclusive write of the same bytes may be made; then others may not any more.
    bool claim(const void *port, std::uint32_t id, std::uint64_t address, unsigned length);
    // Somebody writes `length` bytes, not 0, from `address` on.
    void written(std::uint64_t address, unsigned length);

  private:
    struct watched {
        const void *port;
        std::uint32_t id;
        std::uint64_t address;
        unsigned length;
    };
    std::vector<watched> all_; // at most one of each port and ID
};

} // namespace smmu::pins

#endif
