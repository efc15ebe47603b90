// SPDX-License-Identifier: Apache-2.0
// Random transfers: see bridge_traffic.hpp.
#include "bridge_traffic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace pins_test {

using tlm_test::at_transfer;
using tlm_test::storage;

namespace {

constexpr std::uint64_t nowhere = 0x10'0000; // no memory there

unsigned char byte_of(support::random_source &chance)
{
    return static_cast<unsigned char>(chance.bits(8));
}

std::vector<unsigned char> bytes(support::random_source &chance, std::uint64_t count)
{
    std::vector<unsigned char> result(count);
    std::generate(result.begin(), result.end(), [&] { return byte_of(chance); });
    return result;
}

// A type that AXI has a word for in both directions.
smmu_memattr memory_type(support::random_source &chance)
{
    constexpr std::uint8_t open[] = {0x00, 0x04, 0x44};
    constexpr std::uint8_t cached[] = {0x4f, 0x99, 0xaa, 0xbb, 0xdd, 0xee, 0xff};
    constexpr std::uint8_t sh[] = {SMMU_SH_NON, SMMU_SH_OUTER, SMMU_SH_INNER};
    if (chance.one_in(3))
        return {open[chance.below(3)], SMMU_SH_OUTER};
    return {cached[chance.below(7)], sh[chance.below(3)]};
}

using smmu::atomic_function;

// What an operation makes of numbers of type T.
template <class T> T operated(atomic_function function, T held, T operand)
{
    using natural = std::make_signed_t<T>;
    const natural a = static_cast<natural>(held);
    const natural b = static_cast<natural>(operand);
    switch (function) {
    case atomic_function::add:
        return static_cast<T>(held + operand);
    case atomic_function::clear:
        return static_cast<T>(held & ~operand);
    case atomic_function::exclusive_or:
        return static_cast<T>(held ^ operand);
    case atomic_function::set:
        return static_cast<T>(held | operand);
    case atomic_function::signed_max:
        return a > b ? held : operand;
    case atomic_function::signed_min:
        return a < b ? held : operand;
    case atomic_function::unsigned_max:
        return held > operand ? held : operand;
    case atomic_function::unsigned_min:
        return held < operand ? held : operand;
    default:
        return operand;
    }
}

// The same of their bytes in memory.
template <class T> void operate_on(unsigned char *here, const smmu::atomic_access &by)
{
    unsigned char bytes[2][sizeof(T)];
    std::memcpy(bytes[0], here, sizeof(T));
    std::memcpy(bytes[1], by.operand, sizeof(T));
    if (by.big_endian)
        for (auto &each : bytes)
            std::reverse(std::begin(each), std::end(each));
    T held;
    T operand;
    std::memcpy(&held, bytes[0], sizeof(T));
    std::memcpy(&operand, bytes[1], sizeof(T));
    const T result = operated(by.function, held, operand);
    std::memcpy(bytes[0], &result, sizeof(T));
    if (by.big_endian)
        std::reverse(std::begin(bytes[0]), std::end(bytes[0]));
    std::memcpy(here, bytes[0], sizeof(T));
}

} // namespace

bridge_traffic::bridge_traffic(std::uint64_t seed, const bus_words &words)
    : chance_(seed), words_(words), model_(storage::size)
{
}

std::deque<at_transfer> &bridge_traffic::next_round(unsigned transfers)
{
    round_.clear();
    expected_.clear();
    atomics_.clear();
    swaps_.clear();
    held_.clear();
    std::vector<std::uint64_t> blocks;
    for (std::uint64_t i = 0; i < storage::size / block; i++)
        blocks.push_back(i);
    for (unsigned i = 0; i < transfers; i++) {
        std::swap(blocks[i], blocks[i + chance_.below(blocks.size() - i)]);
        // Few of them, so that reads find what has been written.
        round_.push_back(transfer(storage::base + (blocks[i] % 256) * block));
        blocks.erase(std::remove_if(blocks.begin() + i + 1, blocks.end(),
                                    [&](std::uint64_t b) { return b % 256 == blocks[i] % 256; }),
                     blocks.end());
        expect(round_.back());
    }
    return round_;
}

at_transfer bridge_traffic::transfer(std::uint64_t base)
{
    at_transfer it;
    it.command = chance_.coin() ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
    if (chance_.one_in(5))
        wrap(it, base);
    else
        shape(it, base);
    if (chance_.one_in(3)) {
        const std::uint64_t length = chance_.between(1, it.data.size());
        for (std::uint64_t i = 0; i < length; i++)
            it.byte_enables.push_back(chance_.coin() ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED);
    }
    attribute(it);
    operate(it);
    if (words_.atomics && chance_.one_in(5)) {
        it = at_transfer();
        attribute(it);
        if (chance_.one_in(4))
            make_swap(it, base);
        else
            make_atomic(it, base);
        return it;
    }
    if (chance_.one_in(20))
        it.address = it.address % block + nowhere;
    return it;
}

void bridge_traffic::shape(at_transfer &it, std::uint64_t base)
{
    const std::uint64_t most = chance_.one_in(10) ? 5000 : chance_.coin() ? 300 : 16;
    const std::uint64_t length = chance_.between(1, most);
    it.data = bytes(chance_, length);
    it.address = base + chance_.below(block - length + 1);
    if (chance_.coin())
        it.address &= ~std::uint64_t{0x1f};
    if (!chance_.one_in(4) || length > 400)
        return;
    it.streaming_width = static_cast<unsigned>(chance_.between(1, length));
    if (chance_.coin()) { // what a fixed burst can do
        it.streaming_width = 1u << chance_.below(4);
        it.data.resize(it.streaming_width * chance_.between(2, 40));
        it.address &= ~std::uint64_t{0x1f};
    }
}

void bridge_traffic::wrap(at_transfer &it, std::uint64_t base)
{
    const unsigned beat = 1u << chance_.below(8);
    const unsigned length = beat << chance_.between(1, 4);
    it.data = bytes(chance_, length);
    it.address = base + chance_.below(block / length) * length;
    it.attributes.wrap_beat = static_cast<std::uint8_t>(beat);
    it.attributes.wrap_first = static_cast<std::uint16_t>(chance_.below(length / beat) * beat);
}

void bridge_traffic::attribute(at_transfer &it)
{
    smmu::attributes &a = it.attributes;
    a.memattr = memory_type(chance_);
    a.id = static_cast<std::uint32_t>(chance_.bits(4));
    a.qos = static_cast<std::uint8_t>(chance_.bits(4));
    a.instr = chance_.coin();
    a.priv = chance_.coin();
    a.pbha = static_cast<std::uint8_t>(chance_.bits(4));
    if (words_.mpam)
        a.mpam = {static_cast<std::uint16_t>(chance_.bits(9)),
                  static_cast<std::uint8_t>(chance_.bits(1)),
                  static_cast<std::uint8_t>(chance_.below(SMMU_SEC_COUNT))};
    a.sec = chance_.coin() ? SMMU_SEC_NS : SMMU_SEC_S;
    if (words_.realms && chance_.one_in(3))
        a.sec = SMMU_SEC_REALM;
    if (chance_.coin())
        a.pas = static_cast<smmu_pas>(a.sec);
    a.translated = a.sec != SMMU_SEC_S && chance_.one_in(4);
    a.ssv = !a.translated && chance_.coin();
    a.ssid = a.ssv ? static_cast<std::uint32_t>(chance_.bits(20)) : 0;
    a.sid = static_cast<std::uint32_t>(sent_.size());
    sent_.push_back(a);
}

// What reads and writes with a hint, in a domain that has it.
void bridge_traffic::operate(at_transfer &it)
{
    smmu::attributes &a = it.attributes;
    const bool shareable = a.memattr.sh != SMMU_SH_NON && a.memattr.mair & 0x80;
    if (!words_.streams || !shareable || a.wrap_beat || !chance_.one_in(3))
        return;
    if (it.command == tlm::TLM_WRITE_COMMAND)
        a.op = SMMU_OP_WRITE_PREFETCH;
    else
        a.op = chance_.coin() ? SMMU_OP_READ_CLEAN_INVALIDATE : SMMU_OP_READ_DESTRUCTIVE;
    sent_.back().op = a.op;
}

// Compares succeed now and then: memory often holds what was there first, zeros.
void bridge_traffic::make_atomic(at_transfer &it, std::uint64_t base)
{
    smmu::atomic_access &atomic = atomics_.emplace_back();
    atomic.function = static_cast<atomic_function>(chance_.below(10));
    const bool compares = atomic.function == atomic_function::compare;
    const bool plain = compares || atomic.function == atomic_function::swap;
    const unsigned size = 1u << chance_.below(compares ? 5 : 4);
    atomic.returns = plain || chance_.coin();
    atomic.big_endian = !plain && chance_.coin();
    it.command = tlm::TLM_WRITE_COMMAND;
    it.address = base + chance_.below(block / size) * size;
    it.data = bytes(chance_, size);
    std::copy(it.data.begin(), it.data.end(), atomic.operand);
    const unsigned char *const here = &model_[it.address - storage::base];
    if (compares && chance_.coin())
        std::copy_n(here, size, atomic.expected);
    it.byte_enables.assign(size, TLM_BYTE_DISABLED);
    it.attributes.op = SMMU_OP_ATOMIC;
    it.attributes.atomic = &atomic;
    sent_.back().op = SMMU_OP_ATOMIC;
}

// Downstream it is an atomic operation like others.
void bridge_traffic::make_swap(at_transfer &it, std::uint64_t base)
{
    smmu::compare_and_swap &swap = swaps_.emplace_back();
    it.command = tlm::TLM_READ_COMMAND;
    it.address = base + chance_.below(block / 8) * 8;
    it.data = bytes(chance_, 8);
    std::copy(it.data.begin(), it.data.end(), swap.value);
    if (chance_.coin())
        std::copy_n(&model_[it.address - storage::base], 8, swap.expected);
    it.attributes.swap = &swap;
    sent_.back().op = SMMU_OP_ATOMIC;
}

void bridge_traffic::expect_atomic(const at_transfer &it)
{
    const smmu::atomic_access &atomic = *it.attributes.atomic;
    const std::size_t size = it.data.size();
    unsigned char *const here = &model_[it.address - storage::base];
    held_.emplace_back(here, here + size);
    if (atomic.function == atomic_function::compare) {
        if (std::equal(here, here + size, atomic.expected))
            std::copy_n(atomic.operand, size, here);
        return;
    }
    switch (size) {
    case 1:
        return operate_on<std::uint8_t>(here, atomic);
    case 2:
        return operate_on<std::uint16_t>(here, atomic);
    case 4:
        return operate_on<std::uint32_t>(here, atomic);
    default:
        return operate_on<std::uint64_t>(here, atomic);
    }
}

void bridge_traffic::check_atomics() const
{
    for (std::size_t i = 0; i < atomics_.size(); i++) {
        ASSERT_TRUE(atomics_[i].done);
        if (!atomics_[i].returns)
            continue;
        ASSERT_TRUE(std::equal(held_[i].begin(), held_[i].end(), atomics_[i].old)) << i;
    }
    for (const smmu::compare_and_swap &each : swaps_)
        ASSERT_TRUE(each.done);
}

void bridge_traffic::expect(const at_transfer &it)
{
    expected_.push_back(it.data);
    if (it.attributes.atomic)
        return expect_atomic(it);
    if (it.attributes.swap) {
        unsigned char *const here = &model_[it.address - storage::base];
        expected_.back().assign(here, here + 8);
        if (std::equal(here, here + 8, it.attributes.swap->expected))
            std::copy_n(it.attributes.swap->value, 8, here);
        return;
    }
    if (it.address < storage::base)
        return;
    const std::size_t width = it.streaming_width ? it.streaming_width : it.data.size();
    for (std::size_t i = 0; i < it.data.size(); i++) {
        if (!it.byte_enables.empty() && !it.byte_enables[i % it.byte_enables.size()])
            continue;
        unsigned char &here = model_[it.address - storage::base + i % width];
        if (it.command == tlm::TLM_WRITE_COMMAND)
            here = it.data[i];
        else
            expected_.back()[i] = here;
    }
}

void bridge_traffic::check_round(storage &memory)
{
    for (std::size_t i = 0; i < round_.size(); i++) {
        const at_transfer &it = round_[i];
        const bool somewhere = it.address >= storage::base;
        ASSERT_EQ(it.status, somewhere ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE)
            << "transfer " << i << " of " << it.data.size() << " bytes at " << std::hex
            << it.address;
        ASSERT_EQ(it.data, expected_[i]) << "transfer " << i << " at " << std::hex << it.address;
    }
    ASSERT_TRUE(std::equal(model_.begin(), model_.end(), memory.host(storage::base)));
    check_atomics();
    if (words_.streams)
        check_attributes(memory);
}

void bridge_traffic::check_attributes(const storage &memory)
{
    for (; checked_ < memory.log.size(); checked_++) {
        const smmu::attributes &got = memory.log[checked_].attributes;
        ASSERT_LT(got.sid, sent_.size());
        const smmu::attributes &sent = sent_[got.sid];
        const auto all = [](const smmu::attributes &a) {
            return std::vector<std::uint64_t>{a.ssid,
                                              a.ssv,
                                              std::uint64_t{a.sec},
                                              std::uint64_t{a.pas},
                                              a.id,
                                              a.qos,
                                              a.instr,
                                              a.priv,
                                              a.translated,
                                              std::uint64_t{a.op},
                                              a.memattr.mair,
                                              a.memattr.sh,
                                              a.pbha,
                                              a.mpam.partid,
                                              a.mpam.pmg,
                                              a.mpam.space};
        };
        ASSERT_EQ(all(got), all(sent)) << "of transfer " << got.sid;
    }
}

} // namespace pins_test
