/* SPDX-License-Identifier: Apache-2.0 */
/* smmu_stat -e EVENT... -- COMMAND [ARGUMENT...]: counts events of the whole system while a command
 * runs, as `perf stat -a -x,` does, and prints a line "COUNT,,EVENT" for each. An EVENT is written
 * as for perf: GROUP/TERM,.../ with the name of a group in /sys/bus/event_source/devices, and terms
 * that are names of its events or FIELD=VALUE. Ends with status 1 if something cannot be counted or
 * the command fails. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/perf_event.h>

enum { MAX_EVENTS = 64, TEXT = 256 };

static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("smmu_stat: ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    exit(1);
}

/* Reads the line that the kernel has about a group in the file `name` of `folder`. */
static bool read_line(const char *group, const char *folder, const char *name, char line[TEXT])
{
    char path[2 * TEXT];
    snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/%s%s", group, folder, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool read = fgets(line, TEXT, file) != NULL;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return read;
}

/* Sets the bits that the format of a field names: "config1:33" or "config:0-15". */
static void set_field(const char *group, const char *field, uint64_t value,
                      struct perf_event_attr *attr)
{
    char format[TEXT], word[16];
    unsigned low, high;
    if (!read_line(group, "format/", field, format))
        die("%s has no field %s", group, field);
    int parts = sscanf(format, "%15[^:]:%u-%u", word, &low, &high);
    if (parts < 2)
        die("%s: the format of %s is %s", group, field, format);
    if (parts == 2)
        high = low;
    if (high - low < 63 && value >> (high - low + 1))
        die("%s: 0x%llx is too large for %s", group, (unsigned long long)value, field);
    if (strcmp(word, "config") == 0)
        attr->config |= value << low;
    else if (strcmp(word, "config1") == 0)
        attr->config1 |= value << low;
    else
        die("%s: the format of %s is %s", group, field, format);
}

static void take_terms(const char *group, char *terms, struct perf_event_attr *attr)
{
    char *rest = NULL, event[TEXT];
    for (char *term = strtok_r(terms, ",", &rest); term; term = strtok_r(NULL, ",", &rest)) {
        char *value = strchr(term, '=');
        if (value) {
            *value = '\0';
            set_field(group, term, strtoull(value + 1, NULL, 0), attr);
        } else if (read_line(group, "events/", term, event)) {
            take_terms(group, event, attr);
        } else {
            die("%s has no event %s", group, term);
        }
    }
}

static int open_counter(const char *text)
{
    struct perf_event_attr attr;
    char group[TEXT], terms[TEXT], type[TEXT];
    if (sscanf(text, "%255[^/]/%255[^/]/", group, terms) != 2)
        die("%s is no event", text);
    if (!read_line(group, "", "type", type))
        die("there is no group %s", group);
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = (uint32_t)strtoul(type, NULL, 10);
    attr.disabled = 1;
    take_terms(group, terms, &attr);
    int counter = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
    if (counter < 0)
        die("%s cannot be counted: %m", text);
    return counter;
}

static bool run(char **command)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        die("%s cannot be run: %m", command[0]);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    int counters[MAX_EVENTS], events = 0, at = 1;
    for (; events < MAX_EVENTS && at + 1 < argc && strcmp(argv[at], "-e") == 0; at += 2)
        counters[events++] = open_counter(argv[at + 1]);
    if (events == 0 || at + 1 >= argc || strcmp(argv[at], "--") != 0)
        die("usage: smmu_stat -e EVENT... -- COMMAND [ARGUMENT...]");
    for (int i = 0; i < events; i++)
        ioctl(counters[i], PERF_EVENT_IOC_ENABLE, 0);
    bool done = run(&argv[at + 1]);
    for (int i = 0; i < events; i++)
        ioctl(counters[i], PERF_EVENT_IOC_DISABLE, 0);
    for (int i = 0; i < events; i++) {
        const char *event = argv[2 * i + 2];
        uint64_t count;
        if (read(counters[i], &count, sizeof count) != sizeof count)
            die("%s cannot be read: %m", event);
        printf("%llu,,%s\n", (unsigned long long)count, event);
    }
    return done ? 0 : 1;
}
