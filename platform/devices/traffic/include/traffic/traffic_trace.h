/* SPDX-License-Identifier: Apache-2.0 */
/* Traces as text: one access a line. docs/traffic.md has the format. */
#ifndef TRAFFIC_TRAFFIC_TRACE_H
#define TRAFFIC_TRAFFIC_TRACE_H

#include "traffic/traffic.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why a text is no trace. */
struct traffic_trace_error {
    size_t line; /* from 1 on */
    char reason[120];
};

/* Read the `size` bytes of `text`. Returns the records, which the caller gives to free(), and their
 * number in `count`; NULL if `text` is no trace or there is no memory, and `error` says why. */
struct traffic_record *traffic_trace_parse(const char *text, size_t size, size_t *count,
                                           struct traffic_trace_error *error);

#ifdef __cplusplus
}
#endif

#endif
