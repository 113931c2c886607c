/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Descriptors that a server has handed out and that no socket has claimed. */

#include "config.h"

#include "io/lsock-unclaimed-fds-private.h"

#include <sys/stat.h>

#include "io/lsock-transport-private.h"

typedef struct
{
  gpointer owner;
  guint64  device;
  guint64  inode;
  int      fd;
} Custody;

G_LOCK_DEFINE_STATIC (custody);
static GQueue custody = G_QUEUE_INIT;    /* of Custody, oldest first */
static int n_custody;                    /* atomic: most programs never have any */


/* Whether the number still stands for the connection that was handed out. */
static gboolean
is_same (const Custody *self)
{
  struct stat st;

  return fstat (self->fd, &st) == 0 && st.st_dev == self->device && st.st_ino == self->inode;
}

static void
remove_link (GList *link)
{
  g_free (link->data);
  g_queue_delete_link (&custody, link);
  g_atomic_int_add (&n_custody, -1);
}

static gboolean
is_of (const Custody *self,
       gpointer       owner,
       int            fd)
{
  return fd >= 0 ? self->fd == fd : self->owner == owner;
}

static GList *
find (gpointer owner,
      int      fd)
{
  for (GList *l = custody.head; l != NULL; l = l->next)
    if (is_of (l->data, owner, fd))
      return l;

  return NULL;
}

void
_lsock_unclaimed_fds_add (gpointer owner,
                      int      fd)
{
  struct stat st;
  GList *old;

  if (fstat (fd, &st) < 0)
    return;

  G_LOCK (custody);
  /* The number was closed behind our back if it is given out again. */
  old = find (NULL, fd);
  if (old != NULL)
    remove_link (old);

  g_queue_push_tail (&custody, g_memdup2 (&(Custody) { owner, st.st_dev, st.st_ino, fd },
                                          sizeof (Custody)));
  g_atomic_int_inc (&n_custody);
  G_UNLOCK (custody);
}

void
_lsock_unclaimed_fds_claim (int fd)
{
  GList *link;

  if (g_atomic_int_get (&n_custody) == 0)
    return;

  G_LOCK (custody);
  link = find (NULL, fd);
  if (link != NULL)
    remove_link (link);
  G_UNLOCK (custody);
}

void
_lsock_unclaimed_fds_close_excess (gpointer owner,
                     guint    keep)
{
  guint n = 0;

  if (g_atomic_int_get (&n_custody) == 0)
    return;

  G_LOCK (custody);
  for (GList *l = custody.head, *next; l != NULL; l = next)
    {
      Custody *self = l->data;

      next = l->next;
      if (self->owner != owner)
        continue;
      if (is_same (self))
        n++;
      else
        remove_link (l);
    }

  for (; n > keep; n--)
    {
      GList *oldest = find (owner, -1);

      _lsock_transport_close (((Custody *) oldest->data)->fd);
      remove_link (oldest);
    }
  G_UNLOCK (custody);
}
