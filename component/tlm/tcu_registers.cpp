// SPDX-License-Identifier: Apache-2.0
// Accesses to the registers of a TCU, and the clock of its counter groups: see smmu/tlm/tcu.hpp.
#include "smmu/tlm/register_word.hpp"
#include "smmu/tlm/tcu.hpp"
#include "spend.hpp"

namespace smmu {

namespace {

// What event 0 of counter groups counts.
sc_core::sc_time pmcg_cycle(const timing &times)
{
    return times.pmcg_cycle == sc_core::SC_ZERO_TIME ? sc_core::sc_time(1, sc_core::SC_NS)
                                                     : times.pmcg_cycle;
}

// Keeps workers from what a write asks for until it has taken its time, or whoever made it has been
// killed meanwhile: the register has been written all the same.
class doorbell {
  public:
    explicit doorbell(sc_core::sc_event &wake) : wake_(wake) { wake_.cancel(); }
    ~doorbell() { wake_.notify(); }
    doorbell(const doorbell &) = delete;
    doorbell &operator=(const doorbell &) = delete;

  private:
    sc_core::sc_event &wake_;
};

} // namespace

// Registers as addresses reach them: the SMMU's own, or a page of a counter group.
class tcu_base::frame {
  public:
    explicit frame(smmu_t *smmu) : smmu_(smmu), size_(smmu_frame_size(smmu_get_config(smmu))) {}
    frame(smmu_t *smmu, unsigned group, std::uint32_t page)
        : smmu_(smmu), size_(SMMU_PMCG_PAGE_SIZE), of_group_(true), group_(group), page_(page)
    {
    }

    smmu_reg_status read(std::uint32_t offset, unsigned bytes, std::uint64_t &value) const
    {
        return of_group_ ? smmu_pmcg_read(smmu_, group_, page_ + offset, bytes, &value)
                         : smmu_reg_read(smmu_, offset, bytes, &value);
    }

    smmu_reg_status write(std::uint32_t offset, unsigned bytes, std::uint64_t value) const
    {
        return of_group_ ? smmu_pmcg_write(smmu_, group_, page_ + offset, bytes, value)
                         : smmu_reg_write(smmu_, offset, bytes, value);
    }

    // What an access does.
    tlm::tlm_response_status access(const tlm::tlm_generic_payload &payload,
                                    register_word &word) const
    {
        if (word.status() != tlm::TLM_OK_RESPONSE)
            return word.status();
        if (word.address() >= size_)
            return tlm::TLM_ADDRESS_ERROR_RESPONSE;

        const auto offset = static_cast<std::uint32_t>(word.address());
        smmu_reg_status status = SMMU_REG_OK;
        if (payload.is_write()) {
            status = write(offset, word.size(), word.load());
        } else {
            std::uint64_t value = 0;
            status = read(offset, word.size(), value);
            if (status == SMMU_REG_OK)
                word.store(value);
        }
        return status == SMMU_REG_OK ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE;
    }

    // What an access of a debugger does; returns the bytes that it has moved.
    unsigned debug(tlm::tlm_generic_payload &payload) const
    {
        if (payload.is_write()) {
            register_word word = register_word::of_debugger(payload);
            return access(payload, word) == tlm::TLM_OK_RESPONSE ? word.size() : 0;
        }
        if (!payload.is_read())
            return 0;
        unsigned done = 0;
        for (; done < payload.get_data_length(); done++) {
            const std::uint64_t offset = payload.get_address() + done;
            std::uint64_t word = 0;
            if (offset >= size_ ||
                read(static_cast<std::uint32_t>(offset) & ~3u, 4, word) != SMMU_REG_OK)
                break;
            payload.get_data_ptr()[done] = static_cast<unsigned char>(word >> (8 * (offset & 3)));
        }
        return done;
    }

  private:
    smmu_t *smmu_;
    std::uint64_t size_;
    bool of_group_ = false;
    unsigned group_ = 0;
    std::uint32_t page_ = 0;
};

void tcu_base::access(const frame &registers, tlm::tlm_generic_payload &payload,
                      sc_core::sc_time &delay)
{
    spend(timing_, timing_.register_access, delay);
    const std::uint64_t rung_before = rung_;
    register_word word(payload);
    ahead_ = delay;
    payload.set_response_status(registers.access(payload, word));
    advance_clock();
    ahead_ = sc_core::SC_ZERO_TIME;
    if (rung_ == rung_before)
        return;

    {
        const doorbell rings(wake_);
        pass(delay);
        delay = sc_core::SC_ZERO_TIME;
    }
    sc_core::wait(sc_core::SC_ZERO_TIME);
}

void tcu_base::prog_b_transport(tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    access(frame(smmu_.get()), payload, delay);
}

unsigned tcu_base::prog_transport_dbg(tlm::tlm_generic_payload &payload)
{
    return frame(smmu_.get()).debug(payload);
}

void tcu_base::pmcg_b_transport(unsigned number, std::uint32_t page,
                                tlm::tlm_generic_payload &payload, sc_core::sc_time &delay)
{
    access(frame(smmu_.get(), number, page), payload, delay);
}

unsigned tcu_base::pmcg_transport_dbg(unsigned number, std::uint32_t page,
                                      tlm::tlm_generic_payload &payload)
{
    const unsigned done = frame(smmu_.get(), number, page).debug(payload);
    advance_clock();
    return done;
}

// The clock of counter groups.
std::uint64_t tcu_base::cycles() const
{
    return (sc_core::sc_time_stamp() + ahead_).value() / pmcg_cycle(timing_).value();
}

// Counters of clock cycles are brought up to date, and again when the next of them overflows,
// unless that is beyond all time.
void tcu_base::advance_clock()
{
    const std::uint64_t due = smmu_pmcg_clock(smmu_.get());
    clock_due_.cancel();
    if (due == 0)
        return;
    const std::uint64_t cycle = pmcg_cycle(timing_).value();
    const std::uint64_t last = sc_core::sc_max_time().value() / cycle;
    const std::uint64_t now = cycles();
    if (now < last && due <= last - now)
        clock_due_.notify(sc_core::sc_time::from_value((now + due) * cycle) -
                          sc_core::sc_time_stamp());
}

} // namespace smmu
