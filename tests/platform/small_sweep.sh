# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests of `vp sweep`, behind measured.sh: a sweep of eight points, $scratch/small.toml, and what
# runs it, kills it and compares it with the one in $scratch/through.
# shellcheck disable=SC2154 # root, build, scratch

cat >"$scratch/small.toml" <<'TOML'
machine = "virt-sweep"
program = "streams"
options = ["--max-time", "5"]
seeds = [1, 2]

[set."/traffic@c020000"]
"vp,count" = 512
"vp,outstanding" = 16
"vp,pattern" = "random"

[[parameter]]
name = "entries"
node = "smmu"
property = "vp,tbu-tlb"
values = [[4, 4], [64, 4]]
labels = [16, 256]

[[parameter]]
name = "walks"
node = "smmu"
property = "vp,table-walks"
values = [1, 8]
TOML

# What ./vp sweep does once all is built.
cat >"$scratch/sweep" <<'SH'
#!/bin/bash
set -euo pipefail
root=$1 build=$2 caller=$PWD test_log=/dev/null jobs=2
. "$root/scripts/common.sh"
. "$root/scripts/report.sh"
. "$root/scripts/sweep_slurm.sh"
. "$root/scripts/sweep_page.sh"
. "$root/scripts/sweep.sh"
sweep_make "${@:3}"
SH
sweep() { # FILE DIR [OTHER]
    bash "$scratch/sweep" "$root" "$build" "$1" "$2" local 2 ${3:+"$3"} 2>&1
}

# Begins the small sweep in the background, in a session of its own, which can be interrupted.
begin_sweep() { # DIR local|slurm [JOBS]
    env --default-signal=INT setsid bash "$scratch/sweep" "$root" "$build" "$scratch/small.toml" "$1" "$2" "${3:-}" >"$scratch/log" 2>&1 &
    session=$!
}

# Waits until COMMAND succeeds, however slow the host is, or the sweep in the background is over.
sweeping_until() { # COMMAND...
    while kill -0 "$session" 2>/dev/null && ! "$@"; do
        sleep 0.02
    done
}

# Kills all processes of the session that was begun, whatever group they are in, at once.
kill_sweep() {
    local process line words found=()
    for process in /proc/[0-9]*; do
        { read -r line <"$process/stat"; } 2>/dev/null || continue
        read -ra words <<<"${line##*) }"
        [[ ${words[3]} != "$session" ]] || found+=("${process#/proc/}")
    done
    ((${#found[@]} == 0)) || kill -KILL "${found[@]}" 2>/dev/null || true
    wait "$session" 2>/dev/null || true
}

# DIR has the files of the sweep that ran through.
same_sweep() { # DIR WHAT
    diff -r --exclude=joblog "$scratch/through" "$1" >"$scratch/differences" ||
        wrong "$2 differs: $(head -n 5 "$scratch/differences")"
}
