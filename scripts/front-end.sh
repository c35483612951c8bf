#!/usr/bin/env bash
# Builds the pages of the portal, which `cargo build` then puts into the binary:
#
#   scripts/front-end.sh build    build them, if they changed since the last time
#   scripts/front-end.sh check    the same, after their types, lints, texts and tests
#   scripts/front-end.sh e2e      journeys in Chromium through the binary that cargo built; a word more
#                                 names one of them
#   scripts/front-end.sh screenshots    pictures of every page, to be looked at
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly front=$PWD/frontend

scripts/parts.sh node
# Where the parts are is for npm's children, too.
set -a
# shellcheck source=/dev/null # made by the line before
. .parts/env
set +a
PATH=$(dirname "$GATELODGE_TEST_NODE"):$PATH
export PATH

npm() { # ARGUMENTS...
    case $GATELODGE_NPM in
    *.js) "$GATELODGE_TEST_NODE" "$GATELODGE_NPM" --prefix "$front" "$@" ;;
    *) "$GATELODGE_NPM" --prefix "$front" "$@" ;;
    esac
}

# The libraries, exactly those of the lock.
stamp=$(cksum <"$front/package-lock.json")
if [ "$(cat "$front/node_modules/.gatelodge-stamp" 2>/dev/null || true)" != "$stamp" ]; then
    echo "front end: fetching its libraries" >&2
    npm ci --ignore-scripts --no-audit --no-fund --no-progress --no-update-notifier --silent
    printf '%s\n' "$stamp" >"$front/node_modules/.gatelodge-stamp"
fi

# Newer sources than the site, or no site: build.
site=$front/build/site/index.html
is_stale() {
    [ ! -f "$site" ] || [ -n "$(find "$front/src" "$front/public" "$front/scripts" "$front"/*.* -newer "$site" -print -quit)" ]
}

case ${1:-build} in
build)
    if is_stale; then npm run --silent build; fi
    ;;
check)
    npm run --silent check
    npm test --silent
    ;;
e2e) (cd "$front" && node_modules/.bin/playwright test --project=journeys "${@:2}") ;;
screenshots) (cd "$front" && node_modules/.bin/playwright test --project screenshots) ;;
*)
    echo "front-end: unknown task '$1': build, check, e2e or screenshots" >&2
    exit 1
    ;;
esac
