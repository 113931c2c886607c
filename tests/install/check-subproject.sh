# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds somebody else's project, in which lsock is a subproject.

. "$(dirname "$0")/tap.sh"

outer=$work/outer

copy ()
{
  local file
  rm -rf "$outer"
  cp -rp "$LSOCK_OUTSIDE" "$outer" || return 1
  mkdir -p "$outer/subprojects/lsock" || return 1
  for file in meson.build meson_options.txt lib introspection docs; do
    cp -rp "$LSOCK_SOURCE/$file" "$outer/subprojects/lsock" || return 1
  done
}

run ()
{
  meson test -C "$work/build" --no-rebuild --print-errorlogs outside
}

step 'a project with lsock inside' copy
step 'configure' configure "$outer" --buildtype=plain --wrap-mode=forcefallback \
  -Dlsock:introspection=disabled
step 'build' ninja -C "$work/build"
step 'run' run
finish
