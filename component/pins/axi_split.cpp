// SPDX-License-Identifier: Apache-2.0
// Transactions as bursts: see axi_split.hpp.
#include "axi_split.hpp"

#include <algorithm>
#include <utility>

#include "axi_request_rules.hpp"

namespace smmu::pins {

namespace {

constexpr unsigned most_transfers = 256; // IHI 0022 L A3.1.2
constexpr unsigned most_fixed = 16;      // of fixed and wrapping bursts
constexpr unsigned page = 4096;          // A3.1

bool has_no_data(smmu_op op)
{
    return op == SMMU_OP_PREFETCH || op == SMMU_OP_DESTRUCTIVE_HINT || op == SMMU_OP_CLEAN ||
           op == SMMU_OP_CLEAN_INVALIDATE || op == SMMU_OP_CLEAN_TO_PERSISTENCE ||
           op == SMMU_OP_INVALIDATE;
}

bool is_hint(smmu_op op)
{
    return op == SMMU_OP_PREFETCH || op == SMMU_OP_DESTRUCTIVE_HINT;
}

// Its opcode is of a channel of its own, whatever the payload's command. The bus swaps by a write.
bool is_on_write_channel(const tlm::tlm_generic_payload &payload, smmu_op op,
                         const axi_shape &shape)
{
    return is_hint(op) || payload.is_write() || (shape.atomics && compare_and_swap_of(payload));
}

// A compare-and-swap as the atomic operation that it is.
atomic_access as_atomic(const compare_and_swap &swap)
{
    atomic_access result;
    result.function = atomic_function::compare;
    result.returns = true;
    std::copy_n(swap.expected, swap.size, result.expected);
    std::copy_n(swap.value, swap.size, result.operand);
    return result;
}

class splitter {
  public:
    splitter(const tlm::tlm_generic_payload &payload, const axi_shape &shape)
        : payload_(payload), shape_(shape), attributes_(attributes::of(payload))
    {
        request_.write = is_on_write_channel(payload, attributes_.op, shape);
        request_.burst = AXI_BURST_INCR;
        set_attributes(request_, attributes_, shape);
    }

    axi_split run()
    {
        if (const char *const unfit = unfit_for(attributes_, shape_))
            return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE,
                          std::string("the bus has no room for the ") + unfit);
        if (payload_.get_command() == tlm::TLM_IGNORE_COMMAND)
            return without_data();
        if (const atomic_access *const asked = atomic_access_of(payload_); asked && shape_.atomics)
            return atomic(*asked);
        if (const compare_and_swap *const asked = compare_and_swap_of(payload_);
            asked && shape_.atomics)
            return atomic(as_atomic(*asked));
        if (attributes_.op == SMMU_OP_ATOMIC || has_no_data(attributes_.op))
            return refuse(tlm::TLM_COMMAND_ERROR_RESPONSE,
                          "an operation that is more than a read or a write");
        if (!payload_.get_data_ptr() || !payload_.get_data_length())
            return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "a transaction without data");
        if (payload_.get_byte_enable_ptr() && !payload_.get_byte_enable_length())
            return refuse(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, "byte enables of length 0");
        if (!payload_.get_streaming_width())
            return refuse(tlm::TLM_BURST_ERROR_RESPONSE, "a streaming width of 0");
        if (!reachable(std::min(payload_.get_data_length(), payload_.get_streaming_width())))
            return outside();
        if (attributes_.exclusive && shape_.exclusives && !is_shareable(request_))
            return exclusive();
        return ordinary();
    }

  private:
    axi_split refuse(tlm::tlm_response_status status, const std::string &why) const
    {
        return {{}, status, why};
    }

    axi_split outside() const
    {
        return refuse(tlm::TLM_ADDRESS_ERROR_RESPONSE, "an address that the bus does not have");
    }

    // Addresses of the bus hold `length` bytes from that of the payload on.
    bool reachable(std::uint64_t length) const
    {
        const std::uint64_t most = word_mask(shape_.address_width, 0);
        return payload_.get_address() <= most && length - 1 <= most - payload_.get_address();
    }

    // Maintenance of each line that the payload touches.
    axi_split without_data()
    {
        if (!has_no_data(attributes_.op))
            return {};
        if (!has_operation(attributes_.op, request_.write, request_.domain, shape_)) {
            if (is_hint(attributes_.op))
                return {};
            return refuse(tlm::TLM_COMMAND_ERROR_RESPONSE,
                          "maintenance that the bus does not have");
        }
        const std::uint64_t length = std::max(payload_.get_data_length(), 1u);
        if (!reachable(length))
            return outside();
        const unsigned line = shape_.cache_line;
        const unsigned bytes = std::min(line, shape_.bus_bytes);
        const std::uint64_t last = (payload_.get_address() + length - 1) / line;
        for (std::uint64_t each = payload_.get_address() / line; each <= last; each++)
            add(each * line, bytes, line / bytes, 0, 0);
        return checked();
    }

    axi_split ordinary() { return attributes_.wrap_beat ? wrapping() : streaming(); }

    // An exclusive access is one burst (IHI 0022 L A6.3.3).
    axi_split exclusive()
    {
        request_.lock = true;
        axi_split result = ordinary();
        if (result.pieces.size() > 1)
            return refuse(tlm::TLM_BURST_ERROR_RESPONSE, "an exclusive access that is no burst");
        return result;
    }

    // Data to compare with come first: a compare of the upper half wraps (A6.4.3).
    axi_split atomic(const atomic_access &what)
    {
        const unsigned size = payload_.get_data_length();
        const bool compares = what.function == atomic_function::compare;
        const unsigned total = compares ? 2 * size : size;
        if (!reachable(size))
            return outside();
        const bool upper = payload_.get_address() % total != 0;
        request_.atop = atop_of(what);
        request_.burst = upper ? AXI_BURST_WRAP : AXI_BURST_INCR;
        const unsigned bytes = std::min(total, shape_.bus_bytes);
        add(payload_.get_address(), bytes, total / bytes, 0, total);
        result_.operand.resize(total);
        std::copy_n(what.operand, size, result_.operand.begin() + (compares && !upper ? size : 0));
        if (compares)
            std::copy_n(what.expected, size, result_.operand.begin() + (upper ? size : 0));
        result_.old.resize(size);
        if (returns_data(request_))
            result_.returned = axi_burst_piece{returned_by(request_), 0, size};
        return checked();
    }

    // A line that wraps (smmu/tlm/attributes.hpp).
    axi_split wrapping()
    {
        const unsigned length = payload_.get_data_length();
        const unsigned beat = attributes_.wrap_beat;
        const unsigned first = attributes_.wrap_first;
        const bool legal = is_power_of_two(beat) && is_power_of_two(length) && beat <= 128 &&
                           length >= 2 * beat && length <= most_fixed * beat &&
                           payload_.get_address() % length == 0 && first < length &&
                           first % beat == 0 && payload_.get_streaming_width() >= length;
        if (!legal)
            return refuse(tlm::TLM_BURST_ERROR_RESPONSE, "a wrapping burst that is none");
        const unsigned bytes = std::min(beat, shape_.bus_bytes);
        if (!shape_.bursts || length / bytes > most_fixed) { // as two that do not wrap
            contiguous(first, length - first);
            contiguous(0, first);
            return checked();
        }
        request_.burst = AXI_BURST_WRAP;
        add(payload_.get_address() + first, bytes, length / bytes, 0, length);
        return checked();
    }

    // The same bytes again and again, or all of them once.
    axi_split streaming()
    {
        const unsigned length = payload_.get_data_length();
        const unsigned width = std::min(payload_.get_streaming_width(), length);
        const unsigned bytes = width < length ? fixed_bytes(width) : 0;
        if (!bytes || length % width) {
            for (unsigned done = 0; done < length; done += width)
                contiguous(done, std::min(width, length - done), done);
            return checked();
        }
        request_.burst = AXI_BURST_FIXED;
        for (unsigned done = 0; done < length; done += most_fixed * width) {
            const unsigned some = std::min(most_fixed * width, length - done);
            add(payload_.get_address(), bytes, some / width, done, some);
        }
        return checked();
    }

    // Bytes of a transfer that ends where `width` bytes from the address do, for a fixed burst; 0
    // if there is none.
    unsigned fixed_bytes(unsigned width) const
    {
        if (!shape_.bursts || is_shareable(request_) || request_.snoop)
            return 0;
        for (unsigned bytes = 1; bytes <= shape_.bus_bytes; bytes *= 2)
            if (bytes - payload_.get_address() % bytes == width)
                return bytes;
        return 0;
    }

    // Bursts for `length` bytes, from `offset` behind the payload's address less `base` on.
    void contiguous(std::size_t offset, unsigned length, std::size_t base = 0)
    {
        while (length) {
            const std::uint64_t address = payload_.get_address() + (offset - base);
            const unsigned done = burst(address, length, offset);
            offset += done;
            length -= done;
        }
    }

    // The first burst for `length` bytes at `address`; returns how many it has.
    unsigned burst(std::uint64_t address, unsigned length, std::size_t offset)
    {
        unsigned bytes = std::min(shape_.bus_bytes, boundary());
        if (!shape_.bursts) {
            const unsigned some = std::min(length, static_cast<unsigned>(bytes - address % bytes));
            add(address, bytes, 1, offset, some);
            return some;
        }
        while (bytes - address % bytes > length)
            bytes /= 2;
        const unsigned first = static_cast<unsigned>(bytes - address % bytes);
        const unsigned window = static_cast<unsigned>(boundary() - address % boundary());
        const unsigned most = std::min(length, window);
        const unsigned transfers = std::min(1 + (most - first) / bytes, most_transfers);
        const unsigned some = first + (transfers - 1) * bytes;
        while (bytes > 1 && address % (bytes / 2) + some <= bytes / 2)
            bytes /= 2; // one transfer says its own size
        add(address, bytes, transfers, offset, some);
        return some;
    }

    // What is more than reading or writing is about one line.
    unsigned boundary() const { return request_.snoop ? shape_.cache_line : page; }

    void add(std::uint64_t address, unsigned bytes, unsigned transfers, std::size_t offset,
             unsigned some)
    {
        request_.addr = address;
        request_.size = static_cast<unsigned>(axi_size_of(bytes));
        request_.len = transfers - 1;
        result_.pieces.push_back({request_, offset, some});
    }

    axi_split checked()
    {
        for (const axi_burst_piece &piece : result_.pieces)
            if (const char *const field = broken_by(piece.request, shape_))
                return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "it would break a rule of AXI (" +
                                                                   signal_of(piece.request, field) +
                                                                   ")");
        return std::move(result_);
    }

    const tlm::tlm_generic_payload &payload_;
    const axi_shape &shape_;
    const attributes attributes_;
    axi_request request_ = {};
    axi_split result_;
};

} // namespace

axi_split split(const tlm::tlm_generic_payload &payload, const axi_shape &shape)
{
    return splitter(payload, shape).run();
}

} // namespace smmu::pins
