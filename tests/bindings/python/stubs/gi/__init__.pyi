# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later

# As much of pygobject-stubs, which Debian has not, as the types of lsock need.

def require_version(namespace: str, version: str) -> None: ...
