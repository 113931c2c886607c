# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lsock's commands need from the system, and how it gets there.  Sourced by ./run.

# Debian's packages, by what needs them.  The C library's headers and binutils come with gcc.
packages_build=(
  gcc
  gjs
  gobject-introspection
  libc6-dev
  libgirepository1.0-dev
  libglib2.0-dev
  meson
  ninja-build
  pkg-config
  python3
  python3-gi
  valac
)
packages_check=(
  clang
  clangd
  curl
  g++
  gir1.2-gtk-4.0
  glib-networking
  i3-wm
  libglib-object-introspection-perl
  libgtk-4-dev
  lua-lgi
  lua5.3
  mpv
  mypy
  openssl
  python3-gbulb
  python3-pyqt6
  redis-server
  ruby
  ruby-gio2
  strace
  valgrind
  xauth
  xvfb
)
# Where Node.js is not Debian's, it brings an npm that Debian's cannot stand beside.
command -v npm > /dev/null || packages_check+=(npm)
packages_bench=(
  g++
  libgtk-4-dev
  libuv1-dev
  python3-matplotlib
  qt6-base-dev
  strace
  valgrind
  xvfb
)
command -v node > /dev/null || packages_bench+=(nodejs)
packages_docs=(
  gi-docgen
)
packages_parity=(
  python3-pyqt6
)
packages_thread=(
  dpkg-dev
)

packages_fedora='gcc gcc-c++ clang gjs gobject-introspection-devel glib2-devel meson ninja-build
  pkgconf-pkg-config python3-gobject-base vala gi-docgen libasan libubsan libtsan diffutils
  gtk4-devel xorg-x11-server-Xvfb'
packages_arch='base-devel clang gjs gobject-introspection glib2-devel meson ninja pkgconf
  python-gobject vala gi-docgen gtk4 xorg-server-xvfb'

fail ()
{
  printf 'run: %s\n' "$*" >&2
  exit 1
}

say ()
{
  printf '\n== %s\n' "$*"
}

is_installed ()
{
  [ "$(dpkg-query --showformat='${db:Status-Status}' --show "$1" 2>/dev/null)" = installed ]
}

as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo -- "$@"
  else
    fail "root is needed to install packages, and there is no sudo: $*"
  fi
}

# Elsewhere than on Debian we cannot try what we would install: what is there already is used.
name_the_packages ()
{
  local tool missing=()
  for tool in gcc g++ clang gjs g-ir-scanner vapigen valac meson ninja pkg-config gi-docgen; do
    command -v "$tool" > /dev/null || missing+=("$tool")
  done
  pkg-config --exists gio-unix-2.0 gobject-introspection-1.0 2> /dev/null || missing+=("GLib's headers")
  find_python > /dev/null || missing+=('a Python with gi')
  [ ${#missing[@]} -gt 0 ] || return 0

  printf 'This system lacks: %s\n' "${missing[*]}" >&2
  printf 'Only Debian is set up by this command.  The packages are\n' >&2
  printf '  on Fedora: dnf install %s\n' "$(echo $packages_fedora)" >&2
  printf '  on Arch:   pacman -S %s\n' "$(echo $packages_arch)" >&2
  fail 'install them and try again'
}

# need_packages GROUP…: installs what is missing, and calls apt only if something is
need_packages ()
{
  local group package packages missing=()

  if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
    name_the_packages
    return
  fi

  for group; do
    local -n packages=packages_$group
    for package in "${packages[@]}"; do
      is_installed "$package" || missing+=("$package")
    done
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  say "Installing ${missing[*]}"
  quietly as_root apt-get --quiet update || fail 'the lists of packages could not be fetched'
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes \
    --no-install-recommends --option Dpkg::Use-Pty=0 install "${missing[@]}" \
    || fail 'the packages could not be installed'
}

# quietly COMMAND…: what it says is of interest if it fails
quietly ()
{
  local output
  output=$("$@" 2>&1) || {
    printf '%s\n' "$output" | tail -n 40 >&2
    return 1
  }
}

# candidates PROGRAM: all of that name on the path, then the system's own
candidates ()
{
  type -ap "$1" || true
  echo "/usr/bin/$1"
}

# The first python3 on the path may be one that PyGObject was not installed for.
find_python ()
{
  local python
  while read -r python; do
    if "$python" -c 'import gi; gi.require_version ("Gio", "2.0")' > /dev/null 2>&1; then
      echo "$python"
      return
    fi
  done < <(candidates python3)
  return 1
}

# A meson on the path may be too old, or a wrapper around nothing.
find_meson ()
{
  local meson version
  while read -r meson; do
    version=$("$meson" --version 2> /dev/null) || continue
    if [ "${version%%.*}" -ge 1 ]; then
      echo "$meson"
      return
    fi
  done < <(candidates meson)
  return 1
}

# ThreadSanitizer cannot place its shadow where the kernel randomises addresses too widely.
without_random_addresses ()
{
  if setarch --addr-no-randomize true 2> /dev/null; then
    setarch --addr-no-randomize "$@"
  else
    "$@"
  fi
}
