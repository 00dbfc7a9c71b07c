#!/usr/bin/env bash
# Tells in some ten minutes whether hiddenkey is exact, deterministic and fast on this machine's GPU. Needs Python 3.10 or newer with
# torch 2.11 for CUDA, Transformers 5 and PEFT, and no network.
#   gpu_check.sh FOLDER [OPTION ...]    FOLDER is what scripts/gpu_pack.sh made; summary.json is written into it
#     --program PATH                    takes this program instead of installing the wheel
#     --device cpu --small              tries the check itself on a machine without a GPU
#     --only STEP,STEP --work DIR       some steps alone; DIR keeps models and runs from one call to the next
# PYTHON names another interpreter than python3.
set -euo pipefail
[[ $# -ge 1 && "$1" != -* ]] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
here="$(cd "$(dirname "$0")" && pwd)"
folder="$(cd "$1" && pwd)"
shift
python="${PYTHON:-python3}"

program=()
case " $* " in
  *" --program "* | *" --program="*) ;;
  *)
    wheels=("$folder"/hiddenkey-*.whl)
    [[ ${#wheels[@]} -eq 1 && -f "${wheels[0]}" ]] || { echo "One hiddenkey-*.whl is needed in $folder." >&2; exit 2; }
    environment="$(mktemp -d)"
    trap 'rm -rf "$environment"' EXIT
    "$python" -m venv --system-site-packages "$environment"
    # Where $python is of a virtual environment itself, the new one would see the packages of neither.
    "$python" - "$environment" <<'PYTHON'
import pathlib, sys, sysconfig
[packages] = pathlib.Path(sys.argv[1]).glob("lib/python*/site-packages")
(packages / "those_of_python.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
PYTHON
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-index "${wheels[0]}"
    program=(--program "$environment/bin/hiddenkey")
    python="$environment/bin/python"
    ;;
esac
"$python" "$here/gpu_check.py" "$folder" "${program[@]}" "$@"
