#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# script.sh SMMU_VP BUILD TEST SCRIPT [OPTION...]: Linux runs a script of sw/linux, which has to be
# content.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

run_linux "$results" --script "$root/sw/linux/$4" "${@:5}"
say "$4 is content"
