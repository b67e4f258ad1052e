#!/usr/bin/env bash
# Install what the extensions need, exactly as locked; no script of a package runs. `--runtime`: what the preview needs.
set -euo pipefail
cd "$(dirname "$0")/.."
locked() { cmp -s package-lock.json "node_modules/.locked-$1"; }
exact() { npm ci --ignore-scripts --no-update-notifier --loglevel=error "$@" >&2; }
if [ "${1:-}" = --runtime ]; then
  locked all || locked runtime || { exact --omit=dev && cp package-lock.json node_modules/.locked-runtime; }
  exit
fi
locked all || { exact && cp package-lock.json node_modules/.locked-all; }
# Shopify's CLI needs Node 22.12; where the machine's own is older, one is installed beside it.
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) ? 0 : 1)'; then
  cd tools/node
  locked node || { exact && cp package-lock.json node_modules/.locked-node; }
  [ -x node_modules/.bin/node ] || { echo "Shopify's CLI needs Node 22.12 or newer: please install it." >&2; exit 1; }
fi
