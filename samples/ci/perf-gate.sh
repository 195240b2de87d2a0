#!/bin/sh
# perf-gate.sh - keeps the profiles of CI runs in a store, and holds those of a change against main's.
#
#   perf-gate.sh run PROFILE...    archive the profiles, compare them with main's last; on main, push them
#   perf-gate.sh fetch REF FILE    the archive of main or of a commit, checked; status 1: the store has none
#   perf-gate.sh push FILE REF...  an archive, under these names, read back and compared
#
# The profiles of one call are runs of one program. PERF_STORE says where archives are kept:
#
#   s3://BUCKET/PREFIX        AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION; by curl
#   oci://REGISTRY/REPOSITORY PERF_USER and PERF_PASSWORD, or the file of skopeo login; by skopeo
#   https://HOST/PATH         PERF_USER and PERF_PASSWORD, or PERF_HEADER='Authorization: Bearer ...'; by curl
#   file:FOLDER               a folder that the jobs share
#
# README.md beside this file tells the other variables. Status: 0 done, 1 a gate failed, 2 not done.
set -eu

say() { printf 'perf-gate: %s\n' "$*"; }
warn() { say "$@" >&2; }
die() {
    warn "$@"
    exit 2
}
usage() {
    sed -n '4,6s/^# *//p' "$0" >&2
    exit 2
}

# -- What this run is ------------------------------------------------------------------------------------------

store=${PERF_STORE:-}
name=${PERF_NAME:-perf}
main=${PERF_MAIN:-main}
out=${PERF_OUT:-perf-out}
retries=${PERF_RETRIES:-3}
gates=${PERF_FAIL_IF:-time > +10% and q < 0.05 and share > 1%}
branch=${PERF_BRANCH:-${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-${CI_COMMIT_REF_NAME:-}}}}}
commit=${PERF_COMMIT:-${GITHUB_SHA:-${CI_COMMIT_SHA:-}}}

# Names become parts of URLs, and of names in a registry, which has the narrowest rules.
plain() {
    case $2 in '' | [!a-z0-9]* | *[!a-z0-9._-]*) die "$1: lower case letters, digits, . _ and - expected, not '$2'" ;; esac
}
safe() { printf '%s' "$1" | tr -c 'A-Za-z0-9_.-' '-'; }

# Is this the run of main itself? A pull request never is, whatever its branch is called: so only events that
# run main's own code count, and GitLab's CI_COMMIT_BRANCH, which merge requests and tags do not have.
on_main() {
    case ${PERF_PUSH:-} in
    yes) return 0 ;;
    no) return 1 ;;
    '') ;;
    *) die "PERF_PUSH: yes or no expected, not '$PERF_PUSH'" ;;
    esac
    case ${GITHUB_EVENT_NAME:-} in
    push | schedule | workflow_dispatch) [ "${GITHUB_REF:-}" = "refs/heads/$main" ] ;;
    '') [ "${CI_COMMIT_BRANCH:-}" = "$main" ] ;;
    *) return 1 ;;
    esac
}

# -- Stores: fetch_X REF FILE (status 1: not there) and push_X FILE REF ------------------------------------------

object() { printf '%s/%s.tar.zst' "$name" "$(safe "$1")"; }

fetch_folder() {
    [ -e "${store#file:}/$(object "$1")" ] || return 1
    cp "${store#file:}/$(object "$1")" "$2" || exit 2
}

push_folder() {
    to=${store#file:}/$(object "$2")
    mkdir -p "${to%/*}" && cp "$1" "$to.$$" && mv "$to.$$" "$to" || exit 2
}

# A value between quotes in curl's configuration, which comes by standard input: secrets are no arguments, as
# those can be seen by everybody on the machine.
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

web_access() {
    case $store in
    s3:*)
        printf 'user = "%s:%s"\n' "$(quoted "${AWS_ACCESS_KEY_ID:-}")" "$(quoted "${AWS_SECRET_ACCESS_KEY:-}")"
        printf 'aws-sigv4 = "aws:amz:%s:s3"\n' "${AWS_REGION:-${AWS_DEFAULT_REGION:-us-east-1}}"
        [ -z "${AWS_SESSION_TOKEN:-}" ] || printf 'header = "x-amz-security-token: %s"\n' "$(quoted "$AWS_SESSION_TOKEN")"
        ;;
    *)
        [ -z "${PERF_HEADER:-}" ] || printf 'header = "%s"\n' "$(quoted "$PERF_HEADER")"
        [ -z "${PERF_USER:-}" ] || printf 'user = "%s:%s"\n' "$(quoted "$PERF_USER")" "$(quoted "${PERF_PASSWORD:-}")"
        ;;
    esac
}

# web FILE OPTION... URL - puts the content of the answer in FILE, and sets $answer to the status of HTTP; what
# curl itself cannot do is the end. FILE is emptied first, as curl leaves it alone when there is no content.
web() {
    : >"$1"
    answer=$(web_access | curl -K - -sS --proto '=http,https' --connect-timeout 20 --speed-limit 1 --speed-time 60 \
        --retry "$retries" --retry-connrefused -w '%{http_code}' -o "$@" 2>"$tmp/err") ||
        die "$store: $(head -n 1 "$tmp/err")"
}

web_url() {
    case $store in
    s3:*) printf '%s/%s/%s' "${AWS_ENDPOINT_URL%/}" "${store#s3://}" "$(object "$1")" ;;
    *) printf '%s/%s' "$store" "$(object "$1")" ;;
    esac
}

# web_failed REF FILE - what the answer means; S3 has a word for it in its content, which is in FILE.
web_failed() {
    word=$(sed -n 's/.*<Code>\([A-Za-z]*\)<.*/, \1/p' "$2")
    case $answer in
    401 | 403) die "$store: access to $(object "$1") refused (HTTP status $answer$word)" ;;
    *) die "$store: $(object "$1"): HTTP status $answer$word" ;;
    esac
}

fetch_web() {
    web "$2" "$(web_url "$1")"
    case $answer in
    200) ;;
    404) return 1 ;;
    *) web_failed "$1" "$2" ;;
    esac
}

push_web() {
    web "$tmp/answer" -T "$1" -H 'Content-Type: application/zstd' "$(web_url "$2")"
    case $answer in 200 | 201 | 204) ;; *) web_failed "$2" "$tmp/answer" ;; esac
}

# S3 wants the hash of what is sent, signed as well; of a request without content, that of nothing.
nothing=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

fetch_s3() {
    web "$2" -H "x-amz-content-sha256: $nothing" "$(web_url "$1")"
    case $answer in
    200) ;;
    404)
        ! grep -q '<Code>NoSuchBucket<' "$2" || web_failed "$1" "$2"
        return 1
        ;;
    *) web_failed "$1" "$2" ;;
    esac
}

push_s3() {
    hash=$(sha256sum <"$1")
    web "$tmp/answer" -T "$1" -H "x-amz-content-sha256: ${hash%% *}" "$(web_url "$2")"
    [ "$answer" = 200 ] || web_failed "$2" "$tmp/answer"
}

oci_image() { printf 'docker://%s/%s:%s' "${store#oci://}" "$name" "$(safe "$1")"; }

# oci SIDE WORD... - skopeo copy, with the registry as SIDE, src or dest. Archives are no container images: no
# policy about who may sign those holds for them.
oci() {
    side=$1
    shift
    set -- --retry-times "$retries" "--$side-tls-verify=${PERF_OCI_TLS:-true}" "$@"
    if [ -n "${PERF_USER:-}" ]; then
        host=${store#oci://}
        key=$(printf '%s:%s' "$PERF_USER" "${PERF_PASSWORD:-}" | base64 | tr -d '\n')
        printf '{"auths":{"%s":{"auth":"%s"}}}\n' "${host%%/*}" "$key" >"$tmp/auth.json"
        set -- --authfile "$tmp/auth.json" "$@"
    fi
    skopeo --insecure-policy --command-timeout 10m copy -q "$@" >"$tmp/err" 2>&1
}

oci_failed() {
    case $(cat "$tmp/err") in
    *unauthorized* | *denied* | *'authentication required'*) die "$store: access to $(oci_image "$1") refused" ;;
    *) die "$store: $(tail -n 1 "$tmp/err")" ;;
    esac
}

fetch_oci() {
    rm -rf "$tmp/image"
    if ! oci src "$(oci_image "$1")" "dir:$tmp/image"; then
        case $(cat "$tmp/err") in *'manifest unknown'* | *'name unknown'*) return 1 ;; esac
        oci_failed "$1"
    fi
    # The one layer of the image is the archive.
    layer=$(sed -n 's/.*"layers":\[{[^]]*"digest":"sha256:\([0-9a-f]*\)".*/\1/p' "$tmp/image/manifest.json")
    [ -n "$layer" ] || die "$store: $(oci_image "$1"): not an archive of profiles"
    cp "$tmp/image/$layer" "$2" || exit 2
}

push_oci() {
    rm -f "$tmp/oci.tar"
    profarchive add --format oci -o "$tmp/oci.tar" - "$1" || exit 2
    oci dest --preserve-digests "oci-archive:$tmp/oci.tar" "$(oci_image "$2")" || oci_failed "$2"
}

# -- Commands ----------------------------------------------------------------------------------------------------

# fetch REF FILE - FILE appears only when the archive in it is sound.
fetch() {
    "fetch_$kind" "$1" "$tmp/fetched" || return 1
    profarchive check "$tmp/fetched" >&2 || {
        warn "$store: the archive of $1 is broken"
        return 2
    }
    cp "$tmp/fetched" "$2" || exit 2
}

push() {
    archive=$1
    shift
    profarchive check "$archive" >&2 || die "$archive: broken, and not pushed"
    for ref; do
        "push_$kind" "$archive" "$ref"
        if ! { "fetch_$kind" "$ref" "$tmp/back" && cmp -s "$archive" "$tmp/back"; }; then
            die "$store: what was pushed as $ref reads back differently"
        fi
        say "pushed as $ref"
    done
}

# Profiles of equal content are one in an archive: the label run keeps them apart.
pack() {
    profile=$1
    set -- --label "name=$name" --label "branch=$branch" --label "commit=$commit" --label "run=$n"
    [ -z "$when" ] || set -- "$@" --time "$when"
    profarchive add "$@" - "$profile" >"$tmp/run.$n" || exit 2
}

collect() {
    n=0
    for file; do
        n=$((n + 1))
        pack "$file"
    done
    profarchive add "$out/new.tar.zst" "$tmp"/run.* || exit 2
    profarchive check "$out/new.tar.zst" || die "these profiles contradict themselves"
    profarchive cat -o "$out/new.pb.zst" "$out/new.tar.zst" || exit 2
    say "profiles of $commit: $n"
}

# Status 1: there is nothing to compare with.
find_base() {
    for ref in ${PERF_BASE:-${CI_MERGE_REQUEST_DIFF_BASE_SHA:-}} "$main"; do
        found=0
        fetch "$ref" "$out/base.tar.zst" || found=$?
        case $found in
        0)
            say "comparing with $ref"
            profarchive cat -o "$out/base.pb.zst" "$out/base.tar.zst" || return 2
            return 0
            ;;
        2) return 2 ;;
        esac
    done
    return 1
}

diff_as() {
    format=$1
    shift
    # shellcheck disable=SC2086  # PERF_DIFF is words
    profdiff --format "$format" -b "$out/base.pb.zst" ${PERF_DIFF:-} "$@" "$out/new.pb.zst"
}

# Status 1: a gate failed.
compare() {
    set --
    while IFS= read -r gate; do
        [ -z "$gate" ] || set -- "$@" --fail-if "$gate"
    done <<GATES
$gates
GATES
    held=0
    diff_as text "$@" -o "$out/report.txt" || held=$?
    [ "$held" -le 1 ] || return 2
    cat "$out/report.txt"
    diff_as markdown -q "$@" -o "$out/summary.md" || [ $? = 1 ] || return 2
    diff_as junit -q "$@" -o "$out/junit.xml" || [ $? = 1 ] || return 2
    return "$held"
}

run() {
    [ $# -gt 0 ] || usage
    commit=${commit:-$(git rev-parse HEAD)} || die "PERF_COMMIT is not set, and this is no git repository"
    branch=${branch:-$(git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)}
    when=${PERF_TIME:-$(git show -s --format=@%ct "$commit" -- 2>/dev/null || true)}
    if on_main; then pushes=yes; else pushes=no; fi
    mkdir -p "$out"
    (cd "$out" && rm -f new.tar.zst new.pb.zst base.tar.zst base.pb.zst report.txt summary.md junit.xml)
    collect "$@"
    result=0
    find_base || result=$?
    case $result in
    0) compare || result=$? ;;
    1)
        say "the store has no archive of $main yet: nothing to compare with" | tee "$out/summary.md"
        result=0
        ;;
    esac
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -e "$out/summary.md" ]; then
        cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
    fi
    # Main is what it is: it is pushed even when a gate failed, or when what was there is broken.
    if [ $pushes = yes ]; then
        push "$out/new.tar.zst" "$commit" "$main"
    fi
    return "$result"
}

case $store in
s3://?*)
    kind=s3
    [ -n "${AWS_ENDPOINT_URL:-}" ] || die "AWS_ENDPOINT_URL is not set: the URL of the S3 server"
    if [ -z "${AWS_ACCESS_KEY_ID:-}" ] || [ -z "${AWS_SECRET_ACCESS_KEY:-}" ]; then
        die "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: the key to the S3 server"
    fi
    ;;
oci://?*/?*) kind=oci ;;
http://?* | https://?*) kind=web ;;
file:?*) kind=folder ;;
*) die "PERF_STORE: s3://BUCKET/PREFIX, oci://REGISTRY/REPOSITORY, https://HOST/PATH or file:FOLDER expected, not '$store'" ;;
esac
store=${store%/}
case ${store#*:} in *[!A-Za-z0-9._/:~-]*) die "PERF_STORE: only letters, digits and . _ / : ~ - expected, not '$store'" ;; esac
plain PERF_NAME "$name"
command -v profarchive >/dev/null || die "profarchive: not found in PATH"

command=${1:-}
[ $# -eq 0 ] || shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM
case $command:$# in
run:*) run "$@" ;;
fetch:2) fetch "$@" ;;
push:[2-9]) push "$@" ;;
*) usage ;;
esac
