# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# How many instructions of the host a benchmark takes, which other work on the host does not change.
# Sourced; needs common.sh and bench.sh.
# shellcheck disable=SC2154 # build

readonly bench_count_seconds=0.2 # under callgrind, which is 50 times as slow

# Prints those of the names it reads that are counted: not those that copy memory, or allocate it, and
# not those of a million translations and more, which take minutes to prepare.
bench_counted() {
    grep -Ev '^(dmi\.|core\.instance)|\.(4096x512|65536x[0-9]+)\.' || true
}

# What is between the beginning and the end of the loop that is timed is dumped to a file for each of its
# runs; the last one is the one that Google Benchmark tells of.
bench_run_counted() { # PROGRAM NAME DIR
    valgrind -q --tool=callgrind --callgrind-out-file="$3/out" \
        --zero-before='benchmark::State::StartKeepRunning()' \
        --dump-before='benchmark::State::FinishKeepRunning()' \
        "$1" --benchmark_repetitions=1 --benchmark_min_time="$bench_count_seconds" \
        --benchmark_filter="$(bench_exactly <<<"$2")" \
        --benchmark_out="$3/result.json" --benchmark_out_format=json >"$3/log" 2>&1
}

# Prints the number of the last dump in DIR.
bench_last_dump() { # DIR
    local dump last=0
    for dump in "$1"/out.*; do
        ((${dump##*.} <= last)) || last=${dump##*.}
    done
    echo "$last"
}

# Prints how many instructions one iteration takes, or, where the benchmark counts what it does, one
# transaction, command, cycle, TLBI, or instruction of the guest.
bench_per_unit() { # INSTRUCTIONS JSON
    awk -F '[:,]' -v instructions="$1" '
        BEGIN { units = 1 }
        /"iterations"/ { iterations = $2 }
        /"cpu_time"/ { ns = $2 }
        /"1\/s"/ { units = $2 * ns / 1e9 }
        /"MIPS"/ { units = $2 * ns / 1e3 }
        /"ns":/ { units = ns / $2 }
        END { printf "%.1f\n", instructions / iterations / units }' "$2"
}

# The same program once more, one benchmark at a time.
bench_count() { # PROGRAM NAME...
    local name instructions dir=$build/bench
    for name in "${@:2}"; do
        rm -rf "$dir"
        mkdir -p "$dir"
        bench_run_counted "$1" "$name" "$dir" ||
            fail "bench: the instructions of $name could not be counted: $(tail -n 1 "$dir/log")"
        instructions=$(sed -n 's/^summary: //p' "$dir/out.$(bench_last_dump "$dir")")
        echo "instructions ${name%%/*} $(bench_per_unit "$instructions" "$dir/result.json")"
    done
}
