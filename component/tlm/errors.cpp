// SPDX-License-Identifier: Apache-2.0
// Mistakes of the platform around the component: see errors.hpp.
#include "errors.hpp"

#include <stdexcept>

#include <systemc>

namespace smmu {

namespace {

struct row {
    const char *id;
    const char *help;
};

constexpr row rows[] = {
#define SMMU_ERROR(name, id, help) {id, help},
#include "smmu/tlm/errors.def"
#undef SMMU_ERROR
};

} // namespace

void report(host_error error, const std::string &detail)
{
    const row &what = rows[static_cast<unsigned>(error)];
    SC_REPORT_ERROR(what.id, detail.empty() ? what.help : detail.c_str());
}

void refuse(host_error error, const std::string &detail)
{
    report(error, detail);
    throw std::invalid_argument(detail);
}

} // namespace smmu
