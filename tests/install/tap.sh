# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the shell scripts of this room share: steps that report in TAP, in a folder of their own that
# is inside the build directory, so that a second run compiles only what changed.

set -u

work=$LSOCK_WORK/$(basename "$0" .sh)
mkdir -p "$work"
count=0

# step DESCRIPTION COMMAND…: nothing after a failed step could tell anything new
step ()
{
  local what=$1
  shift
  count=$((count + 1))
  if "$@" > "$work/log" 2>&1; then
    echo "ok $count $what"
  else
    echo "not ok $count $what"
    tail -n 40 "$work/log" | sed 's/^/# /'
    echo "1..$count"
    exit 0
  fi
}

# configure SOURCE OPTION…: makes or refreshes the build directory of this test
configure ()
{
  local again=()
  [ ! -e "$work/build/build.ninja" ] || again=(--reconfigure)
  meson setup "${again[@]}" "$work/build" "$@"
}

finish ()
{
  echo "1..$count"
}
