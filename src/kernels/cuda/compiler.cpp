#include "kernels/cuda/compiler.h"

#include <memory>

#include "core/text.h"
#include "kernels/cuda/sources.h"

namespace hiddenkey::cuda {
namespace {

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return pointers;
}

/// The line that says what is wrong, out of a compiler's log.
std::string first_error(const std::string& log) {
  for (const std::string& line : split(log, '\n')) {
    if (line.find("error") != std::string::npos) return line;
  }
  return log.substr(0, log.find('\n'));
}

const SourceFile& source_called(const std::string& name) {
  for (const SourceFile& file : source_files()) {
    if (file.name == name) return file;
  }
  throw KernelError(cat("the program carries no source ", name));
}

/// What a source may include, as NVRTC wants it.
struct Headers {
  std::vector<const char*> names, texts;

  Headers() {
    for (const SourceFile& file : source_files()) {
      if (!file.name.ends_with(".cuh")) continue;
      names.push_back(file.name.c_str());
      texts.push_back(file.text.c_str());
    }
  }
};

}  // namespace

std::string architecture_of(int major, int minor) {
  const bool has_own = minor == 0 && (major == 9 || major == 10);
  return cat("sm_", major, minor, has_own ? "a" : "");
}

std::vector<std::string> compile_options(const std::string& architecture) {
  return {cat("-arch=", architecture), "-std=c++17"};
}

Compiler::Compiler() : library_("libnvrtc.so.13") {
  library_.find("nvrtcVersion", version_);
  library_.find("nvrtcCreateProgram", create_);
  library_.find("nvrtcDestroyProgram", destroy_);
  library_.find("nvrtcCompileProgram", compile_);
  library_.find("nvrtcGetCUBINSize", cubin_size_);
  library_.find("nvrtcGetCUBIN", cubin_);
  library_.find("nvrtcGetProgramLogSize", log_size_);
  library_.find("nvrtcGetProgramLog", log_);
  library_.find("nvrtcGetErrorString", error_);
}

std::string Compiler::version() const {
  int major = 0, minor = 0;
  check(version_(&major, &minor), "NVRTC tells no version");
  return cat(major, ".", minor);
}

Compiled Compiler::compile(const std::string& source, const std::vector<std::string>& options) const {
  return compile(source, source_called(source).text, options);
}

Compiled Compiler::compile(const std::string& source, const std::string& text,
                           const std::vector<std::string>& options) const {
  const Headers headers;
  Program program = nullptr;
  check(create_(&program, text.c_str(), source.c_str(), static_cast<int>(headers.names.size()), headers.texts.data(),
                headers.names.data()),
        source);
  const auto destroy = [this](Program* made) { destroy_(made); };
  const std::unique_ptr<Program, decltype(destroy)> owner(&program, destroy);

  const std::vector<const char*> arguments = pointers_to(options);
  const int result = compile_(program, static_cast<int>(arguments.size()), arguments.data());
  Compiled compiled;
  compiled.log = log_of(program);
  check(result, cat(source, " does not compile: ", first_error(compiled.log)));
  std::size_t size = 0;
  check(cubin_size_(program, &size), source);
  compiled.cubin.resize(size);
  check(cubin_(program, compiled.cubin.data()), source);
  return compiled;
}

void Compiler::check(int result, const std::string& what) const {
  if (result != 0) throw KernelError(cat(what, " (", error_(result), ")"));
}

std::string Compiler::log_of(Program program) const {
  std::size_t size = 0;
  check(log_size_(program, &size), "NVRTC tells no log");
  std::string log(size, '\0');
  check(log_(program, log.data()), "NVRTC tells no log");
  log.resize(log.find('\0') == std::string::npos ? size : log.find('\0'));
  return log;
}

}  // namespace hiddenkey::cuda
