// SPDX-License-Identifier: Apache-2.0
// A device tree that can be asked precise questions and answers mistakes with node, property,
// reason.
#ifndef VP_DT_HPP
#define VP_DT_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace vp {

// A mistake in a device tree; what() is one line: "NODE: PROPERTY: REASON" (PROPERTY may be empty).
class dt_error : public std::runtime_error {
  public:
    dt_error(const std::string &node, const std::string &property, const std::string &reason);
};

// An address range of `reg`, in the address space of the root node.
struct dt_range {
    std::uint64_t base;
    std::uint64_t size;
};

class dt_node;

// The bytes of a tree, and what was asked of them: offset of a node and name of a property.
struct dt_blob {
    std::vector<std::uint8_t> bytes;
    std::set<std::pair<int, std::string>> asked;
};

// A phandle followed by its argument cells, as in `iommus = <&smmu 0x40>`.
struct dt_specifier;

// A flattened device tree, held in memory and checked on construction.
class dt_tree {
  public:
    // Bytes of a blob. Linux refuses larger ones (Documentation/arch/arm64/booting).
    static constexpr std::size_t max_size = 2u << 20;

    // Takes the bytes of a blob. Throws dt_error if they are not a sound device tree; so everything
    // reached through this object afterwards lies inside the blob. Bytes after its end are dropped.
    explicit dt_tree(std::vector<std::uint8_t> blob);

    dt_node root() const;
    dt_node by_phandle(std::uint32_t phandle) const;               // throws if there is none
    std::optional<dt_node> by_path(const std::string &path) const; // "/cpus"

    const std::vector<std::uint8_t> &blob() const { return blob_->bytes; }

    // Throws if an enabled node below enabled ones has a property that begins with "vp," and that
    // nobody has asked for, of this object or of a node or copy of it: it was misspelt, or is not
    // for this node. For when everything is built.
    void check_all_asked() const;

  private:
    std::shared_ptr<dt_blob> blob_;
};

// A node of a tree; cheap to copy, valid as long as any node or the tree lives.
class dt_node {
  public:
    const std::string &path() const { return path_; }
    std::string name() const; // last component of the path, unit address included
    dt_node parent() const;   // of the root: throws std::logic_error
    std::vector<dt_node> children() const;

    bool enabled() const; // no `status`, or "okay"/"ok"
    bool has(const char *property) const;
    std::vector<std::string> compatible() const; // empty if there is none

    // Typed properties. Without a default a missing property is a dt_error; a malformed one always.
    std::uint32_t u32(const char *property) const;
    std::uint32_t u32(const char *property, std::uint32_t otherwise) const;
    std::uint64_t u64(const char *property) const;
    std::uint64_t u64(const char *property, std::uint64_t otherwise) const; // one cell or two
    std::string string(const char *property) const;
    std::string string(const char *property, const std::string &otherwise) const;
    std::vector<std::string> strings(const char *property) const; // missing: empty
    std::vector<std::uint32_t> cells(const char *property) const; // missing: empty

    // `reg` decoded with the parent's #address-cells and #size-cells, and translated by `ranges`.
    // Never empty: a missing property is a dt_error, as is an entry that is empty or wraps around.
    // Where the parent's #size-cells is 0 the numbers are not addresses: size is 0, nothing is
    // translated.
    std::vector<dt_range> reg() const;

    // Specifier lists such as `iommus` ("#iommu-cells"): target nodes with their argument cells.
    // Missing: empty.
    std::vector<dt_specifier> specifiers(const char *property, const char *cells_property) const;

    // `interrupts-extended`, else `interrupts` with the interrupt parent found by walking up.
    // Missing: empty.
    std::vector<dt_specifier> interrupts() const;

    // The node that a cell of `property` names. A dt_error if there is none.
    dt_node by_phandle(const char *property, std::uint32_t phandle) const;

    // The whole property as bytes, nullptr if there is none. Valid as long as the node.
    const std::uint8_t *bytes(const char *property, std::size_t &size) const;

    // Throws a dt_error that names this node.
    [[noreturn]] void fail(const char *property, const std::string &reason) const;

    bool operator==(const dt_node &other) const { return path_ == other.path_; }

  private:
    friend class dt_tree;
    dt_node(std::shared_ptr<dt_blob> blob, int offset, std::string path);
    const void *fdt() const { return blob_->bytes.data(); }
    void check_all_asked() const;
    dt_range to_parent(const dt_node &bus, dt_range range) const;
    dt_node interrupt_parent() const;
    std::shared_ptr<dt_blob> blob_;
    int offset_;
    std::string path_;
};

struct dt_specifier {
    dt_node target;
    std::vector<std::uint32_t> args;
};

} // namespace vp

#endif
