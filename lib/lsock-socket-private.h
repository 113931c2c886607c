/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "lsock-address-private.h"
#include "lsock-byte-queue-private.h"
#include "lsock-reactor-private.h"
#include "lsock-socket.h"

G_BEGIN_DECLS

typedef struct
{
  LsockWatch          watch;

  /* What came and was not read, and what was written and found no room in the kernel. */
  LsockByteQueue      incoming;
  LsockByteQueue      outgoing;

  /* Bytes that the kernel took and `bytes-written` has not announced. */
  gint64              left;

  /* Shared by the sockets of a server. */
  GRefString         *server_name;
  GRefString         *full_server_name;

  /* While a full backlog keeps the connection waiting. */
  LsockAddress       *retry_address;
  GSource            *retry_source;
  gint64              retry_deadline;   /* monotonic time, or -1 */

  gint64              read_buffer_size;

  /* While `ready-read` is emitted for what the kernel still has: how much of it may be taken. */
  gsize               share;
  int                 fd;               /* owned; -1 when none */
  int                 priority;
  int                 connect_timeout;
  LsockSocketState    state;
  LsockSocketError    last_error;
  int                 receive_errnum;   /* found while reading, and not dealt with yet; or 0 */
  LsockOpenMode       connect_mode;
  LsockSocketOptions  options;

  /* Changes whenever a connection begins or ends, so that whoever emitted a signal can see
   * whether what it was doing still concerns the same one. */
  guint               generation;

  /* Emissions and dispatches that are under way.  A socket that is moved by a handler begins in its
   * new context when its old thread has left it, which then leaves at once. */
  int                 stays;
  int                 moves;              /* atomic */
  gboolean            attach_due;

  guint               allow_half_open : 1;
  guint               read_ended : 1;     /* the peer wrote its last */
  guint               write_ended : 1;    /* we did, or are about to */
  guint               write_failed : 1;   /* the kernel takes nothing any more */
  guint               read_blocked : 1;   /* `read-buffer-size` is used up */
  guint               finish_said : 1;    /* `read-channel-finished` was, for this connection */
  guint               announcing : 1;     /* inside `bytes-written` */
  guint               due : 1;            /* `ready-read` is emitted for what the kernel has */
  guint               was_read : 1;       /* by a handler of this `ready-read` */
  guint               direct : 1;         /* the handler reads all at once, into much room */
  guint               eager : 1;          /* the handler took all that there was */
  guint               misled : 1;         /* the kernel announced data that was none */
} LsockSocketPrivate;

typedef enum
{
  LSOCK_RECEIVE_NOTHING,
  LSOCK_RECEIVE_DATA,
  LSOCK_RECEIVE_ENDED,   /* the connection is not what it was: look at the state again */
} LsockReceive;

extern int          _lsock_socket_private_offset;

static inline LsockSocketPrivate *
_lsock_socket_get_private (LsockSocket *self)
{
  return G_STRUCT_MEMBER_P (self, _lsock_socket_private_offset);
}

static inline void
_lsock_socket_enter (LsockSocketPrivate *priv)
{
  priv->stays++;
}

/* lsock-socket.c */
void                _lsock_socket_emit_connected     (LsockSocket       *self);
void                _lsock_socket_emit_disconnected  (LsockSocket       *self);
void                _lsock_socket_emit_error         (LsockSocket       *self,
                                                      LsockSocketError   code);
void                _lsock_socket_set_state          (LsockSocket       *self,
                                                      LsockSocketState   state);
void                _lsock_socket_set_names          (LsockSocket       *self,
                                                      GRefString        *name,
                                                      GRefString        *full_name);
void                _lsock_socket_set_error          (LsockSocket       *self,
                                                      LsockSocketError   code,
                                                      const char        *message);
void                _lsock_socket_notify_descriptor  (LsockSocket       *self);
gboolean            _lsock_socket_open_device        (LsockSocket       *self,
                                                      LsockOpenMode      mode,
                                                      GError           **error);
gboolean            _lsock_socket_take_client        (LsockSocket       *self,
                                                      int                fd,
                                                      GRefString        *name,
                                                      GRefString        *full_name,
                                                      GError           **error);

void                _lsock_socket_attach_later       (LsockSocket       *self);

/* lsock-socket-connect.c: how a connection begins */
void                _lsock_socket_begin_connect      (LsockSocket       *self,
                                                      LsockOpenMode      mode);
void                _lsock_socket_retry_connect      (LsockSocket       *self);
void                _lsock_socket_forget_retry       (LsockSocket       *self);
void                _lsock_socket_attach_retry       (LsockSocket       *self);
void                _lsock_socket_detach_retry       (LsockSocket       *self);
gboolean            _lsock_socket_establish          (LsockSocket       *self,
                                                      int                fd,
                                                      LsockSocketState   state,
                                                      LsockOpenMode      mode,
                                                      GError           **error);

/* lsock-socket-link.c: how data moves, and how a connection ends */
void                _lsock_socket_on_watch           (gpointer           owner,
                                                      LsockReady         ready);
gsize               _lsock_socket_get_room           (LsockSocket       *self);
void                _lsock_socket_update_interest    (LsockSocket       *self);
LsockReceive        _lsock_socket_receive            (LsockSocket       *self,
                                                      LsockReady         ready);
gsize               _lsock_socket_read               (LsockSocket       *self,
                                                      void              *buffer,
                                                      gsize              count);
void                _lsock_socket_take_due           (LsockSocket       *self);
void                _lsock_socket_hang_up            (LsockSocket       *self,
                                                      LsockReady         ready);
void                _lsock_socket_send               (LsockSocket       *self,
                                                      const void        *data,
                                                      gsize              length,
                                                      GBytes            *bytes);
void                _lsock_socket_send_pending       (LsockSocket       *self);
void                _lsock_socket_announce           (LsockSocket       *self);
gboolean            _lsock_socket_has_pending        (LsockSocket       *self);
void                _lsock_socket_release            (LsockSocket       *self);
void                _lsock_socket_finish             (LsockSocket       *self);
void                _lsock_socket_finish_if_done     (LsockSocket       *self);
void                _lsock_socket_begin_disconnect   (LsockSocket       *self);

/* lsock-socket-wait.c: the same without a loop */
gboolean            _lsock_socket_wait_for_ready_read    (LsockIODevice *device,
                                                          int            msecs);
gboolean            _lsock_socket_wait_for_bytes_written (LsockIODevice *device,
                                                          int            msecs);

static inline void
_lsock_socket_leave (LsockSocket        *self,
                     LsockSocketPrivate *priv)
{
  if (--priv->stays == 0 && G_UNLIKELY (priv->attach_due))
    _lsock_socket_attach_later (self);
}

G_END_DECLS
