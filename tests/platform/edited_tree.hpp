// SPDX-License-Identifier: Apache-2.0
// Device trees for tests: a small machine, and edits that break it.
#ifndef TESTS_PLATFORM_EDITED_TREE_HPP
#define TESTS_PLATFORM_EDITED_TREE_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "vp/dt.hpp"

namespace test {

class edited_tree {
  public:
    edited_tree();                                               // a root without properties
    explicit edited_tree(const std::vector<std::uint8_t> &blob); // one that there is

    // Nodes are named by path; a node is created in its parent, which must exist, before the
    // children that are there already.
    edited_tree &node(const std::string &path);
    edited_tree &cells(const std::string &path, const char *property,
                       const std::vector<std::uint32_t> &values);
    edited_tree &strings(const std::string &path, const char *property,
                         const std::vector<std::string> &values);
    edited_tree &bytes(const std::string &path, const char *property,
                       const std::vector<std::uint8_t> &values);
    edited_tree &remove(const std::string &path);
    edited_tree &remove(const std::string &path, const char *property);
    edited_tree &reserve(std::uint64_t address, std::uint64_t size);

    std::vector<std::uint8_t> blob() const;
    vp::dt_tree tree() const { return vp::dt_tree(blob()); }

  private:
    int offset(const std::string &path) const;
    std::vector<std::uint8_t> blob_;
};

// A machine without mistakes: /cpus/cpu@0, /memory@40000000, /gic@8000000 (phandle 1),
// /smmu@9050000 (phandle 2), /uart@9000000 of "test,uart" with SPI 1, and /dma@c000000 of
// "test,dma" with SPI 112 and StreamID 0x10. All addresses and sizes at the root have one cell.
edited_tree small_machine();

} // namespace test

#endif
