// SPDX-License-Identifier: Apache-2.0
// libFuzzer: `fuzz_core [corpus directory]`, `fuzz_reentry [corpus directory]`.
#include "core/fuzz_core.hpp"
#include "core/fuzz_reentry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_ENTRY(data, size);
    return 0;
}
