// SPDX-License-Identifier: Apache-2.0
// The transactions that are under way on an AXI bus, and the rules between their transfers.
#ifndef SMMU_PINS_AXI_TRANSACTIONS_HPP
#define SMMU_PINS_AXI_TRANSACTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>

#include "axi_request_rules.hpp"

namespace smmu::pins {

// Is told of the transfers of each cycle: of responses before those of requests and data, as a
// response that comes in the cycle of its cause comes too early.
class axi_transactions {
  public:
    axi_transactions(const axi_shape &shape, axi_complaint tell)
        : shape_(shape), tell_(std::move(tell))
    {
    }

    // VALID of AW or AR has risen: from now on the transaction is outstanding (IHI 0022 L A5.2).
    void request_seen(const axi_request &request, std::uint64_t cycle);
    // VALID has gone again.
    void request_withdrawn(bool write);
    // READY has come.
    void request_accepted(const axi_request &request);

    void write_data_accepted(const axi_beat &beat);

    void write_response_seen(const axi_beat &beat);
    void write_response_accepted(const axi_beat &beat);

    void read_data_seen(const axi_beat &beat);
    void read_data_accepted(const axi_beat &beat);

    // Tells of transactions that began by `cycle` and have not ended, once of each.
    void check_ages(std::uint64_t cycle);

    // Forgets all.
    void reset();

    std::size_t in_flight() const { return writes_.size() + reads_.size(); }

  private:
    struct transaction {
        axi_request request;
        std::uint64_t begun;   // cycle
        bool accepted = false; // the request
        bool atomic = false;   // of reads: the data of an atomic transaction
        bool paired = false;   // of exclusive writes: an exclusive read was successful
        bool ended = false;    // of writes: the data
        bool overrun = false;  // more data come than there should be
        bool late = false;     // that it has not ended has been told
        unsigned transfers = 0;
        unsigned responses = 0; // of reads: bits of the values that RRESP had
    };
    using transactions = std::list<transaction>;

    struct write_beat {
        std::uint64_t strobe;
        bool last;
    };

    void check_id(const axi_request &request);
    void check_id_against(const transaction &other, const axi_request &request);
    void check_exclusive(const axi_request &request);
    void begin(transactions &list, const axi_request &request, std::uint64_t cycle);
    void match_data();
    void check_data(const transaction &write, const write_beat &beat);
    void end_data(transaction &write, const write_beat &beat);
    void check_response(const transaction &of, unsigned response, const char *signal);
    void check_mixture(const transaction &read, unsigned response);
    void check_lanes(const transaction &read, const axi_beat &beat);
    bool is_last(const transaction &read) const;
    void note_exclusive_read(const transaction &read);

    axi_shape shape_;
    axi_complaint tell_;
    transactions writes_; // in the order of requests; likewise
    transactions reads_;
    std::deque<write_beat> data_;                   // that wait for their request
    std::map<std::uint32_t, axi_request> monitors_; // successful exclusive reads, by ID
};

} // namespace smmu::pins

#endif
