// SPDX-License-Identifier: Apache-2.0
// The file of a sweep: what it says, and what is said against it.
#include "sweep_file.hpp"

#include <gmock/gmock.h>

#include "input_file.hpp"

namespace test_sweep_file {

using testing::ElementsAre;
using testing::SizeIs;
using cells = std::vector<std::uint32_t>;

// What is said against a file, or "good".
std::string complaint(const std::string &text)
{
    try {
        vp::parse_sweep_file(text, "my.toml");
    } catch (const vp::input_error &error) {
        return error.what();
    }
    return "good";
}

// The same of what comes after a machine and a program.
std::string complaint_about(const std::string &rest)
{
    return complaint("machine = \"virt\"\nprogram = \"copy\"\n" + rest);
}

std::string parameter(const std::string &rest)
{
    return "[[parameter]]\nname = \"n\"\nnode = \"smmu\"\nproperty = \"p\"\n" + rest;
}

vp::sweep_parameter read_parameter(const std::string &rest)
{
    return vp::parse_sweep_file("machine = \"virt\"\n" + parameter(rest), "my.toml")
        .parameters.at(0);
}

TEST(SweepFile, NamesMachineProgramOptionsAndSeeds)
{
    const auto file = vp::parse_sweep_file("machine = \"virt\"\nprogram = \"copy\"\n"
                                           "options = [\"--max-time\", \"5\"]\nseeds = [7, 1]\n",
                                           "my.toml");
    EXPECT_EQ(file.path, "my.toml");
    EXPECT_EQ(file.machine, "virt");
    EXPECT_EQ(file.program, "copy");
    EXPECT_THAT(file.options, ElementsAre("--max-time", "5"));
    EXPECT_THAT(file.seeds, ElementsAre(7u, 1u));
}

TEST(SweepFile, KeepsTheOrderOfParametersAndValues)
{
    const auto file = vp::parse_sweep_file(
        "machine = \"virt\"\n"
        "[[parameter]]\nname = \"z\"\nnode = \"smmu\"\nproperty = \"p\"\nvalues = [3, 1]\n"
        "[[parameter]]\nname = \"a\"\nnode = \"/x\"\nproperty = \"q\"\nvalues = [\"v\"]\n",
        "my.toml");
    ASSERT_THAT(file.parameters, SizeIs(2));
    EXPECT_EQ(file.parameters[0].name, "z");
    EXPECT_EQ(file.parameters[0].values[0].text, "3");
    EXPECT_EQ(file.parameters[0].values[1].text, "1");
    EXPECT_EQ(file.parameters[1].node, "/x");
    EXPECT_EQ(file.parameters[1].property, "q");
}

TEST(SweepFile, MakesPropertiesOfValues)
{
    const auto values =
        read_parameter("values = [1, 0x1_0000_0002, [3, 4], \"text\", true, false]").values;
    ASSERT_THAT(values, SizeIs(6));
    EXPECT_EQ(std::get<cells>(values[0].value), (cells{1}));
    EXPECT_EQ(std::get<cells>(values[1].value), (cells{1, 2}));
    EXPECT_EQ(std::get<cells>(values[2].value), (cells{3, 4}));
    EXPECT_EQ(std::get<std::string>(values[3].value), "text");
    EXPECT_TRUE(std::get<bool>(values[4].value));
    EXPECT_FALSE(std::get<bool>(values[5].value));
}

TEST(SweepFile, CallsValuesByLabelsOrByThemselves)
{
    const auto plain = read_parameter("values = [4294967298, [3, 4], \"text\", true]").values;
    EXPECT_EQ(plain[0].text, "4294967298");
    EXPECT_EQ(plain[1].text, "3x4");
    EXPECT_EQ(plain[2].text, "text");
    EXPECT_EQ(plain[3].text, "yes");
    const auto labelled = read_parameter("values = [[4, 4], [8, 4]]\nlabels = [16, \"b\"]").values;
    EXPECT_EQ(labelled[0].text, "16");
    EXPECT_EQ(labelled[1].text, "b");
}

TEST(SweepFile, GivesWorkloadsSettingsOfTheirOwn)
{
    const auto file = vp::parse_sweep_file("machine = \"virt\"\n[set.smmu]\n\"vp,a\" = 1\n"
                                           "[[workload]]\nname = \"w\"\nprogram = \"smp\"\n"
                                           "options = [\"--cpus\", \"4\"]\n"
                                           "set.\"/t@0\" = { \"vp,b\" = \"x\" }\n",
                                           "my.toml");
    ASSERT_THAT(file.settings, SizeIs(1));
    EXPECT_EQ(file.settings[0].node, "smmu");
    EXPECT_EQ(file.settings[0].property, "vp,a");
    ASSERT_THAT(file.workloads, SizeIs(1));
    EXPECT_EQ(file.workloads[0].program, "smp");
    EXPECT_THAT(file.workloads[0].options, ElementsAre("--cpus", "4"));
    ASSERT_THAT(file.workloads[0].settings, SizeIs(1));
    EXPECT_EQ(file.workloads[0].settings[0].node, "/t@0");
    EXPECT_EQ(file.workloads[0].settings[0].key, "workload[0].set./t@0.vp,b");
}

TEST(SweepFile, SaysWhereItIsNoToml)
{
    EXPECT_THAT(complaint("machine = \"virt\"\nprogram =\n"), testing::StartsWith("my.toml:2: "));
}

TEST(SweepFile, SaysWhatIsMissingOrUnknown)
{
    EXPECT_EQ(complaint(""), "my.toml: machine: is missing");
    EXPECT_EQ(complaint("machine = 3"), "my.toml: machine: is no text, or an empty one");
    EXPECT_EQ(complaint_about("porgram = \"x\""), "my.toml: porgram: there is no such key");
    EXPECT_EQ(complaint_about("options = \"x\""), "my.toml: options: is no list of texts");
    EXPECT_EQ(complaint_about("options = [\"a\\nb\"]"),
              "my.toml: options[0]: is no text of one line");
    EXPECT_EQ(complaint_about("parameter = 1"),
              "my.toml: parameter: is not written as [[parameter]]");
    EXPECT_EQ(complaint_about("[[parameter]]\nname = \"n\"\n"),
              "my.toml: parameter[0].node: is missing");
    EXPECT_EQ(complaint_about("[[workload]]\nname = \"n\"\nseeds = [1]\n"),
              "my.toml: workload[0].seeds: there is no such key");
    EXPECT_EQ(complaint_about("[set]\nsmmu = 1\n"),
              "my.toml: set.smmu: is no table: [set.NODE] has lines PROPERTY = VALUE");
}

TEST(SweepFile, SaysWhichValueIsNone)
{
    const auto about = [](const std::string &rest) { return complaint_about(parameter(rest)); };
    EXPECT_EQ(about(""), "my.toml: parameter[0].values: is no list of values, or an empty one");
    EXPECT_EQ(about("values = []"),
              "my.toml: parameter[0].values: is no list of values, or an empty one");
    EXPECT_EQ(
        about("values = [1, 1.5]"),
        "my.toml: parameter[0].values[1]: is no number, list of numbers, text, true or false");
    EXPECT_EQ(about("values = [-1]"), "my.toml: parameter[0].values[0]: is negative");
    EXPECT_EQ(about("values = [[1, 4294967296]]"),
              "my.toml: parameter[0].values[0][1]: is no number from 0 to 0xffffffff");
    EXPECT_EQ(about("values = [2, 1, 2]"), "my.toml: parameter[0].values[2]: 2 is there twice");
    EXPECT_EQ(
        about("values = [\"a b\"]"),
        "my.toml: parameter[0].values[0]: \"a b\" is not of letters, digits and _ - + . / : %");
    EXPECT_EQ(about("values = [1, 2]\nlabels = [1]"),
              "my.toml: parameter[0].labels: is no list of as many labels as there are values");
    EXPECT_EQ(about("values = [1, 2]\nlabels = [1, 1]"),
              "my.toml: parameter[0].labels[1]: 1 is there twice");
}

TEST(SweepFile, RefusesNamesThatAreTaken)
{
    const std::string rest = "\nnode = \"a\"\nproperty = \"p\"\nvalues = [1]\n";
    EXPECT_EQ(complaint_about("[[parameter]]\nname = \"seed\"" + rest),
              "my.toml: parameter[0].name: seed is the name of something else");
    EXPECT_EQ(complaint_about("[[parameter]]\nname = \"a\"" + rest + "[[parameter]]\nname = \"a\"" +
                              rest),
              "my.toml: parameter[1].name: a is the name of something else");
    EXPECT_EQ(complaint_about("[[workload]]\nname = \"a\"\n[[workload]]\nname = \"a\"\n"),
              "my.toml: workload[1].name: a is there twice");
}

TEST(SweepFile, RefusesSeedsThatAreNone)
{
    EXPECT_EQ(complaint_about("seeds = 1"),
              "my.toml: seeds: is no list of numbers, or an empty one");
    EXPECT_EQ(complaint_about("seeds = [1, -2]"),
              "my.toml: seeds[1]: is no number from 0 to 0xffffffff");
    EXPECT_EQ(complaint_about("seeds = [5, 5]"), "my.toml: seeds[1]: 5 is there twice");
}

} // namespace test_sweep_file
