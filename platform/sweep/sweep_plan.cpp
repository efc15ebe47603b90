// SPDX-License-Identifier: Apache-2.0
#include "sweep_plan.hpp"

#include <set>
#include <utility>

#include "input_file.hpp"
#include "sweep_tree.hpp"

namespace vp {

namespace {

// An edit whose node is known.
struct edit {
    std::string path;
    std::string property;
    sweep_property value;
};

class planner {
  public:
    planner(const sweep_file &file, const std::vector<std::uint8_t> &machine)
        : file_(file), machine_(machine)
    {
    }

    sweep_plan make();

  private:
    [[noreturn]] void fail(const std::string &key, const std::string &reason) const
    {
        throw input_error(file_.path + ": " + key + ": " + reason);
    }

    std::string path_of(const std::string &node, const std::string &key) const;
    std::vector<edit> edits(const std::vector<sweep_setting> &settings) const;
    void check_programs() const;
    void check_edited_once();
    void find_seeded();
    std::size_t count() const;
    void add_points(const sweep_workload *workload);
    sweep_point make_point(const sweep_workload *workload, const sweep_tree &tree,
                           std::size_t index) const;

    const sweep_file &file_;
    sweep_tree machine_;
    std::vector<std::string> parameter_paths_;
    std::vector<std::pair<std::string, std::string>> seeded_; // path, property
    std::size_t per_workload_ = 0;
    sweep_plan plan_;
};

std::string planner::path_of(const std::string &node, const std::string &key) const
{
    const auto path = machine_.find(node);
    if (!path)
        fail(key, "\"" + node + "\" is no label and no path of a node of " + file_.machine);
    return *path;
}

std::vector<edit> planner::edits(const std::vector<sweep_setting> &settings) const
{
    std::vector<edit> list;
    list.reserve(settings.size());
    for (const sweep_setting &each : settings)
        list.push_back({path_of(each.node, each.key), each.property, each.value});
    return list;
}

// Something runs at each point: a program, or what options name.
void planner::check_programs() const
{
    const auto runs = [](const std::vector<std::string> &options) {
        for (const std::string &each : options)
            if (each == "--kernel" || each == "--firmware")
                return true;
        return false;
    };
    if (!file_.program.empty() || runs(file_.options))
        return;
    if (file_.workloads.empty())
        fail("program", "is missing");
    for (std::size_t i = 0; i < file_.workloads.size(); i++)
        if (file_.workloads[i].program.empty() && !runs(file_.workloads[i].options))
            fail("workload[" + std::to_string(i) + "].program",
                 "is missing, and so is that of the sweep");
}

// Of two that set the same, one would be without effect.
void planner::check_edited_once()
{
    std::set<std::pair<std::string, std::string>> taken(seeded_.begin(), seeded_.end());
    for (const sweep_parameter &each : file_.parameters) {
        parameter_paths_.push_back(path_of(each.node, each.key + ".node"));
        if (!taken.emplace(parameter_paths_.back(), each.property).second)
            fail(each.key + ".property",
                 "something else sets " + each.property + " of " + each.node + " too");
    }
    const auto check = [&](const std::vector<sweep_setting> &settings, const char *other) {
        for (const sweep_setting &each : settings)
            if (taken.count({path_of(each.node, each.key), each.property}) != 0)
                fail(each.key, std::string("is what ") + other + " set");
    };
    check(file_.settings, "a parameter or seeds");
    for (const sweep_workload &workload : file_.workloads)
        check(workload.settings, "a parameter or seeds");
}

void planner::find_seeded()
{
    if (file_.seeds.empty())
        return;
    for (const std::string &path : machine_.compatible("vp,traffic-generator"))
        seeded_.emplace_back(path, "vp,seed");
    for (const std::string &path : machine_.compatible("arm,smmu-v3"))
        seeded_.emplace_back(path, "vp,replacement-seed");
    if (seeded_.empty())
        fail("seeds", file_.machine + " has nothing that is left to chance");
}

// How many points there are of a workload.
std::size_t planner::count() const
{
    std::size_t count = file_.seeds.empty() ? 1 : file_.seeds.size();
    const std::size_t workloads = file_.workloads.empty() ? 1 : file_.workloads.size();
    for (const sweep_parameter &each : file_.parameters) {
        count *= each.values.size();
        if (count * workloads > most_sweep_points)
            fail("parameter",
                 "there are more than " + std::to_string(most_sweep_points) + " points");
    }
    return count;
}

// The point number `index` of a workload, whose tree has all but parameters and seed.
sweep_point planner::make_point(const sweep_workload *workload, const sweep_tree &tree,
                                std::size_t index) const
{
    sweep_point point;
    sweep_tree edited = tree;
    std::size_t left = index;
    std::size_t below = per_workload_; // points between two values of a parameter
    for (std::size_t i = 0; i < file_.parameters.size(); i++) {
        const sweep_parameter &parameter = file_.parameters[i];
        below /= parameter.values.size();
        const sweep_value &value = parameter.values[left / below];
        left %= below;
        edited.set(parameter_paths_[i], parameter.property, value.value);
        point.values.push_back(value.text);
    }
    point.program = file_.program;
    point.options = file_.options;
    if (workload != nullptr) {
        point.values.push_back(workload->name);
        if (!workload->program.empty())
            point.program = workload->program;
        point.options.insert(point.options.end(), workload->options.begin(),
                             workload->options.end());
    }
    if (!file_.seeds.empty()) {
        point.values.push_back(std::to_string(file_.seeds[left]));
        for (const auto &[path, property] : seeded_)
            edited.set(path, property, std::vector<std::uint32_t>{file_.seeds[left]});
    }
    point.dtb = edited.blob();
    return point;
}

void planner::add_points(const sweep_workload *workload)
{
    sweep_tree tree = machine_;
    for (const edit &each : edits(file_.settings))
        tree.set(each.path, each.property, each.value);
    if (workload != nullptr)
        for (const edit &each : edits(workload->settings))
            tree.set(each.path, each.property, each.value);
    for (std::size_t i = 0; i < per_workload_; i++)
        plan_.points.push_back(make_point(workload, tree, i));
}

std::string number_of(std::size_t index, std::size_t width)
{
    std::string text = std::to_string(index + 1);
    return std::string(width - text.size(), '0') + text;
}

sweep_plan planner::make()
{
    check_programs();
    find_seeded();
    check_edited_once();
    per_workload_ = count();
    for (const sweep_parameter &each : file_.parameters)
        plan_.columns.push_back(each.name);
    if (file_.workloads.empty()) {
        add_points(nullptr);
    } else {
        plan_.columns.push_back("workload");
        for (const sweep_workload &each : file_.workloads)
            add_points(&each);
    }
    if (!file_.seeds.empty())
        plan_.columns.push_back("seed");
    const std::size_t width = std::to_string(plan_.points.size()).size();
    for (std::size_t i = 0; i < plan_.points.size(); i++)
        plan_.points[i].name = number_of(i, width);
    return std::move(plan_);
}

} // namespace

sweep_plan make_sweep_plan(const sweep_file &file, const std::vector<std::uint8_t> &machine)
{
    return planner(file, machine).make();
}

} // namespace vp
