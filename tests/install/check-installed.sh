# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Installs into a fresh prefix, and uses lsock from there in each language.

. "$(dirname "$0")/tap.sh"

prefix=$work/prefix
libdir=$prefix/lib

only_these_files ()
{
  local found
  found=$(cd "$prefix" && find . -name '*-private.h' -o -name '*.la' -o -name 'config.h')
  [ -z "$found" ] || { echo "installed by mistake: $found"; return 1; }
  [ "$(readlink "$libdir/liblsock-1.so")" = liblsock-1.so.0 ] || return 1
  readelf -d "$libdir/liblsock-1.so" | grep 'SONAME.*\[liblsock-1.so.0\]'
}

in_c ()
{
  # shellcheck disable=SC2046
  "${CC:-cc}" -Wall -Wextra -Werror "$LSOCK_OUTSIDE/outside.c" -o "$work/outside" \
    $(pkg-config --cflags --libs lsock-1) || return 1
  readelf -d "$work/outside" | grep 'NEEDED.*\[liblsock-1.so.0\]' || return 1
  "$work/outside"
}

no_more_than_needed ()
{
  [ "$(pkg-config --modversion lsock-1)" = "$1" ] || return 1
  case $(pkg-config --libs lsock-1) in
    *-llsock-1*) ;;
    *) return 1 ;;
  esac
}

in_python ()
{
  local overrides
  overrides=$(find "$prefix" -path '*/gi/overrides/Lsock.py')
  [ -n "$overrides" ] || { echo 'no override was installed'; return 1; }
  [ -e "${overrides%/gi/overrides/Lsock.py}/gi-stubs/repository/Lsock.pyi" ] ||
    { echo 'no type stub was installed'; return 1; }
  PYTHONPATH=${overrides%/gi/overrides/Lsock.py} "$LSOCK_PYTHON" "$LSOCK_OUTSIDE/outside.py" \
    "$overrides"
}

in_javascript ()
{
  [ -e "$prefix/share/lsock-1/types/lsock-1.d.ts" ] ||
    { echo 'no TypeScript definitions were installed'; return 1; }
  XDG_DATA_DIRS=$prefix/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share} \
    gjs "$LSOCK_OUTSIDE/outside.js"
}

in_vala ()
{
  mkdir -p "$work/vala"
  XDG_DATA_DIRS=$prefix/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share} \
    valac --directory="$work/vala" --vapidir="$prefix/share/vala/vapi" --pkg lsock-1 \
    --output=outside "$LSOCK_OUTSIDE/outside.vala" || return 1
  "$work/vala/outside"
}

rm -rf "$prefix" "$work/outside" "$work/vala"
step 'configure' configure "$LSOCK_SOURCE" --prefix="$prefix" --libdir=lib \
  --buildtype=plain -Dtests=false -Dexamples=false -Ddocs=disabled -Dintrospection=enabled \
  -Dpython="$LSOCK_PYTHON"
step 'build' ninja -C "$work/build"
step 'install' meson install -C "$work/build" --no-rebuild

export PKG_CONFIG_PATH=$libdir/pkgconfig
export LD_LIBRARY_PATH=$libdir
export GI_TYPELIB_PATH=$libdir/girepository-1.0

version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$LSOCK_SOURCE/meson.build")
step 'what is installed' only_these_files
step 'pkg-config' no_more_than_needed "$version"
step 'a program in C' in_c
step 'a program in Python' in_python
step 'a program in JavaScript' in_javascript
step 'a program in Vala' in_vala
finish
