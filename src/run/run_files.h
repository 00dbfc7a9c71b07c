#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hiddenkey {

/// Whether something has that name, if only a link to nowhere.
bool is_there(const std::filesystem::path& path);

/// Whether a run of ours has written the folder: its config.yaml says so in its first line.
bool is_run(const std::filesystem::path& folder);

/// The files in a run's folder that the run has written, relative to it, config.yaml last. What else lies there, also
/// in its adapter/ and checkpoints/, is not on the list.
std::vector<std::filesystem::path> files_of_run(const std::filesystem::path& folder);

/// The names in a folder that a run would write and that are taken by what no run has written. `result` is the folder
/// that the run trains for, adapter or model.
std::vector<std::string> foreign_names(const std::filesystem::path& folder, const std::string& result);

/// Whether a run has got so far that there is a checkpoint, an adapter or a model of it.
bool has_saved_state(const std::filesystem::path& folder);

/// Moves files from one folder to another, and removes the folders that become empty. IoError where that fails.
void move_files(const std::vector<std::filesystem::path>& files, const std::filesystem::path& from,
                const std::filesystem::path& to);

/// Removes files, and the folders that become empty.
void remove_files(const std::vector<std::filesystem::path>& files, const std::filesystem::path& folder);

/// Removes what a killed process left unfinished in a run's folder.
void remove_unfinished(const std::filesystem::path& folder);

}  // namespace hiddenkey
