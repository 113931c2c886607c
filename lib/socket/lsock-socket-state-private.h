/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-address-private.h"
#include "device/lsock-io-device-state-private.h"
#include "object/lsock-object-private.h"
#include "lsock-socket.h"
#include "socket/lsock-link-private.h"

G_BEGIN_DECLS

/* The state of a socket: what it is made of, how it changes, and how a change is emitted.
 * Storey: socket
 *
 * The rule: complete, then tell.  Whatever changes the connection fills in a LsockSocketStep with the
 * functions below, which emit nothing.  When every field, descriptor and queue is as it will be, one
 * call emits all of it. */

/* An attempt that has not been answered yet: the server's backlog is full, or the attempt was made
 * from inside another one. */
typedef struct
{
  GSource      *source;          /* NULL while the socket moves to another context */
  gint64        deadline;        /* monotonic time, or -1 */
  guint         interval;        /* milliseconds until the next try */
  gboolean      has_address;     /* FALSE: nothing was tried yet */
  LsockAddress  address;
} LsockConnectRetry;

/* What a step has to emit, in this order. */
typedef enum
{
  LSOCK_EMIT_SERVER_NAME      = 1 << 0,
  LSOCK_EMIT_FULL_SERVER_NAME = 1 << 1,
  LSOCK_EMIT_DESCRIPTOR       = 1 << 2,
  LSOCK_EMIT_LAST_ERROR       = 1 << 3,
  LSOCK_EMIT_ERROR_STRING     = 1 << 4,
  LSOCK_EMIT_MODE             = 1 << 5,
  LSOCK_EMIT_READ_BLOCKED     = 1 << 6,
  LSOCK_EMIT_STATE            = 1 << 7,
  LSOCK_EMIT_ERROR            = 1 << 8,   /* from here on signals */
  LSOCK_EMIT_STATE_CHANGED    = 1 << 9,
  LSOCK_EMIT_CONNECTED        = 1 << 10,
  LSOCK_EMIT_READ_FINISHED    = 1 << 11,
  LSOCK_EMIT_DISCONNECTED     = 1 << 12,
} LsockSocketEmission;

#define LSOCK_EMIT_SIGNALS (~(guint) (LSOCK_EMIT_ERROR - 1))

typedef struct
{
  guint             emissions;     /* LsockSocketEmission */
  LsockOpenMode     mode_before;
  LsockSocketError  error;         /* the argument of `error` */
  gboolean          outer_error_pending;   /* that of a step which is being emitted */
} LsockSocketStep;

/* What close() or abort() has still to do for the device when a handler moved the socket. */
typedef enum
{
  LSOCK_CLOSE_NONE,
  LSOCK_CLOSE_FROM_START,        /* `about-to-close` included */
  LSOCK_CLOSE_COMPLETE,
} LsockClosePending;

/* A socket that a handler moves gets its sources back in the new context when the old thread has
 * left all calls and dispatches of it, and goes on there with what the move has interrupted. */
typedef struct
{
  void            (*reattach) (LsockObject *self);
  int               queued;         /* atomic: the new context may go on */

  /* What the socket was when it was moved: what is pending below concerns that alone, and the
   * handler may have gone on to something else. */
  guint             connection;
  LsockSocketState  state;

  LsockClosePending close;
  LsockSocketStep   emissions;
} LsockSocketMove;

typedef struct
{
  LsockLink           link;

  /* Shared by the sockets of a server. */
  GRefString         *server_name;
  GRefString         *full_server_name;

  LsockConnectRetry  *retry;
  gint64              read_buffer_size;
  int                 priority;
  int                 connect_timeout;
  LsockSocketState    state;
  LsockSocketError    last_error;
  LsockOpenMode       connect_mode;
  LsockSocketOptions  options;

  /* Changes when a connection begins and when it ends. */
  guint               connection;

  /* Changes when the socket moves to another context.  Atomic: the old thread compares it while the
   * socket lives in the new one already. */
  int                 context_serial;

  /* Calls and dispatches of this socket that are on the stack. */
  int                 dispatch_depth;

  /* NULL unless the socket is between two contexts. */
  LsockSocketMove    *move;

  guint               leave_slowly : 1;        /* it moves, or it has asynchronous operations */
  guint               allow_half_open : 1;
  guint               closing : 1;             /* inside `about-to-close` of close() or abort() */
  guint               lingers : 1;             /* has a reference on itself */
  guint               reporting_written : 1;   /* inside `bytes-written` */
  guint               in_refusal : 1;          /* inside `error` of a call that did not fit the state */

  /* Of this connection: what has been emitted, since each is emitted once. */
  guint               end_reported : 1;        /* `error` for the end of the link */
  guint               ending : 1;              /* inside an emission for the end */
  guint               finish_reported : 1;     /* `read-channel-finished` */

  guint               error_pending : 1;       /* `error` follows what is being emitted */
  guint               attempt_failed : 1;      /* the failure of this attempt is being reported */
  guint               attempt_depth : 4;       /* attempts to connect that are on the stack */
  guint               output_lost : 1;         /* the last connection ended before all was sent */
} LsockSocketPrivate;

extern int          _lsock_socket_private_offset;
extern GParamSpec  *_lsock_socket_pspecs[];

/* Indices of the above. */
typedef enum
{
  LSOCK_SOCKET_PROP_STATE = 1,
  LSOCK_SOCKET_PROP_LAST_ERROR,
  LSOCK_SOCKET_PROP_SERVER_NAME,
  LSOCK_SOCKET_PROP_FULL_SERVER_NAME,
  LSOCK_SOCKET_PROP_READ_BUFFER_SIZE,
  LSOCK_SOCKET_PROP_READ_BLOCKED,
  LSOCK_SOCKET_PROP_SOCKET_DESCRIPTOR,
  LSOCK_SOCKET_PROP_SOCKET_OPTIONS,
  LSOCK_SOCKET_PROP_PRIORITY,
  LSOCK_SOCKET_PROP_CONNECT_TIMEOUT,
  LSOCK_SOCKET_PROP_ALLOW_HALF_OPEN,
  LSOCK_SOCKET_N_PROPS
} LsockSocketProperty;

static inline LsockSocketPrivate *
_lsock_socket_get_private (LsockSocket *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_socket_private_offset);
}

static inline const char *
_lsock_socket_display_name (LsockSocketPrivate  *priv,
                            char               **storage)
{
  return priv->server_name != NULL
    ? _lsock_address_display_name (priv->server_name, storage) : "";
}


/* The guard around emissions */

/* Leaves the old context for good. */
void     _lsock_socket_complete_move (LsockSocket     *self);
/* Drops what is pending, and returns FALSE, if the socket is no longer what it was when it was
 * moved. */
gboolean _lsock_socket_check_move    (LsockSocket     *self,
                                      LsockSocketMove *move);

/* What is seldom to be done when a call or a dispatch ends. */
void     _lsock_socket_leave_slowly  (LsockSocket     *self);

/* Keeps the socket while a call or a dispatch works on it.  Every public call that may emit, and
 * every callback, has one; the functions inside rely on it. */
typedef LsockSocket LsockSocketScope;

static inline LsockSocketScope *
_lsock_socket_enter (LsockSocket *self)
{
  _lsock_socket_get_private (self)->dispatch_depth++;
  return g_object_ref (self);
}

static inline void
_lsock_socket_leave (LsockSocketScope *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (G_UNLIKELY (priv->leave_slowly))
    _lsock_socket_leave_slowly (self);
  else
    priv->dispatch_depth--;
  g_object_unref (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LsockSocketScope, _lsock_socket_leave)

typedef struct
{
  guint connection;
  int   context_serial;
} LsockSocketGuard;

static inline LsockSocketGuard
_lsock_socket_guard (LsockSocketPrivate *priv)
{
  return (LsockSocketGuard) { priv->connection, g_atomic_int_get (&priv->context_serial) };
}

/* The one question after an emission: whether it is still the same connection, in this thread.  In
 * another thread nothing of the socket may be touched any more. */
static inline gboolean
_lsock_socket_is_same (LsockSocketPrivate     *priv,
                       const LsockSocketGuard *guard)
{
  return g_atomic_int_get (&priv->context_serial) == guard->context_serial &&
         priv->connection == guard->connection;
}

/* The same, for work that is only worth while if the socket has another owner than the caller. */
static inline gboolean
_lsock_socket_is_same_and_held (LsockSocket            *self,
                                LsockSocketPrivate     *priv,
                                const LsockSocketGuard *guard)
{
  return _lsock_socket_is_same (priv, guard) &&
         !_lsock_object_is_last_held (LSOCK_OBJECT (self));
}


/* Steps.  These change fields and note what is to be emitted. */

void     _lsock_socket_step_state      (LsockSocket      *self,
                                        LsockSocketStep  *step,
                                        LsockSocketState  state);
void     _lsock_socket_step_names      (LsockSocket      *self,
                                        LsockSocketStep  *step,
                                        GRefString       *name,
                                        GRefString       *full_name);
/* Keeps @code and @message for the getters; `error` is emitted only if @report is set. */
void     _lsock_socket_step_error      (LsockSocket      *self,
                                        LsockSocketStep  *step,
                                        LsockSocketError  code,
                                        const char       *message,
                                        gboolean          report);
void     _lsock_socket_step_mode       (LsockSocket      *self,
                                        LsockSocketStep  *step,
                                        LsockOpenMode     mode);
void     _lsock_socket_step_blocked    (LsockSocket      *self,
                                        LsockSocketStep  *step,
                                        gboolean          blocked);

/* Emits what @step has collected.  FALSE when a handler has ended the connection, begun another one
 * or moved the socket: then the caller returns at once. */
gboolean _lsock_socket_emit            (LsockSocket      *self,
                                        LsockSocketStep  *step);

/* An error that changes nothing else: a time limit, or a call that does not fit the state. */
void     _lsock_socket_report_error    (LsockSocket      *self,
                                        LsockSocketError  code,
                                        const char       *message);
/* Refuses a call that does not fit the state: `error (OPERATION)`, and nothing else changes. */
void     _lsock_socket_refuse          (LsockSocket      *self,
                                        const char       *message);

void     _lsock_socket_install_signals (GType             type);
/* The class handlers that derived classes chain up to. */
void     _lsock_socket_fill_slots      (gpointer          klass);


/* Questions that several files ask. */

/* How many bytes a limited read buffer has room for. */
gsize    _lsock_socket_get_limited_room (LsockSocket     *self);
/* What the socket asks the reactor for. */
LsockReady _lsock_socket_get_interest  (LsockSocket      *self);
void     _lsock_socket_update_interest (LsockSocket      *self);
void     _lsock_socket_unblock         (LsockSocket      *self);
/* While CLOSING with data to send, the socket has a reference on itself. */
void     _lsock_socket_update_linger   (LsockSocket      *self);

/* Whether received data has a reader; otherwise it is discarded. */
static inline gboolean
_lsock_socket_wants_data (LsockSocket *self)
{
  return _lsock_socket_get_private (self)->state == LSOCK_SOCKET_STATE_CONNECTED &&
         (_lsock_io_device_peek_mode (LSOCK_IO_DEVICE (self)) & LSOCK_OPEN_MODE_READ_ONLY) != 0;
}

static inline gsize
_lsock_socket_get_room (LsockSocket        *self,
                        LsockSocketPrivate *priv)
{
  return G_LIKELY (priv->read_buffer_size <= 0) ? G_MAXSSIZE : _lsock_socket_get_limited_room (self);
}

/* Goes on receiving if that was waiting for room and there is some now.  Inside a call that reads,
 * the notification follows when the call is complete. */
static inline void
_lsock_socket_made_room (LsockSocket        *self,
                         LsockSocketPrivate *priv)
{
  if (G_UNLIKELY (priv->link.read_blocked) &&
      !_lsock_io_device_is_filling_held (LSOCK_IO_DEVICE (self)))
    _lsock_socket_unblock (self);
}

/* Whether written data has not left, or has left and was not reported. */
static inline gboolean
_lsock_socket_has_pending (LsockSocketPrivate *priv)
{
  return _lsock_link_has_output (&priv->link) || priv->link.unreported > 0;
}

G_END_DECLS
