#include "core/standard_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <iterator>

namespace hiddenkey {

void open_standard_files() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) != -1) continue;
    // The lowest free number is the one that is missing.
    const int opened = ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != number) std::_Exit(7);  // nobody can be told
  }
}

std::string read_stdin() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

}  // namespace hiddenkey
