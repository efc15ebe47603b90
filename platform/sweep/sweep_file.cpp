// SPDX-License-Identifier: Apache-2.0
// From TOML to a sweep. Each function has the key of what it reads, for messages.
#include "sweep_file.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include <toml++/toml.h>

#include "input_file.hpp"

namespace vp {

namespace {

constexpr std::uint64_t most_bytes = 1u << 20; // of a sweep file

class reader {
  public:
    explicit reader(std::string path) : path_(std::move(path)) {}

    sweep_file read(const toml::table &root) const;

  private:
    [[noreturn]] void fail(const std::string &key, const std::string &reason) const
    {
        throw input_error(path_ + ": " + key + ": " + reason);
    }

    void check_keys(const toml::table &table, const std::string &where,
                    std::initializer_list<const char *> known) const;
    std::string text(const toml::table &table, const std::string &where, const char *key,
                     bool needed) const;
    std::vector<std::string> texts(const toml::table &table, const std::string &where,
                                   const char *key) const;
    std::string name(const toml::table &table, const std::string &where) const;
    std::vector<const toml::table *> tables(const toml::table &root, const char *key) const;

    sweep_property property(const toml::node &node, const std::string &key) const;
    std::uint32_t cell(const toml::node &node, const std::string &key) const;
    std::vector<sweep_setting> settings(const toml::table &table, const std::string &where) const;
    std::string word(const std::string &text, const std::string &key) const;
    std::string label(const toml::node &node, const std::string &key) const;
    std::vector<sweep_value> values(const toml::table &table, const std::string &where) const;
    sweep_parameter parameter(const toml::table &table, const std::string &where) const;
    sweep_workload workload(const toml::table &table, const std::string &where) const;
    std::vector<std::uint32_t> seeds(const toml::table &root) const;

    std::string path_;
};

std::string under(const std::string &where, const std::string &key)
{
    return where.empty() ? key : where + "." + key;
}

std::string at(const std::string &key, std::size_t index)
{
    return key + "[" + std::to_string(index) + "]";
}

void reader::check_keys(const toml::table &table, const std::string &where,
                        std::initializer_list<const char *> known) const
{
    for (const auto &[key, value] : table) {
        const std::string found(key.str());
        if (std::find(known.begin(), known.end(), found) == known.end())
            fail(under(where, found), "there is no such key");
    }
}

std::string reader::text(const toml::table &table, const std::string &where, const char *key,
                         bool needed) const
{
    const toml::node *node = table.get(key);
    if (node == nullptr) {
        if (needed)
            fail(under(where, key), "is missing");
        return "";
    }
    if (!node->is_string() || node->ref<std::string>().empty())
        fail(under(where, key), "is no text, or an empty one");
    return node->ref<std::string>();
}

std::vector<std::string> reader::texts(const toml::table &table, const std::string &where,
                                       const char *key) const
{
    std::vector<std::string> list;
    const toml::node *node = table.get(key);
    if (node == nullptr)
        return list;
    if (!node->is_array())
        fail(under(where, key), "is no list of texts");
    for (const toml::node &each : *node->as_array()) {
        if (!each.is_string() || each.ref<std::string>().find_first_of("\n\r") != std::string::npos)
            fail(at(under(where, key), list.size()), "is no text of one line");
        list.push_back(each.ref<std::string>());
    }
    return list;
}

// A column, a file: without blanks and without what shells and tables have a use for.
std::string reader::word(const std::string &text, const std::string &key) const
{
    const auto good = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string("_-+./:%").find(c) != std::string::npos;
    };
    if (text.empty() || !std::all_of(text.begin(), text.end(), good))
        fail(key, "\"" + text + "\" is not of letters, digits and _ - + . / : %");
    return text;
}

std::string reader::name(const toml::table &table, const std::string &where) const
{
    return word(text(table, where, "name", true), under(where, "name"));
}

std::vector<const toml::table *> reader::tables(const toml::table &root, const char *key) const
{
    std::vector<const toml::table *> list;
    const toml::node *node = root.get(key);
    if (node == nullptr)
        return list;
    if (!node->is_array_of_tables())
        fail(key, std::string("is not written as [[") + key + "]]");
    for (const toml::node &each : *node->as_array())
        list.push_back(each.as_table());
    return list;
}

std::uint32_t reader::cell(const toml::node &node, const std::string &key) const
{
    const auto value = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
    if (!value || *value < 0 || *value > UINT32_MAX)
        fail(key, "is no number from 0 to 0xffffffff");
    return static_cast<std::uint32_t>(*value);
}

// A number takes one cell if it fits, else two, the upper first.
sweep_property reader::property(const toml::node &node, const std::string &key) const
{
    if (node.is_boolean())
        return *node.value<bool>();
    if (node.is_string()) {
        if (node.ref<std::string>().find('\0') != std::string::npos)
            fail(key, "has a zero character");
        return node.ref<std::string>();
    }
    std::vector<std::uint32_t> cells;
    if (node.is_integer()) {
        const std::int64_t value = *node.value<std::int64_t>();
        if (value < 0)
            fail(key, "is negative");
        if (value > UINT32_MAX)
            cells.push_back(static_cast<std::uint32_t>(value >> 32));
        cells.push_back(static_cast<std::uint32_t>(value));
    } else if (node.is_array() && !node.as_array()->empty()) {
        for (const toml::node &each : *node.as_array())
            cells.push_back(cell(each, at(key, cells.size())));
    } else {
        fail(key, "is no number, list of numbers, text, true or false");
    }
    return cells;
}

// A table of nodes, each a table of properties.
std::vector<sweep_setting> reader::settings(const toml::table &table,
                                            const std::string &where) const
{
    std::vector<sweep_setting> list;
    const toml::node *nodes = table.get("set");
    const std::string key = under(where, "set");
    if (nodes == nullptr)
        return list;
    if (!nodes->is_table())
        fail(key, "is no table");
    for (const auto &[node, properties] : *nodes->as_table()) {
        const std::string node_key = under(key, std::string(node.str()));
        if (!properties.is_table())
            fail(node_key, "is no table: [" + key + ".NODE] has lines PROPERTY = VALUE");
        for (const auto &[name, value] : *properties.as_table()) {
            const std::string setting = under(node_key, std::string(name.str()));
            list.push_back({setting, std::string(node.str()), std::string(name.str()),
                            property(value, setting)});
        }
    }
    return list;
}

std::string reader::label(const toml::node &node, const std::string &key) const
{
    if (node.is_integer())
        return std::to_string(*node.value<std::int64_t>());
    if (!node.is_string())
        fail(key, "is neither a text nor a number");
    return word(node.ref<std::string>(), key);
}

// What a value is called that has no label.
std::string default_label(const sweep_property &value)
{
    if (const bool *there = std::get_if<bool>(&value))
        return *there ? "yes" : "no";
    if (const std::string *text = std::get_if<std::string>(&value))
        return *text;
    std::string label;
    for (const std::uint32_t each : std::get<std::vector<std::uint32_t>>(value))
        label += (label.empty() ? "" : "x") + std::to_string(each);
    return label;
}

std::vector<sweep_value> reader::values(const toml::table &table, const std::string &where) const
{
    const std::string key = under(where, "values");
    const std::string labels_key = under(where, "labels");
    const toml::array *values = table["values"].as_array();
    const toml::array *labels = table["labels"].as_array();
    if (values == nullptr || values->empty())
        fail(key, "is no list of values, or an empty one");
    if (table.contains("labels") && (labels == nullptr || labels->size() != values->size()))
        fail(labels_key, "is no list of as many labels as there are values");

    std::vector<sweep_value> list;
    std::set<std::string> known;
    for (std::size_t i = 0; i < values->size(); i++) {
        sweep_value value;
        value.value = property(*values->get(i), at(key, i));
        if (labels != nullptr)
            value.text = label(*labels->get(i), at(labels_key, i));
        else if (const toml::node *number = values->get(i); number->is_integer())
            value.text = std::to_string(*number->value<std::int64_t>());
        else
            value.text = word(default_label(value.value), at(key, i));
        if (!known.insert(value.text).second)
            fail(at(labels == nullptr ? key : labels_key, i), value.text + " is there twice");
        list.push_back(std::move(value));
    }
    return list;
}

sweep_parameter reader::parameter(const toml::table &table, const std::string &where) const
{
    check_keys(table, where, {"name", "node", "property", "values", "labels"});
    sweep_parameter parameter;
    parameter.key = where;
    parameter.name = name(table, where);
    parameter.node = text(table, where, "node", true);
    parameter.property = text(table, where, "property", true);
    parameter.values = values(table, where);
    return parameter;
}

sweep_workload reader::workload(const toml::table &table, const std::string &where) const
{
    check_keys(table, where, {"name", "program", "options", "set"});
    sweep_workload workload;
    workload.name = name(table, where);
    workload.program = text(table, where, "program", false);
    workload.options = texts(table, where, "options");
    workload.settings = settings(table, where);
    return workload;
}

std::vector<std::uint32_t> reader::seeds(const toml::table &root) const
{
    std::vector<std::uint32_t> list;
    const toml::node *node = root.get("seeds");
    if (node == nullptr)
        return list;
    if (!node->is_array() || node->as_array()->empty())
        fail("seeds", "is no list of numbers, or an empty one");
    for (const toml::node &each : *node->as_array()) {
        const std::string key = at("seeds", list.size());
        const std::uint32_t seed = cell(each, key);
        if (std::find(list.begin(), list.end(), seed) != list.end())
            fail(key, std::to_string(seed) + " is there twice");
        list.push_back(seed);
    }
    return list;
}

sweep_file reader::read(const toml::table &root) const
{
    check_keys(root, "",
               {"machine", "program", "options", "set", "parameter", "workload", "seeds"});
    sweep_file file;
    file.path = path_;
    file.machine = text(root, "", "machine", true);
    file.program = text(root, "", "program", false);
    file.options = texts(root, "", "options");
    file.settings = settings(root, "");
    std::set<std::string> names = {"workload", "seed"};
    for (const toml::table *each : tables(root, "parameter")) {
        const std::string where = at("parameter", file.parameters.size());
        file.parameters.push_back(parameter(*each, where));
        if (const std::string &name = file.parameters.back().name; !names.insert(name).second)
            fail(where + ".name", name + " is the name of something else");
    }
    names.clear();
    for (const toml::table *each : tables(root, "workload")) {
        const std::string where = at("workload", file.workloads.size());
        file.workloads.push_back(workload(*each, where));
        if (const std::string &name = file.workloads.back().name; !names.insert(name).second)
            fail(where + ".name", name + " is there twice");
    }
    file.seeds = seeds(root);
    return file;
}

} // namespace

sweep_file parse_sweep_file(const std::string &text, const std::string &path)
{
    try {
        return reader(path).read(toml::parse(text, path));
    } catch (const toml::parse_error &error) {
        throw input_error(path + ":" + std::to_string(error.source().begin.line) + ": " +
                          std::string(error.description()));
    }
}

sweep_file read_sweep_file(const std::string &path)
{
    const auto bytes =
        read_file(path, {most_bytes, "which is all that a sweep can be described by"});
    return parse_sweep_file(std::string(bytes.begin(), bytes.end()), path);
}

} // namespace vp
