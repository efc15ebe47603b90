/* SPDX-License-Identifier: Apache-2.0 */
/* The host of the SMMUs: what they ask of it is handed to functions that the package exports. */
#ifndef SMMU_DPI_HOST_H
#define SMMU_DPI_HOST_H

#include "smmu/ops.h"

/* The same for all; the user pointer is a struct dpi_instance. */
extern const struct smmu_ops dpi_host_ops;

#endif
