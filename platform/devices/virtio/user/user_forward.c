/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a port that is forwarded. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user_network.h"

#define HOST_ADDRESS  0x7f000001u /* 127.0.0.1: nobody but the host itself gets in unasked */
#define GUEST_ADDRESS 0x0a00020fu /* what DHCP gives */

/* Copies what comes before `end` to `word`, and moves `*text` behind `end`. False: there is no
 * `end`, or it does not fit. */
static bool next_word(const char **text, char end, char *word, size_t size)
{
    const char *found = strchr(*text, end);

    if (!found || (size_t)(found - *text) >= size)
        return false;
    memcpy(word, *text, (size_t)(found - *text));
    word[found - *text] = 0;
    *text = found + (end != 0);
    return true;
}

static bool read_address(const char *word, uint32_t otherwise, uint32_t *address)
{
    struct in_addr read;

    if (!*word) {
        *address = otherwise;
        return true;
    }
    if (inet_pton(AF_INET, word, &read) != 1)
        return false;
    *address = ntohl(read.s_addr);
    return true;
}

static bool read_port(const char *word, unsigned least, uint16_t *port)
{
    size_t digits = strspn(word, "0123456789");
    unsigned long value = digits && digits < 6 && !word[digits] ? strtoul(word, NULL, 10) : 65536;

    *port = (uint16_t)value;
    return value >= least && value <= UINT16_MAX;
}

static const char *fault(const char *text, struct user_network_forward *forward)
{
    char word[20];

    if (!next_word(&text, ':', word, sizeof(word)) ||
        (strcmp(word, "tcp") != 0 && strcmp(word, "udp") != 0))
        return "does not begin with tcp: or udp:";
    forward->udp = word[0] == 'u';
    if (!next_word(&text, ':', word, sizeof(word)) ||
        !read_address(word, HOST_ADDRESS, &forward->host_address))
        return "has no IPv4 address of the host";
    if (!next_word(&text, '-', word, sizeof(word)) || !read_port(word, 0, &forward->host_port))
        return "has no port of the host, 0 to 65535";
    if (!next_word(&text, ':', word, sizeof(word)) ||
        !read_address(word, GUEST_ADDRESS, &forward->guest_address))
        return "has no IPv4 address of the guest";
    if (!next_word(&text, 0, word, sizeof(word)) || !read_port(word, 1, &forward->guest_port))
        return "has no port of the guest, 1 to 65535";
    return NULL;
}

bool user_network_read_forward(const char *text, struct user_network_forward *forward, char *err,
                               size_t err_size)
{
    const char *wrong = fault(text, forward);

    if (wrong)
        snprintf(err, err_size, "\"%s\" %s: it has to be tcp:[ADDRESS]:PORT-[ADDRESS]:PORT", text,
                 wrong);
    return !wrong;
}
