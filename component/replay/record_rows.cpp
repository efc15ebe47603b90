// SPDX-License-Identifier: Apache-2.0
// Rows of what recorders see: see record_rows.hpp.
#include "record_rows.hpp"

namespace smmu {

namespace {

log_row access_row(log_record record, const recorded_access &access, const attributes &from)
{
    log_row row(record);
    row.set(log_column::addr, access.addr);
    if (access.size)
        row.set(log_column::size, access.size);
    row.set(log_column::sid, std::uint64_t{from.sid});
    const std::uint64_t op = access.write ? log_write : log_read;
    return row.set(log_column::op, from.op == SMMU_OP_ORDINARY ? op : std::uint64_t{from.op});
}

} // namespace

log_row client_row(const recorded_access &access, const attributes &from, unsigned tbu)
{
    log_row row = access_row(log_record::txn, access, from);
    row.set(log_column::tbu, std::uint64_t{tbu});
    row.set(log_column::sec, std::uint64_t{from.sec});
    if (from.ssv)
        row.set(log_column::ssid, std::uint64_t{from.ssid});
    row.set(log_column::instr, std::uint64_t{from.instr});
    row.set(log_column::priv, std::uint64_t{from.priv});
    row.set(log_column::translated, std::uint64_t{from.translated});
    row.set(log_column::mair, std::uint64_t{from.memattr.mair});
    return row.set(log_column::sh, std::uint64_t{from.memattr.sh});
}

log_row output_row(const recorded_access &access, const attributes &from)
{
    log_row row = access_row(log_record::out, access, from);
    row.set(log_column::pas, std::uint64_t{from.pas});
    row.set(log_column::out_mair, std::uint64_t{from.memattr.mair});
    return row.set(log_column::out_sh, std::uint64_t{from.memattr.sh});
}

} // namespace smmu
