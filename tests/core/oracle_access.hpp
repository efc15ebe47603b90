// SPDX-License-Identifier: Apache-2.0
// Asks the oracle what the SMMU of a test should do.
#ifndef TESTS_CORE_ORACLE_ACCESS_HPP
#define TESTS_CORE_ORACLE_ACCESS_HPP

#include "oracle/oracle.hpp"
#include "support/device_under_test.hpp"

// The registers a translation depends on, as they are now.
oracle::registers read_registers(support::device_under_test &dut);

// The name that the SMMU has for an access.
smmu_fetch fetch_class(oracle::fetch what);

// What becomes of `txn`, with the memory of `dut` as it is now, aborts included.
oracle::answer ask_oracle(const support::device_under_test &dut, const oracle::registers &regs,
                          const oracle::transaction &txn);

// The same for one that is marked Translated.
oracle::answer ask_oracle_translated(const support::device_under_test &dut,
                                     const oracle::registers &regs, const oracle::transaction &txn);

// Accesses that a random comparison makes: SMMU_TEST_ACCESSES of the environment, else `otherwise`.
unsigned long accesses_wanted(unsigned long otherwise);

#endif
