# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The TypeScript definitions: made of the GIR as it is, valid, and true to what programs write.
#
# usage: check-types.sh SOURCE BUILD GIR [--update]

set -u

source=$1
gir=$(realpath "$3")
types=$source/introspection/gjs/types
tests=$source/tests/bindings/javascript
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/lsock/typescript
work=$(realpath "$2")/types
count=0
failed=0

if ! command -v npm > /dev/null; then
  echo '1..0 # SKIP npm was not found, which installs the TypeScript compiler'
  exit 0
fi

report ()
{
  count=$((count + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $count $2"
  else
    echo "not ok $count $2"
    tail -n 40 "$work/log" | sed 's/^/# /'
    failed=1
  fi
}

# The cache is for one version of package.json; the lock is for two builds at once.
install_tools ()
{
  mkdir -p "$cache" || return 1
  (
    flock 9
    cmp -s "$types/package.json" "$cache/package.json" && [ -x "$cache/node_modules/.bin/tsc" ] &&
      [ -x "$cache/node_modules/.bin/ts-for-gir" ] && exit
    cp "$types/package.json" "$cache/package.json" &&
      npm install --prefix "$cache" --ignore-scripts --no-package-lock --no-audit --no-fund
  ) 9> "$cache/lock"
}

# What ts-for-gir makes of all that the programs use.  It looks for its settings in the folder that it
# runs in.
generate ()
{
  local folder
  folder=$(pkg-config --variable=girdir gobject-introspection-1.0)
  rm -rf "$work/generated"
  (
    cd "$work" &&
      "$cache/node_modules/.bin/ts-for-gir" generate Lsock-1 'Gtk-4.*' Gio-2.0 \
        --girDirectories "$(dirname "$gir")" "${folder:-/usr/share/gir-1.0}" \
        --noComments --ignoreVersionConflicts --outdir "$work/generated"
  ) || return 1
  [ -s "$work/generated/lsock-1.d.ts" ] &&
    python3 "$types/update.py" "$work/generated/lsock-1.d.ts" "$types/overrides.d.ts" \
      > "$work/lsock-1.d.ts"
}

# compile OPTIONS FILE…: with the definitions that are in the source, all of them checked
compile ()
{
  local options=$1
  shift
  cp "$types/lsock-1.d.ts" "$work/generated/lsock-1.d.ts" || return 1
  # shellcheck disable=SC2086
  "$cache/node_modules/.bin/tsc" --noEmit --target es2022 --lib es2022 --module esnext \
    --moduleResolution bundler --ignoreConfig $options "$work/generated/index.d.ts" "$@"
}

mkdir -p "$work"
if [ "${4:-}" = --update ]; then
  install_tools && generate && cp "$work/lsock-1.d.ts" "$types/lsock-1.d.ts"
  exit
fi

install_tools > "$work/log" 2>&1
report $? 'the compiler and the generator are there'
if [ $failed -eq 0 ]; then
  generate > "$work/log" 2>&1
  report $? 'the generator reads the GIR'
fi
if [ $failed -eq 0 ]; then
  # What is made depends on the version of GLib, too.
  if grep -qs 'VERSION_CODENAME=bookworm' /etc/os-release; then
    diff -u "$types/lsock-1.d.ts" "$work/lsock-1.d.ts" > "$work/log" 2>&1
    report $? 'the definitions are up to date; if not: meson compile update-types'
  fi
  compile --strict "$tests/typed.ts" > "$work/log" 2>&1
  report $? 'each form of the overrides, strictly'
  compile '--allowJs --checkJs --strict false' "$source/examples/digest-client.js" > "$work/log" 2>&1
  report $? 'the example'
  if [ -e "$work/generated/gtk-4.0.d.ts" ]; then
    compile '--allowJs --checkJs --strict false' "$source/examples/gtk/window.js" > "$work/log" 2>&1
    report $? 'the example with GTK'
  fi
fi
echo "1..$count"
