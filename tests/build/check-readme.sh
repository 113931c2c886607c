# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The programs in README.md, compiled and run as they stand: usage README SOURCE-LIB BUILD-LIB

readme=$1
source_dir=$2
build_dir=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/lsXXXXXX")
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# block LANGUAGE: the first block of it
block ()
{
  awk -v fence="\`\`\`$1" '$0 == "```" && inside { exit } inside { print } $0 == fence { inside = 1 }' \
    "$readme"
}

result ()
{
  if [ "$2" -eq 0 ]; then
    echo "ok $1 $3"
  else
    echo "not ok $1 $3"
    sed 's/^/# /' "$work/log"
  fi
}

block c > "$work/server.c"
block python > "$work/client.py"

# shellcheck disable=SC2046
"${CC:-cc}" -Wall -Wextra -Werror "$work/server.c" -o "$work/server" -I"$source_dir" -I"$build_dir" \
  -L"$build_dir" -llsock-1 $(pkg-config --cflags --libs gio-2.0) > "$work/log" 2>&1
result 1 $? 'the program in C compiles'

export TMPDIR=$work
"$work/server" > "$work/log" 2>&1 &
server=$!
for _ in {1..200}; do
  [ ! -S "$work/greeter" ] || break
  sleep 0.05
done

[ "$("$LSOCK_PYTHON" "$work/client.py" 2> "$work/log")" = hello ]
result 2 $? 'the program in Python hears the one in C'
echo '1..2'
