#!/usr/bin/env bash
# The whole recipe: train (or go on training), export, compare with the trained network, measure, write the pack. Arguments go to train.py.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# The Debian packages belong to the system's Python, which another one may hide.
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch, onnx, numpy' 2>/dev/null || {
  echo "train.sh: needs PyTorch and ONNX for $python: apt-get install python3-torch python3-onnx libopenblas0-pthread (or set PYTHON)" >&2
  exit 1
}
"$python" "$here/train.py" "$@"
"$python" "$here/export.py"
if [ -d "$here/../node_modules" ] || (cd "$here/.." && npm ci --ignore-scripts --no-audit --no-fund); then
  node "$here/../check.mjs" "$here/../../../out/shapes" "$here/../../shapes"
else
  echo "train.sh: the exported stages were NOT compared with the trained network: they need ONNX Runtime for node (apt-get install nodejs npm)" >&2
fi
"$python" "$here/evaluate.py"
