/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The files of bound sockets, which are removed when the process exits.
 *
 * A language's run-time ends without finalizing every object, and a C program may return from main()
 * with servers that listen.  The file would stay, and the next start would fail with EADDRINUSE. */

#include "config.h"

#include "io/lsock-bound-files-private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char              *path;
  LsockFileIdentity  identity;
} BoundFile;

static GMutex lock;
static GList *files;             /* of owned BoundFile; guarded by the lock */


static gboolean
remove_own (const char              *path,
            const LsockFileIdentity *identity)
{
  struct stat st;

  if (identity->process != (int) getpid ())
    return TRUE;

  /* Where lstat fails, the path may still be that of the file. */
  if (lstat (path, &st) < 0)
    return errno == ENOENT;

  return st.st_dev != identity->device || st.st_ino != identity->inode || unlink (path) == 0;
}

static void
remove_all (void)
{
  /* A child process may have inherited the lock from a thread that it has not. */
  if (!g_mutex_trylock (&lock))
    return;

  for (GList *l = files; l != NULL; l = l->next)
    {
      BoundFile *file = l->data;

      remove_own (file->path, &file->identity);
    }
  g_mutex_unlock (&lock);
}

gboolean
_lsock_bound_file_add (const char        *path,
                       LsockFileIdentity *identity)
{
  static gboolean at_exit;
  BoundFile *file;
  struct stat st;

  if (lstat (path, &st) < 0)
    return FALSE;

  if (!S_ISSOCK (st.st_mode))
    {
      errno = EADDRINUSE;
      return FALSE;
    }

  identity->device = st.st_dev;
  identity->inode = st.st_ino;
  identity->process = getpid ();

  file = g_new (BoundFile, 1);
  file->path = g_strdup (path);
  file->identity = *identity;

  g_mutex_lock (&lock);
  files = g_list_prepend (files, file);
  if (!at_exit)
    at_exit = atexit (remove_all) == 0;
  g_mutex_unlock (&lock);

  return TRUE;
}

static void
forget (const LsockFileIdentity *identity)
{
  g_mutex_lock (&lock);
  for (GList *l = files; l != NULL; l = l->next)
    {
      BoundFile *file = l->data;

      if (file->identity.inode == identity->inode && file->identity.device == identity->device)
        {
          g_free (file->path);
          g_free (file);
          files = g_list_delete_link (files, l);
          break;
        }
    }
  g_mutex_unlock (&lock);
}

gboolean
_lsock_bound_file_remove (const char              *path,
                          const LsockFileIdentity *identity)
{
  if (identity->inode == 0)
    return TRUE;

  forget (identity);
  return remove_own (path, identity);
}
