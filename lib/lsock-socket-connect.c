/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-socket-private.h"

#include <errno.h>

#include "lsock-io-device-private.h"
#include "lsock-object-private.h"
#include "lsock-transport-private.h"

/* The kernel gives no event for room in a full backlog.  Short enough not to be felt, long enough
 * not to be seen among a program's wake-ups. */
#define RETRY_INTERVAL_MS 10


void
_lsock_socket_detach_retry (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->retry_source != NULL)
    {
      g_source_destroy (priv->retry_source);
      g_clear_pointer (&priv->retry_source, g_source_unref);
    }
}

void
_lsock_socket_forget_retry (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  _lsock_socket_detach_retry (self);
  g_clear_pointer (&priv->retry_address, g_free);
}

/* Ends an attempt: the state goes back to UNCONNECTED, and the same object can try again. */
static void
fail_connect (LsockSocket      *self,
              LsockSocketError  code,
              const char       *message)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  guint generation = priv->generation;

  _lsock_socket_release (self);
  _lsock_socket_set_error (self, code, message);
  _lsock_socket_emit_error (self, code);
  if (priv->generation != generation)
    return;

  priv->generation++;
  _lsock_socket_set_names (self, NULL, NULL);
  _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_UNCONNECTED);
}

static void
fail_connect_errno (LsockSocket *self,
                    int          errnum)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autofree char *message = NULL;

  message = g_strdup_printf ("Cannot connect to “%s”: %s", priv->server_name, g_strerror (errnum));
  fail_connect (self, _lsock_transport_error_code (errnum), message);
}

static gboolean
on_retry (gpointer user_data)
{
  g_autoptr (LsockSocket) self = g_object_ref (user_data);

  _lsock_socket_retry_connect (self);
  return G_SOURCE_CONTINUE;
}

void
_lsock_socket_attach_retry (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  priv->retry_source = g_timeout_source_new (RETRY_INTERVAL_MS);
  g_source_set_static_name (priv->retry_source, "lsock full backlog");
  g_source_set_priority (priv->retry_source, priv->priority);
  g_source_set_callback (priv->retry_source, on_retry, self, NULL);
  g_source_attach (priv->retry_source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
}

static void
wait_for_room (LsockSocket        *self,
               const LsockAddress *address)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);

  if (priv->retry_address != NULL)
    return;

  priv->retry_address = g_memdup2 (address, sizeof *address);
  priv->retry_deadline = priv->connect_timeout < 0
    ? -1 : g_get_monotonic_time () + (gint64) priv->connect_timeout * 1000;
  _lsock_socket_attach_retry (self);
}

static void
try_connect (LsockSocket        *self,
             const LsockAddress *address)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autoptr (GError) error = NULL;
  guint generation;

  switch (_lsock_transport_connect (priv->fd, address))
    {
    case LSOCK_TRANSPORT_BUSY:
      wait_for_room (self, address);
      return;

    case LSOCK_TRANSPORT_REFUSED:
      fail_connect_errno (self, errno);
      return;

    case LSOCK_TRANSPORT_CONNECTED:
      break;

    default:
      g_assert_not_reached ();
    }

  {
    g_autoptr (GRefString) name = NULL;
    g_autoptr (GRefString) full_name = NULL;

    _lsock_address_get_names (address, &name, &full_name);
    _lsock_socket_set_names (self, priv->server_name, full_name);
  }
  _lsock_socket_forget_retry (self);

  if (!_lsock_socket_establish (self, priv->fd, LSOCK_SOCKET_STATE_CONNECTED, priv->connect_mode,
                                &error))
    {
      fail_connect (self, error->code, error->message);
      return;
    }

  generation = priv->generation;
  _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_CONNECTED);
  if (priv->generation == generation && priv->state == LSOCK_SOCKET_STATE_CONNECTED)
    _lsock_socket_emit_connected (self);
}

void
_lsock_socket_retry_connect (LsockSocket *self)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockAddress address = *priv->retry_address;

  if (priv->retry_deadline >= 0 && g_get_monotonic_time () >= priv->retry_deadline)
    {
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s”: its backlog stayed full for %d ms",
                         priv->server_name, priv->connect_timeout);

      fail_connect (self, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT, message);
      return;
    }

  try_connect (self, &address);
}

/* Takes @fd, which the caller has checked, for the connection of @self; on failure it stays the
 * caller's. */
gboolean
_lsock_socket_establish (LsockSocket       *self,
                         int                fd,
                         LsockSocketState   state,
                         LsockOpenMode      mode,
                         GError           **error)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  LsockReady interest = LSOCK_READY_IN;

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                           priv->priority, fd, interest, _lsock_socket_on_watch, self, error))
    return FALSE;

  if (!_lsock_socket_open_device (self, mode, error))
    {
      _lsock_watch_stop (&priv->watch);
      return FALSE;
    }

  _lsock_byte_queue_clear (&priv->incoming);
  priv->fd = fd;
  priv->read_ended = FALSE;
  priv->write_ended = FALSE;
  priv->write_failed = FALSE;
  priv->read_blocked = FALSE;
  priv->finish_said = FALSE;
  priv->misled = FALSE;
  _lsock_socket_notify_descriptor (self);
  return TRUE;
}

void
_lsock_socket_begin_connect (LsockSocket   *self,
                             LsockOpenMode  mode)
{
  LsockSocketPrivate *priv = _lsock_socket_get_private (self);
  g_autoptr (GError) error = NULL;
  LsockAddress address;
  guint generation;

  /* An old connection that still has something to send is given up. */
  _lsock_socket_release (self);

  generation = ++priv->generation;
  priv->connect_mode = mode;
  _lsock_socket_set_error (self, LSOCK_SOCKET_ERROR_UNKNOWN, NULL);
  _lsock_socket_set_state (self, LSOCK_SOCKET_STATE_CONNECTING);
  if (priv->generation != generation || priv->state != LSOCK_SOCKET_STATE_CONNECTING)
    return;

  if ((mode & LSOCK_OPEN_MODE_READ_WRITE) == 0 ||
      (mode & ~(LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_TEXT |
                LSOCK_OPEN_MODE_UNBUFFERED)) != 0)
    {
      g_autofree char *message =
        g_strdup_printf ("Cannot connect to “%s”: a socket cannot be opened with the mode 0x%x",
                         priv->server_name, mode);

      fail_connect (self, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION, message);
      return;
    }

  if (!_lsock_address_init (&address, priv->server_name, priv->options, &error))
    {
      fail_connect (self, error->code, error->message);
      return;
    }

  priv->fd = _lsock_transport_open ();
  if (priv->fd < 0)
    {
      fail_connect_errno (self, errno);
      return;
    }

  try_connect (self, &address);
}
