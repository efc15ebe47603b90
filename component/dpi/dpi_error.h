/* SPDX-License-Identifier: Apache-2.0 */
/* Why a call of the DPI failed: one line, which the next failure replaces. A simulator makes its
 * calls one after the other, so that there is one line for all. */
#ifndef SMMU_DPI_ERROR_H
#define SMMU_DPI_ERROR_H

/* Keep what `format` makes; characters that are not printable become question marks. Returns 0,
 * which failed calls return. */
int dpi_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
