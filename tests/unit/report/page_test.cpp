#include "report/page.h"

#include <gmock/gmock.h>

#include <cmath>

#include "report/page_files.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

TEST(Page, KeepsDataInsideOfItsElement) {
  const Json data = {{"name", "</script><script>alert(1)</script><!--"}, {"other", "{{page.css}} \xff"}};
  const std::string text = json_for_html(data);
  EXPECT_EQ(text.find('<'), std::string::npos);
  EXPECT_EQ(Json::parse(text)["name"], data["name"]);
}

TEST(Page, NeedsNothingBesideItself) {
  const std::string page = make_page("study.html", {"study.js"}, {{"name", "{{page.css}}"}});
  EXPECT_THAT(page, HasSubstr(std::string(page_file("page.css"))));
  EXPECT_THAT(page, HasSubstr(std::string(page_file("echarts.js"))));
  EXPECT_THAT(page, HasSubstr("{\"name\":\"{{page.css}}\"}"));
  for (const char* outside : {"src=\"", "href=\"http", "@import", "url(http"}) {
    const std::string without_libraries = page.substr(0, page.find(std::string(page_file("echarts.js"))));
    EXPECT_THAT(without_libraries, Not(HasSubstr(outside)));
  }
}

TEST(Page, AllowsItsOwnScriptsByTheirSumsAndNoOthers) {
  const std::string page = make_page("study.html", {}, Json::object());
  EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'sha256-"));
  // sha256sum of the pinned file, in base64.
  EXPECT_THAT(page, HasSubstr("'sha256-uqjf5+HZM2uY6Jhrp+IOoV582+oe9CpZ1ZR4Yy+kWh0='"));
  EXPECT_THAT(page, Not(HasSubstr("script-src 'unsafe-inline'")));
}

TEST(Page, WritesNumbersAsShortAsAFigureNeedsThem) {
  EXPECT_EQ(short_number(0.123456789).dump(), "0.123457");
  EXPECT_EQ(short_number(115.0).dump(), "115.0");
  EXPECT_TRUE(short_number(std::nan("")).is_null());
}

}  // namespace
}  // namespace hiddenkey
