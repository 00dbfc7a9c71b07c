#pragma once

#include <string>

namespace hiddenkey {

/// Puts the home folder in the place of a leading `~`, as a shell does where the text is not quoted. Returns what is
/// wrong with the path, or "": a `~` that names another user's home or stands further inside is never taken as a
/// folder's name, since `rm -r ~` is what removes such a folder.
std::string expand_home(std::string& path);

}  // namespace hiddenkey
