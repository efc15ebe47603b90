// SPDX-License-Identifier: Apache-2.0
// Rows as requests, and answers beside those of rows: see replay_answers.hpp.
#include "replay_answers.hpp"

#include <algorithm>
#include <cctype>

#include "replay_model.hpp"

namespace smmu {

namespace {

using column = log_column;

template <class Number> Number number(const log_row &row, column which, std::uint64_t otherwise = 0)
{
    return static_cast<Number>(row.get(which, otherwise));
}

bool writes(const log_row &row)
{
    const std::uint64_t op = row.get(column::op, log_read);
    return op == log_write || op == SMMU_OP_WRITE_PREFETCH || op == SMMU_OP_ATOMIC;
}

bool has_letter(const log_row &row, char letter)
{
    return row.text(column::perm).find(letter) != std::string::npos;
}

// Parts of an answer, one behind the other.
class parts {
  public:
    void add(const std::string &part)
    {
        if (!part.empty())
            text_ += (text_.empty() ? "" : ", ") + part;
    }
    std::string text() const { return text_.empty() ? "nothing" : text_; }

  private:
    std::string text_;
};

const char *word_of_outcome(smmu_outcome outcome)
{
    constexpr const char *words[] = {"forward", "abort", "razwi", "stalled"};
    return words[outcome];
}

// The outcome in the words of the row, which may leave something open.
std::string outcome_part(const log_row &row, const smmu_result &result, bool failed)
{
    if (!row.has(column::result))
        return "";
    const bool forward = result.outcome == SMMU_FORWARD;
    switch (row.get(column::result)) {
    case log_ok:
        return (forward && !failed) || result.outcome == SMMU_RAZWI
                   ? "ok"
                   : word_of_outcome(result.outcome);
    case log_abort:
        return forward && failed ? "abort" : word_of_outcome(result.outcome);
    default:
        return word_of_outcome(result.outcome);
    }
}

// The stream that anything is of.
template <typename T> void set_stream(T &it, const log_row &row)
{
    it.sid = number<std::uint32_t>(row, column::sid);
    it.ssid = number<std::uint32_t>(row, column::ssid);
    it.ssv = row.has(column::ssid);
    it.sec = number<std::uint8_t>(row, column::sec);
}

} // namespace

smmu_txn txn_of(const log_row &row)
{
    smmu_txn txn = {};
    const std::uint64_t op = row.get(column::op, log_read);
    txn.addr = row.get(column::addr);
    set_stream(txn, row);
    txn.tbu = number<std::uint8_t>(row, column::tbu);
    txn.op = static_cast<std::uint8_t>(op == log_write ? std::uint64_t{SMMU_OP_ORDINARY} : op);
    txn.write = writes(row);
    txn.instr = row.get(column::instr);
    txn.priv = row.get(column::priv);
    txn.translated = row.get(column::translated);
    txn.attr = {number<std::uint8_t>(row, column::mair, SMMU_MAIR_NORMAL_WB_RAWA),
                number<std::uint8_t>(row, column::sh, SMMU_SH_NON)};
    return txn;
}

smmu_ats_request ats_of(const log_row &row)
{
    smmu_ats_request request = {};
    request.addr = row.get(column::addr);
    set_stream(request, row);
    request.stus = 1;
    request.nw = row.get(column::nw);
    request.exe = row.get(column::exe);
    request.priv = row.get(column::priv);
    return request;
}

smmu_page_request page_of(const log_row &row)
{
    smmu_page_request request = {};
    request.addr = row.get(column::addr);
    set_stream(request, row);
    request.prgi = number<std::uint16_t>(row, column::prgi);
    request.last = row.get(column::last);
    request.r = has_letter(row, 'r');
    request.w = has_letter(row, 'w');
    request.exe = has_letter(row, 'x');
    request.priv = row.get(column::priv);
    return request;
}

smmu_prg_response prg_of(const log_row &row)
{
    smmu_prg_response response = {};
    set_stream(response, row);
    response.prgi = number<std::uint16_t>(row, column::prgi);
    response.code = number<std::uint8_t>(row, column::code);
    return response;
}

smmu_atc_inv atc_inv_of(const log_row &row)
{
    smmu_atc_inv inv = {};
    inv.addr = row.get(column::addr);
    set_stream(inv, row);
    inv.span_log2 = number<std::uint8_t>(row, column::span);
    inv.global = row.get(column::global);
    return inv;
}

smmu_dvm dvm_of(const log_row &row)
{
    smmu_dvm dvm = {};
    dvm.op = number<std::uint8_t>(row, column::scope);
    dvm.sec = number<std::uint8_t>(row, column::sec);
    dvm.world = number<std::uint8_t>(row, column::world);
    dvm.leaf = row.get(column::leaf);
    dvm.asid = number<std::uint16_t>(row, column::asid);
    dvm.vmid = number<std::uint16_t>(row, column::vmid);
    dvm.addr = row.get(column::addr);
    dvm.range = row.has(column::num);
    dvm.num = number<std::uint8_t>(row, column::num);
    dvm.scale = number<std::uint8_t>(row, column::scale);
    dvm.tg = number<std::uint8_t>(row, column::tg);
    dvm.ttl = number<std::uint8_t>(row, column::ttl);
    return dvm;
}

log_row join(const log_row &begin, const log_row &end)
{
    constexpr column answer[] = {column::result,   column::out,    column::pas,
                                 column::out_mair, column::out_sh, column::fault};
    log_row whole = begin;
    whole.line = end.line;
    for (const column each : answer)
        if (end.has(each))
            whole.set(each, end.get(each));
    return whole;
}

std::string describe(const log_row &row)
{
    std::string text = row.what == log_record::ats
                           ? ""
                           : word_of(column::op, row.get(column::op, log_read)) + " of ";
    text += hexadecimal(row.get(column::addr)) + " by stream " + hexadecimal(row.get(column::sid));
    if (row.has(column::ssid))
        text += ", substream " + hexadecimal(row.get(column::ssid));
    if (row.get(column::sec) != SMMU_SEC_NS)
        text += ", " + word_of(column::sec, row.get(column::sec));
    if (row.get(column::priv))
        text += ", privileged";
    if (row.get(column::instr))
        text += ", an instruction fetch";
    return text;
}

std::uint64_t piece_bytes(const smmu_result &result, std::uint64_t addr)
{
    if (result.outcome != SMMU_FORWARD || result.span_log2 >= 64)
        return UINT64_MAX;
    const std::uint64_t span = std::uint64_t{1} << result.span_log2;
    return span - addr % span;
}

std::string logged_answer(const log_row &row)
{
    parts said;
    if (row.has(column::result))
        said.add(word_of(column::result, row.get(column::result)));
    if (row.has(column::out))
        said.add("to " + hexadecimal(row.get(column::out)));
    for (const column each : {column::pas, column::out_sh})
        if (row.has(each))
            said.add(std::string(name_of(each)) + " " + word_of(each, row.get(each)));
    if (row.has(column::out_mair))
        said.add("out_mair " + hexadecimal(row.get(column::out_mair)));
    if (row.has(column::fault))
        said.add("fault " + word_of(column::fault, row.get(column::fault)));
    return said.text();
}

std::string model_answer(const log_row &row, const smmu_result &result, bool failed)
{
    const bool forward = result.outcome == SMMU_FORWARD;
    const std::string none = "none";
    parts said;
    said.add(outcome_part(row, result, failed));
    if (row.has(column::out))
        said.add("to " + (forward ? hexadecimal(result.addr) : none));
    if (row.has(column::pas))
        said.add("pas " + (forward ? word_of(column::pas, result.pas) : none));
    if (row.has(column::out_sh))
        said.add("out_sh " + (forward ? word_of(column::out_sh, result.attr.sh) : none));
    if (row.has(column::out_mair))
        said.add("out_mair " + (forward ? hexadecimal(result.attr.mair) : none));
    // Where the row does not ask for it, it is the reason for a difference.
    if (row.has(column::fault) || (result.event && said.text() != logged_answer(row)))
        said.add("fault " + word_of(column::fault, result.event));
    return said.text();
}

std::string logged_completion(const log_row &row)
{
    parts said;
    if (row.has(column::result))
        said.add(word_of(column::result, row.get(column::result)));
    if (row.has(column::out))
        said.add("to " + hexadecimal(row.get(column::out)));
    if (row.has(column::span))
        said.add("2^" + std::to_string(row.get(column::span)) + " bytes");
    if (row.has(column::perm)) {
        std::string letters;
        for (const char each : {'r', 'w', 'x'})
            if (has_letter(row, each))
                letters += each;
        said.add("grants " + (letters.empty() ? "-" : letters));
    }
    return said.text();
}

std::string model_completion(const log_row &row, const smmu_ats_completion &completion)
{
    parts said;
    const bool granted = completion.r || completion.w || completion.exe;
    if (row.has(column::result))
        said.add(
            word_of(column::result, log_success + static_cast<std::uint64_t>(completion.status)));
    if (row.has(column::out))
        said.add("to " + (granted ? hexadecimal(completion.addr) : std::string("none")));
    if (row.has(column::span))
        said.add("2^" + std::to_string(completion.span_log2) + " bytes");
    if (row.has(column::perm)) {
        std::string letters;
        letters += completion.r ? "r" : "";
        letters += completion.w ? "w" : "";
        letters += completion.exe ? "x" : "";
        said.add("grants " + (letters.empty() ? "-" : letters));
    }
    return said.text();
}

// --- what leaves

void outputs::add(const log_row &row)
{
    used_ = true;
    rows_.push_back(row);
}

bool outputs::any_failed() const
{
    return std::any_of(rows_.begin(), rows_.end(), [](const log_row &row) {
        return row.get(column::result, log_ok) == log_abort;
    });
}

// The attributes of a row, and the model's in the same words.
static std::string output_attributes(const log_row &row, const smmu_result *model)
{
    parts said;
    for (const column each : {column::pas, column::out_sh})
        if (row.has(each)) {
            const unsigned own = !model ? 0 : each == column::pas ? model->pas : model->attr.sh;
            said.add(std::string(name_of(each)) + " " + word_of(each, model ? own : row.get(each)));
        }
    if (row.has(column::out_mair))
        said.add("out_mair " + hexadecimal(model ? model->attr.mair : row.get(column::out_mair)));
    return said.text();
}

static std::string leaving_at(const std::string &begins, std::uint64_t addr, unsigned long line)
{
    return begins + " leaves at " + hexadecimal(addr) + " (line " + std::to_string(line) + ")";
}

static std::string differing(const std::string &what, const std::string &log,
                             const std::string &model)
{
    return what + "\n  the log says    " + log + "\n  the model says  " + model;
}

std::optional<std::string> outputs::match(const log_row &row, const smmu_txn &txn,
                                          const smmu_result &result, std::uint64_t bytes)
{
    if (!used_ || result.outcome != SMMU_FORWARD)
        return std::nullopt;
    const auto begins = "line " + std::to_string(row.line) + ": " + describe(row);
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t addr = result.addr + done;
        const auto fits = [&](const log_row &each, bool exactly) {
            const bool same =
                each.get(column::sid, txn.sid) == txn.sid && writes(each) == txn.write;
            const std::uint64_t differ = each.get(column::addr) ^ addr;
            return same && (exactly ? differ == 0 : differ % 4096 == 0);
        };
        auto found = std::find_if(rows_.begin(), rows_.end(),
                                  [&](const log_row &each) { return fits(each, true); });
        if (found == rows_.end()) {
            found = std::find_if(rows_.begin(), rows_.end(),
                                 [&](const log_row &each) { return fits(each, false); });
            const std::string other =
                found == rows_.end() ? "nothing leaves for it"
                                     : "it leaves at " + hexadecimal(found->get(column::addr)) +
                                           " (line " + std::to_string(found->line) + ")";
            return differing(begins, other, "it leaves at " + hexadecimal(addr));
        }
        const std::string log = output_attributes(*found, nullptr);
        const std::string model = output_attributes(*found, &result);
        if (log != model)
            return differing(leaving_at(begins, addr, found->line), log, model);
        done += found->size(bytes);
        rows_.erase(found);
    }
    return std::nullopt;
}

} // namespace smmu
