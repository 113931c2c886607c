# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The public headers, as programs meet them: usage SOURCE-LIB BUILD-LIB HEADER…

source_dir=$1
build_dir=$2
shift 2

flags="$(pkg-config --cflags gio-2.0) -I$source_dir -I$build_dir"
count=0

# result DESCRIPTION STATUS OUTPUT
result ()
{
  count=$((count + 1))
  if [ "$2" -eq 0 ]; then
    echo "ok $count $1"
  else
    echo "not ok $count $1"
    printf '%s\n' "$3" | sed 's/^/# /'
  fi
}

# compile LANGUAGE TEXT FLAG…: prints what the compiler says
compile ()
{
  local language=$1 text=$2 compiler=${CC:-cc}
  shift 2
  [ "$language" = c ] || compiler=${CXX:-c++}
  # shellcheck disable=SC2086
  printf '%s\n' "$text" | $compiler -x "$language" -fsyntax-only -Wall -Wextra -Werror \
    $flags "$@" - 2>&1
}

accepts ()
{
  local what=$1 output
  shift
  output=$(compile "$@")
  result "$what" $? "$output"
}

refuses ()
{
  local what=$1 expected=$2 output
  shift 2
  if output=$(compile "$@"); then
    result "$what" 1 'the compiler took it'
  else
    [[ $output == *"$expected"* ]]
    result "$what" $? "$output"
  fi
}

program='#include <lsock.h>
LsockSocket *make (void); LsockSocket *make (void) { return lsock_socket_new (); }'

accepts 'lsock.h as C' c "$program"
accepts 'lsock.h as C99' c "$program" -std=c99
accepts 'lsock.h as C++' c++ "$program" -Wno-unused-parameter
accepts 'lsock.h as C++17, pedantic' c++ "$program" -std=c++17 -Wpedantic
accepts 'lsock.h within extern "C"' c++ $'#include <gio/gio.h>\nextern "C" {\n#include <lsock.h>\n}'
accepts 'lsock.h twice' c $'#include <lsock.h>\n#include <lsock.h>\n'
accepts 'the oldest version allowed' c "$program" -DLSOCK_VERSION_MIN_REQUIRED=LSOCK_VERSION_1_0 \
  -DLSOCK_VERSION_MAX_ALLOWED=LSOCK_VERSION_1_0
refuses 'what came after the newest version allowed' 'Not available before 1.0' \
  c "$program" '-DLSOCK_VERSION_MIN_REQUIRED=0' '-DLSOCK_VERSION_MAX_ALLOWED=0'
refuses 'limits the wrong way round' 'LSOCK_VERSION_MAX_ALLOWED must be at least' \
  c "$program" '-DLSOCK_VERSION_MAX_ALLOWED=0'

for header; do
  [ "$header" != lsock.h ] || continue
  accepts "$header alone, in the library" c "#include \"$header\"" -DLSOCK_COMPILATION
  refuses "$header alone, in a program" 'can be included directly' c "#include \"$header\""
done

echo "1..$count"
