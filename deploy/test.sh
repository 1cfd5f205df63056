#!/bin/sh
# `make test`: the whole suite on a real PostgreSQL and a real broker (embedded, or DATABASE_URL and REDIS_URL when set).
# Arguments go to pytest: sh deploy/test.sh tests/core -k clock
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
chosen=""
if [ -z "${CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null 2>&1; then CHROMIUM=$(command -v "$name"); break; fi
    done
fi
if [ -n "${CHROMIUM:-}" ]; then
    export CHROMIUM
else
    chosen="not journey"
    echo "########################################################################"
    echo "# No Chromium on this machine: THE JOURNEYS IN A BROWSER ARE NOT RUN.  #"
    echo "# Install it (Debian: apt install chromium) or set CHROMIUM to its path. #"
    echo "########################################################################"
fi
env -u DATABASE_URL -u SECRET_KEY -u ALLOWED_HOSTS -u EMAIL_URL PORTAL_MODE=local $python manage.py compile_messages --verbosity 0
# Journeys drive a browser: one worker runs them all, one after the other, while the other runs the rest.
exec $python -m pytest -q -n "${WORKERS:-2}" --dist loadgroup ${chosen:+-m "$chosen"} "$@"
