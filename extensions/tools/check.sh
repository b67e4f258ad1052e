#!/usr/bin/env bash
# Every check of the extensions, with a Node that is new enough for Shopify's CLI.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install.sh
PATH="$PWD/tools/node/node_modules/.bin:$PATH" exec node tools/check.mjs "$@"
