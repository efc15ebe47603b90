// SPDX-License-Identifier: Apache-2.0
// libFuzzer: `fuzz_core [corpus directory]`.
#include "core/fuzz_core.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_core(data, size);
    return 0;
}
