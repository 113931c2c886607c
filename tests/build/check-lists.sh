# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every file that is there is one that Meson knows, or it would neither be built nor run:
# usage SOURCE-ROOT KNOWN-FILE…

cd "$1" || exit 1
shift

# check NUMBER WHAT FILE…
check ()
{
  local number=$1 what=$2 file missing=
  shift 2
  for file; do
    case $file in
      *-private.h) continue ;;
    esac
    [[ " $known " == *" $file "* ]] || missing+="# $file"$'\n'
  done
  echo "${missing:+not }ok $number $what"
  printf '%s' "$missing"
}

known=$*
shopt -s nullglob
check 1 'every source of the library is built' lib/*.c lib/*/*.c
check 2 'every public header is installed' lib/*.h lib/*/*.h
check 3 'every unit test is run' tests/unit/test-*.c
check 4 'every stress test is run' tests/stress/test-*.c
echo '1..4'
