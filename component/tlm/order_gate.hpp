// SPDX-License-Identifier: Apache-2.0
// Lets pass in the order of arrival what has the same initiator, ID and direction, and anything
// else as it comes.
#ifndef SMMU_TLM_ORDER_GATE_HPP
#define SMMU_TLM_ORDER_GATE_HPP

#include <cstdint>

namespace smmu {

class order_gate {
  public:
    order_gate() { ends_.before_ = ends_.behind_ = &ends_; }
    order_gate(const order_gate &) = delete;
    order_gate &operator=(const order_gate &) = delete;

    // Somebody at the gate; belongs to one gate at a time.
    class member {
      protected:
        ~member() = default;

      private:
        friend class order_gate;

        member *before_ = nullptr;
        std::uint64_t key_ = 0;
        member *behind_ = nullptr;
        bool present_ = false;
    };

    // `who` arrives, with AxID `id`, from initiator `from`.
    void arrive(member &who, unsigned from, std::uint32_t id, bool write)
    {
        who.key_ = std::uint64_t{from} << 33 | std::uint64_t{id} << 1 | (write ? 1 : 0);
        who.present_ = true;
        who.behind_ = &ends_;
        who.before_ = ends_.before_;
        who.before_->behind_ = &who;
        ends_.before_ = &who;
    }

    // Whether `who`, which has arrived, has nobody before it that has all of these in common with
    // it.
    bool open(const member &who) const
    {
        const member *each = ends_.behind_;
        while (each != &who && each->key_ != who.key_)
            each = each->behind_;
        return each == &who;
    }

    // Whether `who` is there.
    static bool has(const member &who) { return who.present_; }

    // `who`, which is there, passes, or turns back. Returns who comes next of those that it has all
    // in common with, NULL if nobody does.
    [[gnu::always_inline]] member *leave(member &who)
    {
        who.present_ = false;
        who.before_->behind_ = who.behind_;
        who.behind_->before_ = who.before_;
        for (member *next = who.behind_; next != &ends_; next = next->behind_)
            if (next->key_ == who.key_)
                return next;
        return nullptr;
    }

  private:
    member ends_; // behind it the first, in the order of arrival, before it the last
};

} // namespace smmu

#endif
