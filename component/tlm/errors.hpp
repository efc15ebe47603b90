// SPDX-License-Identifier: Apache-2.0
// Mistakes of the platform around the component, as reports with ids.
#ifndef SMMU_TLM_ERRORS_HPP
#define SMMU_TLM_ERRORS_HPP

#include <string>

namespace smmu {

// The rows of errors.def.
enum class host_error {
#define SMMU_ERROR(name, id, help) name,
#include "smmu/tlm/errors.def"
#undef SMMU_ERROR
};

// Reports `error` as an SC_ERROR with the text `detail`, or that of its row. Returns if
// sc_report_handler says that errors are not thrown: the caller goes on as its header says.
void report(host_error error, const std::string &detail = "");

// The same for what cannot go on: throws std::invalid_argument with the detail if the report is
// not thrown.
[[noreturn]] void refuse(host_error error, const std::string &detail);

} // namespace smmu

#endif
