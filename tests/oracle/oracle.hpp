// SPDX-License-Identifier: Apache-2.0
// A slow, literal translator: what the specification says an SMMU does with one transaction, from
// registers and raw memory. It has no state and shares no code with the core or the table builder.
//
// Covered: SMMU_CR0.SMMUEN and GBPA, linear and 2-level Stream tables, linear CD tables, STE.Config
// 0b0xx, 0b100 and 0b101, VMSAv8-64 stage 1 with every granule of SMMU_IDR5 up to 48 bits,
// terminate model. Anything else throws std::domain_error, so that a test cannot compare with a
// guess.
#ifndef TESTS_ORACLE_ORACLE_HPP
#define TESTS_ORACLE_ORACLE_HPP

#include <array>
#include <cstdint>
#include <functional>

namespace oracle {

// The ID registers and the Non-secure registers a translation depends on, as read.
struct registers {
    uint32_t idr0 = 0;
    uint32_t idr1 = 0;
    uint32_t idr3 = 0;
    uint32_t idr5 = 0;
    uint32_t aidr = 0;
    uint32_t cr0 = 0;
    uint32_t cr2 = 0;
    uint32_t gbpa = 0;
    uint64_t strtab_base = 0;
    uint32_t strtab_base_cfg = 0;
};

// What an access is made for; a memory may abort them differently.
enum class fetch { l1std, ste, cd, descriptor };

// Reads `size` bytes of physical memory; false is an external abort.
using memory_reader = std::function<bool(fetch what, uint64_t addr, unsigned size, uint8_t *data)>;

struct transaction {
    uint64_t addr = 0;
    uint32_t sid = 0;
    uint32_t ssid = 0;
    bool ssv = false;
    bool write = false;
    bool instr = false;
    bool priv = false;
};

enum class outcome { forward, abort, razwi };

// Rights at the privilege of the transaction.
constexpr unsigned RIGHT_READ = 1;
constexpr unsigned RIGHT_WRITE = 2;
constexpr unsigned RIGHT_EXECUTE = 4;

struct answer {
    outcome what = outcome::abort;
    uint64_t addr = 0;                // if forwarded
    unsigned rights = 0;              // if forwarded
    unsigned fault = 0;               // number of the event the transaction causes, 0 for none
    bool recorded = false;            // whether the event goes to the Event queue
    std::array<uint64_t, 4> record{}; // its 256 bits, if recorded
};

answer translate(const registers &regs, const memory_reader &memory, const transaction &txn);

} // namespace oracle

#endif
