// SPDX-License-Identifier: Apache-2.0
// Functions that record what they are asked, and a host with a port, as software sees them.
#ifndef TESTS_PCIE_BENCH_HPP
#define TESTS_PCIE_BENCH_HPP

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pcie/pcie_host.h"

// Offsets and identifiers, typed again from the PCI Express Base Specification.
enum : std::uint16_t {
    VENDOR = 0x00,
    DEVICE = 0x02,
    COMMAND = 0x04,
    STATUS = 0x06,
    CLASS_REVISION = 0x08,
    HEADER_TYPE = 0x0E,
    BAR0 = 0x10,
    SECONDARY = 0x19,
    SUBORDINATE = 0x1A,
    CAPABILITIES = 0x34,
    INTERRUPT_PIN = 0x3D,
    BRIDGE_CONTROL = 0x3E,
};
enum : std::uint32_t { MEMORY = 2, MASTER = 4, INTX_OFF = 0x400, INTX_PENDING = 8 };
enum : std::uint8_t { PM = 0x01, MSI = 0x05, VENDOR_SPECIFIC = 0x09, EXPRESS = 0x10, MSIX = 0x11 };
enum : std::uint16_t { AER = 1, ACS = 0xD, ATS = 0xF, PRI = 0x13, PASID = 0x1B };

struct fn_deleter {
    void operator()(pcie_fn *fn) const { pcie_fn_destroy(fn); }
};
using fn_ptr = std::unique_ptr<pcie_fn, fn_deleter>;

inline std::string mistake(const pcie_fn_desc &desc)
{
    const pcie_fn_ops ops = {};
    char reason[80] = "";
    const fn_ptr fn(pcie_fn_create(&desc, &ops, reason, sizeof reason));
    return fn ? "" : reason;
}

// An endpoint with all there is: a 64-bit BAR 0 of 64 KiB, a 32-bit prefetchable BAR 2 of 4 KiB
// with the MSI-X structures, INTA, MSI, ATS, PRI and PASID.
inline pcie_fn_desc full_endpoint(pcie_kind kind = PCIE_INTEGRATED)
{
    pcie_fn_desc desc = {};
    desc.kind = kind;
    desc.vendor = 0xCAFE;
    desc.device = 0x0123;
    desc.subsystem_vendor = 0xBEEF;
    desc.subsystem = 0x4567;
    desc.class_code = 0x010802;
    desc.revision = 3;
    desc.bar[0] = {0x10000, true, false};
    desc.bar[2] = {0x1000, false, true};
    desc.intx_pin = 1;
    desc.msi_vectors = 4;
    desc.msix = {66, 2, 0, 0x800};
    desc.ats = {true, 32};
    desc.pri = {64};
    desc.pasid = {16, true, false};
    return desc;
}

inline pcie_fn_desc root_port()
{
    pcie_fn_desc desc = {};
    desc.kind = PCIE_ROOT_PORT;
    desc.vendor = 0xCAFE;
    desc.device = 0x0001;
    desc.class_code = 0x060400;
    return desc;
}

// A function whose BAR accesses and messages are recorded. Its registers read as the offset and
// refuse offset 0x40.
class test_fn {
  public:
    struct access {
        bool write;
        unsigned bar;
        std::uint64_t offset;
        unsigned size;
        std::uint64_t value;
    };
    struct message {
        std::uint64_t addr;
        std::uint32_t data;
        bool operator==(const message &o) const { return addr == o.addr && data == o.data; }
    };

    explicit test_fn(const pcie_fn_desc &desc) : fn(create(desc)) {}
    test_fn(const test_fn &) = delete;
    test_fn &operator=(const test_fn &) = delete;

    std::uint32_t get(unsigned offset, unsigned size = 4) const
    {
        return pcie_fn_config_read(fn.get(), static_cast<std::uint16_t>(offset), size);
    }

    void set(unsigned offset, std::uint32_t value, unsigned size = 4)
    {
        pcie_fn_config_write(fn.get(), static_cast<std::uint16_t>(offset), size, value);
    }

    // Where a capability is, found as software finds it; 0: it is not there.
    unsigned cap(std::uint8_t id) const
    {
        for (unsigned at = get(CAPABILITIES, 1), left = 48; at && left; left--) {
            if (get(at, 1) == id)
                return at;
            at = get(at + 1, 1);
        }
        return 0;
    }

    unsigned ext(std::uint16_t id) const
    {
        for (unsigned at = 0x100, left = 480; at && left; left--) {
            if ((get(at) & 0xffff) == id)
                return at;
            at = get(at) >> 20;
        }
        return 0;
    }

    std::uint64_t bar_read(unsigned bar, std::uint64_t offset, unsigned size = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(pcie_fn_bar_read(fn.get(), bar, offset, size, &value), VP_OK);
        return value;
    }

    void bar_write(unsigned bar, std::uint64_t offset, std::uint64_t value, unsigned size = 4)
    {
        EXPECT_EQ(pcie_fn_bar_write(fn.get(), bar, offset, size, value), VP_OK);
    }

    std::vector<access> accesses;
    std::vector<message> messages;
    std::vector<std::uint16_t> config_writes;
    unsigned resets = 0;
    unsigned answer_at = 0; // reads there give 0xD0D0D0D0
    unsigned answers = 0;
    fn_ptr fn;

  private:
    pcie_fn *create(const pcie_fn_desc &desc)
    {
        pcie_fn_ops ops = {};
        char reason[80] = "";
        ops.user = this;
        ops.bar_read = [](void *user, unsigned bar, std::uint64_t offset, unsigned size,
                          std::uint64_t *value) {
            static_cast<test_fn *>(user)->accesses.push_back({false, bar, offset, size, 0});
            *value = offset;
            return offset == 0x40 ? VP_DECERR : VP_OK;
        };
        ops.bar_write = [](void *user, unsigned bar, std::uint64_t offset, unsigned size,
                           std::uint64_t value) {
            static_cast<test_fn *>(user)->accesses.push_back({true, bar, offset, size, value});
            return offset == 0x40 ? VP_DECERR : VP_OK;
        };
        ops.config_read = [](void *user, std::uint16_t offset, unsigned, std::uint32_t *value) {
            auto *self = static_cast<test_fn *>(user);
            if (self->answer_at == 0 || self->answer_at != offset)
                return;
            *value = 0xD0D0D0D0;
            self->answers++;
        };
        ops.reset = [](void *user) { static_cast<test_fn *>(user)->resets++; };
        ops.config_written = [](void *user, std::uint16_t offset, unsigned) {
            static_cast<test_fn *>(user)->config_writes.push_back(offset);
        };
        ops.message = [](void *user, std::uint64_t addr, std::uint32_t data) {
            static_cast<test_fn *>(user)->messages.push_back({addr, data});
        };
        pcie_fn *made = pcie_fn_create(&desc, &ops, reason, sizeof reason);
        EXPECT_NE(made, nullptr) << reason;
        return made;
    }
};

// An integrated endpoint at 00:01.0, an empty port at 00:02.0, and a port at 00:03.0 with an
// endpoint behind it. Pin p of device d goes to line (d + p - 1) % 4.
class pcie_bench : public ::testing::Test {
  protected:
    struct deleter {
        void operator()(pcie_host *host) const { pcie_host_destroy(host); }
    };

    pcie_bench() : host(create())
    {
        for (unsigned device = 0; device < PCIE_DEVICES; device++)
            for (unsigned pin = 1; pin <= PCIE_PINS; pin++)
                pcie_host_route_intx(host.get(), device, pin, (device + pin - 1) % 4);
        EXPECT_EQ(add(nullptr, 0x08, integrated), "");
        EXPECT_EQ(add(nullptr, 0x10, empty_port), "");
        EXPECT_EQ(add(nullptr, 0x18, port), "");
        EXPECT_EQ(add(&port, 0x00, behind), "");
    }

    // What is wrong with putting a function there; "" if nothing is.
    std::string add(test_fn *above, unsigned devfn, test_fn &fn)
    {
        char reason[80] = "";
        pcie_host_add(host.get(), above ? above->fn.get() : nullptr, devfn, fn.fn.get(), reason,
                      sizeof reason);
        return reason;
    }

    static std::uint64_t ecam(unsigned bus, unsigned devfn, unsigned offset)
    {
        return std::uint64_t{bus} << 20 | devfn << 12 | offset;
    }

    std::uint64_t config(unsigned bus, unsigned devfn, unsigned offset, unsigned size = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(pcie_ecam_frame.read(host.get(), ecam(bus, devfn, offset), size, &value), VP_OK);
        return value;
    }

    void configure(unsigned bus, unsigned devfn, unsigned offset, std::uint64_t value,
                   unsigned size = 4)
    {
        EXPECT_EQ(pcie_ecam_frame.write(host.get(), ecam(bus, devfn, offset), size, value), VP_OK);
    }

    std::uint64_t memory(std::uint64_t addr, unsigned size = 4)
    {
        std::uint8_t data[8] = {};
        std::uint64_t value = 0;
        pcie_host_read(host.get(), addr, data, size);
        for (unsigned i = 0; i < size; i++)
            value |= std::uint64_t{data[i]} << (8 * i);
        return value;
    }

    void store(std::uint64_t addr, std::uint64_t value, unsigned size = 4)
    {
        std::uint8_t data[8];
        for (unsigned i = 0; i < size; i++)
            data[i] = static_cast<std::uint8_t>(value >> (8 * i));
        pcie_host_write(host.get(), addr, data, size);
    }

    // Bus 1 behind the port, its memory window [base, limit] in MiB, and BAR 2 of the endpoint
    // there at `base`.
    void open_port(std::uint32_t base = 0x100, std::uint32_t limit = 0x101)
    {
        configure(0, 0x18, SECONDARY, 1, 1);
        configure(0, 0x18, SUBORDINATE, 1, 1);
        configure(0, 0x18, 0x20, base << 4 | limit << 20);
        configure(0, 0x18, COMMAND, MEMORY | MASTER, 2);
        configure(1, 0x00, BAR0 + 8, base << 20);
        configure(1, 0x00, COMMAND, MEMORY | MASTER, 2);
    }

    bool lines[4] = {};
    test_fn integrated{full_endpoint()};
    test_fn empty_port{root_port()};
    test_fn port{root_port()};
    test_fn behind{full_endpoint(PCIE_ENDPOINT)};
    std::unique_ptr<pcie_host, deleter> host;

  private:
    pcie_host *create()
    {
        const vp_wires wires = {this, [](void *user, unsigned line, bool level) {
                                    auto *self = static_cast<pcie_bench *>(user);
                                    EXPECT_NE(self->lines[line], level) << "no change";
                                    self->lines[line] = level;
                                }};
        return pcie_host_create(0, &wires);
    }
};

#endif
