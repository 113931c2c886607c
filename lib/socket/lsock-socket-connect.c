/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a connection begins: by name, after a full backlog, or with a descriptor. */

#include "config.h"

#include "socket/lsock-socket-connect-private.h"

#include <errno.h>

#include "io/lsock-deadline-private.h"
#include "device/lsock-io-device-state-private.h"
#include "io/lsock-transport-private.h"
#include "socket/lsock-socket-close-private.h"
#include "socket/lsock-socket-events-private.h"

/* The kernel gives no event for room in a full backlog.  The first try comes soon enough not to be
 * felt; the interval doubles, so that thousands of waiting clients do not keep a processor busy. */
#define MIN_RETRY_INTERVAL_MS 10
#define MAX_RETRY_INTERVAL_MS 1000

/* A handler that connects again when connecting fails would call itself until the stack ends.  One
 * attempt inside another is made at once, as in Qt; a further one is begun by the loop or a
 * wait. */
#define MAX_ATTEMPT_DEPTH 2
/* A handler may also abort and begin again while the state is still changing to CONNECTING. */
#define MAX_REFUSED_DEPTH 8


static gboolean
on_retry (gpointer user_data)
{
  g_autoptr (LsockSocketScope) scope = _lsock_socket_enter (user_data);

  _lsock_socket_retry_connect (scope);
  return G_SOURCE_CONTINUE;
}

/* A source for each try: the interval changes. */
static void
attach_retry (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockConnectRetry *retry = priv->retry;

  _lsock_socket_detach_retry (self);
  retry->source = g_timeout_source_new (retry->interval);
  g_source_set_static_name (retry->source, "lsock connection attempt");
  g_source_set_priority (retry->source, priv->priority);
  /* A handler that runs a loop inside an attempt must see the next one. */
  g_source_set_can_recurse (retry->source, TRUE);
  g_source_set_callback (retry->source, on_retry, self, NULL);
  g_source_attach (retry->source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
}

/* Leaves the attempt to the loop, or to a wait.  Without an @address nothing was tried yet. */
static void
retry_later (LsockSocket        *self,
             const LsockAddress *address)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->retry == NULL)
    {
      priv->retry = g_new0 (LsockConnectRetry, 1);
      priv->retry->deadline = _lsock_deadline_after (priv->connect_timeout);
    }

  if (address != NULL)
    {
      priv->retry->interval = CLAMP (priv->retry->interval * 2, MIN_RETRY_INTERVAL_MS,
                                     MAX_RETRY_INTERVAL_MS);
      if (priv->retry->deadline >= 0)
        priv->retry->interval = MIN (priv->retry->interval,
                                     (guint) _lsock_deadline_remaining (priv->retry->deadline));
      priv->retry->address = *address;
      priv->retry->has_address = TRUE;
    }

  attach_retry (self);
}

/* The failure has been reported: back to UNCONNECTED, and the same object can try again.  What was
 * left of an earlier connection is dropped, as in Qt. */
static void
end_failed_attempt (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  priv->connection++;
  priv->attempt_failed = FALSE;
  _lsock_socket_step_names (self, &step, NULL, NULL);
  _lsock_socket_step_state (self, &step, LSOCK_SOCKET_STATE_UNCONNECTED);
  _lsock_socket_release (self);

  if (!_lsock_socket_announce_close (self))
    return;

  _lsock_byte_queue_clear (&priv->link.incoming);
  _lsock_socket_step_mode (self, &step, LSOCK_OPEN_MODE_NOT_OPEN);
  _lsock_socket_emit (self, &step);
}

static void
fail_attempt (LsockSocket      *self,
              LsockSocketError  code,
              const char       *message)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockSocketStep step = { 0, };

  _lsock_socket_release (self);
  priv->attempt_failed = TRUE;
  _lsock_socket_step_error (self, &step, code, message, TRUE);
  if (_lsock_socket_emit (self, &step))
    end_failed_attempt (self);
}

/* @path is NULL where the name leads to none. */
static void
fail_attempt_errno (LsockSocket *self,
                    const char  *path,
                    int          errnum)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *storage = NULL;
  g_autofree char *path_storage = NULL;
  g_autofree char *message = NULL;
  const char *name = _lsock_socket_display_name (priv, &storage);

  if (path == NULL || g_strcmp0 (path, priv->server_name) == 0)
    message = g_strdup_printf ("Cannot connect to “%s”: %s", name, g_strerror (errnum));
  else
    message = g_strdup_printf ("Cannot connect to “%s” (%s): %s", name,
                               _lsock_address_display_name (path, &path_storage),
                               g_strerror (errnum));

  fail_attempt (self, _lsock_transport_error_code (errnum), message);
}


/* The connection stands */

/* Everything that a new connection sets, but the state. */
static void
step_open (LsockSocket     *self,
           LsockSocketStep *step,
           int              fd,
           LsockOpenMode    mode)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_link_open (&priv->link, fd);
  priv->end_reported = FALSE;
  priv->finish_reported = FALSE;
  /* A handler of the former connection may be on the stack. */
  priv->reporting_written = FALSE;
  step->emissions |= LSOCK_EMIT_DESCRIPTOR;
  _lsock_socket_step_mode (self, step, mode);
  _lsock_socket_step_error (self, step, LSOCK_SOCKET_ERROR_UNKNOWN, NULL, FALSE);
}

static gboolean
watch (LsockSocket  *self,
       int           fd,
       GError      **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady interest = LSOCK_READY_IN;

  /* Written while the attempt waited. */
  if (priv->link.outgoing.length > 0)
    interest |= LSOCK_READY_OUT;

  return _lsock_watch_start (&priv->link.watch,
                             lsock_object_get_main_context (LSOCK_OBJECT (self)), priv->priority,
                             fd, interest, _lsock_socket_on_watch, self, error);
}

static gboolean
take_descriptor (LsockSocket       *self,
                 LsockSocketStep   *step,
                 int                fd,
                 LsockSocketState   state,
                 LsockOpenMode      mode,
                 GRefString        *name,
                 GRefString        *full_name,
                 GError           **error)
{
  if (!watch (self, fd, error))
    return FALSE;

  _lsock_socket_get_private (self)->connection++;
  _lsock_socket_get_private (self)->output_lost = FALSE;
  step_open (self, step, fd, mode);
  _lsock_socket_step_names (self, step, name, full_name);
  _lsock_socket_step_state (self, step, state);
  return TRUE;
}

gboolean
_lsock_socket_take_descriptor (LsockSocket       *self,
                               int                fd,
                               LsockSocketState   state,
                               LsockOpenMode      mode,
                               GRefString        *name,
                               GRefString        *full_name,
                               GError           **error)
{
  LsockSocketStep step = { 0, };

  if (!take_descriptor (self, &step, fd, state, mode, name, full_name, error))
    return FALSE;

  /* As in Qt, no signal: the caller knows. */
  step.emissions &= ~LSOCK_EMIT_SIGNALS;
  _lsock_socket_emit (self, &step);
  return TRUE;
}

/* Nothing is notified: no other code has seen the socket yet. */
gboolean
_lsock_socket_take_client (LsockSocket  *self,
                           int           fd,
                           GRefString   *name,
                           GRefString   *full_name,
                           GError      **error)
{
  LsockSocketStep step = { 0, };

  return take_descriptor (self, &step, fd, LSOCK_SOCKET_STATE_CONNECTED,
                          LSOCK_OPEN_MODE_READ_WRITE, name, full_name, error);
}

static void
complete_attempt (LsockSocket        *self,
                  const LsockAddress *address)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autoptr (GRefString) name = NULL;
  g_autoptr (GRefString) full_name = NULL;
  g_autoptr (GError) error = NULL;
  LsockSocketStep step = { 0, };

  if (!watch (self, priv->link.fd, &error))
    {
      fail_attempt (self, error->code, error->message);
      return;
    }

  _lsock_socket_detach_retry (self);
  g_clear_pointer (&priv->retry, g_free);

  _lsock_address_get_names (address, &name, &full_name);
  step_open (self, &step, priv->link.fd, priv->connect_mode);
  _lsock_socket_step_names (self, &step, priv->server_name, full_name);
  _lsock_socket_step_state (self, &step, LSOCK_SOCKET_STATE_CONNECTED);
  step.emissions |= LSOCK_EMIT_CONNECTED;
  _lsock_socket_emit (self, &step);
}


/* The attempt */

static void
try_connect (LsockSocket        *self,
             const LsockAddress *address)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  switch (_lsock_transport_connect (priv->link.fd, address))
    {
    case LSOCK_TRANSPORT_BUSY:
      retry_later (self, address);
      break;

    case LSOCK_TRANSPORT_REFUSED:
      fail_attempt_errno (self, _lsock_address_get_path (address), errno);
      break;

    case LSOCK_TRANSPORT_CONNECTED:
      complete_attempt (self, address);
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
attempt (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  const LsockOpenMode allowed = LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_TEXT |
                                LSOCK_OPEN_MODE_UNBUFFERED;
  g_autoptr (GError) error = NULL;
  LsockAddress address;

  if ((priv->connect_mode & LSOCK_OPEN_MODE_READ_WRITE) == 0 ||
      (priv->connect_mode & ~allowed) != 0)
    {
      g_autofree char *storage = NULL;
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s”: a socket cannot be opened with the mode 0x%x",
                         _lsock_socket_display_name (priv, &storage), priv->connect_mode);

      fail_attempt (self, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, message);
      return;
    }

  if (!_lsock_address_init (&address, priv->server_name, priv->options, &error))
    {
      fail_attempt (self, error->code, error->message);
      return;
    }

  priv->link.fd = _lsock_transport_open ();
  if (priv->link.fd < 0)
    fail_attempt_errno (self, _lsock_address_get_path (&address), errno);
  else
    try_connect (self, &address);
}

static void
make_attempt (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  priv->attempt_depth++;
  attempt (self);
  priv->attempt_depth--;
}

void
_lsock_socket_begin_connect (LsockSocket   *self,
                             const char    *name,
                             LsockOpenMode  mode)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autoptr (GRefString) server_name = g_ref_string_new (name);
  LsockSocketStep step = { 0, };
  gboolean postpone = priv->attempt_depth >= MAX_ATTEMPT_DEPTH;
  gboolean same;

  if (priv->attempt_depth >= MAX_REFUSED_DEPTH)
    {
      g_autofree char *storage = NULL;
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s” from inside %u attempts that handlers have ended",
                         _lsock_address_display_name (name, &storage), priv->attempt_depth);

      _lsock_socket_refuse (self, message);
      return;
    }

  /* An old connection that still has something to send is given up. */
  if (priv->state == LSOCK_SOCKET_STATE_CLOSING)
    step.emissions |= LSOCK_EMIT_DESCRIPTOR;
  priv->connection++;
  priv->connect_mode = mode;
  priv->attempt_failed = FALSE;
  priv->finish_reported = FALSE;
  _lsock_socket_step_names (self, &step, server_name, NULL);
  _lsock_socket_step_error (self, &step, LSOCK_SOCKET_ERROR_UNKNOWN, NULL, FALSE);
  _lsock_socket_step_state (self, &step, LSOCK_SOCKET_STATE_CONNECTING);
  _lsock_socket_release (self);
  priv->output_lost = FALSE;
  if (postpone)
    retry_later (self, NULL);

  /* What handlers do while the state changes is part of the attempt: they can begin another. */
  priv->attempt_depth++;
  same = _lsock_socket_emit (self, &step);
  priv->attempt_depth--;
  if (same && !postpone)
    make_attempt (self);
}

void
_lsock_socket_retry_connect (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockAddress address;

  if (priv->retry == NULL)
    return;

  if (!priv->retry->has_address)
    {
      _lsock_socket_detach_retry (self);
      g_clear_pointer (&priv->retry, g_free);
      make_attempt (self);
      return;
    }

  address = priv->retry->address;
  if (_lsock_deadline_has_passed (priv->retry->deadline))
    {
      g_autofree char *storage = NULL;
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s”: its backlog stayed full for %d ms",
                         _lsock_socket_display_name (priv, &storage), priv->connect_timeout);

      fail_attempt (self, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, message);
      return;
    }

  try_connect (self, &address);
}

void
_lsock_socket_resume_connect (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->state != LSOCK_SOCKET_STATE_CONNECTING)
    return;

  if (priv->attempt_failed)
    end_failed_attempt (self);
  else if (priv->retry != NULL)
    attach_retry (self);
  else
    make_attempt (self);
}
