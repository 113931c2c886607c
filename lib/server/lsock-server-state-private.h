/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-address-private.h"
#include "io/lsock-reactor-private.h"
#include "io/lsock-transport-private.h"
#include "lsock-server.h"
#include "object/lsock-object-private.h"
#include "object/lsock-operation-private.h"

G_BEGIN_DECLS

/* The state of a server: what it is made of, how it changes, and how a change is emitted.
 * Storey: server
 *
 * The rule: complete, then tell.  Whatever changes the server fills in a LsockServerStep with the
 * functions below, which emit nothing.  When every field, descriptor and queue is as it will be, one
 * call emits all of it. */

/* What a step has to emit, in this order. */
typedef enum
{
  LSOCK_SERVER_EMIT_LAST_ERROR     = 1 << 0,
  LSOCK_SERVER_EMIT_ERROR_STRING   = 1 << 1,
  LSOCK_SERVER_EMIT_NAME           = 1 << 2,
  LSOCK_SERVER_EMIT_FULL_NAME      = 1 << 3,
  LSOCK_SERVER_EMIT_DESCRIPTOR     = 1 << 4,
  LSOCK_SERVER_EMIT_ACCEPT_ERROR   = 1 << 5,   /* from here on signals */
  LSOCK_SERVER_EMIT_NEW_CONNECTION = 1 << 6,
} LsockServerEmission;

#define LSOCK_SERVER_EMIT_SIGNALS (~(guint) (LSOCK_SERVER_EMIT_ACCEPT_ERROR - 1))

typedef struct
{
  guint   emissions;             /* LsockServerEmission */
  GError *error;                 /* owned: the argument of `accept-error` */
} LsockServerStep;

/* What listening consists of: all of it is there, or none. */
typedef struct
{
  LsockAddress       address;
  LsockFileIdentity  identity;   /* of the file that the server made, if it made one */
  int                fd;         /* owned; -1 when the server does not listen */
  char              *name;       /* as it was given */
  GRefString        *base_name;  /* the name that the sockets of the server show */
  GRefString        *full_name;
} LsockListener;

typedef struct
{
  LsockWatch          watch;
  LsockListener       listener;
  GQueue              pending;           /* of owned devices */
  GQueue              departed;          /* not pending any more, to be released */
  gulong              children_handler;  /* connected while the queue is full */
  char               *error_string;
  GSource            *resume_source;     /* while accepting pauses */
  int                 max_pending;
  int                 backlog;
  LsockSocketError    last_error;
  LsockSocketOptions  options;

  /* Changes when listening begins and when it ends. */
  guint               generation;

  /* Changes when the server moves to another context.  Atomic: the old thread compares it while the
   * server lives in the new one already. */
  int                 context_serial;

  /* Calls and dispatches of this server that are on the stack. */
  int                 dispatch_depth;

  /* Set from the move until the old thread has left all of these. */
  void              (*reattach) (LsockObject *self);

  /* What the emission that a move has interrupted still has to emit, in the new context. */
  LsockServerStep     unfinished;

  guint               skip_probe;        /* clients to accept without a probe for another */
  guint               fd_limit_reported : 1;   /* `accept-error`, until a client is accepted */
  guint               accepting : 1;           /* an asynchronous call waits for a client */
  guint               has_other_devices : 1;   /* `pending` may have more than sockets, or had */
} LsockServerPrivate;

typedef enum
{
  LSOCK_SERVER_PROP_SERVER_NAME = 1,
  LSOCK_SERVER_PROP_FULL_SERVER_NAME,
  LSOCK_SERVER_PROP_MAX_PENDING_CONNECTIONS,
  LSOCK_SERVER_PROP_LISTEN_BACKLOG_SIZE,
  LSOCK_SERVER_PROP_SOCKET_OPTIONS,
  LSOCK_SERVER_PROP_SOCKET_DESCRIPTOR,
  LSOCK_SERVER_PROP_LAST_ERROR,
  LSOCK_SERVER_PROP_ERROR_STRING,
  LSOCK_SERVER_N_PROPS
} LsockServerProperty;

extern GParamSpec *_lsock_server_pspecs[];
extern int         _lsock_server_private_offset;

static inline LsockServerPrivate *
_lsock_server_get_private (LsockServer *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_server_private_offset);
}

static inline const char *
_lsock_server_display_name (LsockServerPrivate  *priv,
                            char               **storage)
{
  return priv->listener.name != NULL
    ? _lsock_address_display_name (priv->listener.name, storage) : "";
}


/* The guard around emissions */

/* Leaves the old context for good. */
void _lsock_server_complete_move (LsockServer *self);

/* The last thing that a call does: it may be the last reference on one of them, whose handlers may
 * do anything. */
void _lsock_server_release_departed (LsockServer *self);

/* Keeps the server while a call or a dispatch works on it.  Every public call that may emit, and
 * every callback, has one; the functions inside rely on it. */
typedef LsockServer LsockServerScope;

static inline LsockServerScope *
_lsock_server_enter (LsockServer *self)
{
  _lsock_server_get_private (self)->dispatch_depth++;
  return g_object_ref (self);
}

static inline void
_lsock_server_leave (LsockServerScope *self)
{
  LsockServerPrivate *priv = _lsock_server_get_private (self);

  if (G_UNLIKELY (priv->accepting))
    _lsock_object_check_operations (LSOCK_OBJECT (self));
  if (--priv->dispatch_depth == 0 && G_UNLIKELY (priv->reattach != NULL))
    _lsock_server_complete_move (self);
  if (G_UNLIKELY (priv->departed.length > 0))
    _lsock_server_release_departed (self);
  g_object_unref (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockServerScope, _lsock_server_leave)

typedef struct
{
  guint generation;
  int   context_serial;
} LsockServerGuard;

static inline LsockServerGuard
_lsock_server_guard (LsockServerPrivate *priv)
{
  return (LsockServerGuard) { priv->generation, g_atomic_int_get (&priv->context_serial) };
}

/* Whether the server is still in this thread.  Otherwise nothing of it may be touched any more. */
static inline gboolean
_lsock_server_is_here (LsockServerPrivate     *priv,
                       const LsockServerGuard *guard)
{
  return g_atomic_int_get (&priv->context_serial) == guard->context_serial;
}

/* The one question after an emission: whether the server still listens as it did, in this
 * thread. */
static inline gboolean
_lsock_server_is_same (LsockServerPrivate     *priv,
                       const LsockServerGuard *guard)
{
  return _lsock_server_is_here (priv, guard) && priv->generation == guard->generation;
}


/* Steps.  These change fields and note what is to be emitted. */

/* Takes over what @listener holds; NULL ends listening, and the caller has closed what was
 * there. */
void     _lsock_server_step_listener   (LsockServer      *self,
                                        LsockServerStep  *step,
                                        LsockListener    *listener);
/* Stores @error for the getters; NULL for none. */
void     _lsock_server_step_error      (LsockServer      *self,
                                        LsockServerStep  *step,
                                        const GError     *error);

/* Emits what @step has collected.  FALSE when a handler has ended or begun listening, or moved the
 * server: then the caller returns at once. */
gboolean _lsock_server_emit            (LsockServer      *self,
                                        LsockServerStep  *step);

/* Stores @error for the getters and passes it to the caller.  Always FALSE. */
gboolean _lsock_server_fail            (LsockServer      *self,
                                        GError          **destination,
                                        GError           *error);

void     _lsock_server_install_signals (GType             type);
/* The class handlers that derived classes chain up to. */
void     _lsock_server_fill_slots       (gpointer          klass);

G_END_DECLS
