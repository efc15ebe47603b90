/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of Ethernet: checksums (RFC 1071), and which flow one belongs to (RFC 791, 793, 768). */
#include "virtio_net_priv.h"

#define ETHERNET_BYTES 14u
#define TYPE_IPV4      0x0800u
#define PROTOCOL_TCP   6u
#define PROTOCOL_UDP   17u
#define FRAGMENT       0x3fffu /* more to come, or not the first */

static uint32_t load_be(const uint8_t *bytes, unsigned size)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
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
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    /* A UDP checksum of 0 would stand for none; all ones are the same number. */
    uint32_t checksum = sum == 0xffff ? 0xffff : ~(uint32_t)sum & 0xffff;
    frame[start + offset] = (uint8_t)(checksum >> 8);
    frame[start + offset + 1] = (uint8_t)checksum;
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
