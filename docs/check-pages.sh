# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A page that is not listed is in no reference, and nobody notices: usage DOCS-FOLDER PAGE…

cd "$1" || exit 1
shift

known=$*
unlisted=
untitled=
for page in *.md; do
  [[ " $known " == *" $page "* ]] || unlisted+="# $page"$'\n'
  [[ $(head -n 1 "$page") == 'Title: '* ]] || untitled+="# $page"$'\n'
done

echo "${unlisted:+not }ok 1 every page is in the reference"
printf '%s' "$unlisted"
echo "${untitled:+not }ok 2 every page has a title"
printf '%s' "$untitled"
echo '1..2'
