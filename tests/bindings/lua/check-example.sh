# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The example in Lua, as both ends of a conversation: usage LUA EXAMPLE

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

coproc SERVER { exec "$1" "$2" server "$folder/s"; }
server=$SERVER_PID
read -r -t 10 said <&"${SERVER[0]}"
[ "$said" = listening ] || echo -n 'not '
echo 'ok 1 the server listens'

answer=$(timeout 10 "$1" "$2" client "$folder/s" one 'two words' grüße)
[ "$answer" = $'one\ntwo words\ngrüße' ] || echo -n 'not '
echo 'ok 2 each line is answered'

timeout 10 "$1" "$2" client "$folder/none" one 2> /dev/null
[ $? -eq 1 ] || echo -n 'not '
echo 'ok 3 without a server the client fails'
echo '1..3'
