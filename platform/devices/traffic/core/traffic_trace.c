/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of traces: a line is a record, a word of it a column. */
#include "traffic/traffic_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATEST UINT64_C(1000000000000000000) /* picoseconds: 11 days */

/* A piece of the text. */
struct span {
    const char *begin;
    const char *end;
};

static size_t length_of(struct span s)
{
    return (size_t)(s.end - s.begin);
}

/* --- columns --- */

enum column { TIME, ADDRESS, LENGTH, DIRECTION, STREAM, SUBSTREAM, COLUMNS };

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

    return found ? (int)(found - digits) : 16;
}

/* Whether `word` is a number, decimal or after 0x hexadecimal, that 64 bits hold. */
static bool parse_number(struct span word, uint64_t *value)
{
    uint64_t base = 10;

    if (length_of(word) > 2 && word.begin[0] == '0' && word.begin[1] == 'x') {
        base = 16;
        word.begin += 2;
    }
    *value = 0;
    for (const char *c = word.begin; c < word.end; c++) {
        uint64_t digit = (uint64_t)digit_of(*c);
        if (digit >= base || *value > (UINT64_MAX - digit) / base)
            return false;
        *value = *value * base + digit;
    }
    return length_of(word) != 0;
}

/* R or W, as 0 or 1. */
static bool parse_direction(struct span word, uint64_t *value)
{
    *value = *word.begin == 'W';
    return length_of(word) == 1 && (*word.begin == 'R' || *word.begin == 'W');
}

static const struct column_row {
    const char *name;
    bool (*parse)(struct span word, uint64_t *value);
    uint64_t min;
    uint64_t max;
    const char *wanted;
} columns[COLUMNS] = {
    [TIME] = {"time", parse_number, 0, LATEST, "a number of picoseconds up to 10^18"},
    [ADDRESS] = {"address", parse_number, 0, UINT64_MAX, "a number of 64 bits"},
    [LENGTH] = {"length", parse_number, 1, TRAFFIC_MAX_ACCESS, "a number from 1 to 4096"},
    [DIRECTION] = {"direction", parse_direction, 0, 1, "R or W"},
    [STREAM] = {"StreamID", parse_number, 0, UINT32_MAX, "a number of 32 bits"},
    [SUBSTREAM] = {"SubstreamID", parse_number, 0, TRAFFIC_MAX_SSID, "a number of 20 bits"},
};

/* --- lines --- */

/* Takes the next word off `line`; an empty one if there is none. A comment is no word. */
static struct span take_word(struct span *line)
{
    static const char blanks[] = " \t\r";
    struct span word;

    while (line->begin < line->end && *line->begin && strchr(blanks, *line->begin))
        line->begin++;
    if (line->begin < line->end && *line->begin == '#')
        line->begin = line->end;
    word.begin = line->begin;
    while (line->begin < line->end && *line->begin != '#' &&
           !(*line->begin && strchr(blanks, *line->begin)))
        line->begin++;
    word.end = line->begin;
    return word;
}

/* A word as far as a message shows it. */
#define SHOWN(word) (int)(length_of(word) < 32 ? length_of(word) : 32), (word).begin

/* Reads the words of a line, which has some, into `values`; `*found` is how many. */
static bool read_columns(struct span line, uint64_t values[COLUMNS], unsigned *found,
                         struct traffic_trace_error *error)
{
    struct span word = take_word(&line);

    for (*found = 0; length_of(word); word = take_word(&line), ++*found) {
        if (*found == COLUMNS) {
            snprintf(error->reason, sizeof(error->reason), "%.*s is a word too many", SHOWN(word));
            return false;
        }
        const struct column_row *column = &columns[*found];
        uint64_t *value = &values[*found];
        if (!column->parse(word, value) || *value < column->min || *value > column->max) {
            snprintf(error->reason, sizeof(error->reason), "%s: %.*s is not %s", column->name,
                     SHOWN(word), column->wanted);
            return false;
        }
    }
    if (*found < SUBSTREAM) {
        snprintf(error->reason, sizeof(error->reason), "the %s is missing", columns[*found].name);
        return false;
    }
    return true;
}

static bool is_blank(struct span line)
{
    return length_of(take_word(&line)) == 0;
}

static bool parse_line(struct span line, struct traffic_record *record,
                       struct traffic_trace_error *error)
{
    uint64_t values[COLUMNS];
    unsigned found;

    if (!read_columns(line, values, &found, error))
        return false;
    *record = (struct traffic_record){
        .time = values[TIME],
        .addr = values[ADDRESS],
        .bytes = (uint32_t)values[LENGTH],
        .write = values[DIRECTION] != 0,
        .sid = (uint32_t)values[STREAM],
        .ssid = found > SUBSTREAM ? (uint32_t)values[SUBSTREAM] : VP_NO_SSID,
    };
    return true;
}

/* --- the text --- */

/* Takes the next line off `text`. */
static struct span take_line(struct span *text)
{
    const char *newline = memchr(text->begin, '\n', length_of(*text));
    struct span line = {text->begin, newline ? newline : text->end};

    text->begin = newline ? newline + 1 : text->end;
    return line;
}

/* No text has more records than lines. */
static size_t count_lines(struct span text)
{
    size_t lines = 0;

    for (; text.begin < text.end; lines++)
        take_line(&text);
    return lines;
}

static bool parse_lines(struct span text, struct traffic_record *records, size_t *count,
                        struct traffic_trace_error *error)
{
    uint64_t last = 0;

    for (error->line = 1; text.begin < text.end; error->line++) {
        struct span line = take_line(&text);
        if (is_blank(line))
            continue;
        if (!parse_line(line, &records[*count], error))
            return false;
        if (records[*count].time < last) {
            snprintf(error->reason, sizeof(error->reason),
                     "time: is earlier than that of the access before");
            return false;
        }
        last = records[(*count)++].time;
    }
    snprintf(error->reason, sizeof(error->reason), "there is no access");
    return *count != 0;
}

struct traffic_record *traffic_trace_parse(const char *text, size_t size, size_t *count,
                                           struct traffic_trace_error *error)
{
    struct span all = {text, text + size};
    struct traffic_record *records = calloc(count_lines(all) + 1, sizeof(*records));

    *count = 0;
    error->line = 1;
    if (!records)
        snprintf(error->reason, sizeof(error->reason), "there is no memory for it");
    else if (parse_lines(all, records, count, error))
        return records;
    free(records);
    return NULL;
}
