#!/usr/bin/env bash
# Whether the sources are in the project's format; --fix rewrites them.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v clang-format > /dev/null || { echo "clang-format is not installed" >&2; exit 77; }
mode=(--dry-run --Werror)
[[ "${1:-}" == --fix ]] && mode=(-i)
find src tests \( -name '*.h' -o -name '*.cpp' -o -name '*.cu' -o -name '*.cuh' \) -print0 | xargs -0 clang-format "${mode[@]}"
