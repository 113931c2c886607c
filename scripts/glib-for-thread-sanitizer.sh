#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds the GLib of this Debian with ThreadSanitizer, once, and prints the prefix it is in.  The
# sanitizer sees only what was compiled for it: with the system's GLib, each of its locks and queues
# would look like a race.
#
# usage: glib-for-thread-sanitizer.sh CACHE-DIRECTORY

set -euo pipefail

cache=$1
version=$(dpkg-query --showformat='${source:Version}' --show libglib2.0-dev)
recipe=$(sha256sum < "$0")
prefix=$cache/glib-$version-thread-${recipe:0:8}
log=$prefix.log

if [ -e "$prefix/complete" ]; then
  echo "$prefix"
  exit 0
fi

work=$(mktemp -d "$cache/glib-work-XXXXXX")
trap 'rm -rf "$work"' EXIT

# A configuration of apt's own: the system's sources, as source packages, without a change to the
# system's lists.  Only the distribution's, since others need not have any.
apt_sources ()
{
  local codename file
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

  mkdir -p "$work/apt/parts" "$work/apt/lists/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -e "$file" ] || continue
    { grep -E "^deb(-src)? .*[ /]$codename([-/ ]|\$)" "$file" || true; } \
      | sed -E 's/^deb /deb-src /' >> "$work/apt/parts/lsock.list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -e "$file" ] || continue
    grep -qE "^Suites:(.* )?$codename([- ]|\$)" "$file" || continue
    sed -E 's/^Types:.*/Types: deb-src/' "$file" > "$work/apt/parts/$(basename "$file")"
  done
}

apt ()
{
  apt-get --quiet --quiet \
    --option Dir::Etc::SourceList=/dev/null \
    --option Dir::Etc::SourceParts="$work/apt/parts" \
    --option Dir::State::Lists="$work/apt/lists" \
    --option Dir::Cache="$work/apt" \
    --option APT::Sandbox::User="$(id -un)" \
    "$@"
}

# Two things in GLib are out of the sanitizer's sight.  Bit locks are assembly, with a portable form
# beside it.  And some words are written atomically and read plainly, or set twice to the same, which
# does no harm on the machines that there are, but is a race by the letter: a report for every signal
# that two threads emit.  Doing it by the letter, as later releases do in part (GNOME/glib!4575 and
# what followed it), spares us suppressions, which would hide our own mistakes too.
correct ()
{
  local fields='derivative_flag|floating|in_inotify|in_marshal|is_invalid|n_fnotifiers|n_guards'
  fields+='|n_inotifiers|ref_count'

  sed -E -i \
    -e "s/(\\bclosure|\\(cl\\))->($fields)\\b/READ (\\1, \\2)/g" \
    -e 's/old_int = cunion->vint;/old_int = g_atomic_int_get (\&cunion->vint);/' \
    -e '/^#define CHANGE_FIELD/i \
#define READ(_closure, _field) \\\
  (((ClosureInt) { .vint = g_atomic_int_get (\&((ClosureInt *) (_closure))->vint) }).closure._field)\
' \
    gobject/gclosure.c
  sed -E -i 's/\(\(GClosure\*\) \(cclosure\)\)->/((union { gint vint; GClosure closure; }) \\\
    { .vint = g_atomic_int_get ((gint *) (cclosure)) }).closure./' \
    gobject/gclosure.h
  sed -E -i 's/impl = (mutex|rec_mutex|lock|cond)->p;/impl = g_atomic_pointer_get (\&\1->p);/' \
    glib/gthread-posix.c
  sed -i 's/static GQuark q; /GQuark q = 0; /' glib/gquark.h
  sed -i 's/#define USE_ASM_GOTO 1/#undef USE_ASM_GOTO/' glib/gbitlock.c
}

build ()
{
  apt_sources
  apt update
  (cd "$work" && apt source "glib2.0=$version")
  (cd "$work"/glib2.0-*/ && correct)
  meson setup "$work/build" "$work"/glib2.0-*/ \
    --prefix="$prefix" \
    --libdir=lib \
    --buildtype=debugoptimized \
    --wrap-mode=nodownload \
    -Db_sanitize=thread \
    -Db_lundef=false \
    -Dgtk_doc=false \
    -Dinstalled_tests=false \
    -Dlibelf=disabled \
    -Dlibmount=disabled \
    -Dman=false \
    -Dnls=disabled \
    -Dselinux=disabled \
    -Dtests=false
  ninja -C "$work/build"
  meson install -C "$work/build" --no-rebuild --quiet
  touch "$prefix/complete"
}

echo "Building GLib $version with ThreadSanitizer, once; it takes some minutes." >&2
rm -rf "$prefix"
if ! build > "$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "GLib could not be built with ThreadSanitizer; the whole story is in $log" >&2
  exit 1
fi
echo "$prefix"
