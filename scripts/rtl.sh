# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp rtl`: the machine with a device in RTL, then a micro TLB in RTL against the C library, and with a bug
# each. Sourced; needs common.sh.
# shellcheck disable=SC2154 # build, root, caller, firmware_seconds

readonly rtl_seconds=120 # a test bench that has not ended by then has failed
readonly rtl_benches=$build/component/dpi/examples/micro_tlb

parse_rtl_arguments() { # sets trace, count and seed
    while (($#)); do
        contains "$1" --trace --count --seed || refuse "rtl: unknown argument \"$1\""
        (($# > 1)) || refuse "rtl: $1 needs a value"
        case $1 in
        --trace)
            [[ -n $2 ]] || refuse "rtl: --trace needs the name of a file"
            trace=$2
            ;;
        --count | --seed)
            [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || refuse "rtl: $1 cannot be \"$2\": 1 to 999999999"
            local -n value=${1#--}
            # shellcheck disable=SC2034 # it is that of the caller
            value=$2
            ;;
        esac
        shift 2
    done
}

# The file, which relative paths of the command line are relative to the caller for, can be written.
check_rtl_trace() {
    local directory
    [[ $trace == /* ]] || trace=$caller/$trace
    directory=$(dirname "$trace")
    [[ $trace != *[[:cntrl:]]* && -d $directory && -w $directory && ! -d $trace &&
        (! -e $trace || -w $trace) ]] ||
        refuse "rtl: $trace cannot be written"
}

# Makes the device tree DTB: the machine with RTL, whose signals go to the file.
rtl_machine_with_trace() { # DTB
    local path=${trace//\\/\\\\}
    path=${path//\"/\\\"}
    dtc -q -I dts -O dtb -o "$1" - <<DTS || fail "rtl: no machine can be made that traces to $trace"
/dts-v1/;
/include/ "$root/platform/dts/virt-rtl.dts"
/ { rtl-dma@c030000 { vp,trace-file = "$path"; }; };
DTS
}

rtl_machine() {
    local dtb=$build/platform/virt-rtl.dtb status=0
    if [[ -n $trace ]]; then
        dtb=$build/rtl-trace.dtb
        rtl_machine_with_trace "$dtb"
    fi
    say "running a DMA engine in RTL behind the SMMU"
    timeout --foreground "$firmware_seconds" "$build/smmu-vp" --dtb "$dtb" \
        --elf "$build/sw/rtl.elf" </dev/null || status=$?
    ((status == 0)) || fail "rtl: the machine with RTL ended with status $status"
    [[ -z $trace ]] || say "rtl: its signals are in $trace"
}

# Runs a test bench. Its last words are in `words`.
rtl_bench() { # NAME
    local status=0
    words=$(timeout "$rtl_seconds" "$rtl_benches/$1" "+count=$count" "+seed=$seed" 2>&1) || status=$?
    words=$(grep -E '^(PASS|MISMATCH): ' <<<"$words" || echo "status $status")
}

rtl_micro_tlb() {
    local words
    say "comparing the micro TLB with the C library: $count operations"
    rtl_bench micro_tlb
    echo "$words"
    [[ $words == PASS:* ]] || fail "rtl: the micro TLB and the C library differ"
}

rtl_mutants() { # sets mutants
    local mutant name words
    for mutant in "$rtl_benches"/mutants/*.sv; do
        name=$(basename "$mutant" .sv)
        rtl_bench "$name"
        echo "$name: $words"
        [[ $words == MISMATCH:* ]] || fail "rtl: the bug of $name is not found in $count operations"
        mutants=$((mutants + 1))
    done
    ((mutants >= 3)) || fail "rtl: there are only $mutants mutants"
}

cmd_rtl() {
    local trace='' count=120000 seed=1 mutants=0
    parse_rtl_arguments "$@"
    [[ -z $trace ]] || check_rtl_trace
    need "${build_packages[@]}"
    build_preset default smmu-vp firmware virt_dtb micro_tlb_benches
    tree_share
    rtl_machine
    rtl_micro_tlb
    rtl_mutants
    say "rtl: the DMA engine in RTL has passed its program; the micro TLB agrees with the C library, and" \
        "the bugs of all $mutants mutants are found"
}
