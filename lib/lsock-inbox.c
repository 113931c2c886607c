/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-connection-private.h"

#include "lsock-object-private.h"

G_LOCK_DEFINE_STATIC (inboxes);

static GQuark
inbox_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    g_once_init_leave (&quark, g_quark_from_static_string ("lsock-inbox"));

  return (GQuark) quark;
}

static LsockInbox *
inbox_new (GObject *receiver)
{
  LsockInbox *self = g_new0 (LsockInbox, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->has_receiver = receiver != NULL;
  g_weak_ref_init (&self->receiver, receiver);
  g_mutex_init (&self->lock);

  return self;
}

static gpointer
inbox_new_home (void)
{
  return inbox_new (NULL);
}

LsockInbox *
_lsock_inbox_ref (LsockInbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_lsock_inbox_unref (LsockInbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->users == 0 && self->loop == NULL);

  g_weak_ref_clear (&self->receiver);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
inbox_list_free (gpointer data)
{
  LsockInbox *self = data;

  while (self != NULL)
    {
      LsockInbox *next = self->next;

      _lsock_inbox_unref (self);
      self = next;
    }
}

static LsockConnection *
inbox_ref_first (LsockInbox *self)
{
  LsockConnection *connection;

  g_mutex_lock (&self->lock);
  connection = self->first;
  if (connection != NULL)
    lsock_connection_ref (connection);
  g_mutex_unlock (&self->lock);

  return connection;
}

/* The receiver was disposed: what waits for it is dropped. */
static void
inbox_receiver_gone (gpointer  data,
                     GObject  *receiver)
{
  g_autoptr (LsockInbox) self = data;
  LsockConnection *connection;
  LsockItem *calls = NULL;

  G_LOCK (inboxes);
  self->watching = FALSE;
  G_UNLOCK (inboxes);

  while ((connection = inbox_ref_first (self)) != NULL)
    {
      lsock_connection_disconnect (connection);
      lsock_connection_unref (connection);
    }

  g_mutex_lock (&self->lock);
  if (self->loop != NULL)
    calls = _lsock_loop_cut_group (self->loop, &self->calls);
  g_mutex_unlock (&self->lock);
  _lsock_items_drop (calls);
}

/* Answers whether the inbox could be used with @loop; NULL: with any. */
static gboolean
inbox_use (LsockInbox *self,
           GObject    *receiver,
           LsockLoop  *loop)
{
  gboolean fits = TRUE;

  g_mutex_lock (&self->lock);
  if (LSOCK_IS_OBJECT (receiver))
    {
      /* Read with the lock held: the receiver moves its inbox after itself. */
      if (self->loop == NULL)
        self->loop = _lsock_object_ref_loop (LSOCK_OBJECT (receiver));
    }
  else if (self->loop == NULL)
    {
      fits = loop != NULL;
      self->loop = fits ? _lsock_loop_ref (loop) : NULL;
    }
  else
    {
      fits = loop == NULL || self->loop == loop;
    }

  if (fits)
    self->users++;
  g_mutex_unlock (&self->lock);

  return fits;
}

static LsockInbox *
inbox_find (GObject   *receiver,
            LsockLoop *loop)
{
  LsockInbox *self = g_object_get_qdata (receiver, inbox_quark ());

  while (self != NULL && !inbox_use (self, receiver, loop))
    self = self->next;

  return self;
}

static LsockInbox *
inbox_find_or_add (GObject   *receiver,
                   LsockLoop *loop)
{
  LsockInbox *self = inbox_find (receiver, loop);
  LsockInbox *first;

  if (self != NULL)
    return self;

  self = inbox_new (receiver);
  inbox_use (self, receiver, loop);

  first = g_object_get_qdata (receiver, inbox_quark ());
  if (first != NULL)
    {
      self->next = first->next;
      first->next = self;
    }
  else
    {
      g_object_set_qdata_full (receiver, inbox_quark (), self, inbox_list_free);
    }

  return self;
}

LsockInbox *
_lsock_inbox_acquire (GObject  *receiver,
                      gboolean  any_context)
{
  g_autoptr (LsockLoop) loop = _lsock_loop_get_default ();
  LsockInbox *self = NULL;
  gboolean watch;

  if (receiver == NULL)
    {
      self = _lsock_loop_get_home (loop, inbox_new_home, (GDestroyNotify) _lsock_inbox_unref);
      inbox_use (self, NULL, loop);
      return _lsock_inbox_ref (self);
    }

  G_LOCK (inboxes);
  if (any_context)
    self = inbox_find (receiver, NULL);
  if (self == NULL)
    self = inbox_find_or_add (receiver, loop);
  _lsock_inbox_ref (self);
  watch = !self->watching;
  self->watching = TRUE;
  G_UNLOCK (inboxes);

  /* Weak references fall when a GObject is disposed; after that a new one is needed. */
  if (watch)
    {
      g_weak_ref_set (&self->receiver, receiver);
      g_object_weak_ref (receiver, inbox_receiver_gone, _lsock_inbox_ref (self));
    }

  return self;
}

void
_lsock_inbox_release (LsockInbox *self)
{
  LsockLoop *loop = NULL;

  g_mutex_lock (&self->lock);
  if (--self->users == 0)
    loop = g_steal_pointer (&self->loop);
  g_mutex_unlock (&self->lock);

  _lsock_inbox_unref (self);
  if (loop != NULL)
    _lsock_loop_unref (loop);
}

void
_lsock_inbox_move (LsockObject *receiver)
{
  g_autoptr (LsockInbox) self = NULL;
  LsockLoop *left = NULL;

  G_LOCK (inboxes);
  self = g_object_get_qdata (G_OBJECT (receiver), inbox_quark ());
  if (self != NULL)
    _lsock_inbox_ref (self);
  G_UNLOCK (inboxes);

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  if (self->loop != NULL)
    {
      /* Where it is now: the new thread may have moved it on. */
      LsockLoop *to = _lsock_object_ref_loop (receiver);

      _lsock_loop_move (self->loop, to, self);
      left = self->loop;
      self->loop = to;
    }
  g_mutex_unlock (&self->lock);

  if (left != NULL)
    _lsock_loop_unref (left);
}
