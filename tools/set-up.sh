#!/bin/sh
# Makes .venv with `clerkwork` in it, and installs what clerkwork drives: s3270, a
# browser, a screen for desktop programs, fonts with Chinese. Needs Python 3.11 or newer,
# and apt where something of the system is missing. Asks nothing; does nothing when nothing
# changed since last time.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/.ready
assets=src/clerkwork/console/assets.toml
key="$(cat pyproject.toml constraints.txt tools/set-up.sh $assets | cksum) $PWD"
if [ -x .venv/bin/clerkwork ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$key" ]; then
    exit 0
fi

# say ENGLISH CHINESE: one line in the user's language
say() {
    case "${CLERKWORK_LANG:-${LC_ALL:-${LANG:-}}}" in
        zh*) echo "$2" ;;
        *) echo "$1" ;;
    esac
}

fail() {
    say "$1" "$2" >&2
    exit 1
}

# apt_install PACKAGE...: as root, without a question; "sudo -n" never asks either
apt_install() {
    command -v apt-get >/dev/null ||
        fail "install these with the system's own tool, then try again: $*" \
             "请用系统自带的工具安装后重试：$*"
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    # a new machine may be updating itself: wait for its lock
    { $as_root apt-get -o DPkg::Lock::Timeout=300 update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
            install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1 || {
        cat "$log" >&2
        fail "apt-get failed; run: sudo apt-get install $*  and try again" \
             "apt-get 失败；请运行：sudo apt-get install $*  后重试"
    }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

python=""
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
[ -n "$python" ] ||
    fail "Python 3.11 or newer is needed; install it and try again" \
         "需要 Python 3.11 或更高版本；请安装后重试"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    say "installing python$version-venv: makes the virtual environment" \
        "安装 python$version-venv：用于建立虚拟环境"
    apt_install "python$version-venv"
fi

# evdev, which rpaframework needs for desktop keys on Linux, comes as source only.
headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
if [ "$(uname)" = Linux ] && ! { command -v cc >/dev/null && [ -e "$headers/Python.h" ] &&
    [ -e /usr/include/linux/input.h ]; }; then
    say "installing gcc, libc6-dev and python$version-dev: one package (evdev) is compiled" \
        "安装 gcc、libc6-dev 和 python$version-dev：有一个软件包（evdev）需要编译"
    apt_install gcc libc6-dev "python$version-dev"
fi

say "making .venv: about 160 Python packages, pinned by constraints.txt; takes a few minutes" \
    "建立 .venv：约 160 个 Python 软件包，版本由 constraints.txt 固定；需要几分钟"
"$python" -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check \
    -c constraints.txt -e ".[ocr,practice,dev]" >"$log" 2>&1 || {
    cat "$log" >&2
    fail "pip failed; see above, then run again: make setup" \
         "pip 失败，原因见上；处理后请重新运行：make setup"
}

.venv/bin/clerkwork doctor --install
printf '%s' "$key" >"$stamp"
say "ready: .venv/bin/clerkwork" "已就绪：.venv/bin/clerkwork"
