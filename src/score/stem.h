#pragma once

#include <memory>
#include <string>

struct sb_stemmer;

namespace hiddenkey {

/// Snowball's stemmer "english" (Porter 2), of words in lower case.
class Stemmer {
 public:
  Stemmer();
  std::string stem(const std::string& word) const;

 private:
  std::shared_ptr<sb_stemmer> stemmer_;
};

}  // namespace hiddenkey
