#include "sweep/cells.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "sweep/config_keys.h"
#include "sweep/draw.h"

namespace hiddenkey {
namespace {

constexpr std::size_t kMostCells = 100000;

/// What one axis, or one group of axes that move together, offers: settings of which a cell has one choice.
using Dimension = std::vector<std::vector<Setting>>;

std::vector<Dimension> dimensions_of(const SweepFile& file) {
  std::vector<Dimension> dimensions;
  for (const Axis& axis : file.grid.list) {
    Dimension& dimension = dimensions.emplace_back();
    for (const Value& value : axis.values) dimension.push_back({{axis.key, value.where, value}});
  }
  for (const std::vector<Axis>& group : file.paired.groups) {
    Dimension& dimension = dimensions.emplace_back(group.front().values.size());
    for (const Axis& axis : group) {
      for (std::size_t i = 0; i < dimension.size(); ++i)
        dimension[i].push_back({axis.key, axis.values[i].where, axis.values[i]});
    }
  }
  return dimensions;
}

bool has(const std::vector<Setting>& settings, const Setting& wanted) {
  return std::any_of(settings.begin(), settings.end(), [&](const Setting& setting) {
    return setting.key == wanted.key && canonical(setting.value) == canonical(wanted.value);
  });
}

/// Leaves cells out, and notes which entries have had an effect.
class Excluder {
 public:
  explicit Excluder(const Exclusions& exclusions) : exclusions_(exclusions), used_(exclusions.list.size(), false) {}

  bool excludes(const std::vector<Setting>& settings) {
    for (std::size_t i = 0; i < exclusions_.list.size(); ++i) {
      const std::vector<Setting>& wanted = exclusions_.list[i].settings;
      const bool all =
          std::all_of(wanted.begin(), wanted.end(), [&](const Setting& one) { return has(settings, one); });
      if (all && !wanted.empty()) used_[i] = true;
      if (all && !wanted.empty()) return true;
    }
    return false;
  }

  /// Of an entry that names a key which no cell has, that is told already.
  void report_unused(const std::vector<Setting>& any_cell, Problems& problems) const {
    const auto is_axis = [&](const Setting& setting) {
      return std::any_of(any_cell.begin(), any_cell.end(), [&](const Setting& one) { return one.key == setting.key; });
    };
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const std::vector<Setting>& wanted = exclusions_.list[i].settings;
      if (!used_[i] && !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), is_axis))
        problems.push_back({exclusions_.list[i].where, "exclude", "no cell has these settings"});
    }
  }

 private:
  const Exclusions& exclusions_;
  std::vector<bool> used_;
};

std::size_t product_of(const std::vector<Dimension>& dimensions) {
  std::size_t product = 1;
  for (const Dimension& dimension : dimensions) product = std::min(product * dimension.size(), kMostCells + 1);
  return product;
}

void add_grid(const SweepFile& file, std::vector<Cell>& cells, Problems& problems) {
  const std::vector<Dimension> dimensions = dimensions_of(file);
  if (dimensions.empty()) return;
  const std::size_t product = product_of(dimensions);
  const Place where = dimensions.front().front().front().where;
  if (product > kMostCells) {
    problems.push_back({where, "grid", cat("has more than ", kMostCells, " cells")});
    return;
  }
  Excluder excluder(file.exclude);
  std::vector<Setting> first;
  for (std::size_t i = 0; i < product; ++i) {
    Cell cell;
    std::size_t rest = i, block = product;
    for (const Dimension& dimension : dimensions) {
      block /= dimension.size();
      const std::vector<Setting>& choice = dimension[rest / block];
      cell.settings.insert(cell.settings.end(), choice.begin(), choice.end());
      rest %= block;
    }
    cell.where = cell.settings.front().where;
    if (i == 0) first = cell.settings;
    if (!excluder.excludes(cell.settings)) cells.push_back(std::move(cell));
  }
  excluder.report_unused(first, problems);
  if (cells.empty()) problems.push_back({where, "exclude", "leaves no cell of the grid"});
}

std::string key_of(const std::vector<Setting>& settings) {
  std::string key;
  for (const Setting& setting : settings) key += cat(setting.key, '=', canonical(setting.value), '\n');
  return key;
}

/// A cell that was drawn before, or is excluded, is drawn again.
void add_drawn(const SweepFile& file, std::vector<Cell>& cells, Problems& problems) {
  constexpr int64_t kMostDraws = 100;  // for each cell
  const RandomSearch& random = file.random;
  const std::vector<Parameter>& parameters = random.parameters.list;
  if (!random.trials || parameters.empty()) return;
  Excluder excluder(file.exclude);
  std::set<std::string> drawn;
  for (int64_t number = 0; std::ssize(cells) < *random.trials; ++number) {
    if (number == kMostDraws * *random.trials) {
      problems.push_back(
          {parameters.front().where, "random.trials",
           cat("only ", cells.size(), " different cells could be drawn, and ", *random.trials, " are asked for")});
      return;
    }
    Cell cell;
    cell.where = parameters.front().where;
    for (const Parameter& parameter : parameters)
      cell.settings.push_back({parameter.key, parameter.where, draw_value(parameter, random.seed, number)});
    if (!excluder.excludes(cell.settings) && drawn.insert(key_of(cell.settings)).second)
      cells.push_back(std::move(cell));
  }
}

std::string shown(const Value& value) {
  const OrderedJson json = to_json(value);
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_float()) return format_number(json.get<double>());
  if (!json.is_array()) return json.dump();
  std::vector<std::string> items;
  for (const Value& item : value.items) items.push_back(shown(item));
  return join(items, "+");
}

}  // namespace

std::vector<Cell> expand_cells(const SweepFile& file, Problems& problems) {
  std::vector<Cell> cells;
  add_grid(file, cells, problems);
  add_drawn(file, cells, problems);
  for (const SettingsOfCell& named : file.trials.list)
    cells.push_back({named.name, named.where, named.settings, /*is_named=*/true});
  if (cells.empty() && varied_keys(file).empty()) cells.emplace_back();
  return cells;
}

std::string label_of(const std::vector<Setting>& settings) {
  std::vector<std::string> parts;
  for (const Setting& setting : settings) parts.push_back(cat(short_key(setting.key), '=', shown(setting.value)));
  return parts.empty() ? "base" : join(parts, ", ");
}

}  // namespace hiddenkey
