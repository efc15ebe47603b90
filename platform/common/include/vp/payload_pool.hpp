// SPDX-License-Identifier: Apache-2.0
// Transactions that outlive the call that begins them.
#ifndef VP_PAYLOAD_POOL_HPP
#define VP_PAYLOAD_POOL_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "smmu/tlm/attributes.hpp"

namespace vp {

// Transactions of a bus master that has several outstanding. Each has data, an smmu::attributes
// extension and a Context of its own, which is what the master has to remember of it. It is the
// master's until nobody refers to it any more (acquire(), release()); then it is used again.
template <typename Context> class payload_pool : private tlm::tlm_mm_interface {
  public:
    class transaction : public tlm::tlm_generic_payload {
      public:
        explicit transaction(tlm::tlm_mm_interface *pool)
            : tlm_generic_payload(pool), attributes_(new smmu::attributes)
        {
            set_extension(attributes_);
        }

        // For the master to set.
        Context context{};
        smmu::attributes &attributes() { return *attributes_; }

      private:
        friend class payload_pool;
        std::vector<unsigned char> data_;
        smmu::attributes *attributes_; // the payload owns it, as every extension
    };

    // A transaction of `size` bytes that nobody refers to, with default attributes.
    transaction &take(tlm::tlm_command command, std::uint64_t address, std::uint32_t size)
    {
        if (free_.empty()) {
            all_.push_back(
                std::make_unique<transaction>(static_cast<tlm::tlm_mm_interface *>(this)));
            free_.push_back(all_.back().get());
        }
        transaction &taken = *free_.back();
        free_.pop_back();
        taken.data_.resize(size);
        *taken.attributes_ = {};
        taken.set_command(command);
        taken.set_address(address);
        taken.set_data_ptr(taken.data_.data());
        taken.set_data_length(size);
        taken.set_streaming_width(size);
        taken.set_byte_enable_ptr(nullptr);
        taken.set_dmi_allowed(false);
        taken.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        return taken;
    }

    // The transaction that `payload`, one of such a pool, is.
    static transaction &transaction_of(tlm::tlm_generic_payload &payload)
    {
        return static_cast<transaction &>(payload);
    }

  private:
    void free(tlm::tlm_generic_payload *payload) override
    {
        payload->reset();
        free_.push_back(&transaction_of(*payload));
    }

    std::vector<std::unique_ptr<transaction>> all_;
    std::vector<transaction *> free_;
};

} // namespace vp

#endif
