#!/usr/bin/env bash
# Make the virtual environment with exactly the locked packages.
set -euo pipefail
python=$1 lock=$2
command -v "$python" >/dev/null || { echo "Python 3.11 or later is needed; PYTHON=/path/to/it names another." >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "$python is $("$python" -V); Python 3.11 or later is needed, PYTHON=/path/to/it names another." >&2; exit 1; }
[ -x .venv/bin/python ] || "$python" -m venv .venv ||
  { echo "Python's venv module is missing: install the package python3-venv." >&2; exit 1; }
echo "Installing the packages of $lock …"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
