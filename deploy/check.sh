#!/bin/sh
# `make check`: everything that must hold before a change lands. Without arguments all of it; with names, those parts.
# Each part is silent when it holds, and shows its whole output when it does not. The tests come last, in full, then the histories.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python
# Nothing of the machine's own configuration may decide what is found.
unset DJANGO_SETTINGS_MODULE PORTAL_MODE PYTHONTZPATH 2>/dev/null || true
report=$(mktemp)
trap 'rm -f "$report"' EXIT

quietly() { # name, command…
    name=$1; shift
    began=$(date +%s)
    if "$@" >"$report" 2>&1; then
        echo "✓ $name ($(( $(date +%s) - began )) s)"
    else
        cat "$report"
        echo "✗ $name"
        exit 1
    fi
}

# The names that hold data (not the person's own): a check that reads no database must not be given one.
no_database() { env -u DATABASE_URL -u REDIS_URL -u SECRET_KEY -u ALLOWED_HOSTS -u EMAIL_URL PORTAL_MODE=local "$@"; }

production() {
    env PORTAL_MODE=production DATABASE_URL=postgresql://portal:check@127.0.0.1:5432/portal REDIS_URL=redis://127.0.0.1:6379/0 \
        SECRET_KEY="$($python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
        ALLOWED_HOSTS=portal.example.ma EMAIL_URL=smtp+tls://portal:check@mail.example.ma:587 "$@"
}

part() {
    case $1 in
        format) quietly "format" $python -m ruff format --check . ;;
        lint) quietly "lint" $python -m ruff check . ;;
        templates) quietly "templates" $python -m djlint templates --lint --quiet ;;
        types) quietly "types" no_database $python -m mypy . ;;
        contracts) quietly "import contracts" .venv/bin/lint-imports ;;
        migrations) quietly "migrations" no_database $python manage.py makemigrations --check --dry-run ;;
        messages)
            quietly "messages compiled" no_database $python manage.py compile_messages
            quietly "messages complete in French and Arabic" no_database $python manage.py extract_messages --check ;;
        deploy) quietly "deployment check with production settings" production $python manage.py check --deploy --fail-level WARNING ;;
        openapi) quietly "API description without a warning" no_database $python manage.py spectacular --validate --fail-on-warn --file /dev/null ;;
        tests) sh deploy/test.sh ;;
        # Not among the tests: they need the machine for themselves, and their own servers to strike down.
        faults) quietly "0 lost in a history of faults, the usual way caught" $python -m tests.faults ;;
        drill) quietly "backup drill: 0 differences" $python -m tests.drill ;;
        *) echo "deploy/check.sh: no part is called $1" >&2; exit 2 ;;
    esac
}

for name in ${*:-format lint templates types contracts migrations messages deploy openapi tests faults drill}; do
    part "$name"
done
