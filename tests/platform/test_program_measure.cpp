// SPDX-License-Identifier: Apache-2.0
// What the program measures of a machine: files, and options that say what is written.
#include <filesystem>
#include <regex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "csv_file.hpp"
#include "program_bench.hpp"

namespace test_program_measure {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

constexpr const char *smmu = "smmu@9050000";

// A generator reads 64 bytes 1000 times, one after the other, through an SMMU that does not
// translate: a beat and the look-up, 1 ns each, and 100 ns of memory. The first of each of the 16
// pages takes the look-up in the TBU's main TLB, 3 ns, and the first of all the link, 2 * 8 ns.
edited_tree timed_machine(const char *timing = "approximate")
{
    const char *const node = "/traffic@d000000";
    auto tree = real_machine();
    tree.strings("/", "vp,timing", {timing}).cells("/memory@40000000", "vp,latency-ns", {100});
    tree.strings("/smmu@9050000", "vp,preset", {"client"});
    tree.node("/psci")
        .strings("/psci", "compatible", {"arm,psci-1.0"})
        .strings("/psci", "method", {"hvc"});
    tree.node(node)
        .strings(node, "compatible", {"vp,traffic-generator"})
        .cells(node, "reg", {0xd000000, 0x1000})
        .cells(node, "iommus", {2, 0x20})
        .cells(node, "vp,window-base", {0x48000000})
        .cells(node, "vp,window-bytes", {0x10000})
        .cells(node, "vp,count", {1000})
        .cells(node, "vp,seed", {77})
        .cells(node, "vp,start-ns", {0});
    return tree;
}

class program_measure : public program {
  protected:
    const std::string results = directory + "/results";

    outcome measure(const edited_tree &tree, const std::string &more = "") const
    {
        return run("--dtb " + file("dtb", tree.blob()) + " --elf " + guest({loop}) +
                   " --max-time 0.001 --measure " + results + " " + more);
    }

    csv_file table(const std::string &name) const
    {
        return csv_file(read_file(results + "/" + name + ".csv"));
    }
};

TEST_F(program_measure, splits_latencies_by_scope)
{
    EXPECT_EQ(measure(timed_machine()).status, 3);
    for (const csv_row &scope :
         {csv_row{{"scope", "smmu"}}, csv_row{{"scope", "tbu"}, {"name", "0"}},
          csv_row{{"scope", "stream"}, {"name", "32"}}}) {
        const csv_row totals = table("totals").only(scope);
        EXPECT_EQ(totals.at("smmu"), smmu);
        EXPECT_EQ(totals.at("transactions"), "1000");
        EXPECT_EQ(totals.at("bytes_in"), "64000");
        EXPECT_EQ(totals.at("bytes_out"), "64000");
        EXPECT_EQ(totals.at("min_ps"), "102000");
        EXPECT_EQ(totals.at("max_ps"), "121000");
        EXPECT_EQ(totals.at("mean_ps"), "102064");
        const auto part = [&](const char *name) {
            csv_row wanted = scope;
            wanted["part"] = name;
            return table("parts").only(wanted);
        };
        EXPECT_EQ(part("entry").at("time_ps"), "1000000");
        EXPECT_EQ(part("utlb").at("time_ps"), "1000000");
        EXPECT_EQ(part("data").at("time_ps"), "100000000");
        EXPECT_EQ(part("data").at("mean_ps"), "100000");
        EXPECT_EQ(part("tbu_tlb").at("time_ps"), "48000");
        EXPECT_EQ(part("tbu_tlb").at("transactions"), "16");
        EXPECT_EQ(part("link").at("time_ps"), "16000");
        EXPECT_EQ(part("link").at("transactions"), "1");
        EXPECT_EQ(part("link").at("uses"), "2");
        EXPECT_EQ(table("parts").where(scope).size(), 5u) << "and no others";
    }
}

// What --stats says of a counter.
std::string counter_of(const std::string &output, const std::string &name)
{
    const auto begin = output.find("\n" + name + " ");
    EXPECT_NE(begin, std::string::npos) << name;
    if (begin == std::string::npos)
        return "";
    const auto number = begin + name.size() + 2;
    return output.substr(number, output.find('\n', number) - number);
}

TEST_F(program_measure, agrees_with_who_sends_and_with_the_interconnect)
{
    auto tree = timed_machine();
    tree.cells("/traffic@d000000", "vp,outstanding", {16})
        .cells("/smmu@9050000", "vp,tbu-slots", {4})
        .strings("/traffic@d000000", "vp,pattern", {"random"});
    const auto result = measure(tree, "--stats");
    const csv_row totals = table("totals").only({{"scope", "smmu"}});
    const auto counter = [&](const std::string &name) { return counter_of(result.output, name); };
    EXPECT_EQ(totals.at("transactions"), counter("traffic@d000000.accesses"));
    EXPECT_EQ(totals.at("min_ps"), counter("traffic@d000000.latency-min-ps"));
    EXPECT_EQ(totals.at("utlb_hits"), counter("smmu@9050000.utlb-hits"));
    EXPECT_EQ(totals.at("requests"), counter("smmu@9050000.requests"));
    EXPECT_EQ(table("counters").only({{"counter", "translations"}}).at("value"),
              counter("smmu@9050000.translations"));
    EXPECT_EQ(table("pmu").only({{"unit", "tbu"}, {"number", "0"}, {"event", "0x84"}}).at("value"),
              counter("smmu@9050000.utlb-misses"));
    std::uint64_t changes = 0;
    for (const csv_row &row : table("series").where({{"counter", "traffic@d000000.accesses"}}))
        changes += std::stoul(row.at("change"));
    EXPECT_EQ(changes, 1000u);
}

// Ports of the interconnect have counters once they are used.
TEST_F(program_measure, follows_counters_that_come_later)
{
    const auto result = measure(timed_machine(), "--stats");
    std::map<std::string, std::int64_t> changes;
    for (const csv_row &row : table("series").rows)
        changes[row.at("counter")] += std::stoll(row.at("change"));
    EXPECT_GT(changes.size(), 10u);
    for (const auto &[name, sum] : changes)
        EXPECT_EQ(std::to_string(sum), counter_of(result.output, name)) << name;
}

TEST_F(program_measure, says_of_levels_how_full_they_are)
{
    auto tree = timed_machine();
    tree.cells("/traffic@d000000", "vp,outstanding", {16})
        .cells("/smmu@9050000", "vp,tbu-reads", {8});
    EXPECT_EQ(measure(tree).status, 3);
    const csv_row reads =
        table("levels").only({{"scope", "tbu"}, {"name", "0"}, {"level", "reads"}});
    EXPECT_EQ(reads.at("limit"), "8");
    EXPECT_EQ(reads.at("max"), "8");
    EXPECT_EQ(reads.at("taken"), "1000");
    // By Little's law: 1000 reads of 100 ns in a millisecond; the first eight leave by turns, after
    // 0 to 7 ns more.
    EXPECT_EQ(reads.at("mean"), "0.100028");
    double sum = 0;
    for (const csv_row &row :
         table("occupancy").where({{"scope", "tbu"}, {"name", "0"}, {"level", "reads"}}))
        sum += std::stod(row.at("mean")) *
               (std::stod(row.at("end_ps")) - std::stod(row.at("begin_ps")));
    EXPECT_NEAR(sum, 1000 * 100e3 + 28e3, 1e3);
}

TEST_F(program_measure, notes_machine_preset_seeds_and_parameters)
{
    EXPECT_EQ(measure(timed_machine()).status, 3);
    const csv_file totals = table("totals");
    EXPECT_EQ(totals.notes.at("machine"), directory + "/dtb");
    EXPECT_EQ(totals.notes.at("preset smmu@9050000"), "client");
    EXPECT_EQ(totals.notes.at("seed smmu@9050000"), "1");
    EXPECT_EQ(totals.notes.at("seed traffic@d000000"), "77");
    EXPECT_EQ(totals.notes.at("begin_ps"), "0");
    EXPECT_EQ(totals.notes.at("end_ps"), "1000000000");
    const csv_file parameters = table("parameters");
    EXPECT_EQ(parameters.only({{"parameter", "link_ps"}}).at("value"), "8000");
    EXPECT_EQ(parameters.only({{"parameter", "tbu_tlb.sets"}}).at("value"), "128");
    EXPECT_EQ(parameters.only({{"parameter", "utlb_policy"}}).at("value"), "plru");
}

TEST_F(program_measure, begins_when_it_shall)
{
    EXPECT_EQ(measure(timed_machine(), "--measure-from 0.00005").status, 3);
    const csv_file totals = table("totals");
    EXPECT_EQ(totals.notes.at("begin_ps"), "50000000");
    // 489 have ended: 489 * 102 + 8 * 3 + 16 ns. That under way counts, and others find their page
    // in the main TLB.
    const csv_row row = totals.only({{"scope", "smmu"}});
    EXPECT_EQ(row.at("transactions"), std::to_string(1000 - 489));
    EXPECT_EQ(row.at("max_ps"), "105000");
}

// The guest turns round 25000 times in two instructions, and calls VP_MEASURE then. Each
// transaction takes 102 ns; that under way counts.
TEST_F(program_measure, begins_anew_when_the_guest_says_so)
{
    constexpr std::uint32_t movz_x2_25000 = 0xD28C3502, decrement_x2 = 0xD1000442,
                            back_unless_x2_is_0 = 0xB5FFFFE2;
    std::vector<std::uint32_t> code = {movz_x2_25000, decrement_x2, back_unless_x2_is_0};
    for (const std::uint32_t word : firmware_call(0xC7000001))
        code.push_back(word);
    EXPECT_EQ(run("--dtb " + file("dtb", timed_machine().blob()) + " --elf " + guest(code) +
                  " --max-time 0.001 --measure " + results)
                  .status,
              3);
    const csv_file totals = table("totals");
    const double begin = std::stod(totals.notes.at("begin_ps"));
    EXPECT_GT(begin, 25e6);
    const double left = std::stod(totals.only({{"scope", "smmu"}}).at("transactions"));
    EXPECT_GT(left, 0);
    EXPECT_NEAR((1000 - left) * 102e3, begin, 204e3);
    EXPECT_EQ(table("series").notes.at("begin_ps"), totals.notes.at("begin_ps"));
}

TEST_F(program_measure, does_not_change_what_happens)
{
    auto tree = timed_machine();
    tree.cells("/traffic@d000000", "vp,outstanding", {16})
        .strings("/traffic@d000000", "vp,pattern", {"random"});
    const auto counters = [](const outcome &result) {
        return result.output.substr(result.output.find("run.instructions"));
    };
    const auto strip = [](const std::string &text) {
        return std::regex_replace(text, std::regex("run.mips [^\n]*\n"), "");
    };
    const auto with = measure(tree, "--stats --measure-trace --measure-waves");
    const auto without =
        run("--dtb " + directory + "/dtb --elf " + guest({loop}) + " --max-time 0.001 --stats");
    EXPECT_EQ(with.status, without.status);
    EXPECT_EQ(strip(counters(with)), strip(counters(without)));
}

TEST_F(program_measure, lets_a_run_end_in_which_nothing_happens_any_more)
{
    const auto result = run("--dtb " + file("dtb", timed_machine().blob()) + " --elf " +
                            guest({wfi}) + " --measure " + results);
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(line(result), HasSubstr("nothing will wake one"));
    EXPECT_EQ(table("totals").only({{"scope", "smmu"}}).at("transactions"), "1000");
}

// A slice, as lines of the trace have it.
struct slice {
    std::string name, lane;
    double begin, length; // microseconds
    long long ps;
};

std::vector<slice> slices_of(const std::string &trace)
{
    const std::regex form(R"re("ph":"X","pid":(\d+),"tid":(\d+),"name":"(\w+)","ts":([\d.]+),)re"
                          R"re("dur":([\d.]+),"args":\{.*"ps":(\d+))re");
    std::vector<slice> found;
    for (auto at = std::sregex_iterator(trace.begin(), trace.end(), form);
         at != std::sregex_iterator(); ++at)
        found.push_back({(*at)[3], (*at)[1].str() + "/" + (*at)[2].str(), std::stod((*at)[4]),
                         std::stod((*at)[5]), std::stoll((*at)[6])});
    return found;
}

TEST_F(program_measure, traces_transactions_with_their_parts)
{
    auto tree = timed_machine();
    tree.cells("/traffic@d000000", "vp,outstanding", {4});
    EXPECT_EQ(measure(tree, "--measure-trace").status, 3);
    const std::string trace = read_file(results + "/trace.json");
    const std::vector<slice> slices = slices_of(trace);
    unsigned transactions = 0;
    long long left = 0; // of the transaction that its parts follow
    std::map<std::string, double> ends;
    for (const slice &each : slices) {
        if (each.name != "read") {
            left -= each.ps;
            continue;
        }
        EXPECT_EQ(left, 0);
        left = each.ps;
        transactions++;
        EXPECT_GE(each.begin, ends[each.lane] - 1e-9) << "slices of a lane do not overlap";
        ends[each.lane] = each.begin + each.length;
    }
    EXPECT_EQ(left, 0);
    EXPECT_EQ(transactions, 1000u);
    EXPECT_EQ(ends.size(), 4u) << "lanes";
    EXPECT_THAT(trace, HasSubstr("\"StreamID\":32,\"address\":\"0x48000000\",\"bytes\":64"));
    EXPECT_THAT(trace, HasSubstr("\"ph\":\"C\",\"pid\":1,\"name\":\"reads\""));
    EXPECT_THAT(trace, HasSubstr("{\"name\":\"smmu@9050000 TBU 0\"}"));
    EXPECT_EQ(trace.substr(trace.size() - 4), "\n]}\n");
}

// A function asks for the translations of its packets by ATS.
TEST_F(program_measure, has_requests_of_ats_apart_from_transactions)
{
    const char *const program = SMMU_VP_PROGRAMS "tenants.elf";
    if (!std::filesystem::exists(program))
        GTEST_SKIP() << "no programs were built";
    const auto result = run("--dtb " SMMU_VP_DTBS "virt-tenants.dtb --elf " + std::string(program) +
                            " --max-time 5 --stats --measure-trace --measure " + results);
    EXPECT_EQ(result.status, 0);
    const csv_row totals = table("totals").only({{"scope", "ats_smmu"}});
    EXPECT_EQ(totals.at("transactions"), counter_of(result.output, "iommu@9050000.ats-requests"));
    EXPECT_EQ(totals.at("requests"), totals.at("transactions"));
    EXPECT_EQ(totals.at("bytes_in"), "0");
    EXPECT_EQ(table("totals").only({{"scope", "ats_tbu"}, {"name", "1"}}).at("mean_ps"),
              totals.at("mean_ps"));
    const double requests = std::stod(totals.at("transactions"));
    EXPECT_GT(requests, 0);
    double time = 0;
    for (const csv_row &part : table("parts").where({{"scope", "ats_smmu"}})) {
        EXPECT_NE(part.at("part"), "other");
        time += std::stod(part.at("time_ps"));
    }
    EXPECT_NEAR(time / requests, std::stod(totals.at("mean_ps")), 0.001);
    double counted = 0;
    for (const csv_row &bucket : table("latencies").where({{"scope", "ats_smmu"}}))
        counted += std::stod(bucket.at("count"));
    EXPECT_EQ(counted, requests);
    EXPECT_TRUE(table("totals").where({{"scope", "pri_smmu"}}).empty()) << "there are none";
    EXPECT_THAT(read_file(results + "/measurement.json"),
                HasSubstr("\"scope\": \"ats_smmu\", \"name\": \"all\", \"transactions\": " +
                          totals.at("transactions")));
    unsigned traced = 0;
    for (const slice &each : slices_of(read_file(results + "/trace.json")))
        traced += each.name == "translation_request";
    EXPECT_EQ(traced, requests);
}

TEST_F(program_measure, traces_levels_as_waveforms)
{
    EXPECT_EQ(measure(timed_machine(), "--measure-waves").status, 3);
    const std::string waves = read_file(results + "/levels.vcd");
    std::smatch found;
    ASSERT_TRUE(
        std::regex_search(waves, found, std::regex(R"(\$var wire +32 +(\w+) +reads \[31:0\])")));
    // It rises and falls with each read, and is known from the start.
    const std::string name = found[1];
    unsigned changes = 0;
    for (std::size_t at = 0; (at = waves.find(" " + name + "\n", at)) != std::string::npos; at++)
        changes++;
    EXPECT_EQ(changes, 1u + 2 * 1000);
}

TEST_F(program_measure, writes_all_tables_as_json_too)
{
    EXPECT_EQ(measure(timed_machine()).status, 3);
    const std::string json = read_file(results + "/measurement.json");
    for (const char *name : {"run", "parameters", "totals", "parts", "latencies", "levels",
                             "occupancy", "pmu", "counters", "series"})
        EXPECT_THAT(json, HasSubstr("\n  \"" + std::string(name) + "\": "));
    EXPECT_THAT(json, HasSubstr("\"scope\": \"smmu\", \"name\": \"all\", \"transactions\": 1000"));
}

TEST_F(program_measure, says_what_is_wrong)
{
    const auto timed = timed_machine();
    EXPECT_EQ(line(run("--dtb a --elf b --measure-trace")),
              "smmu-vp: --measure-trace requires --measure");
    EXPECT_EQ(line(run("--dtb a --elf b --measure-waves")),
              "smmu-vp: --measure-waves requires --measure");
    EXPECT_EQ(line(run("--dtb a --elf b --measure c --measure-from soon")),
              "smmu-vp: --measure-from: \"soon\" is not a number of seconds from 0 to 1e6");
    EXPECT_EQ(line(run("--dtb a --elf b --measure ''")), "smmu-vp: --measure: needs a name");
    const auto late = measure(timed, "--measure-from 1");
    EXPECT_EQ(late.status, 2);
    EXPECT_EQ(line(late), "smmu-vp: --measure-from: the run ended before");
    const auto loose = measure(timed_machine("loose"));
    EXPECT_EQ(loose.status, 2);
    EXPECT_EQ(line(loose), "smmu-vp: --measure: the machine takes no time: its root node needs "
                           "vp,timing = \"approximate\"");
    const std::string machine = "--dtb " + directory + "/dtb --elf " + guest({loop});
    const auto blocked = run(machine + " --measure " + directory + "/dtb");
    EXPECT_EQ(blocked.status, 2);
}

TEST_F(program_measure, overwrites_nothing_that_is_in_use)
{
    std::filesystem::create_directory(results);
    const std::string dtb = results + "/trace.json";
    const auto blob = timed_machine().blob();
    std::filesystem::copy_file(file("dtb", blob), dtb);
    const auto result = run("--dtb " + dtb + " --elf " + guest({loop}) + " --measure " + results +
                            " --measure-trace");
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("the measurement would overwrite " + dtb));
    EXPECT_EQ(read_file(dtb).size(), blob.size());
}

} // namespace
} // namespace test_program_measure
