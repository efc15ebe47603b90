// SPDX-License-Identifier: Apache-2.0
// A slow, literal translator: what the specification says an SMMU does with one transaction, from
// registers and raw memory. It has no state and shares no code with the core or the table builder.
//
// Covered: SMMU_CR0.SMMUEN and GBPA, linear and 2-level Stream tables, linear and 2-level CD
// tables, every STE.Config, stage 1, stage 2 and nested translation by VMSAv8-64 tables of up to 52
// bits and VMSAv9-128 tables of up to 56, with every granule of SMMU_IDR5, and by VMSAv8-32 LPAE
// tables, EL1, EL2 and EL2-E2H streams, hardware update of flags, Direct and Indirect permissions
// with overlays, both fault models, output attributes, MPAM labels with VMSs, transactions marked
// Translated with the Device Permission Table of Non-secure state. Anything else throws
// std::domain_error, so that a test cannot compare with a guess.
#ifndef TESTS_ORACLE_ORACLE_HPP
#define TESTS_ORACLE_ORACLE_HPP

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

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
    uint32_t mpamidr = 0;
    uint32_t gmpam = 0;   // whose Update is complete
    uint32_t gbpmpam = 0; // likewise
    uint64_t strtab_base = 0;
    uint64_t s2pii = 0;
    uint32_t strtab_base_cfg = 0;
    uint64_t dpt_base = 0;
    uint32_t dpt_base_cfg = 0;
};

// What an access is made for; a memory may abort them differently.
enum class fetch { l1std, ste, l1cd, cd, vms, descriptor, update, dpt };

// MPAM attributes of an access, of Non-secure PARTID space.
struct label {
    unsigned partid = 0;
    unsigned pmg = 0;

    bool operator==(const label &other) const { return partid == other.partid && pmg == other.pmg; }
};

// An access of the SMMU's own.
struct labelled_access {
    fetch what = fetch::ste;
    uint64_t addr = 0;
    label with;
};

// Reads `size` bytes of physical memory; false is an external abort. For fetch::update, `data` gets
// what memory holds, and the abort is that of the atomic update.
using memory_reader = std::function<bool(fetch what, uint64_t addr, unsigned size, uint8_t *data)>;

struct transaction {
    uint64_t addr = 0;
    uint32_t sid = 0;
    uint32_t ssid = 0;
    bool ssv = false;
    bool write = false;
    bool instr = false;
    bool priv = false;
    bool can_stall = false; // the client can wait for software
    uint8_t mair = 0xff;    // attributes the client gives, as a MAIR byte
    uint8_t sh = 0;         // and as the SH field of a descriptor
};

enum class outcome { forward, abort, razwi, stalled };

// Rights at the privilege of the transaction.
constexpr unsigned RIGHT_READ = 1;
constexpr unsigned RIGHT_WRITE = 2;
constexpr unsigned RIGHT_EXECUTE = 4;

// A descriptor that the SMMU changes in memory: its 8 or 16 bytes before and after.
struct update {
    uint64_t addr = 0;
    std::vector<uint8_t> before, after;
    bool optional = false; // IHI 0070 3.13.2: UNKNOWN whether it happens
};

struct answer {
    outcome what = outcome::abort;
    uint64_t addr = 0;           // if forwarded
    unsigned rights = 0;         // if forwarded
    uint8_t mair = 0;            // if forwarded
    uint8_t sh = 0;              // if forwarded
    bool instr = false;          // if forwarded
    bool priv = false;           // if forwarded
    bool out_instr = false;      // if forwarded: what the memory system is told (13.1.2)
    bool out_priv = false;       // likewise
    label mpam;                  // if forwarded
    bool dirty_managed = false;  // a write could have added RIGHT_WRITE to `rights` before
    bool stage2_writable = true; // if forwarded: stage 2 permits writes, perhaps by an update
    unsigned fault = 0;          // number of the event the transaction causes, 0 for none
    bool structure = false;      // it is one of stage 2 on the way to a CD or a stage 1 descriptor
    bool top_level = false;      // it is one of a TopLevel check (DDI 0487 D8.2.7.4)
    bool assured_only = false;   // it is one because of AssuredOnly; or the memory is, if forwarded
    uint64_t dpt_cfg_far = 0;    // of a DPT lookup fault, what SMMU_DPT_CFG_FAR says; else 0
    bool recorded = false;       // whether the event goes to the Event queue
    // Its 256 bits, if recorded; the STAG of a stalled transaction is left zero.
    std::array<uint64_t, 4> record{};
    std::vector<update> updates;           // in order of first change, one per descriptor
    std::vector<labelled_access> accesses; // that it takes, in order
};

answer translate(const registers &regs, const memory_reader &memory, const transaction &txn);

// The same for a transaction marked Translated, whose SubstreamID does not count (3.9.1.3), where
// CR2.REC_CFG_ATS is 0.
answer pass_translated(const registers &regs, const memory_reader &memory, const transaction &txn);

} // namespace oracle

#endif
