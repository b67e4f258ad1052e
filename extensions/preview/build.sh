#!/usr/bin/env bash
# Build the preview for the demo where there is a Node with npm; without one the demo goes without it, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v npm >/dev/null; then
  echo "Without Node the demo has no preview of the extensions: install nodejs and npm to see them." >&2
  exit
fi
bash tools/install.sh --runtime
node preview/build.mjs
