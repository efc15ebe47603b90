// SPDX-License-Identifier: Apache-2.0
// Which extensions a payload carries.
#ifndef SMMU_TLM_CARRIED_EXTENSIONS_HPP
#define SMMU_TLM_CARRIED_EXTENSIONS_HPP

#include <memory>
#include <vector>

#include <tlm>

namespace smmu {

// Finds a payload's extensions in one call. A program has many types of extension (every simple
// socket that converts has one of its own), most payloads carry one or none, and to ask for each
// type costs a call. update_extensions_from() visits those that both payloads have (IEEE 1666
// 14.21): this payload has a mark of each type, and the mark notes the visit.
class carried_extensions : private tlm::tlm_generic_payload {
  public:
    // Leaves out extensions of the type `ignored`.
    explicit carried_extensions(unsigned ignored);
    ~carried_extensions() override;
    carried_extensions(const carried_extensions &) = delete;
    carried_extensions &operator=(const carried_extensions &) = delete;

    // The IDs of the types that `payload` carries, in ascending order; good until the next call.
    const std::vector<unsigned> &of(const tlm::tlm_generic_payload &payload)
    {
        found_.clear();
        update_extensions_from(payload);
        return found_;
    }

  private:
    class mark;
    std::vector<std::unique_ptr<mark>> marks_;
    std::vector<unsigned> found_;
};

} // namespace smmu

#endif
