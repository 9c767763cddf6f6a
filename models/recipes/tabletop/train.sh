#!/usr/bin/env bash
# The whole recipe: train (or go on training), export, compare with the trained network, measure, write the pack. Arguments go to train.py.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
# The Debian packages belong to the system's Python, which another one may hide.
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch, onnx, numpy' 2>/dev/null || {
  echo "train.sh: needs PyTorch and ONNX for $python: apt-get install python3-torch python3-onnx libopenblas0-pthread (or set PYTHON)" >&2
  exit 1
}
[ -d "$here/../node_modules" ] || (cd "$here/.." && npm ci --ignore-scripts --no-audit --no-fund) || {
  echo "train.sh: needs ONNX Runtime for node to compare what it exports: apt-get install nodejs npm, and a registry that has it" >&2
  exit 1
}
seed=1
for ((i = 1; i < $#; i++)); do
  [ "${!i}" = --seed ] && { next=$((i + 1)); seed=${!next}; }
done
work=${TABLETOP_WORK:-$root/out/tabletop-$seed} pack=${TABLETOP_PACK:-$root/models/tabletop}
"$python" "$here/train.py" --work "$work" "$@"
"$python" "$here/export.py" --work "$work" --pack "$pack"
node "$here/../check.mjs" "$work" "$work"
"$python" "$here/evaluate.py" --work "$work" --pack "$pack" ${TABLETOP_COUNT:+--count "$TABLETOP_COUNT"} ${TABLETOP_CHOOSE:+--choose "$TABLETOP_CHOOSE"}
