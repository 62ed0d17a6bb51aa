#!/usr/bin/env bash
# Proves the floors of docs/architecture.md: no crate reaches what it must not
# touch, and no arrow points up.
set -euo pipefail
cd "$(dirname "$0")/.."

# Whether the crate shoebox-$1 depends on $2, directly or not.
reaches() {
  cargo tree --offline -q -e normal,build --prefix none -p "shoebox-$1" | grep -q "^$2 v"
}

# crate: what it must not touch
rules='
spec: tch torch-sys image shoebox-artifact shoebox-cache
artifact: tch torch-sys image shoebox-spec
metrics: tch torch-sys image shoebox-spec shoebox-artifact
jpeg: tch torch-sys image shoebox-spec shoebox-artifact shoebox-cache
chart: tch torch-sys image shoebox-spec shoebox-artifact shoebox-cache
launch: tch torch-sys image shoebox-spec shoebox-artifact shoebox-cache
collective: image shoebox-spec shoebox-artifact shoebox-cache shoebox-kernels shoebox-model
kernels: image shoebox-spec shoebox-artifact shoebox-cache
cache: tch torch-sys image shoebox-spec
demo: tch torch-sys shoebox-spec shoebox-cache
model: image shoebox-cache shoebox-prep
prep: tch torch-sys shoebox-model shoebox-train
report: tch torch-sys shoebox-model shoebox-prep shoebox-train
train: image shoebox-prep shoebox-report
infer: shoebox-train shoebox-report
'
failed=0
while IFS=: read -r crate forbidden; do
  [ -n "$crate" ] || continue
  for other in $forbidden; do
    if reaches "$crate" "$other"; then
      echo "check-arrows: shoebox-$crate must not depend on $other" >&2
      failed=1
    fi
  done
done <<<"$rules"
[ "$failed" = 0 ] && echo "check-arrows: every arrow points down"
exit "$failed"
