#!/usr/bin/env bash
# Maintainer step (`make vendor`): fetches the pinned front-end files by npm and writes them, with their hashes,
# under static/. Nobody who installs or tests the portal runs it: the result is committed.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
python="${PYTHON:-$root/.venv/bin/python}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

unfold="$("$python" -c 'import importlib.util; print(importlib.util.find_spec("unfold").submodule_search_locations[0])')"

cd "$work"
npm init --yes >/dev/null
# --ignore-scripts: nothing that is downloaded here may run, except rtlcss, which is called by name below.
npm install --ignore-scripts --no-audit --no-fund --save-exact --silent \
    @tabler/core@1.4.0 @tabler/icons@3.51.0 echarts@6.1.0 \
    @fontsource/inter@5.3.0 @fontsource/ibm-plex-sans-arabic@5.3.0 \
    @expo-google-fonts/inter@0.4.2 @expo-google-fonts/ibm-plex-sans-arabic@0.4.2 \
    rtlcss@4.3.0 axe-core@4.14.1
node "$root/deploy/vendor.mjs" "$work/node_modules" "$unfold" "$root"
