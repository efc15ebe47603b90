// SPDX-License-Identifier: Apache-2.0
// The register port: which accesses it takes, what debuggers see, and that doorbells are heard.
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "error_log.hpp"

namespace tlm_test::test_registers {

namespace {

constexpr std::uint64_t strtab_value = 0x0000'1234'5678'9a40;

TEST(registers, keep_a_64_bit_write_little_endian)
{
    bench b("b");
    b.run([&] {
        transfer write = write_of(reg::STRTAB_BASE, {0x40, 0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0});
        EXPECT_EQ(b.cpu.send(write), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE), 0x5678'9a40u);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE + 4), 0x1234u);
        transfer read = read_of(reg::STRTAB_BASE, 8);
        EXPECT_EQ(b.cpu.send(read), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read.data, write.data);
    });
}

TEST(registers, refuse_sizes_other_than_4_and_8)
{
    bench b("b");
    b.run([&] {
        for (const unsigned size : {3u, 12u, 16u}) {
            transfer t = read_of(reg::IDR0, size);
            EXPECT_EQ(b.cpu.send(t), tlm::TLM_BURST_ERROR_RESPONSE) << size;
        }
        for (const unsigned size : {1u, 2u}) { // that other devices have
            transfer t = read_of(reg::IDR0, size);
            EXPECT_EQ(b.cpu.send(t), tlm::TLM_GENERIC_ERROR_RESPONSE) << size;
        }
    });
}

TEST(registers, refuse_streaming)
{
    bench b("b");
    b.run([&] {
        transfer t = read_of(reg::IDR0, 8);
        t.payload.set_streaming_width(4);
        EXPECT_EQ(b.cpu.send(t), tlm::TLM_BURST_ERROR_RESPONSE);
    });
}

TEST(registers, refuse_misaligned_accesses)
{
    bench b("b");
    b.run([&] {
        transfer word = read_of(reg::IDR0 + 2, 4);
        EXPECT_EQ(b.cpu.send(word), tlm::TLM_GENERIC_ERROR_RESPONSE);
        transfer dword = write_of(reg::STRTAB_BASE + 4, std::vector<unsigned char>(8, 0xff));
        EXPECT_EQ(b.cpu.send(dword), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE + 4), 0u);
    });
}

TEST(registers, refuse_addresses_outside_the_frame)
{
    bench b("b");
    b.run([&] {
        // The last one is a register if only the low 32 bits are looked at.
        for (const std::uint64_t address :
             {std::uint64_t{SMMU_FRAME_SIZE}, std::uint64_t{0xffff'ffff'fffc},
              std::uint64_t{0x1'0000'0000}}) {
            transfer t = read_of(address, 4);
            EXPECT_EQ(b.cpu.send(t), tlm::TLM_ADDRESS_ERROR_RESPONSE) << address;
        }
    });
}

// An access with byte enables, a digit for each byte of them: "1" lets the byte take part.
tlm::tlm_response_status send_enabled(bench &b, transfer &t, const std::string &digits)
{
    std::vector<unsigned char> enables;
    enables.reserve(1); // there is a pointer where there are none
    for (const char digit : digits)
        enables.push_back(digit == '1' ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED);
    t.payload.set_byte_enable_ptr(enables.data());
    t.payload.set_byte_enable_length(static_cast<unsigned>(enables.size()));
    return b.cpu.send(t);
}

std::vector<unsigned char> counting(unsigned length)
{
    std::vector<unsigned char> bytes(length);
    std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(1));
    return bytes;
}

TEST(registers, are_written_where_byte_enables_select_an_aligned_word)
{
    const struct {
        std::uint32_t address;
        unsigned length;
        const char *enables; // as many as there are; they repeat
        std::uint64_t value; // of STRTAB_BASE after it
    } rows[] = {
        {reg::STRTAB_BASE, 4, "1", 0x0403'0200}, // it has bits [47:6]
        {reg::STRTAB_BASE, 8, "11111111", 0x0605'0403'0200},
        {reg::STRTAB_BASE, 8, "11110000", 0x0403'0200},
        {reg::STRTAB_BASE, 8, "00001111", 0x0605'0000'0000},
        {reg::STRTAB_BASE - 8, 16, "0000000011111111", 0x0e0d'0c0b'0a00},
        {reg::STRTAB_BASE - 8, 32, "00000000000011110000000000000000", 0x0e0d'0000'0000},
    };
    bench b("b");
    b.run([&] {
        for (const auto &row : rows) {
            b.write64(reg::STRTAB_BASE, 0);
            transfer t = write_of(row.address, counting(row.length));
            EXPECT_EQ(send_enabled(b, t, row.enables), tlm::TLM_OK_RESPONSE) << row.enables;
            const std::uint64_t low = b.read32(reg::STRTAB_BASE);
            const std::uint64_t high = b.read32(reg::STRTAB_BASE + 4);
            EXPECT_EQ(high << 32 | low, row.value) << row.enables;
        }
    });
}

TEST(registers, are_read_into_the_bytes_that_byte_enables_select)
{
    bench b("b");
    b.run([&] {
        b.write64(reg::STRTAB_BASE, strtab_value);
        transfer t = read_of(reg::STRTAB_BASE, 8);
        EXPECT_EQ(send_enabled(b, t, "00001111"), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0xee, 0xee, 0xee, 0xee, 0x34, 0x12, 0, 0}));
    });
}

// CR0 is the lower half of 8 bytes, CR0ACK the upper one.
TEST(registers, ring_doorbells_by_byte_enables)
{
    bench b("b");
    b.run([&] {
        transfer t = write_of(reg::CR0, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff});
        EXPECT_EQ(send_enabled(b, t, "11110000"), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.read32(reg::CR0ACK), 1u);
    });
}

TEST(registers, refuse_byte_enables_that_select_no_aligned_word)
{
    error_log errors; // of the checker before the registers
    bench b("b");
    b.run([&] {
        for (const char *const enables :
             {"", "0", "10", "11100000", "11000011", "00111100", "11111100", "1111000011110000"}) {
            transfer t = write_of(reg::STRTAB_BASE, std::vector<unsigned char>(16, 0xff));
            EXPECT_EQ(send_enabled(b, t, enables), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE) << enables;
        }
        transfer misaligned = write_of(reg::STRTAB_BASE + 4, std::vector<unsigned char>(8, 0xff));
        EXPECT_EQ(send_enabled(b, misaligned, "1"), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        transfer streamed = write_of(reg::STRTAB_BASE, std::vector<unsigned char>(8, 0xff));
        streamed.payload.set_streaming_width(4);
        EXPECT_EQ(send_enabled(b, streamed, "11110000"), tlm::TLM_BURST_ERROR_RESPONSE);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE), 0u);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE + 4), 0u);
    });
    EXPECT_EQ(errors.ids, std::vector<std::string>{"/smmu/protocol/byte_enable_length_zero"});
}

TEST(registers, refuse_words_outside_the_frame)
{
    bench b("b");
    b.run([&] {
        transfer t = read_of(SMMU_FRAME_SIZE - 8, 16);
        EXPECT_EQ(send_enabled(b, t, "0000000011111111"), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    });
}

TEST(registers, refuse_commands_that_are_neither_read_nor_write)
{
    bench b("b");
    b.run([&] {
        transfer t(tlm::TLM_IGNORE_COMMAND, reg::IDR0, std::vector<unsigned char>(4));
        EXPECT_EQ(b.cpu.send(t), tlm::TLM_COMMAND_ERROR_RESPONSE);
    });
}

TEST(registers, are_not_granted_as_direct_memory)
{
    bench b("b");
    b.run([&] {
        transfer t = read_of(reg::IDR0, 4);
        tlm::tlm_dmi dmi;
        EXPECT_EQ(b.cpu.send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(t.payload.is_dmi_allowed());
        EXPECT_FALSE(b.cpu.dmi(t, dmi));
    });
}

TEST(registers, show_debuggers_any_bytes)
{
    bench b("b");
    b.run([&] {
        b.write64(reg::STRTAB_BASE, strtab_value);
        transfer t = read_of(reg::STRTAB_BASE + 1, 4);
        EXPECT_EQ(b.cpu.debug(t), 4u);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0x9a, 0x78, 0x56, 0x34}));
    });
}

TEST(registers, end_debug_reads_at_the_end_of_the_frame)
{
    bench b("b");
    b.run([&] {
        transfer t = read_of(SMMU_FRAME_SIZE - 6, 16);
        EXPECT_EQ(b.cpu.debug(t), 6u);
    });
}

TEST(registers, take_debug_writes_of_a_word)
{
    bench b("b");
    b.run([&] {
        transfer low = write_of(reg::STRTAB_BASE, {0xc0, 0xff, 0xff, 0xff});
        EXPECT_EQ(b.cpu.debug(low), 4u);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE), 0xffff'ffc0u);
        transfer whole = write_of(reg::STRTAB_BASE, {0x40, 0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0});
        EXPECT_EQ(b.cpu.debug(whole), 8u);
        transfer read = read_of(reg::STRTAB_BASE, 8);
        EXPECT_EQ(b.cpu.debug(read), 8u);
        EXPECT_EQ(read.data, whole.data);
    });
}

TEST(registers, take_no_other_debug_writes)
{
    bench b("b");
    b.run([&] {
        const struct {
            std::uint64_t address;
            unsigned length;
        } rows[] = {
            {reg::STRTAB_BASE, 1},     {reg::STRTAB_BASE, 16},
            {reg::STRTAB_BASE + 2, 4}, {reg::STRTAB_BASE + 4, 8},
            {SMMU_FRAME_SIZE, 4},      {0x1'0000'0000 + reg::STRTAB_BASE, 4},
        };
        for (const auto &row : rows) {
            transfer t = write_of(row.address, std::vector<unsigned char>(row.length, 0xff));
            EXPECT_EQ(b.cpu.debug(t), 0u) << row.address << ", " << row.length;
        }
        transfer ignored(tlm::TLM_IGNORE_COMMAND, reg::STRTAB_BASE, std::vector<unsigned char>(4));
        EXPECT_EQ(b.cpu.debug(ignored), 0u);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE), 0u);
        EXPECT_EQ(b.read32(reg::STRTAB_BASE + 4), 0u);
    });
}

TEST(registers, hear_doorbells_of_debuggers_without_time)
{
    smmu::timing times;
    times.register_access = sc_core::sc_time(3, sc_core::SC_NS);
    bench b("b", times);
    b.run([&] {
        b.bring_up();
        b.memory.store_image(bench::cmdq, support::cfgi_all());
        const sc_core::sc_time before = now();
        const sc_dt::uint64 deltas = sc_core::sc_delta_count();
        transfer ring = write_of(reg::CMDQ_PROD, {1, 0, 0, 0});
        EXPECT_EQ(b.cpu.debug(ring), 4u);
        EXPECT_EQ(sc_core::sc_delta_count(), deltas); // it does not wait
        sc_core::wait(sc_core::SC_ZERO_TIME);
        sc_core::wait(sc_core::SC_ZERO_TIME);
        transfer poll = read_of(reg::CMDQ_CONS, 4);
        EXPECT_EQ(b.cpu.debug(poll), 4u);
        EXPECT_EQ(poll.data[0], 1);
        EXPECT_EQ(now(), before);
    });
}

TEST(registers, show_progress_to_an_immediate_poll_after_a_doorbell)
{
    bench b("b");
    b.run([&] {
        b.bring_up();
        b.submit(support::cfgi_all());
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 1u);
    });
}

TEST(registers, let_a_doorbell_be_heard_when_its_initiator_runs_ahead)
{
    bench b("b");
    b.run([&] {
        b.bring_up();
        b.memory.store_image(bench::cmdq, support::cfgi_all());
        transfer ring = write_of(reg::CMDQ_PROD, {1, 0, 0, 0});
        sc_core::sc_time ahead(700, sc_core::SC_NS);
        sc_core::sc_spawn([&] {
            sc_core::wait(350, sc_core::SC_NS);
            EXPECT_EQ(b.read32(reg::CMDQ_CONS), 0u); // not before its time
        });
        const sc_core::sc_time before = now();
        b.cpu.socket->b_transport(ring.payload, ahead);
        EXPECT_EQ(ahead, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(now() - before, sc_core::sc_time(700, sc_core::SC_NS));

        transfer poll = read_of(reg::CMDQ_CONS, 4);
        b.cpu.socket->b_transport(poll.payload, ahead);
        EXPECT_EQ(poll.data[0], 1);
    });
}

// The register has been written: nobody would ring again for what is behind it.
TEST(registers, let_a_doorbell_be_heard_whose_initiator_is_killed_before_its_time)
{
    bench b("b");
    b.run([&] {
        b.bring_up();
        b.memory.store_image(bench::cmdq, support::cfgi_all());
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] {
            transfer ring = write_of(reg::CMDQ_PROD, {1, 0, 0, 0});
            sc_core::sc_time ahead(700, sc_core::SC_NS);
            b.cpu.socket->b_transport(ring.payload, ahead);
        });
        sc_core::wait(350, sc_core::SC_NS);
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 0u);
        victim.kill();
        sc_core::wait(350, sc_core::SC_NS);
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), 1u);
    });
}

TEST(registers, take_the_time_asked_for)
{
    smmu::timing times;
    times.register_access = sc_core::sc_time(3, sc_core::SC_NS);
    bench b("b", times);
    b.run([&] {
        transfer t = read_of(reg::IDR0, 4);
        sc_core::sc_time delay(1, sc_core::SC_NS);
        b.cpu.socket->b_transport(t.payload, delay);
        EXPECT_EQ(delay, sc_core::sc_time(4, sc_core::SC_NS));
        EXPECT_EQ(now(), sc_core::SC_ZERO_TIME);
    });
}

} // namespace

} // namespace tlm_test::test_registers
