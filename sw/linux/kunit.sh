# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# kernel: sva
# needs: lib.sh
# boot: kunit.enable=1 kunit.autorun=1
# What the kernel's own tests of its SMMU driver and its translation tables have found while it booted.
# Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

# Wants SUITE to have ended well, and of the lines that match COUNTS, which it has one of, passed tests and
# none that failed.
want() { # SUITE COUNTS PASSED-AND-NONE-FAILED
    counts=$(dmesg | grep -oE "$2") || {
        echo "kunit: $1 has no result"
        exit 1
    }
    echo "kunit: $1: $counts"
    echo "$counts" | grep -qxE "$3"
    dmesg | grep -qE "(^|\] )ok [0-9]+ $1$"
}

want arm-smmu-v3-kunit-test 'arm-smmu-v3-kunit-test: pass:.*' \
    '.*: pass:[1-9][0-9]* fail:0 skip:0 total:[1-9][0-9]*'
want io-pgtable-arm-test 'completed with .*' 'completed with [1-9][0-9]* PASS 0 FAIL'
kernel_never_said "(\] |^ *)not ok |$complaints"
echo "kunit: nothing has failed"
