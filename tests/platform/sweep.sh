#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `vp sweep`: a small sweep that is killed and goes on gives the files of one that ran through; tables,
# page and comparison say what the points have measured.
# Usage: sweep.sh BUILD. Ends with status 3 without gnuplot or GNU parallel.
set -euo pipefail
build=$1
# shellcheck source=tests/platform/measured.sh
. "$(dirname "${BASH_SOURCE[0]}")/measured.sh"
needs gnuplot parallel

# shellcheck source=tests/platform/small_sweep.sh
. "$root/tests/platform/small_sweep.sh"

sweep "$scratch/small.toml" "$scratch/through" >"$scratch/log" || wrong "it fails: $(cat "$scratch/log")"
grep -q '8 of 8 points, 0 s left' "$scratch/log" || wrong "no progress"

# Killed, all of it and at once, when some points are through and one is on its way.
# shellcheck disable=SC2317 # sweeping_until calls it
in_the_middle() {
    [[ -s $scratch/killed/runs/2/totals.csv && -d $scratch/killed/runs/3.part ]]
}
begin_sweep "$scratch/killed" local 1
sweeping_until in_the_middle
kill_sweep
[[ -d $scratch/killed/runs/2 && ! -e $scratch/killed/summary.csv ]] || wrong "it was not killed in the middle"
sweep "$scratch/small.toml" "$scratch/killed" >"$scratch/log" || wrong "it does not go on: $(cat "$scratch/log")"
grep -q 'of 8 points are there' "$scratch/log" || wrong "it begins anew"
same_sweep "$scratch/killed" "killed and resumed"

# Interrupted in the middle, it says so, and not that points have failed.
# shellcheck disable=SC2317 # sweeping_until calls it
on_its_way() {
    [[ -s $scratch/interrupted/runs/1/totals.csv ]]
}
begin_sweep "$scratch/interrupted" local 1
sweeping_until on_its_way
kill -INT -- "-$session"
status=0
wait "$session" || status=$?
[[ $status == 130 && $(tail -n 1 "$scratch/log") == 'vp: sweep: interrupted; '* ]] ||
    wrong "interrupted: status $status: $(cat "$scratch/log")"
[[ ! -e $scratch/interrupted/summary.csv ]] || wrong "an interrupted sweep has tables"
sweep "$scratch/small.toml" "$scratch/interrupted" >"$scratch/log" || wrong "it does not go on: $(cat "$scratch/log")"
same_sweep "$scratch/interrupted" "interrupted and resumed"

# Killed again and again, at whatever it is then at, until it is through.
RANDOM=1
for ((i = 0; i < 12; i++)); do
    begin_sweep "$scratch/often" local 2
    sleep "0.$(printf '%02d' $((RANDOM % 100)))"
    kill_sweep
done
sweep "$scratch/small.toml" "$scratch/often" >"$scratch/log" || wrong "it does not go on: $(cat "$scratch/log")"
same_sweep "$scratch/often" "killed at any time and resumed"
[[ -z $(find "$scratch" -maxdepth 1 -name 'often.*') ]] || wrong "what is half done stays beside it"

# GNU parallel that is killed as it begins leaves processes that sleep for hours: nobody waits for these.
# shellcheck disable=SC2317 # sweeping_until calls it
has_left_one() {
    [[ -s $scratch/left ]]
}
mkdir "$scratch/bin"
cat >"$scratch/bin/parallel" <<PARALLEL
#!/bin/bash
setsid sleep 1000 &
echo "\$!" >$scratch/left
wait
PARALLEL
chmod +x "$scratch/bin/parallel"
PATH=$scratch/bin:$PATH begin_sweep "$scratch/begun" local 1
sweeping_until has_left_one
kill_sweep
sweep "$scratch/small.toml" "$scratch/begun" >"$scratch/log" || wrong "it does not go on: $(cat "$scratch/log")"
kill "$(<"$scratch/left")"
! grep -q waiting "$scratch/log" || wrong "it waits for what is left of GNU parallel"

# One that is complete runs nothing.
touch -d '2001-01-01' "$scratch/killed/runs/1/totals.csv"
sweep "$scratch/small.toml" "$scratch/killed" >/dev/null
[[ $(date -r "$scratch/killed/runs/1/totals.csv" +%Y) == 2001 ]] || wrong "points are run again"

# A cell of a row that begins with the point.
cell() { # TABLE POINT COLUMN
    awk -F , -v point="$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == point { print $at[column]; exit }' "$scratch/through/$1.csv"
}
[[ $(cell summary 5 point.entries),$(cell summary 5 point.walks),$(cell summary 5 point.seed) == 256,1,1 ]] ||
    wrong "point 5 is not 256 entries, a walk, seed 1"
expected=$(sed -n 's/^traffic@c020000.bandwidth-MBps //p' "$scratch/through/runs/5/log")
[[ -n $expected && $(cell summary 5 traffic_MBps) == "$expected" ]] ||
    wrong "bandwidth is $(cell summary 5 traffic_MBps), not $expected"
for table in totals parts latencies levels pmu counters parameters machine; do
    rows=$(grep -hcv '^#' "$scratch"/through/runs/*/$table.csv | awk '{ rows += $1 } END { print rows - 7 }')
    [[ $(wc -l <"$scratch/through/$table.csv") == "$rows" ]] ||
        wrong "$table.csv has not all rows of all points"
done
[[ $(grep -c '"tbu_tlb.sets",\|,tbu_tlb.sets,' "$scratch/through/parameters.csv") == 8 &&
    $(grep -c ',tbu_tlb.sets,64$' "$scratch/through/parameters.csv") == 4 ]] ||
    wrong "the device trees of points are not those of the file"
(($(cell summary 5 mean_ps | cut -d . -f 1) > $(cell summary 7 mean_ps | cut -d . -f 1))) ||
    wrong "eight walks at a time are not faster than one"

# Numbers in a plot are means over the seeds: a line for each number of walks, a point for each of
# entries.
plot() { # ID
    sed -n "/<section id=\"$1\">/,/<\/section>/p" "$scratch/through/report.html"
}
mean() { # POINT POINT
    awk -v a="$(cell summary "$1" mean_ps)" -v b="$(cell summary "$2" mean_ps)" \
        'BEGIN { printf "%.5g\n", (a + b) / 2 / 1000 }'
}
expected="$(mean 1 2) $(mean 5 6) $(mean 3 4) $(mean 7 8)"
shown=$(plot mean_ps-entries | sed -nE 's/.*<text>([0-9.]+)<\/text>.*/\1/p' | tail -n 4 | tr '\n' ' ')
[[ $shown == "$expected " ]] || wrong "the plot has $shown, not $expected"
for metric in traffic_MBps p99_ps tbu_tlb_hit_rate; do
    [[ -n $(plot "$metric-entries") && -n $(plot "$metric-walks") ]] || wrong "no plots of $metric"
done

sections=$(sed -nE 's/^<section id="([^"]*)".*/\1/p' "$scratch/through/report.html" | grep -v '^summary$')
files=$(find "$scratch/through/plots" -name '*.svg' -printf '%f\n' | sed 's/\.svg$//')
[[ $(sort <<<"$files") == "$(sort <<<"$sections")" ]] || wrong "plots/ has not the plots of the page"

# Compared with another sweep of the same points, of which one number is other.
cp -r "$scratch/through" "$scratch/other"
awk -F , -v OFS=, 'NR > 1 && $1 == 3 { $7 *= 2 } { print }' "$scratch/through/summary.csv" >"$scratch/other/summary.csv"
sweep "$scratch/small.toml" "$scratch/through" "$scratch/other" >/dev/null || wrong "--compare fails"
changed=$(awk -F , 'NR > 1 && $NF != 0 { print $1, $(NF - 3), $NF }' "$scratch/through/compare.csv")
column=$(head -n 1 "$scratch/through/summary.csv" | cut -d , -f 7)
[[ $changed == "3 $column -50" ]] || wrong "compared: $changed"
[[ -n $(plot compare) ]] || wrong "the comparison is not in the page"

# One point has nothing to plot.
sed 's/\[1, 2\]/[1]/; s/\[\[4, 4\], \[64, 4\]\]/[[4, 4]]/; s/\[16, 256\]/[16]/; s/\[1, 8\]/[8]/' \
    "$scratch/small.toml" >"$scratch/one.toml"
output=$(sweep "$scratch/one.toml" "$scratch/one") || wrong "of one point: $output"
[[ $(wc -l <"$scratch/one/summary.csv") == 2 && -z $(ls -A "$scratch/one/plots") ]] || wrong "one point has plots"

# What a program has not printed is not 0, neither compared nor in a plot.
cp -r "$scratch/through" "$scratch/printed"
for each in through other; do
    value=5
    [[ $each == through ]] || value=
    cp -r "$scratch/printed" "$scratch/printed.$each"
    awk -F , -v OFS=, -v value="$value" 'NR == 1 { print $0, "guest.a", "guest.b" }
        NR > 1 { print $0, $1 < 3 ? value : "", $1 < 5 ? "" : $1 }' \
        "$scratch/through/summary.csv" >"$scratch/printed.$each/summary.csv"
done
(
    # shellcheck disable=SC2034 # what it sources uses them
    caller=$PWD work=$scratch/work
    mkdir "$work"
    echo entries >"$work/axes"
    for part in common report sweep_slurm sweep_page sweep; do
        # shellcheck source=/dev/null
        . "$root/scripts/$part.sh"
    done
    # shellcheck disable=SC2034 # likewise
    sweep_metrics=("${sweep_measured[@]}" guest.a guest.b)
    cd "$scratch/printed.through"
    sweep_compare_table "$scratch/printed.other"
    sweep_series entries guest.b >"$work/series"
    for values in '1 101' '1 100' '0 101'; do
        printf '%s\n' '"a"' "1 ${values% *} x" "2 ${values#* } y" >"$work/scale"
        sweep_scale "$work/scale" | wc -l
    done >"$work/scales"
)
[[ $(grep -c 'guest.a,,5,$\|guest.b,,,$' "$scratch/printed.through/compare.csv") == 6 ]] ||
    wrong "compared with what is not there: $(grep guest "$scratch/printed.through/compare.csv")"
[[ $(tr '\n' ' ' <"$scratch/work/scales") == '1 0 0 ' ]] ||
    wrong "logarithmic scales: $(<"$scratch/work/scales")"
[[ $(grep -cv '^$\|^"' "$scratch/work/series") == 1 && $(<"$scratch/work/series") == *' 256'* ]] ||
    wrong "plots have what was not printed: $(<"$scratch/work/series")"

refused() { # REASON COMMAND...
    local status=0 output
    output=$("${@:2}" 2>&1) || status=$?
    [[ $status == 2 && $output == *"$1"* ]] || wrong "${*:2}: status $status: $output"
}
sed 's/\[1, 8\]/[1, 4]/' "$scratch/small.toml" >"$scratch/changed.toml"
refused 'is of another sweep' sweep "$scratch/changed.toml" "$scratch/through"
refused 'no summary.csv' sweep "$scratch/small.toml" "$scratch/through" "$scratch"
refused 'files that are of no sweep' sweep "$scratch/small.toml" "$scratch"
sed 's/virt-sweep/virt-nothing/' "$scratch/small.toml" >"$scratch/none.toml"
refused 'none.toml: machine: there is no file' sweep "$scratch/none.toml" "$scratch/none"
sed 's/"streams"/"nothing"/' "$scratch/small.toml" >"$scratch/none.toml"
refused 'none.toml: program: there is no file' sweep "$scratch/none.toml" "$scratch/none"
[[ ! -e $scratch/none ]] || wrong "a sweep that is refused leaves a directory"
refused 'needs a file' "$root/vp" sweep
refused 'cannot be read' "$root/vp" sweep "$scratch/nothing.toml"
refused '--jobs cannot be "0"' "$root/vp" sweep --jobs 0 "$scratch/small.toml"
refused 'unknown argument "--fast"' "$root/vp" sweep --fast

# One that is ended from outside has no reason to name.
mkdir -p "$scratch/mute/sw"
cp "$build/sw/streams.elf" "$scratch/mute/sw/"
ln -s "$build/vp-sweep-plan" "$scratch/mute/"
ln -s "$(type -P false)" "$scratch/mute/smmu-vp"
status=0
output=$(bash "$scratch/sweep" "$root" "$scratch/mute" "$scratch/small.toml" "$scratch/none" local 2 2>&1) || status=$?
[[ $status == 1 && ${output##*$'\n'} == 'vp: sweep: 8 of 8 points failed, the first of them 1' ]] ||
    wrong "points that say nothing: status $status: $output"

# A point whose numbers could not be written is not there.
for file in log machine.csv; do
    mkdir -p "$scratch/full/sw"
    cp "$build/sw/streams.elf" "$scratch/full/sw/"
    ln -sf "$build/vp-sweep-plan" "$scratch/full/"
    # shellcheck disable=SC2016 # for the program that this makes
    printf '#!/bin/bash\n[[ $* =~ --measure\ ([^ ]*) ]] && mkdir "${BASH_REMATCH[1]}/%s"\n' $file >"$scratch/full/smmu-vp"
    chmod +x "$scratch/full/smmu-vp"
    rm -rf "$scratch/none"
    status=0
    output=$(bash "$scratch/sweep" "$root" "$scratch/full" "$scratch/small.toml" "$scratch/none" local 2 2>&1) || status=$?
    [[ $status == 1 && $output == *'8 of 8 points failed'* ]] ||
        wrong "points without a $file: status $status: $output"
done

# A point that fails is named with its reason; the others are there, and only it is run again.
sed 's/\[64, 4\]/[65, 4]/' "$scratch/small.toml" >"$scratch/half.toml"
status=0
output=$(sweep "$scratch/half.toml" "$scratch/half") || status=$?
[[ $status == 1 && $output == *'4 of 8 points failed, the first of them 5: '*vp,tbu-tlb* ]] ||
    wrong "points that fail: status $status: $output"
[[ $(wc -l <"$scratch/half/summary.csv") == 5 ]] || wrong "the points that do not fail are not all there"

exit $((failures != 0))
