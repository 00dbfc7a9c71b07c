#include "sweep/settle_cell.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "settings/config_values.h"
#include "settings/idle_keys.h"
#include "settings/resolve_config.h"
#include "settings/scheme.h"

namespace hiddenkey {
namespace {

const Setting* find_setting(const Cell& cell, const std::string& key) {
  const auto found = std::find_if(cell.settings.begin(), cell.settings.end(),
                                  [&](const Setting& setting) { return setting.key == key; });
  return found == cell.settings.end() ? nullptr : &*found;
}

bool names(const Setting* setting, const char* name) {
  return setting != nullptr && setting->value.is_scalar() && setting->value.text == name;
}

void leave_out(Cell& cell, const std::string& key, const std::string& reason, SettledCell& settled) {
  if (std::erase_if(cell.settings, [&](const Setting& setting) { return setting.key == key; }) > 0)
    settled.left_out[key] = reason;
}

/// What the cell's own scheme leaves off, and adapters' settings under full finetuning.
void leave_out_by_choice(Cell& cell, SettledCell& settled) {
  const std::vector<Setting> settings = cell.settings;
  const Setting* chosen = find_setting(cell, "dropout.scheme");
  const bool full = names(find_setting(cell, "method"), "full");
  for (const auto& [name, scheme] : EnumNames<Scheme>::kNames) {
    if (!names(chosen, name)) continue;
    for (const Setting& setting : settings) {
      if (leaves_off(scheme, setting.key))
        leave_out(cell, setting.key, cat(name, " leaves this position off"), settled);
    }
    break;
  }
  for (const Setting& setting : settings) {
    if (full && setting.key.starts_with("lora.")) leave_out(cell, setting.key, "full finetuning has none", settled);
  }
}

}  // namespace

SettledCell settle_cell(const Value& base, Cell& cell, const std::vector<Setting>& own, Problems& problems) {
  SettledCell settled;
  if (!cell.is_named) leave_out_by_choice(cell, settled);
  for (;;) {
    settled.tree = base;
    for (const std::vector<Setting>* settings : {&std::as_const(cell.settings), &own}) {
      for (Setting setting : *settings) {
        set_layers(setting.value, kCommandLine);
        setting.where.layer = kCommandLine;
        overlay(settled.tree, setting);
      }
    }
    Problems found;
    settled.config = resolve_config(settled.tree, found);
    const std::size_t before = cell.settings.size();
    if (!cell.is_named) {
      for (const IdleKey& idle : idle_keys(settled.config)) leave_out(cell, idle.key, idle.reason, settled);
    }
    if (cell.settings.size() < before) continue;
    problems.insert(problems.end(), found.begin(), found.end());
    return settled;
  }
}

}  // namespace hiddenkey
