# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp report`: one HTML page about runs that were measured (smmu-vp --measure), with plots of gnuplot in
# it. Sourced; needs common.sh. docs/measurement.md has the tables that it reads.
# shellcheck disable=SC2154 # caller, report_packages

# Parts that are one above the other differ.
readonly report_colours='set linetype cycle 48
set for [i=1:48] linetype i lc rgb hsv2rgb(((i * 7) % 16) / 16.0, 0.3 + 0.15 * (i % 5), 0.95 - 0.1 * (i % 4)) dt 1'
# Lines: eight colours, each in four kinds of dashes.
readonly report_lines='colours = "#9400d3 #009e73 #56b4e9 #e69f00 #808000 #0072b2 #e51e10 #000000"
set for [i=1:32] linetype i lc rgb word(colours, (i - 1) % 8 + 1) dt 1 + (i - 1) / 8
set linetype cycle 32'
readonly report_streams=20 # rows of the table of streams, the busiest first

# Reads a table of CSV: v(NAME) is the cell of that column in the rows that a program sees.
# shellcheck disable=SC2016 # a program of awk
readonly report_csv='
    function split_csv(line, to,    n, at, c, quoted, cell) {
        n = 0; cell = ""; quoted = 0
        for (at = 1; at <= length(line); at++) {
            c = substr(line, at, 1)
            if (c == "\"" && quoted && substr(line, at + 1, 1) == "\"") { cell = cell c; at++ }
            else if (c == "\"") quoted = !quoted
            else if (c == "," && !quoted) { to[++n] = cell; cell = "" }
            else cell = cell c
        }
        to[++n] = cell
        return n
    }
    function v(name) { return cells[column[name]] }
    function ns(name) { return sprintf("%.3f", v(name) / 1000) }
    function html(text) {
        gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
        return text
    }
    /^#/ { next }
    !columns {
        columns = split_csv($0, names)
        for (i = 1; i <= columns; i++) column[names[i]] = i
        next
    }
    { split_csv($0, cells) }
'

# Runs PROGRAM on a table of a point; `point` is its name there.
report_rows() { # DIR TABLE PROGRAM
    awk -v point="$(report_name "$1")" "$report_csv $3" "$1/$2.csv"
}

# Text as HTML has it.
report_escape() { # TEXT
    sed 's/&/\&amp;/g; s/</\&lt;/g' <<<"$1"
}

# What a point is called: its directory.
report_name() { # DIR
    basename "$(readlink -f "$1")"
}

# Refuses what is no measurement.
report_check() { # DIR
    local table
    [[ -d $1 ]] || refuse "report: $1 is no directory"
    for table in totals parts levels occupancy counters series pmu parameters; do
        [[ -r $1/$table.csv ]] || refuse "report: $1 has no $table.csv: smmu-vp --measure writes it"
        [[ $(head -n 1 "$1/$table.csv") == '# measurement: 1' ]] ||
            refuse "report: $1/$table.csv is no table of a measurement that this report knows"
    done
}

# --- data for the plots --------------------------------------------------------------------------

# One line for each SMMU of each point: a label without blanks, and what totals.csv says.
report_totals() { # DIR...
    local dir
    for dir; do
        report_rows "$dir" totals 'v("scope") == "smmu" {
            label = point ":" v("smmu"); gsub(/[ \t]/, "_", label)
            print label, v("bandwidth_MBps"), ns("mean_ps"), ns("p50_ps"), ns("p90_ps"), ns("p99_ps"),
                ns("p99.9_ps"), ns("p99.99_ps") }'
    done
}

# Hits of all look-ups, by label: in micro TLBs, main TLBs of TBUs, caches of the TCU.
report_hits() { # DIR...
    local dir
    for dir; do
        report_rows "$dir" counters '
            { of[v("smmu"), v("counter")] = v("value")
              if (!(v("smmu") in known)) { known[v("smmu")] = 1; smmus[++count] = v("smmu") } }
            function rate(what,    all) {
                all = of[smmu, what "_hits"] + of[smmu, what "_misses"]
                return all ? of[smmu, what "_hits"] / all : 0
            }
            END { for (i = 1; i <= count; i++) {
                smmu = smmus[i]; label = point ":" smmu; gsub(/[ \t]/, "_", label)
                print label, rate("utlb"), rate("tbu_tlb"), rate("config"), rate("tlb") } }'
    done | report_transpose 'micro_TLB TBU_TLB configuration TCU_TLB'
}

# A column for each label, a row for each of their values: `name value value ...`, after a line of labels.
report_transpose() { # NAMES
    awk -v names="$1" '
        { label[NR] = $1; for (i = 2; i <= NF; i++) of[i - 1, NR] = $i }
        END {
            n = split(names, name, " ")
            printf "name"; for (r = 1; r <= NR; r++) printf " %s", label[r]; print ""
            for (i = 1; i <= n; i++) {
                printf "%s", name[i]; for (r = 1; r <= NR; r++) printf " %s", of[i, r]; print ""
            }
        }'
}

# The rows of latency_parts.def, in their order.
report_part_names() {
    sed -nE 's/^SMMU_LATENCY_PART\(([a-z0-9_]+),.*/\1/p' \
        "$root/component/tlm/include/smmu/tlm/latency_parts.def"
}

# Mean time of each part in nanoseconds: a row for each label, a column for each part that there is. Requests
# of ATS and PRI have rows of their own.
report_parts() { # DIR...
    local dir
    for dir; do
        report_rows "$dir" parts 'v("scope") ~ /(^|_)smmu$/ && v("time_ps") > 0 {
            kind = v("scope"); sub(/_?smmu$/, "", kind)
            label = point ":" v("smmu") (kind == "" ? "" : ":" kind); gsub(/[ \t]/, "_", label)
            print label, v("part"), v("mean_ps") / 1000 }'
    done | report_part_columns
}

# The same of lines of `label part nanoseconds`.
report_part_columns() {
    awk -v order="$(report_part_names)" '
        !($1 in seen) { seen[$1] = 1; labels[++rows] = $1 }
        { known[$2] = 1; of[$1, $2] = $3 }
        END {
            n = split(order, name, " ")
            for (i = 1; i <= n; i++) if (name[i] in known) parts[++columns] = name[i]
            printf "label"; for (c = 1; c <= columns; c++) printf " %s", parts[c]; print ""
            for (r = 1; r <= rows; r++) {
                printf "%s", labels[r]
                for (c = 1; c <= columns; c++) printf " %.3f", of[labels[r], parts[c]]
                print ""
            }
        }'
}

# Levels of a point over time, blocks for gnuplot with a title each: those that were not always 0.
report_occupancy() { # DIR
    report_rows "$1" occupancy '
        { key = v("smmu") " " v("scope") (v("scope") == "tbu" ? v("name") : "") " " v("level")
          if (!(key in rows)) order[++keys] = key
          rows[key] = rows[key] v("begin_ps") / 1e6 " " v("mean") "\n"
          if (v("mean") > 0) moved[key] = 1 }
        END { for (k = 1; k <= keys; k++) if (order[k] in moved)
            printf "\"%s\"\n%s\n\n", order[k], rows[order[k]] }'
}

# The share of time in which ports of the interconnect were occupied, likewise.
report_ports() { # DIR
    report_rows "$1" series '
        v("counter") ~ /^interconnect\..*\.busy-ps$/ {
            key = v("counter"); sub(/^interconnect\./, "", key); sub(/\.busy-ps$/, "", key)
            if (!(key in rows)) order[++keys] = key
            rows[key] = rows[key] v("begin_ps") / 1e6 " " \
                v("change") / (v("end_ps") - v("begin_ps")) "\n" }
        END { for (k = 1; k <= keys; k++) printf "\"%s\"\n%s\n\n", order[k], rows[order[k]] }'
}

# --- plots ---------------------------------------------------------------------------------------

# Runs gnuplot on PROGRAM, and puts the SVG under a heading. Its text says what its numbers are.
report_plot() { # ID TITLE PROGRAM
    local svg=$work/$1.svg
    gnuplot 2>"$work/gnuplot.log" <<PLOT || fail "report: gnuplot: $(tail -n 1 "$work/gnuplot.log")"
set terminal svg size 960,420 dynamic noenhanced font "sans-serif,12" background "white"
set output "$svg"
$report_lines
set key outside right
set grid ytics
set yrange [0:*]
$3
PLOT
    printf '<section id="%s"><h2>%s</h2>\n' "$1" "$(report_escape "$2")"
    sed '1,/^<svg/{/^<svg/!d}' "$svg"
    echo '</section>'
}

# Bars of each column of FILE, side by side, with their numbers.
report_bars() { # FILE
    local series
    series=$(($(head -n 1 "$1" | wc -w) - 1))
    cat <<PLOT
n = $series
w = 0.8 / n
set style fill solid 0.7
set xrange [-0.6:*]
set offsets 0, 0.6, 0, 0
plot "$1" using 0:(0):xtic(1) every ::1 with points pt -2 notitle, \\
    for [s=1:n] "$1" using (\$0+(s-(n+1)/2.0)*w):(column(s+1)):(w*0.9) every ::1 with boxes \\
    title word(system("head -n 1 $1"), s+1), \\
    for [s=1:n] "$1" using (\$0+(s-(n+1)/2.0)*w):(column(s+1)):(sprintf("%.4g", column(s+1))) \\
    every ::1 with labels offset 0,0.6 font ",9" notitle
PLOT
}

report_steps() { # FILE
    local blocks
    blocks=$(grep -c '^"' "$1" || true)
    echo "plot for [b=0:$((blocks - 1))] \"$1\" index b using 1:2 with steps title columnheader(1)"
}

# A bar for each row of FILE, of its columns one above the other, in the key as well; names that would
# cover each other slope, or stand where there are many.
report_breakdown() { # FILE [WHAT NAMES ARE]
    local names='' longest=70 most=16 # characters beside each other, and names that slope
    (($(cut -d ' ' -f 1 "$1" | wc -c) < longest)) || names="set xtics rotate by -30 font ',9'"
    (($(wc -l <"$1") <= most + 1)) || names="set xtics rotate by -90 font ',9'"
    report_plot breakdown 'What the mean latency is made of' "
set xlabel '${2:-}'; set ylabel 'ns'
set key invert
$names
$report_colours
set style data histograms; set style histogram rowstacked; set style fill solid 0.8; set boxwidth 0.6
plot for [i=2:$(head -n 1 "$1" | wc -w)] '$1' using i:xtic(1) title columnheader(i)"
}

report_plots() { # DIR...
    local dir number=0
    report_totals "$@" >"$work/totals"
    if (($(wc -l <"$work/totals") > 1)); then
        report_plot load 'Latency against load' "
set xlabel 'MB/s'; set ylabel 'ns'
set offsets graph 0.15, graph 0.15, graph 0.08, 0
plot '$work/totals' using 2:3 smooth unique with lines lc 1 notitle, \\
    '' using 2:3 with points lc 1 pt 7 title 'mean', \\
    '' using 2:6 smooth unique with lines lc 2 notitle, \\
    '' using 2:6 with points lc 2 pt 7 title 'P99', \\
    '' using 2:6:1 with labels offset 0,1 font ',9' notitle"
    fi
    report_parts "$@" >"$work/parts"
    (($(head -n 1 "$work/parts" | wc -w) < 2)) || # nothing takes time
        report_breakdown "$work/parts"
    report_transpose 'P50 P90 P99 P99.9 P99.99' \
        < <(cut -d ' ' -f 1,4-8 "$work/totals") >"$work/percentiles"
    report_plot percentiles 'Percentiles of latency' "set ylabel 'ns'
$(report_bars "$work/percentiles")"
    report_hits "$@" >"$work/hits"
    report_plot hits 'Hit rates' "set yrange [0:1.1]
$(report_bars "$work/hits")"
    for dir; do
        number=$((number + 1))
        report_over_time "$number" "$dir"
    done
}

report_over_time() { # NUMBER DIR
    report_occupancy "$2" >"$work/occupancy"
    [[ ! -s $work/occupancy ]] ||
        report_plot "occupancy-$1" "Occupancy over time: $(report_name "$2")" "
set xlabel 'us'; set ylabel 'mean of each window'
$(report_steps "$work/occupancy")"
    report_ports "$2" >"$work/ports"
    [[ ! -s $work/ports ]] ||
        report_plot "ports-$1" "Ports of the interconnect: $(report_name "$2")" "
set xlabel 'us'; set ylabel 'share of time'; set yrange [0:1.05]
$(report_steps "$work/ports")"
}

# --- tables --------------------------------------------------------------------------------------

# Rows of totals.csv as a table.
report_totals_table() { # DIR... ; the condition of rows is in `condition`
    local dir
    echo '<table><tr><th>point</th><th class="text">SMMU</th><th class="text">scope</th><th>transactions</th><th>MB/s</th>'
    echo '<th>mean ns</th><th>P50</th><th>P90</th><th>P99</th><th>P99.9</th><th>P99.99</th><th>max</th>'
    echo '<th>micro TLB</th><th>TBU TLB</th><th>requests</th><th>reads per request</th></tr>'
    for dir; do
        # shellcheck disable=SC2016 # a program of awk
        report_rows "$dir" totals "$condition"' {
            printf "%s\t<tr><td>%s</td><td class=\"text\">%s</td><td class=\"text\">%s</td>", v("transactions"),
                html(point), html(v("smmu")), html(v("scope") " " v("name"))
            printf "<td>%s</td><td>%.1f</td>", v("transactions"), v("bandwidth_MBps")
            n = split("mean_ps p50_ps p90_ps p99_ps p99.9_ps p99.99_ps max_ps", times, " ")
            for (i = 1; i <= n; i++) printf "<td>%s</td>", ns(times[i])
            printf "<td>%.4f</td><td>%.4f</td><td>%s</td><td>%.3f</td></tr>\n", v("utlb_hit_rate"),
                v("tbu_tlb_hit_rate"), v("requests"), v("reads_per_request") }' |
            sort -s -k 1,1nr | head -n "$report_streams" | cut -f 2-
    done
    echo '</table>'
}

report_parts_table() {
    echo '<table><tr><th>ns</th>'
    awk '
        NR == 1 { for (i = 2; i <= NF; i++) part[i] = $i; columns = NF; next }
        { label[NR] = $1; for (i = 2; i <= NF; i++) of[i, NR] = $i }
        END {
            for (r = 2; r <= NR; r++) printf "<th>%s</th>", label[r]
            print "</tr>"
            for (i = 2; i <= columns; i++) {
                printf "<tr><td>%s</td>", part[i]
                for (r = 2; r <= NR; r++) printf "<td>%s</td>", of[i, r]
                print "</tr>"
            }
        }' "$work/parts"
    echo '</table>'
}

report_events_table() { # DIR
    echo '<table><tr><th>SMMU</th><th class="text">unit</th><th>event</th><th class="text">name</th><th>value</th></tr>'
    # shellcheck disable=SC2016 # a program of awk
    report_rows "$1" pmu 'v("value") > 0 {
        printf "<tr><td>%s</td><td class=\"text\">%s</td><td>%s</td><td class=\"text\">%s</td><td>%s</td></tr>\n", html(v("smmu")),
            v("unit") (v("unit") == "tbu" ? " " v("number") : ""), v("event"), html(v("name")),
            v("value") }'
    echo '</table>'
}

report_notes() { # DIR
    echo '<table>'
    # shellcheck disable=SC2016 # a program of awk
    awk "${report_csv%%/\^#/*}"'
        /^# / { line = substr($0, 3); at = index(line, ": ")
            printf "<tr><td>%s</td><td class=\"text\">%s</td></tr>\n", html(substr(line, 1, at - 1)),
                html(substr(line, at + 2)) }' "$1/totals.csv"
    echo '</table>'
}

# --- the page ------------------------------------------------------------------------------------

# The begin of a page.
report_head() { # TITLE
    cat <<HTML
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>$1</title><style>
body { font: 14px sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }
section { overflow-x: auto; }
section { margin-bottom: 2em; }
table { border-collapse: collapse; font-size: 11px; } td, th { border: 1px solid #ccc; padding: 2px 6px; text-align: right; }
td:first-child, th:first-child, .text { text-align: left; white-space: nowrap; }
svg { width: 100%; height: auto; }
</style></head><body><h1>$1</h1>
HTML
}

report_page() { # DIR...
    local dir condition
    report_head 'SMMU report'
    echo '<section id="totals"><h2>Latency, bandwidth, hit rates</h2>'
    condition='v("scope") ~ /(^|_)smmu$/' report_totals_table "$@"
    echo '</section>'
    report_plots "$@"
    echo '<section id="parts"><h2>Mean latency by part</h2>'
    report_parts_table
    echo '</section>'
    for dir; do
        printf '<section><h2>%s</h2>\n' "$(report_escape "$(report_name "$dir")")"
        report_notes "$dir"
        echo '<h3>TBUs and streams</h3>'
        condition='v("scope") !~ /(^|_)smmu$/ && v("transactions") > 0' report_totals_table "$dir"
        echo '<h3>Performance events</h3>'
        report_events_table "$dir"
        echo '</section>'
    done
    echo '</body></html>'
}

# Makes the page OUTPUT about measurements.
report_make() { # OUTPUT DIR...
    local work output=$1 dir
    shift
    for dir; do
        report_check "$dir"
    done
    work=$(mktemp -d)
    report_page "$@" >"$work/page.html" || {
        rm -rf "$work"
        fail "report: the page could not be made"
    }
    cp "$work/page.html" "$output" 2>/dev/null || {
        rm -rf "$work"
        fail "report: $output cannot be written"
    }
    rm -rf "$work"
}

# A path of the command line, which is relative to where the user is.
report_path() { # PATH
    [[ $1 == /* ]] && echo "$1" || echo "$caller/$1"
}

cmd_report() {
    local output='' dirs=() dir
    while (($#)); do
        case $1 in
        --output)
            (($# > 1)) || refuse "report: --output needs a value"
            output=$(report_path "$2")
            shift
            ;;
        -*) refuse "report: unknown argument \"$1\"" ;;
        *) dirs+=("$(report_path "$1")") ;;
        esac
        shift
    done
    ((${#dirs[@]})) || refuse "report needs a directory that smmu-vp --measure has written"
    for dir in "${dirs[@]}"; do
        report_check "$dir"
    done
    output=${output:-${dirs[0]}/report.html}
    need_installed "${report_packages[@]}"
    report_make "$output" "${dirs[@]}"
    say "report: $output"
}
