// SPDX-License-Identifier: Apache-2.0
// The SMMU that a log is replayed into: see replay_model.hpp.
#include "replay_model.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace smmu {

namespace {

constexpr const char *fetch_names[] = {"L1STD",   "STE",          "L1CD",       "CD",
                                       "VMS",     "descriptor",   "descriptor", "DPT descriptor",
                                       "command", "event record", "PRI record", "message"};

// What is read, for people: "stage 1 descriptor of level 3".
std::string name_of_fetch(const smmu_mem_req &req)
{
    std::string name = fetch_names[req.fetch];
    if (req.fetch != SMMU_FETCH_TTD && req.fetch != SMMU_FETCH_TTD_UPDATE)
        return name;
    return "stage " + std::to_string(req.stage) + " " + name + " of level " +
           std::to_string(req.level);
}

// Words of 8 bytes, the first one first.
std::string words_of(const std::uint8_t *bytes, std::size_t size)
{
    std::string text;
    for (std::size_t at = 0; at < size; at += 8)
        text += (at ? " " : "") + hexadecimal(bytes + at, std::min<std::size_t>(8, size - at));
    return text;
}

std::string of_stream(std::uint64_t sec, std::uint32_t sid)
{
    return "stream " + hexadecimal(sid) +
           (sec == SMMU_SEC_NS ? "" : " (" + word_of(log_column::sec, sec) + ")");
}

} // namespace

std::string hexadecimal(std::uint64_t value)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    do {
        text.insert(text.begin(), digits[value & 0xf]);
        value >>= 4;
    } while (value);
    return "0x" + text;
}

std::string hexadecimal(const std::uint8_t *bytes, std::size_t size)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (std::size_t i = size; i-- > 0;) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 0xf];
    }
    return text;
}

said say_write(std::uint64_t addr, const std::uint8_t *bytes, std::size_t size)
{
    return {"a write of the SMMU at " + hexadecimal(addr), hexadecimal(bytes, size)};
}

said say_interrupt(std::uint64_t sec, std::uint64_t irq)
{
    return {"interrupt " + word_of(log_column::irq, irq) + " of " + word_of(log_column::sec, sec),
            ""};
}

said say_prg(const smmu_prg_response &response)
{
    return {"a PRG Response to " + of_stream(response.sec, response.sid),
            "group " + std::to_string(response.prgi) + ", code " + std::to_string(response.code) +
                (response.ssv ? ", PASID " + hexadecimal(response.ssid) : "")};
}

said say_atc_inv(const smmu_atc_inv &inv)
{
    return {"an Invalidate Request to " + of_stream(inv.sec, inv.sid),
            "address " + hexadecimal(inv.addr) + ", 2^" + std::to_string(inv.span_log2) + " bytes" +
                (inv.ssv ? ", PASID " + hexadecimal(inv.ssid) : "") +
                (inv.global ? ", all PASIDs" : "")};
}

const smmu_ops replay_model::ops = [] {
    smmu_ops made = {};
    made.read = [](void *user, const smmu_mem_req *req, void *data) {
        return static_cast<replay_model *>(user)->read(*req, data);
    };
    made.write = [](void *user, const smmu_mem_req *req, const void *data) {
        return static_cast<replay_model *>(user)->write(*req, data);
    };
    made.cas = [](void *user, const smmu_mem_req *req, const void *expected, const void *value,
                  void *old) {
        return static_cast<replay_model *>(user)->cas(*req, expected, value, old);
    };
    made.irq = [](void *user, smmu_sec sec, smmu_irq irq) {
        const said it = say_interrupt(sec, irq);
        static_cast<replay_model *>(user)->done_message(it.what, it.value);
    };
    made.resume = [](void *, smmu_stall *stall, smmu_resume action) {
        static_cast<open_transaction *>(stall)->action = action;
    };
    made.atc_inv = [](void *user, const smmu_atc_inv *inv) {
        const said it = say_atc_inv(*inv);
        static_cast<replay_model *>(user)->done_message(it.what, it.value);
    };
    made.atc_sync = [](void *, std::uint32_t) { return true; };
    made.prg_response = [](void *user, const smmu_prg_response *response) {
        const said it = say_prg(*response);
        static_cast<replay_model *>(user)->done_message(it.what, it.value);
    };
    return made;
}();

replay_model::replay_model(const smmu_config &cfg, replay_memory &memory, claims *own)
    : memory_(memory), own_(own)
{
    smmu_error error = {};
    smmu_.reset(smmu_create(&cfg, &ops, this, &error));
    if (!smmu_)
        throw std::invalid_argument(std::string(error.field) + ": " + error.reason);
}

std::string replay_model::take_reads()
{
    std::string text;
    for (const std::string &each : reads_)
        text += "\n  " + each;
    reads_.clear();
    return text;
}

// A read of what nobody has told of is a difference: the model goes where the log does not.
void replay_model::miss(const smmu_mem_req &req)
{
    if (difference_ || !own_)
        return;
    difference_ = "line " + std::to_string(line_) + ": the model reads " +
                  std::to_string(req.size) + " bytes at " + hexadecimal(req.addr) + ", the " +
                  name_of_fetch(req) + (req.sid ? " of stream " + hexadecimal(req.sid) : "") +
                  "\n  the log does not say what memory holds there";
}

smmu_mem_status replay_model::read(const smmu_mem_req &req, void *data)
{
    auto *const bytes = static_cast<std::uint8_t *>(data);
    const replay_memory::state state = memory_.load(req, bytes);
    const std::string place = name_of_fetch(req) + " at " + hexadecimal(req.addr) + ": ";
    if (req.fetch != SMMU_FETCH_CMDQ)
        reads_.push_back(place + (state == replay_memory::state::known   ? words_of(bytes, req.size)
                                  : state == replay_memory::state::abort ? "aborts"
                                                                         : "not in the log"));
    if (state == replay_memory::state::unknown)
        miss(req);
    return state == replay_memory::state::known ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

// In words of 8 bytes, as a log may have other transfers.
smmu_mem_status replay_model::write(const smmu_mem_req &req, const void *data)
{
    if (!own_)
        return SMMU_MEM_OK;
    const auto *const bytes = static_cast<const std::uint8_t *>(data);
    memory_.store(req.addr, bytes, req.size);
    for (std::size_t at = 0; at < req.size; at += 8) {
        const said it =
            say_write(req.addr + at, bytes + at, std::min<std::size_t>(8, req.size - at));
        writes_++;
        done(it.what, it.value);
    }
    return SMMU_MEM_OK;
}

smmu_mem_status replay_model::cas(const smmu_mem_req &req, const void *expected, const void *value,
                                  void *old)
{
    const smmu_mem_status status = read(req, old);
    if (status == SMMU_MEM_OK && std::memcmp(old, expected, req.size) == 0)
        return write(req, value);
    return status;
}

void replay_model::done(const std::string &what, const std::string &value)
{
    if (!own_)
        return;
    const std::optional<std::string> difference = own_->done(what, value, line_);
    if (!difference_)
        difference_ = difference;
}

void replay_model::done_message(const std::string &what, const std::string &value)
{
    interrupts_++;
    done(what, value);
}

} // namespace smmu
