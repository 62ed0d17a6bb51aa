#!/usr/bin/env bash
# Checks the programs with all of libtorch's CUDA libraries installed: they
# start, say what there is of CUDA or what is missing, refuse what is not
# usable, and train on the CPU. For `make check-cuda`, which installs and
# builds; too large for every check.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { echo "check-cuda: $*" >&2; exit 1; }
bin=$PWD/target/release
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$bin/train" --devices | tee "$place/devices"
cd "$place"
"$bin/demo" --train 40 --test 10 >/dev/null
cp "$OLDPWD/pipelines/sneakers.yaml" .
"$bin/prep" sneakers.yaml 2>/dev/null
train=("$bin/train" sneakers.yaml --set train.epochs=1 --set 'train.early_stopping=null')
"${train[@]}" --set train.device=cpu || die "training on the CPU failed"
if grep -q '^cuda:0' devices; then
  "${train[@]}" --set train.device=cuda || die "training on the first CUDA device failed"
  exit 0
fi
grep -q "libtorch's CUDA libraries" devices && die "the CUDA libraries are installed, but not opened"
! "${train[@]}" --set train.device=cuda 2>refused || die "train.device: cuda was not refused"
cat refused
grep -q "^error: train.device cuda:0: NVIDIA's driver" refused || die "the refusal does not say what is missing"
