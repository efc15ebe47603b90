// SPDX-License-Identifier: Apache-2.0
// A bench of SystemC modules that all tests of a program share.
#ifndef TESTS_SUPPORT_SHARED_BENCH_HPP
#define TESTS_SUPPORT_SHARED_BENCH_HPP

#include <memory>

#include <gtest/gtest.h>

namespace support {

// Whether the program has a shared bench: sc_main() then runs all tests in one process.
inline bool a_bench_is_shared = false;

// A global variable that points to the program's one Bench. It is elaborated before the first test
// and lives until the last has ended. For programs that link test_sc_main.
template <class Bench> class shared_bench {
  public:
    shared_bench()
    {
        a_bench_is_shared = true;
        testing::AddGlobalTestEnvironment(new life(bench_));
    }

    Bench &operator*() const { return *bench_; }
    Bench *operator->() const { return bench_.get(); }

  private:
    class life : public testing::Environment {
      public:
        explicit life(std::unique_ptr<Bench> &bench) : bench_(bench) {}
        void SetUp() override { bench_ = std::make_unique<Bench>(); }
        void TearDown() override { bench_.reset(); }

      private:
        std::unique_ptr<Bench> &bench_;
    };

    std::unique_ptr<Bench> bench_;
};

} // namespace support

#endif
