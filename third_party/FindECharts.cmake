# The script that draws a report's figures, as scripts/setup.sh leaves it in the cache.
#
#   ECHARTS   (cache or environment) the file, where it lies elsewhere
#
# Defines ECharts_SCRIPT, a file whose SHA-256 is that of third_party/echarts.sha256.
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/echarts.sha256" _line LIMIT_COUNT 1)
string(REGEX MATCH "^([0-9a-f]+)  (.*)$" _line "${_line}")
set(_sum "${CMAKE_MATCH_1}")
set(_name "${CMAKE_MATCH_2}")
set(_cache "$ENV{XDG_CACHE_HOME}")
if(NOT _cache)
  set(_cache "$ENV{HOME}/.cache")
endif()

set(ECharts_SCRIPT "${_cache}/hiddenkey/${_name}")
foreach(_named IN ITEMS "$ENV{ECHARTS}" "${ECHARTS}")
  if(_named)
    set(ECharts_SCRIPT "${_named}")
  endif()
endforeach()
set(_found "")
if(EXISTS "${ECharts_SCRIPT}")
  file(SHA256 "${ECharts_SCRIPT}" _found)
endif()
string(COMPARE EQUAL "${_found}" "${_sum}" _fits)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ECharts
  REQUIRED_VARS ECharts_SCRIPT _fits
  REASON_FAILURE_MESSAGE "${ECharts_SCRIPT} is missing or is another file: run scripts/setup.sh, or point ECHARTS at ${_name}")
