// SPDX-License-Identifier: Apache-2.0
// Signals that AXI or CHI has beside address and data, as an extension of the TLM generic payload.
#ifndef SMMU_TLM_ATTRIBUTES_HPP
#define SMMU_TLM_ATTRIBUTES_HPP

#include <cstdint>
#include <type_traits>

#include <tlm>

#include "smmu/tlm/atomic.hpp"
#include "smmu/tlm/compare_and_swap.hpp"
#include "smmu/types.h"

namespace smmu {

// Those of the values of smmu::attributes that an SMMU's answer may depend on and that are kept on
// the way downstream.
struct kept_values {
    // Which client sends the transaction, and so which Stream table entry applies. Kept on the way
    // downstream, where it is the device's identity for interrupt controllers. On a walk it is the
    // stream that is walked for, on queue accesses and interrupt messages 0.
    std::uint32_t sid = 0;

    // Which of the client's contexts, a PASID for PCIe. Means something only with `ssv`.
    std::uint32_t ssid = 0;

    // Security state of the stream, the SEC_SID input. It selects the programming interface and
    // the Stream table; it is not the address space of the access.
    smmu_sec sec = SMMU_SEC_NS;

    // A SubstreamID is given (SSV); without one, CD 0 or no CD applies as the STE says.
    bool ssv = false;

    // Marked Translated: the address is the answer to an ATS Translation Request, so that it is a
    // physical address, or with split-stage ATS an IPA (IHI 0070 3.9.1.3).
    bool translated = false;

    // A wrapping burst (AxBURST): bytes of a beat (AxSIZE); 0 for everything else. Its payload is
    // the whole line, in the order of addresses from the lowest one, so that memory need not know
    // that the first beat, the address of the request (AxADDR), is the one `wrap_first` bytes
    // behind it; after the last beat of the line comes its lowest one. As AXI has it, there are 2,
    // 4, 8 or 16 beats of 1 to 128 bytes, powers of two; the line is aligned to its length, the
    // first beat to its own. A TBU translates the address of the first beat and keeps both
    // downstream; what breaks these rules, or streams, ends in it with TLM_BURST_ERROR_RESPONSE. By
    // debug transport and for DMI they mean nothing.
    std::uint8_t wrap_beat = 0;

    // Quality of service, 0 to 15 (AxQOS): which of the requests that wait for one place go first,
    // where an interconnect arbitrates by it. Higher ones do. Kept on the way downstream.
    std::uint8_t qos = 0;
};

// All of those that an SMMU's answer may depend on. They leave no gaps, so that they are compared
// as a whole: what one of them is not asked for makes no transactions alike that are not.
struct asked_values : kept_values {
    // What the transaction does beyond the command of the payload (IHI 0070 3.22, 16.7.2). What
    // reads comes as TLM_READ_COMMAND, what writes (atomics too) as TLM_WRITE_COMMAND, and what has
    // no data as TLM_IGNORE_COMMAND with the length it concerns. A TBU puts what the stream may do
    // on the forwarded transaction; a payload without data may end in the TBU, without effect.
    smmu_op op = SMMU_OP_ORDINARY;

    // Memory type, cacheability, allocation hints and shareability. A TBU takes the client's and
    // puts the translated ones on the forwarded transaction. The defaults are those of IHI 0070
    // 13.1.3.
    smmu_memattr memattr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON};

    // Instruction fetch (InD); ignored for writes. A TBU takes the client's and puts what the
    // stream's configuration made of it (IHI 0070 13.1.2) on the forwarded transaction; likewise
    // `priv`. Those of SMMUv3.4 are data and privileged there.
    bool instr = false;

    // Privileged (PnU).
    bool priv = false;
};
static_assert(std::has_unique_object_representations_v<asked_values>, "compared as a whole");

// The values of smmu::attributes, which has the rules: apart from what is virtual there, so that
// they are copied as a whole.
struct attribute_values : asked_values {
    // Physical address space of the access. A TBU ignores the client's, the stream's
    // configuration decides, and puts that of the output on the forwarded transaction.
    smmu_pas pas = SMMU_PAS_NS;

    // MPAM attributes: PARTID, PMG and PARTID space (IHI 0070 17). A TBU ignores the client's, as
    // the SMMU assigns them, and puts those on the forwarded transaction. On a walk, a queue access
    // or an interrupt message they are those that section 17.4 has for it.
    smmu_mpam mpam = {0, 0, SMMU_SEC_NS};

    // Page-Based Hardware Attributes, four bits whose use is the system's (IHI 0070 5.4, HWU059). A
    // TBU puts those of the translation on the forwarded transaction.
    std::uint8_t pbha = 0;

    // Bytes from the beginning of the line to the first beat of a wrapping burst.
    std::uint16_t wrap_first = 0;

    // Transaction ID (AxID). What one TBU gets from one initiator of one ID and one direction
    // leaves it in the order of its arrival; everything else may overtake. Kept on the way
    // downstream. On accesses of the SMMU's own 0, but on interrupt messages of counter group n
    // n + 1.
    std::uint32_t id = 0;

    // Set on a read that is to be a compare-and-swap, see there; the SMMU sets it on updates of
    // descriptors. The initiator owns what it points to. A TBU does not pass it on.
    compare_and_swap *swap = nullptr;

    // What an SMMU_OP_ATOMIC is to do, see there; without it that is a write like others, but for
    // the rights it needs. The initiator owns it, here and below; a TBU passes both on, to be
    // answered through them.
    atomic_access *atomic = nullptr;
    // Set on an exclusive access, see there.
    exclusive_access *exclusive = nullptr;

    // How far behind the payload's address the transfer begins.
    unsigned begins_at() const { return wrap_beat ? wrap_first : 0; }
};

// Devices set it on what they send to a TBU; the SMMU sets it on everything it sends to memory. A
// transaction without it is taken as one with the defaults above: StreamID 0, no SubstreamID,
// Non-secure, unprivileged data, Normal Write-Back memory. So a platform that has never heard of it
// works with one stream.
//
// The initiator owns the extension, and leaves it as it is until the transaction has been answered,
// as it does the payload. The SMMU does not change it: a forwarded transaction carries an extension
// of the SMMU's own for as long as the call downstream lasts.
class attributes : public tlm::tlm_extension<attributes>, public attribute_values {
  public:
    // A copy, which the caller owns.
    tlm::tlm_extension_base *clone() const override { return new attributes(*this); }

    // Take the values of `other`, which has to be smmu::attributes.
    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const attributes &>(other);
    }

    // The attributes of `payload`: its extension, or the defaults if it has none.
    static attributes of(const tlm::tlm_generic_payload &payload)
    {
        const attributes *extension = payload.get_extension<attributes>();
        return extension ? *extension : attributes();
    }
};

// What `payload` carries when it arrives at memory, which is to do it; nullptr if that is a read or
// a write like others.
inline compare_and_swap *compare_and_swap_of(const tlm::tlm_generic_payload &payload)
{
    const attributes *extension = payload.get_extension<attributes>();
    compare_and_swap *const swap = extension ? extension->swap : nullptr;
    const bool whole = swap && payload.get_data_length() == swap->size &&
                       payload.get_streaming_width() >= swap->size;
    return whole && payload.is_read() && !payload.get_byte_enable_ptr() ? swap : nullptr;
}

// The same of atomic operations.
inline atomic_access *atomic_access_of(const tlm::tlm_generic_payload &payload)
{
    const attributes *extension = payload.get_extension<attributes>();
    const unsigned size = payload.get_data_length();
    if (!extension || extension->op != SMMU_OP_ATOMIC || !payload.is_write() ||
        payload.get_streaming_width() < size || !size || size > atomic_access::max_size ||
        (size & (size - 1)) || payload.get_address() % size)
        return nullptr;
    return extension->atomic;
}

} // namespace smmu

#endif
