# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp replay`: a log of an SMMU against the C library. Sourced; needs common.sh. docs/replay.md has the logs.
# shellcheck disable=SC2154 # build, caller, build_packages

cmd_replay() {
    local log='' out words=()
    while (($#)); do
        case $1 in
        --preset | -p)
            (($# > 1)) || refuse "replay: $1 needs a value"
            words+=("$1" "$2")
            shift
            ;;
        --perfetto)
            [[ $# -gt 1 && -n $2 ]] || refuse "replay: $1 needs a file"
            out=$2
            [[ $out == /* ]] || out=$caller/$out
            words+=("$1" "$out")
            shift
            ;;
        -*) refuse "replay: unknown argument \"$1\"" ;;
        *)
            [[ -z $log && -n $1 ]] || refuse "replay: unknown argument \"$1\""
            log=$1
            ;;
        esac
        shift
    done
    [[ -n $log ]] || refuse "replay: a log is needed"
    [[ $log == /* ]] || log=$caller/$log
    [[ -r $log && ! -d $log ]] || refuse "replay: $log cannot be read"
    need "${build_packages[@]}"
    build_preset default smmu-replay
    "$build/component/replay/smmu-replay" "$log" "${words[@]}"
}
