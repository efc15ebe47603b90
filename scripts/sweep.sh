# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp sweep`: runs smmu-vp --measure at each point of a sweep, puts the tables together and makes a page
# of them. Sourced; needs common.sh, report.sh, sweep_slurm.sh and sweep_page.sh. docs/sweep.md has the files.
# shellcheck disable=SC2154 # root, build, work, report_csv, sweep_packages

# Tables that are put together; those of levels and counters over time stay with their points.
readonly sweep_tables=(parameters totals parts latencies levels pmu counters machine)

# The columns of summary.csv behind point and SMMU. What a program prints as `guest.NAME NUMBER` comes
# behind these.
readonly sweep_measured=(
    traffic_MBps mean_ps p50_ps p99_ps utlb_hit_rate tbu_tlb_hit_rate tlb_hit_rate config_hit_rate
    reads_per_request
)

# --- points --------------------------------------------------------------------------------------

# Runs the planner; its message is that of vp.
sweep_planner() { # ARGUMENT...
    local output
    output=$("$build/vp-sweep-plan" "$@" 2>&1) || refuse "sweep: $output"
    [[ -z $output ]] || printf '%s\n' "$output"
}

# What points depend on besides their machine: the programs, by contents.
sweep_inputs() { # DIR
    {
        echo "$build/smmu-vp"
        # A name follows the option that it belongs to.
        awk 'known { print } { known = /^--(elf|kernel|initrd|firmware|flash)$/ }' "$1"/points/*.args
    } | sort -u | while IFS= read -r file; do
        (cd "$1" && sha256sum -- "$file") 2>/dev/null || refuse "sweep: there is no file $file"
    done
}

# Deletes what commands that were killed have left beside DIR.
sweep_tidy() { # DIR
    local each
    for each in "$1".new-*; do
        [[ ! -d $each ]] || kill -0 "${each##*-}" 2>/dev/null || rm -rf "$each"
    done
}

# Makes DIR, or finds that it is of the same sweep.
sweep_prepare() { # FILE DIR
    local machine new=$work/new part
    mkdir -p "$new/points"
    machine=$(sweep_planner machine "$1" "$root/platform/dts") || exit
    dtc -@ -q -I dts -O dtb -o "$work/machine.dtb" "$machine" 2>"$work/dtc.log" ||
        refuse "sweep: $machine: $(head -n 1 "$work/dtc.log")"
    sweep_planner points "$1" "$work/machine.dtb" "$build/sw" "$new" || exit
    sweep_inputs "$new" >"$work/inputs" || exit
    mv "$work/inputs" "$new/inputs"
    if [[ ! -e $2/plan.csv ]]; then
        [[ ! -d $2 || -z $(ls -A "$2") ]] || refuse "sweep: $2 has files that are of no sweep"
        mkdir -p "$2" 2>/dev/null || refuse "sweep: $2 cannot be made"
        sweep_tidy "$2"
        # All of it or nothing, whenever this ends.
        if ! cp -r "$new" "$2.new-$$" || ! rmdir "$2" || ! mv -T "$2.new-$$" "$2"; then
            refuse "sweep: $2 cannot be written"
        fi
        return
    fi
    for part in plan.csv points inputs; do
        diff -rq "$new/$part" "$2/$part" >/dev/null ||
            refuse "sweep: $2 is of another sweep ($part differs): delete it, or take another --output"
    done
}

# Runs one point in the directory of the sweep; says "ended NAME" or "failed NAME". A point has a
# directory of its name once all of it is there.
sweep_point() { # NAME SMMU-VP
    local args status=0 part=runs/$1.part
    rm -rf "$part" "runs/$1.failed"
    mkdir -p "$part"
    mapfile -t args <"points/$1.args"
    "$2" --dtb "points/$1.dtb" "${args[@]}" --stats --measure "$part" </dev/null \
        >"$part/output" 2>&1 || status=$?
    # What the host needed is no result.
    grep -avE '^run\.(host-seconds|mips) ' "$part/output" >"$part/log" || (($? == 1)) || status=2
    {
        echo counter,value
        awk '/^run\.guest-seconds / { stats = 1 }
            (stats || /^guest\.[^ ]+ [0-9.]+\r?$/) && NF == 2 { sub(/\r$/, ""); print $1 "," $2 }' "$part/log"
    } >"$part/machine.csv" || status=2 # a point without its numbers is none
    rm "$part/output"
    if ((status)); then
        mv "$part" "runs/$1.failed"
        echo "failed $1"
        return 1
    fi
    mv "$part" "runs/$1"
    echo "ended $1"
}

sweep_names() {
    sed '1d; s/,.*//' plan.csv
}

# Names of the points that have not been run, or failed.
sweep_missing() {
    local name
    while read -r name; do
        [[ -d runs/$name ]] || echo "$name"
    done < <(sweep_names)
}

# Shows how far it is: reads what points say; of TOTAL points DONE are there from an earlier run.
sweep_progress() { # DONE TOTAL
    local word name done=$1 total=$2 begin=$SECONDS left end='' shown=-1
    while read -r word name; do
        [[ $word == ended || $word == failed ]] || continue
        done=$((done + 1))
        left=$(((SECONDS - begin) * (total - done) / (done - $1)))
        if [[ -t 1 ]]; then
            printf '\rvp: %d of %d points, %d s left\033[K' "$done" "$total" "$left"
            end=$'\n'
        elif ((10 * done / total > shown)); then
            shown=$((10 * done / total))
            say "$done of $total points, $left s left"
        fi
    done
    printf '%s' "$end"
}

# sweep_point() on this machine. A point that outlives its sweep keeps the next one from all points.
sweep_local_point() { # NAME SMMU-VP
    local points
    exec {points}<runs
    flock --shared "$points"
    sweep_point "$@"
}

# Runs the points that it reads, in a process of its own. GNU parallel begins with processes that only
# sleep, to see how many there may be; killed then, it leaves them for hours, and they are not to have
# the locks, which its parent has as long.
sweep_parallel() { # JOBS SMMU-VP
    exec {sweep_locked}<&-
    [[ -z ${tree_lock:-} ]] || exec {tree_lock}<&-
    PARALLEL_SHELL=$BASH parallel --will-cite --no-notice --jobs "$1" --joblog +joblog \
        sweep_local_point '{}' "$2" 2>>"$work/parallel.log"
}

# Runs what is missing on this machine; says which points have ended or failed.
sweep_local() { # JOBS SMMU-VP
    export -f sweep_point sweep_local_point
    printf '%s\n' "${missing[@]}" | sweep_parallel "$@"
}

# Runs the points of the sweep in this directory that are missing.
sweep_run() { # local|slurm JOBS
    local missing total first said
    mapfile -t missing < <(sweep_missing)
    total=$(sweep_names | wc -l)
    mkdir -p runs
    ((${#missing[@]})) || return 0
    ((${#missing[@]} == total)) || say "sweep: $((total - ${#missing[@]})) of $total points are there"
    "sweep_$1" "$2" "$build/smmu-vp" | sweep_progress $((total - ${#missing[@]})) "$total" || true
    [[ ! -s $work/refused ]] || fail "sweep: $(<"$work/refused")"
    mapfile -t missing < <(sweep_missing)
    ((${#missing[@]})) || return 0
    first=${missing[0]}
    sweep_failed="${#missing[@]} of $total points failed, the first of them $first"
    # One that has been ended from outside may have said nothing.
    said=$(grep -ahs . "runs/$first.failed/log" | grep -av '^[^ ]*\.[^ ]* [0-9.]*$' | tail -n 1) || true
    sweep_failed+=${said:+: $said}
}

# --- tables --------------------------------------------------------------------------------------

# Names of the columns of points: `point`, then parameters.
sweep_columns() {
    head -n 1 plan.csv | sed 's/,/,point./g'
}

# All rows of a table, each with its point before it.
sweep_join() { # TABLE
    awk -F , -v table="$1" -v columns="$(sweep_columns)" '
        NR == 1 { next }
        {
            file = "runs/" $1 "/" table ".csv"
            for (header = 0; (getline line < file) > 0;) {
                if (line ~ /^#/) continue
                if (header) print $0 "," line
                else if (!shown++) print columns "," line
                header = 1
            }
            close(file)
        }' plan.csv
}

# Runs PROGRAM on a table of the sweep in this directory.
sweep_rows() { # TABLE PROGRAM
    awk -v axes="$work/axes" "$report_csv $2" "$1.csv"
}

# What programs have printed, by the names of its columns.
# shellcheck disable=SC2016 # a program of awk
sweep_guest_metrics() {
    sweep_rows machine 'v("counter") ~ /^guest\./ && !seen[v("counter")]++ { print v("counter") }'
}

# A row for each SMMU of each point: what architects ask for first.
# shellcheck disable=SC2016 # programs of awk
sweep_summary() {
    sweep_rows machine 'v("counter") ~ /^guest\./ { print v("point"), v("counter"), v("value") }' \
        >"$work/printed"
    sweep_rows machine 'v("counter") ~ /\.bandwidth-MBps$/ { sum[v("point")] += v("value") }
        END { for (point in sum) print point, sum[point] }' >"$work/bandwidths"
    sweep_rows counters 'v("counter") ~ /^(tlb|config)_(hits|misses)$/ {
        print v("point"), v("smmu"), v("counter"), v("value") }' >"$work/look-ups"
    echo "$(sweep_columns),smmu,$(
        IFS=,
        echo "${sweep_metrics[*]}"
    )"
    sweep_rows totals '
        function rate(what,    hits, all) {
            hits = count[v("point"), v("smmu"), what "_hits"]
            all = hits + count[v("point"), v("smmu"), what "_misses"]
            return all ? sprintf("%.6g", hits / all) : 0
        }
        BEGIN {
            while ((getline line < "'"$work/bandwidths"'") > 0) {
                split(line, word, " "); bandwidth[word[1]] = word[2] }
            while ((getline line < "'"$work/look-ups"'") > 0) {
                split(line, word, " "); count[word[1], word[2], word[3]] = word[4] }
            while ((getline line < "'"$work/printed"'") > 0) {
                split(line, word, " "); printed[word[1], word[2]] = word[3] }
            metric_count = split("'"${sweep_metrics[*]:${#sweep_measured[@]}}"'", metrics, " ")
        }
        v("scope") == "smmu" {
            for (i = 1; names[i] != "smmu"; i++) printf "%s,", cells[i]
            printf "%s", v("smmu") "," (bandwidth[v("point")] > 0 ? bandwidth[v("point")] : v("bandwidth_MBps")) "," \
                v("mean_ps") "," v("p50_ps") "," v("p99_ps") "," v("utlb_hit_rate") "," \
                v("tbu_tlb_hit_rate") "," rate("tlb") "," rate("config") "," v("reads_per_request")
            for (i = 1; i <= metric_count; i++) printf ",%s", printed[v("point"), metrics[i]]
            print ""
        }'
}

# Puts together what the points in this directory have.
sweep_collect() {
    local table
    for table in "${sweep_tables[@]}"; do
        sweep_join "$table" >"$work/table"
        cp "$work/table" "$table.csv"
    done
    mapfile -t sweep_metrics < <(printf '%s\n' "${sweep_measured[@]}" && sweep_guest_metrics)
    sweep_summary >"$work/table"
    cp "$work/table" summary.csv
}

# --- comparison ----------------------------------------------------------------------------------

# Refuses what cannot be compared with the sweep in DIR.
sweep_comparable() { # OTHER DIR
    [[ -r $1/summary.csv && -r $1/plan.csv ]] || refuse "sweep: $1 has no summary.csv of a sweep"
    [[ $(head -n 1 "$1/plan.csv") == "$(head -n 1 "$2/plan.csv")" ]] ||
        refuse "sweep: $1 has other parameters: $(head -n 1 "$1/plan.csv")"
}

# A row for each metric of each point that is in OTHER too, by its values: both numbers, and the change.
sweep_compare() { # OTHER
    awk -F , -v metrics="${sweep_metrics[*]}" '
        function change(was, is) { # none where a program has not printed it, or from nothing
            if (was == "" || is == "") return ""
            return was != 0 ? sprintf("%.6g", (is - was) / was * 100) : (is == was ? 0 : "")
        }
        BEGIN { n = split(metrics, metric, " ") }
        FNR == 1 { next }
        { key = ""; for (i = 2; i <= NF - n; i++) key = key "," $i }
        FILENAME == ARGV[1] { for (i = 1; i <= n; i++) of[key, i] = $(NF - n + i); known[key] = 1; next }
        key in known {
            for (i = 1; i <= n; i++) {
                was = of[key, i]; is = $(NF - n + i)
                print $1 key "," metric[i] "," was "," is "," change(was, is)
            }
        }' "$1/summary.csv" summary.csv
}

sweep_compare_table() { # OTHER
    [[ $(head -n 1 "$1/summary.csv") == "$(head -n 1 summary.csv)" ]] ||
        refuse "sweep: $1 has other columns: $(head -n 1 "$1/summary.csv")"
    {
        echo "$(sweep_columns),smmu,metric,other,this,change_percent"
        sweep_compare "$1"
    } >"$work/table"
    (($(wc -l <"$work/table") > 1)) || refuse "sweep: $1 has no point in common with this sweep"
    cp "$work/table" compare.csv
}

# --- the command ---------------------------------------------------------------------------------

sweep_wait() { # DESCRIPTOR DIR
    flock --nonblock "$1" || {
        say "waiting for another sweep in $2"
        flock "$1"
    }
}

# Nobody else works in the directory; points of a sweep that was killed may still be on their way.
sweep_lock() { # DIR
    local points
    exec {sweep_locked}<"$1"
    sweep_wait "$sweep_locked" "$1"
    [[ -d $1/runs ]] || return 0
    exec {points}<"$1/runs"
    sweep_wait "$points" "$1"
    exec {points}<&-
}

# Ctrl-C. Points that have ended stay.
sweep_interrupted() {
    [[ ! -t 1 ]] || echo
    say "sweep: interrupted; the same command goes on with the points that are missing"
    exit 130
}

# Whatever this command ends with.
sweep_end() { # WORK
    [[ ${sweep_runner:-local} == local ]] || sweep_slurm_cancel
    rm -rf "$1"
}

# All of a sweep whose programs are built: from FILE to tables and page in DIR.
sweep_make() { # FILE DIR local|slurm JOBS [OTHER]
    local work sweep_failed='' sweep_runner=local title sweep_metrics=()
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # it is local
    trap "sweep_end '$work'" EXIT
    trap sweep_interrupted INT
    title=$(basename "$1" .toml)
    sweep_prepare "$1" "$2"
    [[ -z ${5:-} ]] || sweep_comparable "$5" "$2"
    sweep_lock "$2"
    cd "$2" || refuse "sweep: $2 cannot be entered"
    sweep_slurm_wait
    sweep_runner=$3
    sweep_run "$3" "$4"
    [[ -n $(find runs -mindepth 1 -maxdepth 1 -name '*[0-9]') ]] || fail "sweep: $sweep_failed"
    sweep_collect
    rm -f compare.csv
    [[ -z ${5:-} ]] || sweep_compare_table "$5"
    sweep_page "$title" >"$work/page.html" || fail "sweep: the page could not be made"
    cp "$work/page.html" report.html
    rm -rf plots
    mkdir plots
    find "$work" -name '*.svg' -exec cp -t plots {} +
    [[ -z $sweep_failed ]] || fail "sweep: $sweep_failed"
    say "sweep: $(sweep_names | wc -l) points in $2; summary.csv, report.html"
}

cmd_sweep() {
    local file='' output='' other='' count='' runner=local
    while (($#)); do
        case $1 in
        --output | --jobs | --compare)
            (($# > 1)) || refuse "sweep: $1 needs a value"
            case $1 in
            --output) output=$(report_path "$2") ;;
            --compare) other=$(report_path "$2") ;;
            --jobs)
                [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || refuse "sweep: --jobs cannot be \"$2\": 1 to 9999"
                count=$2
                ;;
            esac
            shift
            ;;
        --slurm) runner=slurm ;;
        -*) refuse "sweep: unknown argument \"$1\"" ;;
        *)
            [[ -z $file ]] || refuse "sweep takes one file, got \"$1\" too"
            file=$(report_path "$1")
            ;;
        esac
        shift
    done
    [[ -n $file ]] || refuse "sweep needs a file that describes it"
    [[ -r $file ]] || refuse "sweep: $file cannot be read"
    need "${build_packages[@]}" "${report_packages[@]}" "${sweep_packages[@]}"
    # A cluster has its own Slurm, or that of Debian.
    [[ $runner == local ]] || command -v sbatch >/dev/null || need "${slurm_packages[@]}"
    build_preset default smmu-vp vp-sweep-plan firmware virt_dtb
    tree_share
    [[ $runner == slurm || -n $count ]] || count=$jobs
    sweep_make "$file" "${output:-$build/sweep/$(basename "$file" .toml)}" "$runner" "$count" "$other"
}
