/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files of bound sockets: which they are, and that they go when the process exits.
 * Storey: io */

/* Which file a bound socket made, so that no other file is ever removed. */
typedef struct
{
  guint64 device;
  guint64 inode;                 /* 0: it made none */
  int     process;               /* a child process leaves its parent's file alone */
} LsockFileIdentity;

/* Notes the socket at @path, which this process has made.  FALSE, with errno, when there is another
 * file. */
gboolean _lsock_bound_file_add    (const char              *path,
                                   LsockFileIdentity       *identity);
/* Removes it if it is still the same file.  FALSE, with errno, when the system refuses. */
gboolean _lsock_bound_file_remove (const char              *path,
                                   const LsockFileIdentity *identity);

G_END_DECLS
