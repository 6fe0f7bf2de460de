#!/bin/sh
# Installs the programs of other people that `make test-real` drives: an SSH, a telnet and an
# IMAP daemon, PostgreSQL, the sources of locales, and two desktop programs. Needs apt and root
# (or sudo).
# Nothing is started: the tests start their own daemons, on loopback.
set -eu

missing=""
command -v /usr/sbin/sshd >/dev/null || missing="$missing openssh-server"
command -v /usr/sbin/telnetd >/dev/null || missing="$missing inetutils-telnetd"
[ -x /usr/lib/dovecot/imap ] || missing="$missing dovecot-imapd"
[ -n "$(command -v initdb || find /usr/lib/postgresql -name initdb 2>/dev/null)" ] ||
    missing="$missing postgresql"
[ -e /usr/share/i18n/charmaps/GB18030.gz ] || missing="$missing locales"
command -v mousepad >/dev/null || missing="$missing mousepad"
command -v galculator >/dev/null || missing="$missing galculator"
[ -n "$(find /usr/lib -name libfaketimeMT.so.1 2>/dev/null)" ] || missing="$missing faketime"
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "left out, not installed:$missing"; exit 0; }

as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
policy=/usr/sbin/policy-rc.d # asked by the packages whether to start their daemons
[ -e "$policy" ] || {
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    trap '$as_root rm -f "$policy"' EXIT
}
echo "installing for the tests on real programs:$missing"
$as_root apt-get -o DPkg::Lock::Timeout=300 update -qq >/dev/null
# shellcheck disable=SC2086 # the names are words
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends $missing >/dev/null
