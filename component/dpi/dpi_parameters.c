/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations as text. */
#include "dpi_parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dpi_error.h"

/* NAME=VALUE, as it stands in the text. */
struct item {
    char name[40];
    char value[40];
};

/* Copy `length` characters, if there is room for them. */
static bool copy(char *to, size_t room, const char *from, size_t length)
{
    if (length >= room)
        return false;
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

/* Take the item that begins at `text` apart. */
static int read_item(const char *text, size_t length, struct item *item)
{
    const char *equals = memchr(text, '=', length);
    const size_t name = equals ? (size_t)(equals - text) : 0;
    if (equals && name != 0 && copy(item->name, sizeof(item->name), text, name) &&
        copy(item->value, sizeof(item->value), equals + 1, length - name - 1))
        return 1;
    return dpi_complain("parameters: \"%.*s\" is not NAME=VALUE", (int)(length < 80 ? length : 80),
                        text);
}

/* The number that `text` begins with, in base 10, or also 16 if `any_base`; `end` gets what
 * follows. */
static bool read_number(const char *text, bool any_base, uint64_t *value, const char **end)
{
    const bool hexadecimal = any_base && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    char *stop = NULL;
    if (strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789") == 0)
        return false;
    errno = 0;
    *value = strtoull(digits, &stop, hexadecimal ? 16 : 10);
    *end = stop;
    return errno == 0;
}

static int set_preset(struct smmu_config *cfg, const struct item *item)
{
    for (unsigned i = 0; i < SMMU_PRESET_COUNT; i++)
        if (strcmp(smmu_preset_name((enum smmu_preset)i), item->value) == 0) {
            smmu_config_preset(cfg, (enum smmu_preset)i);
            return 1;
        }
    return dpi_complain("preset: there is none called \"%s\"", item->value);
}

static int set_shape(struct smmu_config *cfg, const struct smmu_parameter *row,
                     const struct item *item)
{
    const char *rest = item->value;
    uint64_t sets;
    uint64_t ways;
    if (!read_number(rest, false, &sets, &rest) || *rest != 'x' ||
        !read_number(rest + 1, false, &ways, &rest) || *rest != '\0' || sets > UINT32_MAX ||
        ways > UINT32_MAX)
        return dpi_complain("%s: \"%s\" is not SETSxWAYS", row->name, item->value);
    *smmu_parameter_shape(cfg, row) = (struct smmu_cache_shape){(uint32_t)sets, (uint32_t)ways};
    return 1;
}

static int set_policy(struct smmu_config *cfg, const struct smmu_parameter *row,
                      const struct item *item)
{
    for (unsigned i = 0; i < SMMU_REPLACE_COUNT; i++)
        if (strcmp(smmu_replacement_name((enum smmu_replacement)i), item->value) == 0)
            return smmu_parameter_set(cfg, row, i);
    return dpi_complain("%s: there is no policy \"%s\"", row->name, item->value);
}

static int set_number(struct smmu_config *cfg, const struct smmu_parameter *row,
                      const struct item *item)
{
    const char *rest;
    uint64_t value;
    if (!read_number(item->value, true, &value, &rest) || *rest != '\0')
        return dpi_complain("%s: \"%s\" is no number", row->name, item->value);
    if (!smmu_parameter_set(cfg, row, value))
        return dpi_complain("%s: must be %" PRIu64 " to %" PRIu64, row->name, row->min, row->max);
    return 1;
}

static int set_parameter(struct smmu_config *cfg, const struct item *item)
{
    const struct smmu_parameter *row = smmu_parameter_at(0);
    for (unsigned i = 1; row && strcmp(row->name, item->name) != 0; i++)
        row = smmu_parameter_at(i);
    if (!row)
        return dpi_complain("%s: is no parameter", item->name);
    switch (row->kind) {
    case SMMU_PARAMETER_SHAPE:
        return set_shape(cfg, row, item);
    case SMMU_PARAMETER_POLICY:
        return set_policy(cfg, row, item);
    default:
        return set_number(cfg, row, item);
    }
}

int dpi_read_parameters(const char *text, struct smmu_config *cfg)
{
    *cfg = smmu_config_default();
    for (const char *at = text; *at;) {
        const size_t length = strcspn(at, ",");
        struct item item = {"", ""};
        if (!read_item(at, length, &item))
            return 0;
        if (strcmp(item.name, "preset") != 0) {
            if (!set_parameter(cfg, &item))
                return 0;
        } else if (at != text) {
            return dpi_complain("preset: has to come first");
        } else if (!set_preset(cfg, &item)) {
            return 0;
        }
        at += length;
        if (*at == ',' && *++at == '\0')
            return dpi_complain("parameters: there is nothing behind the last comma");
    }
    return 1;
}
