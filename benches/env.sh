#!/usr/bin/env bash
# Makes the Python environment of the benchmarks in benches/.venv (git-ignored), once.
#
#   benches/env.sh           Keras and TensorFlow: fixtures and parity (1.6 GB on disk)
#   benches/env.sh --torch   PyTorch as well: benches/step.py (4.7 GB more)
#   benches/env.sh --prep    OpenCV and torchvision on top: benches/prep.py (0.2 GB more)
#   benches/env.sh --metrics scikit-learn, SciPy and TorchMetrics beside PyTorch (0.3 GB more)
#   benches/env.sh --finetune timm and fastai: benches/finetune_peers.py (0.7 GB more)
#
# A stamp carries the hash of the pinned requirements, so a second run does nothing and a
# changed pin installs again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case "${1:-}" in
'') pins=(requirements.txt) ;;
--torch) pins=(requirements.txt requirements-torch.txt) ;;
--prep) pins=(requirements.txt requirements-torch.txt requirements-prep.txt) ;;
--metrics) pins=(requirements.txt requirements-torch.txt requirements-metrics.txt) ;;
--finetune) pins=(requirements.txt requirements-torch.txt requirements-finetune.txt) ;;
*)
    echo "usage: benches/env.sh [--torch | --prep | --metrics | --finetune]" >&2
    exit 2
    ;;
esac

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
    echo "benches/env.sh: the pins are for Python 3.11, $python is another; set PYTHON" >&2
    exit 1
}

requirements=${pins[-1]} # names the others itself
hash=$(cd "$here" && cat "${pins[@]}" | sha256sum | cut -c1-16)
stamp="$here/.venv/.installed-$requirements-$hash"
if [ -e "$stamp" ]; then
    exit 0
fi

[ -x "$here/.venv/bin/python" ] || "$python" -m venv "$here/.venv"
"$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$here/$requirements"
touch "$stamp"
echo "benches/env.sh: installed $requirements in benches/.venv" >&2
