# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The page of `vp sweep`: plots of summary.csv and other tables of the sweep in this directory. Sourced; needs
# sweep.sh and report.sh.
# shellcheck disable=SC2154 # work, sweep_metrics, report_csv

declare -rA sweep_titles=(
    [traffic_MBps]='Bandwidth, MB/s'
    [mean_ps]='Mean latency, ns'
    [p50_ps]='Median latency, ns'
    [p99_ps]='99th percentile of latency, ns'
    [utlb_hit_rate]='Hit rate of micro TLBs'
    [tbu_tlb_hit_rate]='Hit rate of main TLBs of TBUs'
    [tlb_hit_rate]='Hit rate of the main TLB of the TCU'
    [config_hit_rate]='Hit rate of the configuration cache'
    [reads_per_request]='Reads of tables for each request to the TCU'
)

readonly sweep_most_labels=16 # combinations that a plot of all of them names
readonly sweep_most_bars=40   # and that it has bars for

# What a point is called whose parameter `x` is not told, nor its seed.
# shellcheck disable=SC2016 # a program of awk
readonly sweep_combination='
    function combination(x,    i, key, name) {
        for (i = 2; names[i] != "smmu"; i++)
            if (names[i] != "point." x && names[i] != "point.seed" && moves[names[i]]) {
                name = names[i]; sub(/^point\./, "", name)
                key = key (key == "" ? "" : " ") name "=" cells[i]
            }
        return key
    }
    BEGIN {
        while ((getline axis < axes) > 0) moves["point." axis] = 1
        close(axes)
    }
'

# Values of a metric against a parameter: a block for each combination of the others, with the mean of
# all seeds; lines of `position value label`.
# shellcheck disable=SC2016 # a program of awk
sweep_series() { # PARAMETER METRIC
    sweep_rows summary "$sweep_combination"'
        BEGIN { x = "'"$1"'"; y = "'"$2"'" }
        {
            if (!(v("smmu") in smmus)) { smmus[v("smmu")] = 1; several = ++smmu_count > 1 }
            key = combination(x) "\t" v("smmu")
            if (!(key in lines)) { lines[key] = 1; line[++line_count] = key }
            label = v("point." x)
            if (!(label in place)) { place[label] = ++places; labels[places] = label }
            if (v(y) != "") { sum[key, label] += v(y); count[key, label]++ } # what it has not printed is not 0
        }
        END {
            for (l = 1; l <= line_count; l++) {
                split(line[l], half, "\t")
                title = half[1] (several ? " " half[2] : "")
                printf "\"%s\"\n", title == "" ? y : title
                for (p = 1; p <= places; p++)
                    if (count[line[l], labels[p]])
                        printf "%d %.9g %s\n", p,
                            sum[line[l], labels[p]] / count[line[l], labels[p]] / (y ~ /_ps$/ ? 1000 : 1),
                            labels[p]
                print "\n"
            }
        }'
}

# Whether there is anything to see.
sweep_moves() { # FILE
    awk '!/^"/ && NF == 3 && $2 != 0 { found = 1 } END { exit !found }' "$1"
}

# The axis of values: by powers of ten if the greatest is more than a hundred times the least, none is 0.
sweep_scale() { # FILE
    awk '!/^"/ && NF == 3 { if (!n++ || $2 < least) least = $2; if ($2 > most) most = $2 }
        END { if (least > 0 && most > 100 * least) print "set yrange [*:*]; set logscale y" }' "$1"
}

sweep_plot() { # PARAMETER METRIC
    local blocks file=$work/series numbers=''
    sweep_series "$1" "$2" >"$file"
    sweep_moves "$file" || return 0
    blocks=$(grep -c '^"' "$file")
    # Numbers of more than a few lines would cover each other.
    ((blocks > 4)) || numbers=", for [b=0:$((blocks - 1))] '$file' index b \\
        using 1:2:(sprintf('%.5g', column(2))) every ::1 with labels offset 0,0.7 font ',10' notitle"
    report_plot "$2-${1//\//-}" "${sweep_titles[$2]:-$2}, against $1" "set xlabel '$1'
set offsets 0.3, 0.3, graph 0.08, 0
set key outside top center horizontal font ',10' width 3
$(sweep_scale "$file")
plot for [b=0:$((blocks - 1))] '$file' index b using 1:2:xtic(3) with linespoints pt 7 ps 0.5 \\
    title columnheader(1)$numbers"
}

# The parameters with more than one value, seeds apart.
sweep_axes() {
    awk -F , '
        NR == 1 { columns = NF; for (i = 2; i <= NF; i++) name[i] = $i; next }
        { for (i = 2; i <= columns; i++) if (!((i, $i) in seen)) { seen[i, $i] = 1; values[i]++ } }
        END { for (i = 2; i <= columns; i++) if (values[i] > 1 && name[i] != "seed") print name[i] }' plan.csv
}

# Means over the seeds of columns of a table, for rows where CONDITION holds: a line of names, then a line
# for each combination and SMMU, both with `_` for blanks.
sweep_means() { # TABLE CONDITION COLUMN...
    # shellcheck disable=SC2016 # a program of awk
    sweep_rows "$1" "$sweep_combination"'
        BEGIN { n = split("'"${*:3}"'", metric, " ") }
        '"$2"' {
            key = combination(""); if (key == "") key = "point"
            gsub(/ /, "_", key)
            if (!(v("smmu") in smmus)) { smmus[v("smmu")] = 1; several = ++smmu_count > 1 }
            key = key " " v("smmu")
            if (!(key in count)) line[++lines] = key
            count[key]++
            for (i = 1; i <= n; i++) sum[key, i] += v(metric[i])
        }
        END {
            print "name '"${*:3}"'"
            for (l = 1; l <= lines; l++) {
                split(line[l], half, " ")
                printf "%s", half[1] (several ? ":" half[2] : "")
                for (i = 1; i <= n; i++)
                    printf " %.9g", sum[line[l], i] / count[line[l]] / (metric[i] ~ /_ps$/ ? 1000 : 1)
                print ""
            }
        }'
}

# The mean latency of each combination, by its values alone, in parts, as report_breakdown() takes it.
sweep_parts() {
    # shellcheck disable=SC2016 # a program of awk
    sweep_rows parts "$sweep_combination"'
        v("scope") == "smmu" {
            key = combination(""); if (key == "") key = "point"
            gsub(/[^ =]+=/, "", key)
            gsub(/ /, "_", key)
            if (!(v("smmu") in smmus)) { smmus[v("smmu")] = 1; several = ++smmu_count > 1 }
            key = key " " v("smmu")
            if (!((key, v("point")) in seen)) { seen[key, v("point")] = 1; count[key]++ }
            if (!(key in known)) { known[key] = 1; line[++lines] = key }
            if (v("time_ps") > 0) sum[key, v("part")] += v("mean_ps") / 1000
            if (v("time_ps") > 0 && !(v("part") in parts)) { parts[v("part")] = 1; part[++all] = v("part") }
        }
        END {
            for (l = 1; l <= lines; l++) {
                split(line[l], half, " ")
                for (p = 1; p <= all; p++)
                    print half[1] (several ? ":" half[2] : ""), part[p], sum[line[l], part[p]] / count[line[l]]
            }
        }' | report_part_columns
}

# Names for the points of FILE, a line of `name x y y` each, at their places: those that lie where another
# does are told by their number, as names would cover each other.
sweep_point_names() { # FILE
    awk '
        NR == 1 { next }
        { name[NR] = $1; x[NR] = $2; y[NR] = $4; if ($2 > width) width = $2; if ($4 > height) height = $4 }
        END {
            for (i = 2; i <= NR; i++) {
                for (j = 2; j < i; j++)
                    if (!(j in behind) && (x[i] - x[j]) ^ 2 <= (width / 30) ^ 2 && (y[i] - y[j]) ^ 2 <= (height / 30) ^ 2) break
                if (j < i) { behind[i] = j; more[j]++ }
            }
            for (i = 2; i <= NR; i++) if (!(i in behind))
                print name[i] (i in more ? "_+" more[i] : ""), x[i], y[i]
        }' "$1"
}

# What concerns all combinations at once: latency against load, its parts, and its tail.
sweep_overview() {
    local lines labels='' bars file=$work/means
    sweep_means summary 1 traffic_MBps mean_ps p99_ps >"$file"
    lines=$(($(wc -l <"$file") - 1))
    ((lines > 1)) || return 0
    ((lines > sweep_most_labels)) ||
        labels=", '$work/names' using 2:3:1 with labels left rotate by 20 offset 0.5,0.5 font ',9' notitle"
    sweep_point_names "$file" >"$work/names"
    report_plot load 'Latency against load' "
set xlabel 'MB/s'; set ylabel 'ns'
set offsets graph 0.08, graph 0.2, graph 0.2, 0
plot '$file' using 2:3 every ::1 with points lc 1 pt 7 title 'mean', \\
    '' using 2:4 every ::1 with points lc 2 pt 7 title 'P99'$labels"
    sweep_parts >"$work/parts"
    bars=$(($(wc -l <"$work/parts") - 1))
    ((bars > sweep_most_bars || $(head -n 1 "$work/parts" | wc -w) < 2)) ||
        report_breakdown "$work/parts" "$(paste -s -d ' ' "$work/axes")"
    ((lines <= sweep_most_labels)) || return 0
    sweep_means totals 'v("scope") == "smmu"' p50_ps p90_ps p99_ps p99.9_ps p99.99_ps >"$work/tails"
    report_transpose 'P50 P90 P99 P99.9 P99.99' < <(tail -n +2 "$work/tails") >"$work/percentiles"
    report_plot percentiles 'Percentiles of latency' "set ylabel 'ns'
set offsets 0.3, 0.3, graph 0.08, 0
plot for [i=2:$((lines + 1))] '$work/percentiles' using 0:i:xtic(1) every ::1 with linespoints pt 7 ps 0.5 \\
    title word(system(\"head -n 1 $work/percentiles\"), i)"
}

sweep_table() { # FILE
    awk "$report_csv"'
        function row(of, tag,    i) {
            printf "<tr>"
            for (i = 1; i <= columns; i++) printf "<%s>%s</%s>", tag, html(of[i]), tag
            print "</tr>"
        }
        BEGIN { print "<table>" }
        FNR == 2 { row(names, "th") }
        { row(cells, "td") }
        END { print "</table>" }' "$1"
}

sweep_page() { # TITLE
    local axis metric
    report_head "$(report_escape "$1")"
    sweep_axes >"$work/axes"
    sweep_overview
    while read -r axis; do
        for metric in "${sweep_metrics[@]}"; do
            sweep_plot "$axis" "$metric"
        done
    done <"$work/axes"
    echo '<section id="summary"><h2>All points</h2>'
    sweep_table summary.csv
    echo '</section>'
    if [[ -r compare.csv ]]; then
        echo '<section id="compare"><h2>Compared with the other sweep</h2>'
        sweep_table compare.csv
        echo '</section>'
    fi
    echo '</body></html>'
}
