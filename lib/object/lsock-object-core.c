/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The core of an object: its flags, its call queue, and what keeps its main context alive. */

#include "config.h"

#include "object/lsock-object-core-private.h"

#include "lsock-error.h"

int _lsock_object_private_offset;
GParamSpec *_lsock_object_properties[LSOCK_OBJECT_N_PROPS];

/* Guards the queue of every object against its move, for callers in another thread. */
G_LOCK_DEFINE_STATIC (object_queues);


gboolean
_lsock_object_check_alive (LsockObject  *self,
                           const char   *action,
                           GError      **error)
{
  if (G_LIKELY (!_lsock_object_is_ended (self)))
    return TRUE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "Cannot %s: this %s has ended", action, G_OBJECT_TYPE_NAME (self));
  return FALSE;
}

void
_lsock_object_notify (LsockObject *self,
                      GParamSpec  *pspec)
{
  if (!_lsock_object_has_flag (self, LSOCK_OBJECT_SUPPRESSED))
    g_object_notify_by_pspec (G_OBJECT (self), pspec);
}

LsockCallQueue *
_lsock_object_ref_queue (LsockObject *self)
{
  LsockCallQueue *queue;

  G_LOCK (object_queues);
  queue = _lsock_call_queue_ref (_lsock_object_get_private (self)->queue);
  G_UNLOCK (object_queues);

  return queue;
}

LsockCallQueue *
_lsock_object_swap_queue (LsockObject    *self,
                          LsockCallQueue *queue)
{
  LsockObjectPrivate *priv = _lsock_object_get_private (self);
  LsockCallQueue *former;

  G_LOCK (object_queues);
  former = priv->queue;
  priv->queue = queue;
  G_UNLOCK (object_queues);

  return former;
}

LsockCallQueue *
_lsock_object_resolve_queue (GObject  *object,
                             gboolean *closed)
{
  if (!LSOCK_IS_OBJECT (object))
    return NULL;

  _lsock_object_set_flag (LSOCK_OBJECT (object), LSOCK_OBJECT_HAS_RECEIVER);
  if (_lsock_object_is_ended (LSOCK_OBJECT (object)))
    *closed = TRUE;
  return _lsock_object_ref_queue (LSOCK_OBJECT (object));
}

gboolean
_lsock_object_in_thread (LsockObject *self)
{
  g_autoptr (LsockCallQueue) queue = _lsock_object_ref_queue (self);

  return _lsock_call_queue_enter (queue);
}

gboolean
_lsock_object_takes_call (LsockObject *self,
                          LsockCall   *call)
{
  g_autoptr (LsockCallQueue) queue = _lsock_object_ref_queue (self);

  return (call->queue == NULL || call->queue == queue) &&
         _lsock_call_queue_enter (queue) &&
         !_lsock_object_has_flag (self, LSOCK_OBJECT_MOVING);
}

void
_lsock_object_hold_context (LsockObject *self)
{
  if (_lsock_object_has_flag (self, LSOCK_OBJECT_HOLDS_CONTEXT))
    return;

  if (_lsock_call_queue_hold_context (_lsock_object_get_private (self)->queue) != NULL)
    _lsock_object_set_flag (self, LSOCK_OBJECT_HOLDS_CONTEXT);
}

void
_lsock_object_release_context (LsockObject    *self,
                               LsockCallQueue *queue)
{
  if (_lsock_object_clear_flag (self, LSOCK_OBJECT_HOLDS_CONTEXT))
    g_main_context_unref (_lsock_call_queue_get_context (queue));
}

void
_lsock_object_add_delivery (LsockObject *self)
{
  G_LOCK (object_queues);
  _lsock_object_get_private (self)->n_deliveries++;
  G_UNLOCK (object_queues);
}

void
_lsock_object_end_delivery (LsockObject *self)
{
  gboolean held;

  G_LOCK (object_queues);
  held = --_lsock_object_get_private (self)->n_deliveries == 0 &&
         _lsock_object_clear_flag (self, LSOCK_OBJECT_IS_DELIVERED);
  G_UNLOCK (object_queues);

  if (held)
    g_object_unref (self);
}

gboolean
_lsock_object_hold_delivered (LsockObject *self)
{
  gboolean hold;

  G_LOCK (object_queues);
  hold = _lsock_object_get_private (self)->n_deliveries > 0;
  if (hold && !_lsock_object_set_flag (self, LSOCK_OBJECT_IS_DELIVERED))
    g_object_ref (self);
  G_UNLOCK (object_queues);

  return hold;
}

GMainContext *
_lsock_object_peek_context (LsockObject *self)
{
  GMainContext *context;

  G_LOCK (object_queues);
  context = _lsock_call_queue_get_context (_lsock_object_get_private (self)->queue);
  G_UNLOCK (object_queues);

  return context;
}

void
_lsock_object_leave_parent (LsockObject *self)
{
  LsockChildLink *link = _lsock_object_get_private (self)->link;

  if (link == NULL || link->parent == NULL)
    return;

  if (!_lsock_object_has_flag (self, LSOCK_OBJECT_ENDED | LSOCK_OBJECT_DELETE_PENDING))
    _lsock_object_hold_context (self);
  _lsock_children_release (link);
}
