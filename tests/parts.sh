#!/usr/bin/env bash
# Find what the tests need beside Python; install what is missing where that is permitted, else name the package.
set -euo pipefail
missing=()
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null || missing+=(postgresql)
command -v valkey-server >/dev/null || command -v redis-server >/dev/null || missing+=(redis-server)
command -v chromium >/dev/null || missing+=(chromium)
command -v npm >/dev/null || missing+=(nodejs npm)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Install these packages, then try again: ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]} …"
  log=$(mktemp)
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -5 "$log" >&2; echo "Could not install: ${missing[*]}" >&2; exit 1; }
fi
# Omneo's own client for browsers, exactly as locked; no script of a package runs.
cd "$(dirname "$0")/e2e/front_end"
if ! cmp -s package-lock.json node_modules/.locked; then
  npm ci --ignore-scripts --no-update-notifier --loglevel=error >&2
  cp package-lock.json node_modules/.locked
fi
