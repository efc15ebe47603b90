// SPDX-License-Identifier: Apache-2.0
// Lets pass in the order of arrival what has the same initiator, ID and direction, and anything
// else as it comes.
#ifndef SMMU_TLM_ORDER_GATE_HPP
#define SMMU_TLM_ORDER_GATE_HPP

#include <cstdint>

namespace smmu {

class order_gate {
  public:
    // Somebody at the gate; belongs to one gate at a time.
    class member {
      protected:
        ~member() = default;

      private:
        friend class order_gate;

        member *before_ = nullptr;
        member *behind_ = nullptr;
        std::uint64_t key_ = 0;
        bool present_ = false;
    };

    // `who` arrives, with AxID `id`, from initiator `from`.
    void arrive(member &who, unsigned from, std::uint32_t id, bool write)
    {
        who.key_ = std::uint64_t{from} << 33 | std::uint64_t{id} << 1 | (write ? 1 : 0);
        who.before_ = last_;
        who.behind_ = nullptr;
        who.present_ = true;
        (last_ ? last_->behind_ : first_) = &who;
        last_ = &who;
    }

    // Whether `who`, which has arrived, has nobody before it that has all of these in common with
    // it.
    bool open(const member &who) const
    {
        const member *each = first_;
        while (each != &who && each->key_ != who.key_)
            each = each->behind_;
        return each == &who;
    }

    // `who` passes, or turns back; not at all if it is not there. Returns who comes next of those
    // that it has all in common with, NULL if nobody does.
    [[gnu::always_inline]] member *leave(member &who)
    {
        if (!who.present_)
            return nullptr;
        who.present_ = false;
        (who.before_ ? who.before_->behind_ : first_) = who.behind_;
        (who.behind_ ? who.behind_->before_ : last_) = who.before_;
        member *next = who.behind_;
        while (next && next->key_ != who.key_)
            next = next->behind_;
        return next;
    }

  private:
    member *first_ = nullptr; // in the order of arrival
    member *last_ = nullptr;
};

} // namespace smmu

#endif
