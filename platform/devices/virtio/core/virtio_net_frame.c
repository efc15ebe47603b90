/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Ethernet: checksums (RFC 1071), which flow one belongs to (RFC 791, 793, 768), and
 * which segments of TCP can be one. */
#include <string.h>

#include "virtio_net_priv.h"

#define ETHERNET_BYTES 14u
#define TYPE_IPV4      0x0800u
#define PROTOCOL_TCP   6u
#define PROTOCOL_UDP   17u
#define FRAGMENT       0x3fffu /* more to come, or not the first */

/* Offsets in a segment of TCP whose headers have no options. */
#define IP_LENGTH   16u
#define IP_FRAGMENT 20u
#define IP_PROTOCOL 23u
#define IP_CHECKSUM 24u
#define IP_ENDS     26u /* both addresses */
#define TCP_SEQ     38u
#define TCP_OFFSET  46u
#define TCP_FLAGS   47u

#define IP_MAX_LENGTH 65535u
#define IP_VERSION    0x45u /* 4, and a header of five words */
#define TCP_PLAIN     0x50u /* a header of five words */
#define TCP_ACK       0x10u
#define TCP_PSH       0x08u

static uint32_t load_be(const uint8_t *bytes, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void store_be16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* Ones' complement arithmetic: what does not fit is added again. */
static uint32_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

bool virtio_net_finish_checksum(uint8_t *frame, uint32_t size, uint32_t start, uint32_t offset)
{
    uint64_t sum = 0;
    uint32_t i = start;

    if (size < 2 || start + offset > size - 2)
        return false;
    for (; i + 4 <= size; i += 4)
        sum += load_be(frame + i, 4);
    if (i + 2 <= size) {
        sum += load_be(frame + i, 2);
        i += 2;
    }
    if (i < size)
        sum += (uint32_t)frame[i] << 8;
    uint32_t folded = fold(sum);
    /* A UDP checksum of 0 would stand for none; all ones are the same number. */
    store_be16(frame + start + offset, folded == 0xffff ? 0xffff : ~folded);
    return true;
}

unsigned virtio_net_flow(const uint8_t *frame, uint32_t size)
{
    const uint8_t *ip = frame + ETHERNET_BYTES;

    if (size < ETHERNET_BYTES + 20 || load_be(frame + 12, 2) != TYPE_IPV4)
        return 0;
    uint32_t header = 4 * (ip[0] & 0xfu);
    bool has_ports = ip[9] == PROTOCOL_TCP || ip[9] == PROTOCOL_UDP;
    if (!has_ports || load_be(ip + 6, 2) & FRAGMENT || size < ETHERNET_BYTES + header + 4)
        return 0;
    /* What is the same both ways: sums of both ends. */
    uint32_t ends = load_be(ip + 12, 4) + load_be(ip + 16, 4);
    uint32_t ports = load_be(ip + header, 2) + load_be(ip + header + 2, 2);
    uint32_t mixed = (ends ^ (uint32_t)ip[9] << 24 ^ ports) * UINT32_C(0x9e3779b1);
    return mixed >> 24;
}

/* --- segments of TCP --- */

static bool is_plain_data(const uint8_t *frame, uint32_t size)
{
    return size > NET_TCP_HEADER_BYTES && load_be(frame + 12, 2) == TYPE_IPV4 &&
           frame[ETHERNET_BYTES] == IP_VERSION &&
           load_be(frame + IP_LENGTH, 2) == size - ETHERNET_BYTES &&
           !(load_be(frame + IP_FRAGMENT, 2) & FRAGMENT) && frame[IP_PROTOCOL] == PROTOCOL_TCP &&
           frame[TCP_OFFSET] == TCP_PLAIN && (frame[TCP_FLAGS] & ~TCP_PSH) == TCP_ACK;
}

/* Headers may differ in lengths, identification, checksums, sequence number and PSH. */
static bool has_same_headers(const uint8_t *frame, const uint8_t *other)
{
    static const struct {
        uint8_t first, end;
    } same[] = {{0, IP_LENGTH},           {IP_FRAGMENT, IP_CHECKSUM}, {IP_ENDS, TCP_SEQ},
                {TCP_SEQ + 4, TCP_FLAGS}, {TCP_FLAGS + 1, 50},        {52, NET_TCP_HEADER_BYTES}};

    for (unsigned i = 0; i < sizeof(same) / sizeof(*same); i++)
        if (memcmp(frame + same[i].first, other + same[i].first,
                   (size_t)(same[i].end - same[i].first)) != 0)
            return false;
    return true;
}

bool virtio_net_continues(const uint8_t *frame, uint32_t size, const uint8_t *next,
                          uint32_t next_size)
{
    return is_plain_data(frame, size) && is_plain_data(next, next_size) &&
           has_same_headers(frame, next) &&
           load_be(next + TCP_SEQ, 4) ==
               load_be(frame + TCP_SEQ, 4) + size - NET_TCP_HEADER_BYTES &&
           size + next_size - NET_TCP_HEADER_BYTES - ETHERNET_BYTES <= IP_MAX_LENGTH;
}

void virtio_net_lengthen(uint8_t *frame, uint32_t size, const uint8_t *next)
{
    uint64_t pseudo = load_be(frame + IP_ENDS, 4) + (uint64_t)load_be(frame + IP_ENDS + 4, 4) +
                      PROTOCOL_TCP + (size - NET_TCP_START);

    frame[TCP_FLAGS] |= next[TCP_FLAGS];
    store_be16(frame + NET_TCP_START + NET_TCP_CSUM, fold(pseudo));
    store_be16(frame + IP_LENGTH, size - ETHERNET_BYTES);
    store_be16(frame + IP_CHECKSUM, 0);
    virtio_net_finish_checksum(frame, NET_TCP_START, ETHERNET_BYTES, IP_CHECKSUM - ETHERNET_BYTES);
}
