// SPDX-License-Identifier: Apache-2.0
// A log against the C library: see smmu/replay/replay.hpp.
#include "smmu/replay/replay.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "replay_answers.hpp"
#include "replay_model.hpp"

namespace smmu {

namespace {

using difference = std::optional<std::string>;

// Registers that say how far the SMMU is with its work (IHI 0070 6.3): a log may show less done
// than the model, which takes no time.
constexpr std::uint32_t progress_registers[] = {0x24, 0x54, 0x60, 0x9c, 0x100a8, 0x100c8};

class replayer {
  public:
    replayer(const smmu_config &cfg, const std::vector<log_row> &rows, replay_counts &counts)
        : cfg_(cfg), rows_(rows), counts_(counts), memory_(rows), model_(cfg, memory_, &own_)
    {
    }

    difference run()
    {
        for (std::size_t i = 0; i < rows_.size(); i++) {
            memory_.advance(i);
            model_.set_line(rows_[i].line);
            difference found = step(rows_[i]);
            counts_.rows++;
            if (model_.difference())
                return model_.difference();
            if (found)
                return found;
            model_.take_reads();
        }
        return at_the_end();
    }

  private:
    using open_map = std::map<std::string, std::unique_ptr<open_transaction>>;

    difference at_the_end()
    {
        counts_.writes = model_.writes();
        counts_.interrupts = model_.interrupts();
        if (difference left = own_.left())
            return left;
        if (!outputs_.rows().empty())
            return "line " + std::to_string(outputs_.rows().front().line) +
                   ": an access leaves at " +
                   hexadecimal(outputs_.rows().front().get(log_column::addr)) +
                   "\n  the log says so; no transaction of the model goes there";
        return std::nullopt;
    }

    difference step(const log_row &row)
    {
        if (resetting_ && is_echo(row.what)) {
            if (row.what == log_record::read)
                memory_.take(row);
            return std::nullopt;
        }
        if (row.what != log_record::end)
            resetting_ = false;
        switch (row.what) {
        case log_record::mem:
        case log_record::read:
            memory_.take(row);
            return std::nullopt;
        case log_record::out:
            outputs_.add(row);
            return std::nullopt;
        case log_record::write:
            return logged_write(row);
        case log_record::irq:
            own_.logged_pulse(
                say_interrupt(row.get(log_column::sec), row.get(log_column::irq)).what, row.line);
            return std::nullopt;
        case log_record::prg:
            return logged(row, say_prg(prg_of(row)));
        case log_record::atc_inv:
            return logged(row, say_atc_inv(atc_inv_of(row)));
        case log_record::begin:
            begin(row);
            return std::nullopt;
        case log_record::end:
            return end(row);
        case log_record::txn:
            return transaction(row);
        case log_record::ats:
            return ats(row);
        default:
            return by_software(row);
        }
    }

    // What a log can show of before a reset, behind it: what was on its way.
    static bool is_echo(log_record what)
    {
        return what == log_record::read || what == log_record::write || what == log_record::out ||
               what == log_record::irq || what == log_record::prg || what == log_record::atc_inv;
    }

    // It may come anywhere in what is under way: nobody knows how far that is.
    void reset()
    {
        for (auto &[tag, it] : open_)
            it->reset = true;
        smmu_reset(model_.smmu());
        history_.clear();
        own_.forget();
        outputs_.forget();
        resetting_ = true;
    }

    // What software does: transactions that have begun have come before it.
    difference by_software(const log_row &row)
    {
        if (row.what == log_record::reset) {
            reset();
            return std::nullopt;
        }
        present_all();
        switch (row.what) {
        case log_record::reg_write:
            return reg_write(row);
        case log_record::reg_read:
            return reg_read(row);
        case log_record::page: {
            const smmu_page_request request = page_of(row);
            smmu_request_page(model_.smmu(), &request);
            break;
        }
        case log_record::tlbi: {
            const smmu_dvm dvm = dvm_of(row);
            smmu_broadcast_tlbi(model_.smmu(), &dvm);
            break;
        }
        default:
            break;
        }
        smmu_run(model_.smmu());
        return std::nullopt;
    }

    difference logged(const log_row &row, const said &it)
    {
        return own_.logged(it.what, it.value, row.line);
    }

    difference logged_write(const log_row &row)
    {
        const std::uint64_t addr = row.get(log_column::addr);
        for (std::size_t at = 0; at < row.data.size(); at += 8) {
            difference found =
                logged(row, say_write(addr + at, &row.data[at],
                                      std::min<std::size_t>(8, row.data.size() - at)));
            if (found)
                return found;
        }
        return std::nullopt;
    }

    difference reg_write(const log_row &row)
    {
        const auto offset = static_cast<std::uint32_t>(row.get(log_column::addr));
        const auto size = static_cast<unsigned>(row.data.size());
        if (row.get(log_column::addr) > UINT32_MAX ||
            smmu_reg_write(model_.smmu(), offset, size, row.number()) != SMMU_REG_OK)
            return no_register(row);
        history_.push_back(row);
        smmu_run(model_.smmu());
        return std::nullopt;
    }

    difference reg_read(const log_row &row)
    {
        std::uint64_t value = 0;
        const auto offset = static_cast<std::uint32_t>(row.get(log_column::addr));
        const auto size = static_cast<unsigned>(row.data.size());
        if (row.get(log_column::addr) > UINT32_MAX ||
            smmu_reg_read(model_.smmu(), offset, size, &value) != SMMU_REG_OK)
            return no_register(row);
        const bool progress =
            std::find(std::begin(progress_registers), std::end(progress_registers), offset) !=
            std::end(progress_registers);
        if (value == row.number() || progress)
            return std::nullopt;
        return "line " + std::to_string(row.line) + ": register " + hexadecimal(offset) +
               "\n  the log says    " + hexadecimal(row.number()) + "\n  the model says  " +
               hexadecimal(value);
    }

    difference no_register(const log_row &row) const
    {
        return "line " + std::to_string(row.line) + ": register " +
               hexadecimal(row.get(log_column::addr)) +
               "\n  the log says that it is accessed\n  the model has none there, or not of " +
               std::to_string(row.data.size()) + " bytes";
    }

    // --- transactions

    void begin(const log_row &row)
    {
        auto made = std::make_unique<open_transaction>();
        made->row = row;
        open_[row.text(log_column::tag)] = std::move(made);
    }

    // Those that have come and have not ended: what software does next, such as CMD_RESUME, may be
    // about them.
    void present_all()
    {
        for (auto &[tag, it] : open_)
            if (!it->presented && !it->reset)
                present(*it);
    }

    void present(open_transaction &it)
    {
        smmu_txn txn = txn_of(it.row);
        txn.stall = &it;
        txn.retried = it.action == SMMU_RESUME_RETRY;
        it.action.reset();
        it.presented = true;
        smmu_translate(model_.smmu(), &txn, &it.result);
        it.held = it.result.outcome == SMMU_STALLED;
    }

    difference end(const log_row &row)
    {
        const auto found = open_.find(row.text(log_column::tag));
        open_transaction &it = *found->second;
        if (it.reset) { // the answer is whatever that has made of it
            open_.erase(found);
            return std::nullopt;
        }
        if (!it.presented || (it.held && it.action == SMMU_RESUME_RETRY))
            present(it);
        if (it.held && it.action)
            it.result.outcome = *it.action == SMMU_RESUME_RAZWI ? SMMU_RAZWI : SMMU_ABORT;
        log_row whole = join(it.row, row);
        difference different = compare_all(whole, &it.result);
        if (it.held && !it.action)
            smmu_stall_abandon(model_.smmu(), &it);
        if (!it.held || it.action)
            open_.erase(found);
        return different;
    }

    difference transaction(const log_row &row) { return compare_all(row, nullptr); }

    // In pieces that share an answer; that of the first one has been given if it is not nullptr.
    // The first piece that does not go on decides about all.
    difference compare_all(const log_row &row, const smmu_result *given)
    {
        counts_.transactions++;
        const std::uint64_t size = row.size(1);
        const smmu_txn asked = txn_of(row);
        smmu_txn txn = asked;
        smmu_result result = {};
        for (std::uint64_t done = 0; done < size;) {
            smmu_result piece = {};
            txn.addr = asked.addr + done;
            if (given && done == 0)
                piece = *given;
            else
                smmu_translate(model_.smmu(), &txn, &piece);
            const std::uint64_t bytes = std::min(size - done, piece_bytes(piece, txn.addr));
            if (difference found = outputs_.match(row, txn, piece, bytes))
                return *found + explain(row, txn, piece);
            if (done == 0 || piece.outcome != SMMU_FORWARD)
                result = piece;
            if (piece.outcome != SMMU_FORWARD)
                break;
            done += bytes;
        }
        difference found = compare(row, result);
        return found ? *found + explain(row, result.outcome == SMMU_FORWARD ? asked : txn, result)
                     : found;
    }

    difference compare(const log_row &row, const smmu_result &result) const
    {
        const std::string log = logged_answer(row);
        const std::string model = model_answer(row, result, outputs_.any_failed());
        if (log == model)
            return std::nullopt;
        return "line " + std::to_string(row.line) + ": " + describe(row) + "\n  the log says    " +
               log + "\n  the model says  " + model;
    }

    // What the answer goes by: read anew by an SMMU without caches.
    std::string explain(const log_row &row, const smmu_txn &txn, const smmu_result &result)
    {
        replay_model fresh(cfg_, memory_, nullptr);
        for (const log_row &each : history_)
            smmu_reg_write(fresh.smmu(), static_cast<std::uint32_t>(each.get(log_column::addr)),
                           static_cast<unsigned>(each.data.size()), each.number());
        smmu_run(fresh.smmu());
        fresh.take_reads();
        smmu_result again = {};
        smmu_probe(fresh.smmu(), &txn, &again);
        const std::string reads = fresh.take_reads();
        std::string text = "\n  which goes by" + (reads.empty() ? " registers alone" : ":" + reads);
        if (again.outcome != result.outcome || again.addr != result.addr ||
            again.event != result.event)
            text += "\n  but was cached: memory alone would say " + model_answer(row, again, false);
        return text;
    }

    difference ats(const log_row &row)
    {
        counts_.transactions++;
        const smmu_ats_request request = ats_of(row);
        smmu_ats_completion completion = {};
        smmu_ats_translate(model_.smmu(), &request, &completion);
        const std::string log = logged_completion(row);
        const std::string model = model_completion(row, completion);
        if (log == model)
            return std::nullopt;
        return "line " + std::to_string(row.line) + ": an ATS request of " + describe(row) +
               "\n  the log says    " + log + "\n  the model says  " + model + explain_ats();
    }

    std::string explain_ats()
    {
        const std::string reads = model_.take_reads();
        return reads.empty() ? "\n  which goes by its caches" : "\n  which goes by:" + reads;
    }

    const smmu_config &cfg_;
    const std::vector<log_row> &rows_;
    replay_counts &counts_;
    replay_memory memory_;
    claims own_;
    outputs outputs_;
    open_map open_;
    std::vector<log_row> history_; // writes of registers
    replay_model model_;           // its stalled transactions are open_
    bool resetting_ = false;       // nothing has been asked for since a reset
};

} // namespace

std::optional<std::string> replay_log(const smmu_config &cfg, const std::vector<log_row> &rows,
                                      replay_counts &counts)
{
    return replayer(cfg, rows, counts).run();
}

} // namespace smmu
