/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations as text: "preset=typical,sid_bits=8". */
#ifndef SMMU_DPI_PARAMETERS_H
#define SMMU_DPI_PARAMETERS_H

#include "smmu/config.h"

/* Make `cfg` what `text` says, as smmu_dpi_create() has it, which is then to be checked by
 * smmu_config_check(). Returns 1, or dpi_complain()s. */
int dpi_read_parameters(const char *text, struct smmu_config *cfg);

#endif
