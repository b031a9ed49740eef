#!/usr/bin/env bash
# From a fresh Debian 12 to a running vstats-sim in one command: installs what is missing, builds the
# release binary if a source changed, then acts. `./run.sh --help` lists the words.
set -euo pipefail

# The compiler of the release build: g++ or clang++-19; bench/README.md says what each costs.
release_cxx=g++
release_options=(--buildtype=release -Db_lto=true)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build_dir=$root/build/release
binary=$build_dir/src/app/vstats-sim

build_packages=(
    g++ meson ninja-build pkg-config python3 libboost1.81-dev libfmt-dev libsimdjson-dev
    doctest-dev libcli11-dev libspdlog-dev libsqlite3-dev libssl-dev zlib1g-dev prometheus-cpp-dev
    libjs-chart.js
)
[[ $release_cxx == clang++-* ]] && build_packages+=("clang-${release_cxx#clang++-}" "llvm-${release_cxx#clang++-}")
test_packages=(clang-19 clang-format-19 libclang-rt-19-dev)
bench_packages=(libbenchmark-dev)

usage() {
    cat <<'END'
usage: ./run.sh [WORD] [OPTIONS of vstats-sim]

  (no word)   history, then realtime until Ctrl-C, against $VSTATS_SERVER_URL; asks for the token
  history     only the history
  realtime    only the realtime data
  cleanup     delete this tool's servers
  demo        no server needed: 5000 agents for a minute against the embedded reference server, verified
  build       build, print the binary's path on the last line
  test        every check of the repository; the last line is `N passed, N failed`
  bench       the benchmarks: about 40 minutes, --quick about 3; bench/README.md
  --help      this text

Anything else goes to vstats-sim as it stands: `./run.sh serve --listen 127.0.0.1:3001`,
`./run.sh --count 50 --mode realtime`, `./run.sh run --help`.

The environment sets defaults, an option wins: VSTATS_SERVER_URL, VSTATS_SERVER_COUNT,
VSTATS_HISTORY_HOURS, VSTATS_INTERVAL, VSTATS_AGG_INTERVAL, VSTATS_MODE, VSTATS_TOKEN,
VSTATS_PASSWORD.

Debian packages that are missing are installed first, through sudo when you are not root.
END
}

say() { printf '%s\n' "$*" >&2; }
die() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

# --- packages ----------------------------------------------------------------------------------

is_debian_12() {
    grep -qx 'ID=debian' /etc/os-release && grep -qx 'VERSION_ID="12"' /etc/os-release
} 2>/dev/null

installed_packages() { # of those named
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true
}

missing_packages() {
    local have
    have=" $(installed_packages "$@" | tr '\n' ' ') "
    local p
    for p in "$@"; do
        [[ $have == *" $p "* ]] || printf '%s\n' "$p"
    done
}

# Debian's default Boost headers (1.74) and ours (1.81) exclude each other, and taking the old ones
# away is not ours to decide unless somebody agrees or the machine is a throw-away one (CI).
agree_to_replace_boost() {
    [[ ${CI:-} == true ]] && return
    [[ -t 0 && -t 2 ]] || return 1
    local answer
    read -r -p "Replace Boost 1.74's headers (libboost1.74-dev and what needs it) by 1.81's? [y/N] " answer
    [[ $answer == [yY]* ]]
}

install_packages() { # reason, packages
    local reason=$1
    shift
    local -a missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0

    if ! is_debian_12; then
        say "run.sh: this is not Debian 12, so nothing is installed; meson will name what it misses $reason"
        return 0
    fi
    say "missing Debian packages $reason: ${missing[*]}"

    local as_root='' keep=--no-remove
    [[ $(id -u) == 0 ]] || as_root=sudo
    if [[ " ${missing[*]} " == *" libboost1.81-dev "* && -n $(installed_packages libboost1.74-dev) ]]; then
        say "libboost1.81-dev cannot be installed beside libboost1.74-dev; Asio 1.74 is too old for this program"
        agree_to_replace_boost ||
            die "to replace the old headers: ${as_root:+$as_root }apt-get install libboost1.81-dev libboost1.74-dev-"
        keep=
    fi
    local install="apt-get install -y --no-install-recommends ${keep:+$keep }${missing[*]}"
    if [[ $as_root ]] && ! command -v sudo >/dev/null; then
        die "there is no sudo here; as root: apt-get update && $install"
    fi

    mkdir -p "$root/build"
    local log=$root/build/apt.log
    say "installing them (log: $log)"
    # $install is split on purpose: package names and options hold no blanks.
    # shellcheck disable=SC2086
    if ! $as_root apt-get update >"$log" 2>&1 ||
        ! $as_root env DEBIAN_FRONTEND=noninteractive $install >>"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        die "apt-get failed; by hand: ${as_root:+$as_root }apt-get update && ${as_root:+$as_root }$install"
    fi
}

# --- build -------------------------------------------------------------------------------------

# A Beast source needs up to 2.2 GB while it compiles.
build_jobs() {
    local by_memory
    by_memory=$(awk '/^MemAvailable:/ { print int($2 / 2300000) }' /proc/meminfo)
    local jobs
    jobs=$(nproc)
    ((by_memory < jobs)) && jobs=$by_memory
    echo $((jobs > 0 ? jobs : 1))
}

failed() { # what, log
    tail -n 60 "$2" >&2
    die "$1 failed (whole log: $2)"
}

configure() {
    local wanted="$release_cxx ${release_options[*]}" log=$root/build/setup.log
    [[ -f $build_dir/build.ninja && $(cat "$build_dir/.settings" 2>/dev/null) == "$wanted" ]] && return
    say "configuring build/release with $release_cxx"
    rm -rf "$build_dir"
    local -a environment=(CXX="$release_cxx")
    # LTO objects of clang need LLVM's archiver, which meson does not find under its versioned name.
    [[ $release_cxx == clang++-* ]] && environment+=(AR="llvm-ar-${release_cxx#clang++-}")
    env "${environment[@]}" meson setup "${release_options[@]}" "$build_dir" "$root" >"$log" 2>&1 ||
        failed "meson setup" "$log"
    printf '%s\n' "$wanted" >"$build_dir/.settings"
}

# One line that ninja's "[7/90] ..." lines overwrite.
progress() {
    local line width
    width=$(tput cols 2>/dev/null || echo 80)
    while IFS= read -r line; do
        if [[ $line == \[*/*\]* ]]; then printf '\r\033[K%.*s' $((width - 1)) "building $line"; fi
    done
    printf '\r\033[K'
}

has_micro() {
    grep -q '^build bench/micro:' "$build_dir/build.ninja"
}

# meson looks for Google Benchmark when it configures, and the package may have come later. Where there
# is none its source is fetched; no other word of this script asks for it.
configure_micro() {
    has_micro && return
    local log=$root/build/setup.log
    meson setup --reconfigure "$build_dir" "$root" >"$log" 2>&1 || failed "meson setup" "$log"
    has_micro && return
    meson setup --reconfigure -Dforce_fallback_for=benchmark "$build_dir" "$root" >"$log" 2>&1 ||
        failed "meson setup" "$log"
    has_micro || failed "the search for Google Benchmark" "$log"
}

compile() { # targets
    local log=$root/build/ninja.log
    local -a ninja=(ninja -C "$build_dir" -j "$(build_jobs)" "$@")
    if [[ -t 2 ]]; then
        "${ninja[@]}" 2>&1 | tee "$log" | progress >&2 || failed "the build" "$log"
    else
        [[ -x $binary ]] || say "building build/release (some minutes the first time)"
        "${ninja[@]}" >"$log" 2>&1 || failed "the build" "$log"
    fi
}

lock_build() { # two runs at once must not build at once
    mkdir -p "$root/build"
    exec {lock}>"$root/build/.lock"
    flock "$lock"
}

build() {
    install_packages "for the build" "${build_packages[@]}"
    lock_build
    configure
    compile src/app/vstats-sim
    exec {lock}>&-
}

build_bench() {
    install_packages "for the build" "${build_packages[@]}"
    install_packages "for the benchmarks" "${bench_packages[@]}"
    lock_build
    configure
    configure_micro
    compile src/app/vstats-sim bench/micro bench/floor bench/sink
    exec {lock}>&-
}

act() {
    build
    exec "$binary" "$@"
}

# --- words -------------------------------------------------------------------------------------

case ${1-} in
"") act run ;;
history | realtime)
    mode=$1
    shift
    act run --mode "$mode" "$@"
    ;;
demo)
    shift
    # Ten minutes of history, a minute of realtime, then the proof; what the user adds comes later and wins.
    act run --embedded --count 5000 --hours 0.1667 --duration 60s --viewers 1 --verify "$@"
    ;;
build)
    build
    printf '%s\n' "$binary"
    ;;
test)
    shift
    install_packages "for the build" "${build_packages[@]}"
    install_packages "for the tests" "${test_packages[@]}"
    install_packages "for the benchmarks" "${bench_packages[@]}"
    exec /usr/bin/python3 "$root/tests/support/run_tests.py" "$@"
    ;;
bench)
    shift
    [[ -f $root/bench/run.py ]] || die "there is no bench/run.py in this checkout, so there is nothing to measure with"
    build_bench
    exec /usr/bin/python3 "$root/bench/run.py" --binary "$binary" "$@"
    ;;
help | --help | -h) usage ;;
*) act "$@" ;; # cleanup, serve, verify, flags ...: vstats-sim's own
esac
