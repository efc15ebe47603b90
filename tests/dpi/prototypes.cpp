// SPDX-License-Identifier: Apache-2.0
// What a simulator makes of the package has the prototypes of smmu/dpi.h: otherwise this is an
// error.
#include "Vtest_smmu_pkg__Dpi.h"
#include "smmu/dpi.h"
