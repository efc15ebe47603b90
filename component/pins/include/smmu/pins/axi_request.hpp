// SPDX-License-Identifier: Apache-2.0
// A request on AW or AR: what it says, and which bytes its transfers are about.
#ifndef SMMU_PINS_AXI_REQUEST_HPP
#define SMMU_PINS_AXI_REQUEST_HPP

#include <cstdint>

#include "smmu/pins/axi_beat.hpp"

namespace smmu::pins {

// The rows of axi_opcodes.def, or `reserved`.
enum class axi_opcode {
#define SMMU_AXI_OPCODE(channel, name, snoop, domains, data, line) name,
#include "smmu/pins/axi_opcodes.def"
#undef SMMU_AXI_OPCODE
    reserved, // what is none of the rows
};

// The forms of atomic transactions, by AWATOP (IHI 0022 L A6.4.6).
enum class axi_atomic {
    none,     // not an atomic transaction
    store,    // without data that come back
    load,     // what was there comes back
    swap,     // likewise
    compare,  // likewise; half of the data are compared, the other half are written
    reserved, // a value that means none of these
};

// A request. Fields have the names of the signals, behind AW or AR.
struct axi_request {
    bool write;            // on AW
    std::uint32_t id;      // AxID
    std::uint64_t addr;    // AxADDR
    unsigned len;          // AxLEN: transfers less one
    unsigned size;         // AxSIZE: log2 of the bytes of a transfer
    unsigned burst;        // AxBURST: enum axi_burst, or 3
    bool lock;             // AxLOCK: exclusive
    unsigned cache;        // AxCACHE
    unsigned prot;         // AxPROT
    bool nse;              // AxNSE
    unsigned qos;          // AxQOS
    unsigned region;       // AxREGION
    std::uint64_t user;    // AxUSER
    unsigned domain;       // AxDOMAIN: enum axi_domain
    unsigned snoop;        // AxSNOOP
    unsigned atop;         // AWATOP; 0 for reads
    bool mmuvalid;         // AxMMUVALID; the rest of mmu means something only with it
    unsigned mmusecsid;    // AxMMUSECSID: enum axi_secsid
    std::uint32_t mmusid;  // AxMMUSID
    bool mmussidv;         // AxMMUSSIDV
    std::uint32_t mmussid; // AxMMUSSID
    bool mmuatst;          // AxMMUATST
    unsigned mmuflow;      // AxMMUFLOW: enum axi_flow
    unsigned pbha;         // AxPBHA
    unsigned mpam;         // AxMPAM
    bool idunq;            // AxIDUNQ

    // How many transfers of data the burst has.
    unsigned transfers() const { return len + 1; }
    // Bytes of a transfer.
    unsigned bytes() const { return 1u << size; }
    // Bytes of all transfers.
    unsigned total() const { return transfers() * bytes(); }
    // The lowest byte that it may be about: that of the burst, which a wrapping one returns to.
    std::uint64_t container() const
    {
        return burst == AXI_BURST_WRAP ? addr / total() * total()
                                       : addr & ~std::uint64_t{bytes() - 1};
    }
    // Whether the address is that of an answer to ATS, by either version of the signals.
    bool translated() const { return mmuvalid && (mmuatst || mmuflow == AXI_FLOW_ATST); }
};

// The request on `channel`, AW or AR.
axi_request request_of(axi_channel channel, const axi_beat &beat);

// The same as a beat. What the channel has not is dropped.
axi_beat beat_of(const axi_request &request);

// The operation that AxSNOOP and AxDOMAIN ask for; without `domains` on the bus, AxSNOOP alone.
axi_opcode opcode_of(const axi_request &request, bool domains);

// How much an operation is about.
enum class axi_extent {
    ANY,   // a burst
    PART,  // a burst in one cache line
    WHOLE, // one cache line
};

// A row of axi_opcodes.def.
struct axi_opcode_row {
    axi_channel channel; // AW or AR
    axi_opcode opcode;   // the row's
    const char *name;    // in IHI 0022
    unsigned snoop;      // AxSNOOP
    unsigned domains;    // a bit for each value of AxDOMAIN
    bool data;           // there are transfers of data
    axi_extent line;     // how much it is about
};

// The row of an operation that is not reserved.
const axi_opcode_row &row_of(axi_opcode opcode);

// The form of an atomic transaction.
axi_atomic atomic_of(const axi_request &request);

// How many transfers of data a write has; 0 for a read.
unsigned write_transfers(const axi_request &request, bool domains);

// Whether an atomic transaction returns data on R.
bool returns_data(const axi_request &request);

// What an atomic transaction that returns data would be as a read of them.
axi_request returned_by(axi_request request);

// How many transfers come back on R for a read.
unsigned read_transfers(const axi_request &request, bool domains);

// One transfer of a burst (A3.1.6).
struct axi_transfer {
    std::uint64_t address; // of its first byte
    unsigned first_lane;   // the byte lane of that
    unsigned end_lane;     // behind its last one
};

// Transfer `number`, from 0, of a request on a bus of `bus_bytes`.
axi_transfer transfer_of(const axi_request &request, unsigned number, unsigned bus_bytes);

// Whether the request is Regular (A3.1.8).
bool is_regular(const axi_request &request, unsigned bus_bytes);

} // namespace smmu::pins

#endif
