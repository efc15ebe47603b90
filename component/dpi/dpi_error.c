/* SPDX-License-Identifier: Apache-2.0 */
/* Why a call of the DPI failed. */
#include "dpi_error.h"

#include <stdarg.h>
#include <stdio.h>

#include "smmu/dpi.h"

static char line[256];

int dpi_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is not seen to set it. */
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    for (char *each = line; *each; each++)
        if (*each < ' ' || *each > '~')
            *each = '?';
    return 0;
}

const char *smmu_dpi_error(void)
{
    return line;
}
