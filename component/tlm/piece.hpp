// SPDX-License-Identifier: Apache-2.0
// Payloads of a TBU's own: a client's transaction, or a piece of it, on its way downstream.
#ifndef SMMU_TLM_PIECE_HPP
#define SMMU_TLM_PIECE_HPP

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <tlm>

#include "carried_extensions.hpp"
#include "smmu/tlm/attributes.hpp"
#include "smmu/types.h"

namespace smmu {

// Those of a payload without the extension.
const attributes &default_attributes();

// The attributes of `payload`, which are good for as long as it has its extension.
inline const attributes &attributes_in(const tlm::tlm_generic_payload &payload)
{
    const tlm::tlm_extension_base *const extension = extensions_of(payload)[attributes::ID];
    return extension ? *static_cast<const attributes *>(extension) : default_attributes();
}

// A client's payload as its TBU reads it.
struct client_payload {
    // Both outlive it.
    client_payload(tlm::tlm_generic_payload &given, const attributes &its)
        : payload(given), from(its)
    {
    }

    std::uint64_t address() const { return payload.get_address(); }
    unsigned length() const { return payload.get_data_length(); }
    unsigned width() const // bytes until addresses repeat
    {
        return std::min(payload.get_streaming_width(), length());
    }

    // What is added to address() for byte `done`.
    unsigned streamed(unsigned done) const
    {
        return done == 0 || done < width() ? done : done % width();
    }

    // Read as zero, write ignored, for `length` bytes from byte `done` on, those that are enabled.
    void raz_wi(unsigned done, unsigned length) const;

    tlm::tlm_generic_payload &payload;
    const attributes &from;
};

// What goes downstream. Its data is the client's; extensions that are not the TBU's go along. A
// processor takes longer over stores here and there than over those to one line of its cache: what
// every transaction stores is in two lines, and stored one after the other.
class alignas(64) piece : public tlm::tlm_generic_payload {
  public:
    piece() : room_(extensions_of(*this).size()) { set_extension(&own_); }
    ~piece() override; // payloads would free what they still hold
    piece(const piece &) = delete;
    piece &operator=(const piece &) = delete;

    // The client's `length` bytes from byte `done` on, for where `result` leads. All of the
    // client's bytes keep their streaming. The client's payload stays what it is, and must outlive
    // the use.
    void set(const client_payload &client, const smmu_result &result, unsigned done,
             unsigned length)
    {
        forget_extensions();
        set(client, result, result.addr - client.from.begins_at(), done, length);
    }
    // The same of a piece fresh from the pool, which goes to `address`.
    void set(const client_payload &client, const smmu_result &result, std::uint64_t address,
             unsigned done, unsigned length);

    // Whether `from` has no extensions that would have to go along.
    bool is_alone(const tlm::tlm_generic_payload &from);
    // The same of all the bytes of such a client, without byte enables, in a piece that is set by
    // this alone.
    void set_plain(const client_payload &client, const smmu_result &result, std::uint64_t address);

    // Give up extensions that are the client's.
    void forget_extensions()
    {
        if (!borrowed_.empty())
            give_back_extensions();
    }

    // The client is there no more: nobody is to be told what has become of it.
    void forget_client()
    {
        forget_extensions();
        own_.atomic = nullptr;
        own_.exclusive = nullptr;
    }

    void *owner = nullptr;      // whose it is; for those who get it back
    piece *next_idle = nullptr; // in the pool

  private:
    void set_attributes(const attributes &from, const smmu_result &result);
    void expect_response();
    void cut_enables(unsigned done, unsigned length);
    void make_room();
    void borrow_extensions(const extension_array &extensions)
    {
        if (extensions.size() > room_)
            make_room();
        if (has_others(extensions, attributes::ID))
            borrow_others(extensions);
    }
    void borrow_others(const extension_array &extensions);
    void give_back_extensions();

    std::vector<unsigned> borrowed_; // IDs of extensions
    std::size_t room_;               // for as many types of them
    attributes own_;
    std::vector<unsigned char> enables_;
};

// Each transaction comes here, or to the next.
[[gnu::always_inline]] inline void piece::set(const client_payload &client,
                                              const smmu_result &result, std::uint64_t address,
                                              unsigned done, unsigned length)
{
    const tlm::tlm_generic_payload &from = client.payload;
    const bool whole = length == client.length();
    unsigned char *const data = from.get_data_ptr();

    set_attributes(client.from, result);
    set_command(from.get_command());
    set_address(address);
    set_data_ptr(data ? data + done : nullptr);
    set_data_length(length);
    set_streaming_width(whole ? from.get_streaming_width() : length);
    set_byte_enable_ptr(from.get_byte_enable_ptr());
    set_byte_enable_length(from.get_byte_enable_length());
    if (!whole && from.get_byte_enable_ptr())
        cut_enables(done, length);
    expect_response();
    borrow_extensions(extensions_of(from));
}

[[gnu::always_inline]] inline void
piece::set_plain(const client_payload &client, const smmu_result &result, std::uint64_t address)
{
    const tlm::tlm_generic_payload &from = client.payload;
    set_attributes(client.from, result);
    set_command(from.get_command());
    set_address(address);
    set_data_ptr(from.get_data_ptr());
    set_data_length(from.get_data_length());
    set_streaming_width(from.get_streaming_width());
    expect_response();
}

// Each store counts: what is copied as a whole would be overwritten in part.
[[gnu::always_inline]] inline void piece::set_attributes(const attributes &from,
                                                         const smmu_result &result)
{
    static_cast<kept_values &>(own_) = from;
    own_.op = static_cast<smmu_op>(result.op);
    own_.memattr.mair = result.attr.mair;
    own_.memattr.sh = result.attr.sh;
    own_.instr = result.out_instr;
    own_.priv = result.out_priv;
    own_.pas = static_cast<smmu_pas>(result.pas);
    own_.mpam = result.mpam;
    own_.pbha = result.pbha;
    own_.wrap_first = from.wrap_first;
    own_.id = from.id;
    own_.swap = nullptr; // nobody has asked whether the client may write
    own_.atomic = from.atomic;
    own_.exclusive = from.exclusive;
}

[[gnu::always_inline]] inline void piece::expect_response()
{
    if (is_dmi_allowed()) // of the last one; mostly not, and what is not stored costs nothing
        set_dmi_allowed(false);
    if (get_gp_option() != tlm::TLM_MIN_PAYLOAD) // likewise
        set_gp_option(tlm::TLM_MIN_PAYLOAD);
    set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

[[gnu::always_inline]] inline bool piece::is_alone(const tlm::tlm_generic_payload &from)
{
    const extension_array &extensions = extensions_of(from);
    if (extensions.size() > room_)
        make_room();
    return !has_others(extensions, attributes::ID);
}

// Whether some extensions are for their payload to free.
struct left_extensions : extension_array {
    static bool any(const tlm::tlm_generic_payload &payload)
    {
        return !(extensions_of(payload).*&left_extensions::m_entries).empty();
    }
};

// Pieces that are used again. The memory manager of those it gives.
class piece_pool : public tlm::tlm_mm_interface {
  public:
    // A piece without references that comes back when the last that somebody takes is released, or
    // by give_back() if nobody has taken one.
    piece &get()
    {
        piece &taken = take();
        taken.set_mm(this);
        return taken;
    }
    void give_back(piece &taken) { free(&taken); }

    // A piece without references, for calls that do not return before they are done with it: give()
    // takes it back.
    piece &take()
    {
        if (!idle_)
            grow();
        piece &taken = *idle_;
        idle_ = taken.next_idle;
        return taken;
    }
    [[gnu::always_inline]] void give(piece &taken)
    {
        taken.forget_extensions();
        taken.next_idle = idle_;
        idle_ = &taken;
    }

  private:
    void grow();
    void free(tlm::tlm_generic_payload *payload) override
    {
        if (left_extensions::any(*payload))
            payload->reset(); // frees extensions that others have left to it (IEEE 1666 14.5)
        payload->set_mm(nullptr);
        give(*static_cast<piece *>(payload));
    }

    std::vector<std::unique_ptr<piece>> all_;
    piece *idle_ = nullptr; // the last that came back
};

} // namespace smmu

#endif
