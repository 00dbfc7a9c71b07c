#include "report/page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/file.h"
#include "core/text.h"
#include "report/page_files.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kShared[] = {"echarts.js", "elements.js", "tables.js", "figures.js", "lines.js"};

/// The bytes that lower-case hexadecimal digits stand for, in base64.
std::string base64_of_hex(const std::string& hex) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned bits = 0, count = 0;
  for (const char c : hex) {
    bits = bits << 4U | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    count += 4;
    if (count < 6) continue;
    count -= 6;
    text += kDigits[bits >> count & 63U];
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 63U];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string policy_for(const std::vector<std::string_view>& scripts) {
  std::string sums;
  for (const std::string_view script : scripts)
    sums += cat(" 'sha256-", base64_of_hex(sha256_of_bytes(page_file(script))), "'");
  return cat("default-src 'none'; script-src", sums,
             "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'");
}

/// The text with each {{name}} replaced; what comes in is not looked at again.
template <class Lookup>
std::string filled(std::string_view text, const Lookup& value_of) {
  std::string result;
  while (true) {
    const std::size_t begin = text.find("{{"), end = text.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return result.append(text);
    result.append(text.substr(0, begin)).append(value_of(text.substr(begin + 2, end - begin - 2)));
    text.remove_prefix(end + 2);
  }
}

}  // namespace

std::string make_page(std::string_view html, const std::vector<std::string_view>& scripts, const Json& data) {
  std::vector<std::string_view> all(std::begin(kShared), std::end(kShared));
  all.insert(all.end(), scripts.begin(), scripts.end());
  return filled(page_file(html), [&](std::string_view name) -> std::string {
    if (name == "policy") return policy_for(all);
    if (name == "data") return json_for_html(data);
    if (name != "scripts") return std::string(page_file(name));
    std::string text;
    for (const std::string_view script : all) text.append("<script>").append(page_file(script)).append("</script>\n");
    return text;
  });
}

std::string json_for_html(const Json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

Json short_number(double value) {
  if (!std::isfinite(value)) return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

}  // namespace hiddenkey
