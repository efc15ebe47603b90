# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: pmcg.sh
# packages: linux-perf
# What pmcg.sh does, with perf as Debian has it.
exec sh /bin/pmcg.sh
