/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "lsock-server.h"

#include <errno.h>
#include <poll.h>

#include "io/lsock-deadline-private.h"
#include "io/lsock-address-private.h"
#include "io/lsock-unclaimed-fds-private.h"
#include "lsock-enum-types.h"
#include "object/lsock-object-private.h"
#include "io/lsock-reactor-private.h"
#include "socket/lsock-socket-connect-private.h"
#include "io/lsock-transport-private.h"

/* How many clients one turn lets in, so that a rush of them does not starve those who are in. */
#define ACCEPTS_PER_TURN 32

/* How many clients are let in one by one after one had come alone. */
#define ALONE_UNTIL_LOOK 15

/* After the table of descriptors was full: there is no event for it to have room again. */
#define RESUME_INTERVAL_MS 100

/* The same in a wait, which begins with this. */
#define MIN_ACCEPT_INTERVAL_MS 10

#define DEFAULT_MAX_PENDING 30
#define DEFAULT_BACKLOG 50

/**
 * LsockServer:
 *
 * Listens under a name, and makes a [class@Lsock.Socket] of each client that comes.
 *
 * After [method@Lsock.Server.listen], each [signal@Lsock.Server::new-connection] announces one
 * socket that [method@Lsock.Server.next_pending_connection] hands out. Clients beyond
 * [property@Lsock.Server:max-pending-connections] wait in the kernel until some were.
 *
 * A subclass that overrides [vfunc@Lsock.Server.incoming_connection] gets the descriptor instead,
 * to make its own kind of socket or to hand it to another thread.
 *
 * The counterpart in Qt is `QLocalServer`.
 *
 * Since: 1.0
 */
typedef struct
{
  LsockWatch          watch;
  GQueue              pending;        /* of owned LsockSocket */
  LsockAddress        address;        /* while listening */
  LsockFileIdentity   identity;       /* of the file that we made */
  char               *server_name;
  GRefString         *base_name;      /* the server's name as its sockets see it */
  GRefString         *full_server_name;
  char               *error_string;
  GSource            *resume_source;  /* while the table of descriptors is full */
  int                 fd;             /* owned; -1 when none */
  int                 max_pending;
  int                 backlog;
  LsockSocketError    error;
  LsockSocketOptions  options;
  guint               generation;     /* changes when listening begins or ends */
  guint               n_accepted;     /* changes with each client that was let in */
  guint               alone;          /* clients to be let in without a look for another */
  guint               exhausted : 1;  /* said once, until a client gets in again */
} LsockServerPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (LsockServer, lsock_server, LSOCK_TYPE_OBJECT)

typedef enum
{
  PROP_SERVER_NAME = 1,
  PROP_FULL_SERVER_NAME,
  PROP_MAX_PENDING_CONNECTIONS,
  PROP_LISTEN_BACKLOG_SIZE,
  PROP_SOCKET_OPTIONS,
  PROP_SOCKET_DESCRIPTOR,
  PROP_LAST_ERROR,
  PROP_ERROR_STRING,
} LsockServerProperty;

static GParamSpec *properties[PROP_ERROR_STRING + 1];

enum
{
  NEW_CONNECTION,
  ACCEPT_ERROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];


/* Keeps what @error says for the getters; notify_error() follows when the step is complete. */
static void
store_error (LsockServer  *self,
             const GError *error)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  g_free (priv->error_string);
  priv->error_string = error != NULL ? g_strdup (error->message) : NULL;
  priv->error = error != NULL ? (LsockSocketError) error->code : LSOCK_SOCKET_ERROR_UNKNOWN;
}

static void
notify_error (LsockServer *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_LAST_ERROR]);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_ERROR_STRING]);
}

static void
set_error_from (LsockServer  *self,
                const GError *error)
{
  store_error (self, error);
  notify_error (self);
}

/* Keeps what @error says for the getters, and hands it to the caller. */
static gboolean
fail (LsockServer  *self,
      GError      **destination,
      GError       *error)
{
  set_error_from (self, error);
  g_propagate_error (destination, error);
  return FALSE;
}

static GError *
listen_error (const char *name,
              int         errnum)
{
  return g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                      "Cannot listen under “%s”: %s", name, g_strerror (errnum));
}

/* @name is NULL for a descriptor that was bound elsewhere.  notify_names() follows when the step is
 * complete. */
static void
store_names (LsockServer        *self,
             const char         *name,
             const LsockAddress *address)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  g_clear_pointer (&priv->server_name, g_free);
  g_clear_pointer (&priv->base_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);
  if (address != NULL)
    {
      _lsock_address_get_names (address, &priv->base_name, &priv->full_server_name);
      priv->server_name = g_strdup (name != NULL ? name : priv->base_name);
    }
}

static void
notify_names (LsockServer *self)
{
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SERVER_NAME]);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_FULL_SERVER_NAME]);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SOCKET_DESCRIPTOR]);
}

/* Whether a client may be let in, the pause after a full table aside. */
static gboolean
can_accept (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  return (int) priv->pending.length < priv->max_pending;
}

static gboolean
has_room (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  return can_accept (self) && priv->resume_source == NULL;
}

static void
update_interest (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  _lsock_watch_set_interest (&priv->watch, has_room (self) ? LSOCK_READY_IN : LSOCK_READY_NONE);
}

static void
forget_resume (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  if (priv->resume_source != NULL)
    {
      g_source_destroy (priv->resume_source);
      g_clear_pointer (&priv->resume_source, g_source_unref);
    }
}

static gboolean
on_resume (gpointer user_data)
{
  LsockServer *self = user_data;

  forget_resume (self);
  update_interest (self);
  return G_SOURCE_REMOVE;
}

/* Clients can wait: it is never a reason to end the server.  Without the pause, a client that
 * cannot be let in would make the loop spin. */
static void
pause_accepting (LsockServer *self,
                 int          errnum)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);
  g_autoptr (GError) error = NULL;

  forget_resume (self);
  priv->resume_source = g_timeout_source_new (RESUME_INTERVAL_MS);
  g_source_set_static_name (priv->resume_source, "lsock full table of descriptors");
  g_source_set_callback (priv->resume_source, on_resume, self, NULL);
  g_source_attach (priv->resume_source, lsock_object_get_main_context (LSOCK_OBJECT (self)));
  update_interest (self);

  if (priv->exhausted)
    return;

  priv->exhausted = TRUE;
  error = g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                       "Cannot let a client of “%s” in: %s",
                       priv->server_name != NULL ? priv->server_name : "", g_strerror (errnum));
  set_error_from (self, error);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[ACCEPT_ERROR], 0, error);
}

/* A client that cannot be had. */
static void
refuse (LsockServer  *self,
        int           fd,
        const GError *error)
{
  _lsock_transport_close (fd);
  set_error_from (self, error);
  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[ACCEPT_ERROR], 0, error);
}

/* A socket of ours must hear its events where we hear ours, which need not be the thread-default
 * context of whoever runs the loop. */
static LsockSocket *
new_socket (LsockServer *self)
{
  GMainContext *context = lsock_object_get_main_context (LSOCK_OBJECT (self));
  GMainContext *current = g_main_context_get_thread_default ();
  gboolean foreign = context != (current != NULL ? current : g_main_context_default ());
  LsockSocket *socket;

  if (foreign)
    g_main_context_push_thread_default (context);
  socket = lsock_socket_new ();
  if (foreign)
    g_main_context_pop_thread_default (context);

  return socket;
}

static void
lsock_server_real_incoming_connection (LsockServer *self,
                                       int          fd)
{
  g_autoptr (LsockSocket) socket = new_socket (self);
  g_autoptr (GError) error = NULL;

  if (lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                          LSOCK_OPEN_MODE_READ_WRITE, &error))
    lsock_server_add_pending_connection (self, socket);
  else
    refuse (self, fd, error);
}

/* Hands the descriptor of one client over. */
static void
let_in (LsockServer *self,
        int          fd)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);
  LsockServerClass *klass = LSOCK_SERVER_GET_CLASS (self);

  priv->exhausted = FALSE;
  priv->n_accepted++;
  if (klass->incoming_connection == lsock_server_real_incoming_connection)
    {
      g_autoptr (LsockSocket) socket = new_socket (self);
      g_autoptr (GError) error = NULL;

      if (_lsock_socket_take_client (socket, fd, priv->base_name, priv->full_server_name, &error))
        lsock_server_add_pending_connection (self, socket);
      else
        refuse (self, fd, error);
      return;
    }

  _lsock_unclaimed_fds_add (self, fd);
  klass->incoming_connection (self, fd);
  _lsock_unclaimed_fds_close_excess (self, (guint) MAX (priv->max_pending, 1));
}

/* Lets clients in until there is no room, no client, or a turn's share is used up.  Where they come
 * one by one, the look for another is in vain most often: who comes after all is heard of in the
 * next turn. */
static void
accept_clients (LsockServer *self,
                int          limit)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);
  guint generation = priv->generation;

  for (int i = 0; i < limit && priv->generation == generation && has_room (self); i++)
    {
      int fd = _lsock_transport_accept (priv->fd);

      if (fd == LSOCK_TRANSPORT_WOULD_BLOCK)
        {
          priv->alone = i <= 1 ? ALONE_UNTIL_LOOK : 0;
          return;
        }

      if (fd < 0)
        {
          pause_accepting (self, errno);
          return;
        }

      let_in (self, fd);

      if (priv->alone > 0)
        {
          priv->alone--;
          break;
        }
    }

  if (priv->generation == generation)
    update_interest (self);
}

static void
on_watch (gpointer   owner,
          LsockReady ready)
{
  g_autoptr (LsockServer) self = g_object_ref (owner);
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  /* The kernel has no memory to watch the descriptor: it is looked at again by timer. */
  if (G_UNLIKELY ((ready & LSOCK_READY_FAILED) != 0))
    {
      pause_accepting (self, priv->watch.errnum);
      return;
    }

  accept_clients (self, ACCEPTS_PER_TURN);
}

/* Makes @self listen on @fd, which becomes its own on success. */
static gboolean
begin_listening (LsockServer  *self,
                 int           fd,
                 GError      **error)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (LSOCK_OBJECT (self)),
                           G_PRIORITY_DEFAULT, fd, LSOCK_READY_IN, on_watch, self, error))
    return FALSE;

  priv->fd = fd;
  priv->generation++;
  priv->exhausted = FALSE;
  update_interest (self);
  return TRUE;
}

static int
mode_of (LsockSocketOptions options)
{
  int mode = 0;

  if ((options & LSOCK_SOCKET_OPTIONS_WORLD_ACCESS) == 0)
    return -1;

  if ((options & LSOCK_SOCKET_OPTIONS_USER_ACCESS) != 0)
    mode |= 0700;
  if ((options & LSOCK_SOCKET_OPTIONS_GROUP_ACCESS) != 0)
    mode |= 0070;
  if ((options & LSOCK_SOCKET_OPTIONS_OTHER_ACCESS) != 0)
    mode |= 0007;

  return mode;
}


/* LsockObject */

static void
lsock_server_real_end (LsockObject *object)
{
  LsockServer *self = LSOCK_SERVER (object);

  lsock_server_close (self);
  _lsock_unclaimed_fds_close_excess (self, 0);

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->shutdown (object);
}

/* In the context that the server has now. */
static void
attach (LsockObject *object)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);
  g_autoptr (GError) error = NULL;

  if (priv->fd < 0 || _lsock_watch_is_active (&priv->watch))
    return;

  if (!_lsock_watch_start (&priv->watch, lsock_object_get_main_context (object),
                           G_PRIORITY_DEFAULT, priv->fd, LSOCK_READY_NONE, on_watch, self, &error))
    {
      lsock_server_close (self);
      set_error_from (self, error);
      return;
    }

  update_interest (self);
}

static void
lsock_server_real_move_context (LsockObject  *object,
                                GMainContext *context)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  forget_resume (self);
  _lsock_watch_stop (&priv->watch);
  _lsock_object_call_later (object, attach);

  LSOCK_OBJECT_CLASS (lsock_server_parent_class)->move_context (object, context);
}


/* GObject */

static void
lsock_server_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  LsockServer *self = LSOCK_SERVER (object);
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  switch ((LsockServerProperty) prop_id)
    {
    case PROP_SERVER_NAME:
      if (priv->server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->server_name));
      break;

    case PROP_FULL_SERVER_NAME:
      if (priv->full_server_name != NULL)
        g_value_take_string (value, g_filename_display_name (priv->full_server_name));
      break;

    case PROP_MAX_PENDING_CONNECTIONS:
      g_value_set_int (value, priv->max_pending);
      break;

    case PROP_LISTEN_BACKLOG_SIZE:
      g_value_set_int (value, priv->backlog);
      break;

    case PROP_SOCKET_OPTIONS:
      g_value_set_flags (value, priv->options);
      break;

    case PROP_SOCKET_DESCRIPTOR:
      g_value_set_int (value, priv->fd);
      break;

    case PROP_LAST_ERROR:
      g_value_set_enum (value, (int) priv->error);
      break;

    case PROP_ERROR_STRING:
      g_value_set_string (value, priv->error_string);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_server_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  LsockServer *self = LSOCK_SERVER (object);

  switch ((LsockServerProperty) prop_id)
    {
    case PROP_MAX_PENDING_CONNECTIONS:
      lsock_server_set_max_pending_connections (self, g_value_get_int (value));
      break;

    case PROP_LISTEN_BACKLOG_SIZE:
      lsock_server_set_listen_backlog_size (self, g_value_get_int (value));
      break;

    case PROP_SOCKET_OPTIONS:
      lsock_server_set_socket_options (self, g_value_get_flags (value));
      break;

    case PROP_SERVER_NAME:
    case PROP_FULL_SERVER_NAME:
    case PROP_SOCKET_DESCRIPTOR:
    case PROP_LAST_ERROR:
    case PROP_ERROR_STRING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
lsock_server_finalize (GObject *object)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (LSOCK_SERVER (object));

  g_free (priv->server_name);
  g_clear_pointer (&priv->base_name, g_ref_string_release);
  g_clear_pointer (&priv->full_server_name, g_ref_string_release);
  g_free (priv->error_string);

  G_OBJECT_CLASS (lsock_server_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags writable = readable | G_PARAM_WRITABLE;

  /**
   * LsockServer:server-name: (getter get_server_name)
   *
   * The name that the server listens under, as it was given, made fit for display.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_NAME] = g_param_spec_string ("server-name", NULL, NULL, NULL, readable);

  /**
   * LsockServer:full-server-name: (getter get_full_server_name)
   *
   * The path, or abstract name, that the server listens under, made fit for display.
   *
   * Since: 1.0
   */
  properties[PROP_FULL_SERVER_NAME] =
    g_param_spec_string ("full-server-name", NULL, NULL, NULL, readable);

  /**
   * LsockServer:max-pending-connections: (getter get_max_pending_connections) (setter set_max_pending_connections)
   *
   * How many clients are let in before some are taken.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PENDING_CONNECTIONS] =
    g_param_spec_int ("max-pending-connections", NULL, NULL, 0, G_MAXINT, DEFAULT_MAX_PENDING,
                      writable);

  /**
   * LsockServer:listen-backlog-size: (getter get_listen_backlog_size) (setter set_listen_backlog_size)
   *
   * How many clients the kernel lets wait.
   *
   * Since: 1.0
   */
  properties[PROP_LISTEN_BACKLOG_SIZE] =
    g_param_spec_int ("listen-backlog-size", NULL, NULL, 0, G_MAXINT, DEFAULT_BACKLOG, writable);

  /**
   * LsockServer:socket-options: (getter get_socket_options) (setter set_socket_options)
   *
   * Where the name lives, and who may connect.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_OPTIONS] =
    g_param_spec_flags ("socket-options", NULL, NULL, LSOCK_TYPE_SOCKET_OPTIONS,
                        LSOCK_SOCKET_OPTIONS_NONE, writable);

  /**
   * LsockServer:socket-descriptor: (getter get_socket_descriptor)
   *
   * The descriptor that the server listens on, or -1.
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_DESCRIPTOR] =
    g_param_spec_int ("socket-descriptor", NULL, NULL, -1, G_MAXINT, -1, readable);

  /**
   * LsockServer:last-error: (getter get_server_error)
   *
   * The error that happened last; %LSOCK_SOCKET_ERROR_UNKNOWN when there was none.
   *
   * Since: 1.0
   */
  properties[PROP_LAST_ERROR] =
    g_param_spec_enum ("last-error", NULL, NULL, LSOCK_TYPE_SOCKET_ERROR,
                       LSOCK_SOCKET_ERROR_UNKNOWN, readable);

  /**
   * LsockServer:error-string: (getter get_error_string)
   *
   * What went wrong last, in words, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR_STRING] = g_param_spec_string ("error-string", NULL, NULL, NULL, readable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
lsock_server_class_init (LsockServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  LsockObjectClass *lsock_object_class = LSOCK_OBJECT_CLASS (klass);

  object_class->finalize = lsock_server_finalize;
  object_class->get_property = lsock_server_get_property;
  object_class->set_property = lsock_server_set_property;

  lsock_object_class->shutdown = lsock_server_real_end;
  lsock_object_class->move_context = lsock_server_real_move_context;

  klass->incoming_connection = lsock_server_real_incoming_connection;

  install_properties (object_class);

  /**
   * LsockServer::new-connection:
   * @self: the server
   *
   * Emitted when a client has been let in, once for each.
   *
   * Since: 1.0
   */
  signals[NEW_CONNECTION] =
    g_signal_new ("new-connection", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockServerClass, new_connection), NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * LsockServer::accept-error:
   * @self: the server
   * @error: what went wrong
   *
   * Emitted when a client could not be let in, most often because the table of descriptors is full.
   *
   * The server waits a little and goes on; the signal is not repeated before a client got in.
   *
   * Since: 1.0
   */
  signals[ACCEPT_ERROR] =
    g_signal_new ("accept-error", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  G_STRUCT_OFFSET (LsockServerClass, accept_error), NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
lsock_server_init (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  priv->fd = -1;
  priv->max_pending = DEFAULT_MAX_PENDING;
  priv->backlog = DEFAULT_BACKLOG;
  priv->error = LSOCK_SOCKET_ERROR_UNKNOWN;
  g_queue_init (&priv->pending);
}


/**
 * lsock_server_new:
 *
 * Makes a server that does not listen yet.
 *
 * Its events will arrive in the thread-default main context of the calling thread.
 *
 * The counterpart in Qt is the constructor of `QLocalServer`.
 *
 * Returns: (transfer full): a new server
 *
 * Since: 1.0
 */
LsockServer *
lsock_server_new (void)
{
  return g_object_new (LSOCK_TYPE_SERVER, NULL);
}

static gboolean
refuse_twice (LsockServer  *self,
              GError      **error)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  if (priv->fd < 0)
    return FALSE;

  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
               "The server listens already, under “%s”",
               priv->server_name != NULL ? priv->server_name : "");
  return TRUE;
}

/**
 * lsock_server_listen:
 * @self: a server
 * @name: (type filename): where clients will find it: a path, or a plain name that lives in the
 *   temporary directory
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients under @name.
 *
 * The access that [property@Lsock.Server:socket-options] grants holds from the first instant at
 * which the file exists. A file that is there already is never touched, whether a server lives
 * behind it or not; [func@Lsock.Server.remove_server] removes one that a dead server left.
 *
 * Fails with %LSOCK_SOCKET_ERROR_ADDRESS_IN_USE when @name is taken, with
 * %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it cannot be a name or its folder does not exist, with
 * %LSOCK_SOCKET_ERROR_SOCKET_ACCESS when permission is missing, and with
 * %LSOCK_SOCKET_ERROR_OPERATION when @self listens already.
 *
 * The counterpart in Qt is `QLocalServer::listen()`.
 *
 * Returns: %TRUE if @self is listening
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen (LsockServer  *self,
                     const char   *name,
                     GError      **error)
{
  LsockServerPrivate *priv;
  GError *local_error = NULL;
  LsockAddress address;
  int fd;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  priv = lsock_server_get_instance_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "listen", error) ||
      refuse_twice (self, error))
    return FALSE;

  if ((priv->options & LSOCK_SOCKET_OPTIONS_ABSTRACT_NAMESPACE) != 0 &&
      (priv->options & LSOCK_SOCKET_OPTIONS_WORLD_ACCESS) != 0)
    return fail (self, error,
                 g_error_new (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION,
                              "Cannot listen under “%s”: an abstract name has no file whose "
                              "permissions could limit the access to it", name));

  if (!_lsock_address_init (&address, name, priv->options, &local_error))
    return fail (self, error, local_error);

  fd = _lsock_transport_open ();
  if (fd < 0)
    return fail (self, error, listen_error (name, errno));

  if (!_lsock_transport_bind (fd, &address, mode_of (priv->options), &priv->identity))
    {
      local_error = listen_error (name, errno);
      _lsock_transport_close (fd);
      return fail (self, error, local_error);
    }

  if (!_lsock_transport_listen (fd, priv->backlog))
    local_error = listen_error (name, errno);
  else
    begin_listening (self, fd, &local_error);

  if (local_error != NULL)
    {
      _lsock_transport_unbind (&address, &priv->identity);
      _lsock_transport_close (fd);
      return fail (self, error, local_error);
    }

  priv->address = address;
  store_error (self, NULL);
  store_names (self, name, &address);
  notify_error (self);
  notify_names (self);
  return TRUE;
}

/**
 * lsock_server_listen_fd:
 * @self: a server
 * @fd: the descriptor of a local stream socket that has a name
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Starts to accept clients on a descriptor that somebody else bound.
 *
 * listen(2) is called on it if nobody did. On success the descriptor belongs to @self; on failure
 * it stays the caller's. The file behind it is not removed by
 * [method@Lsock.Server.close], since @self did not make it.
 *
 * Fails with %LSOCK_SOCKET_ERROR_UNSUPPORTED_SOCKET_OPERATION when @fd is not a local stream
 * socket, with %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it has no name, and with
 * %LSOCK_SOCKET_ERROR_OPERATION when @self listens already.
 *
 * The counterpart in Qt is `QLocalServer::listen()` with a descriptor.
 *
 * Returns: %TRUE if @self is listening
 *
 * Since: 1.0
 */
gboolean
lsock_server_listen_fd (LsockServer  *self,
                        int           fd,
                        GError      **error)
{
  LsockServerPrivate *priv;
  GError *local_error = NULL;
  LsockAddress address;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = lsock_server_get_instance_private (self);

  if (!_lsock_object_check_alive (LSOCK_OBJECT (self), "listen", error) ||
      refuse_twice (self, error))
    return FALSE;

  if (!_lsock_transport_check (fd, TRUE, &local_error))
    return fail (self, error, local_error);

  if (!_lsock_transport_get_local (fd, &address) || !_lsock_address_is_named (&address))
    return fail (self, error,
                 g_error_new (LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,
                              "Cannot listen on the descriptor %d: it has no name", fd));

  if (!_lsock_transport_is_listening (fd) && !_lsock_transport_listen (fd, priv->backlog))
    {
      int saved = errno;
      g_autoptr (GRefString) name = NULL;
      g_autoptr (GRefString) full_name = NULL;

      _lsock_address_get_names (&address, &name, &full_name);
      return fail (self, error, listen_error (full_name, saved));
    }

  if (!_lsock_transport_adopt (fd, &local_error) || !begin_listening (self, fd, &local_error))
    return fail (self, error, local_error);

  priv->address = address;
  priv->identity = (LsockFileIdentity) { 0, 0, 0 };
  store_error (self, NULL);
  store_names (self, NULL, &address);
  notify_error (self);
  notify_names (self);
  return TRUE;
}

static GError *
unbind_error (LsockServer *self,
              int          errnum)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);
  GError *error =
    g_error_new (LSOCK_SOCKET_ERROR, _lsock_transport_error_code (errnum),
                 "The server “%s” has closed, and its file “%s” could not be removed: %s",
                 priv->server_name, priv->full_server_name, g_strerror (errnum));

  g_debug ("%s", error->message);
  return error;
}

/**
 * lsock_server_close:
 * @self: a server
 *
 * Stops to listen, and removes the file that it made.
 *
 * Sockets that nobody took are ended; those that were handed out go on. Does nothing when @self
 * does not listen.
 *
 * The counterpart in Qt is `QLocalServer::close()`.
 *
 * Since: 1.0
 */
void
lsock_server_close (LsockServer *self)
{
  g_autoptr (LsockServer) hold = NULL;
  g_autoptr (GError) error = NULL;
  LsockServerPrivate *priv;
  LsockSocket *socket;
  GQueue pending;

  g_return_if_fail (LSOCK_IS_SERVER (self));

  hold = g_object_ref (self);
  priv = lsock_server_get_instance_private (self);

  if (priv->fd < 0)
    return;

  priv->generation++;
  pending = priv->pending;
  g_queue_init (&priv->pending);
  forget_resume (self);
  _lsock_watch_stop (&priv->watch);
  /* The name first: no client may find a socket behind it that does not listen. */
  if (!_lsock_transport_unbind (&priv->address, &priv->identity))
    error = unbind_error (self, errno);
  _lsock_transport_close (g_steal_fd (&priv->fd));
  store_error (self, error);
  store_names (self, NULL, NULL);

  while ((socket = g_queue_pop_head (&pending)) != NULL)
    {
      g_object_run_dispose (G_OBJECT (socket));
      g_object_unref (socket);
    }

  notify_error (self);
  notify_names (self);
}

/**
 * lsock_server_is_listening:
 * @self: a server
 *
 * Tells whether clients are accepted.
 *
 * The counterpart in Qt is `QLocalServer::isListening()`.
 *
 * Returns: %TRUE while @self listens
 *
 * Since: 1.0
 */
gboolean
lsock_server_is_listening (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = lsock_server_get_instance_private (self);
  return priv->fd >= 0;
}

/* A socket that ended while it waited, or that was given another parent or none, is not pending any
 * more: what is handed out belongs to the server, which keeps it alive. */
static void
drop_ended (LsockServer *self)
{
  LsockServerPrivate *priv = lsock_server_get_instance_private (self);

  for (GList *l = priv->pending.head, *next; l != NULL; l = next)
    {
      LsockObject *socket = l->data;

      next = l->next;
      if (_lsock_object_is_ended (socket) || lsock_object_get_parent (socket) != G_OBJECT (self))
        {
          g_queue_delete_link (&priv->pending, l);
          g_object_unref (socket);
        }
    }
}

/**
 * lsock_server_has_pending_connections:
 * @self: a server
 *
 * Tells whether a client waits to be taken.
 *
 * The counterpart in Qt is `QLocalServer::hasPendingConnections()`.
 *
 * Returns: %TRUE if [method@Lsock.Server.next_pending_connection] has one
 *
 * Since: 1.0
 */
gboolean
lsock_server_has_pending_connections (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  priv = lsock_server_get_instance_private (self);
  drop_ended (self);
  return priv->pending.length > 0;
}

/**
 * lsock_server_next_pending_connection:
 * @self: a server
 *
 * Takes the client that has waited longest.
 *
 * The socket is a child of @self, which keeps it until it is deleted, given another parent or
 * taken with [method@Lsock.Object.take].
 *
 * The counterpart in Qt is `QLocalServer::nextPendingConnection()`.
 *
 * Returns: (transfer none) (nullable): a socket, or %NULL when no client waits
 *
 * Since: 1.0
 */
LsockSocket *
lsock_server_next_pending_connection (LsockServer *self)
{
  g_autoptr (LsockSocket) socket = NULL;
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = lsock_server_get_instance_private (self);
  drop_ended (self);
  socket = g_queue_pop_head (&priv->pending);
  update_interest (self);

  /* The parent's reference keeps it. */
  return socket;
}

/**
 * lsock_server_add_pending_connection:
 * @self: a server
 * @socket: a socket
 *
 * Has @socket handed out by [method@Lsock.Server.next_pending_connection]; for overrides of
 * [vfunc@Lsock.Server.incoming_connection].
 *
 * @socket becomes a child of @self, and [signal@Lsock.Server::new-connection] is emitted.
 *
 * The counterpart in Qt is `QLocalServer::addPendingConnection()`.
 *
 * Since: 1.0
 */
void
lsock_server_add_pending_connection (LsockServer *self,
                                     LsockSocket *socket)
{
  g_autoptr (LsockServer) hold = NULL;
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (LSOCK_IS_SOCKET (socket));

  hold = g_object_ref (self);
  priv = lsock_server_get_instance_private (self);

  if (_lsock_object_is_ended (LSOCK_OBJECT (self)) || _lsock_object_is_ended (LSOCK_OBJECT (socket)))
    return;

  if (lsock_object_get_parent (LSOCK_OBJECT (socket)) != G_OBJECT (self))
    lsock_object_set_parent (LSOCK_OBJECT (socket), G_OBJECT (self));
  g_queue_push_tail (&priv->pending, g_object_ref (socket));
  update_interest (self);

  if (!_lsock_object_is_muted (LSOCK_OBJECT (self)))
    g_signal_emit (self, signals[NEW_CONNECTION], 0);
}

/**
 * lsock_server_wait_for_new_connection:
 * @self: a server
 * @msecs: for how many milliseconds to wait; -1 waits for ever, 0 looks only
 * @timed_out: (out) (optional): whether the time ran out
 *
 * Waits, without a loop, until one more client has been let in.
 *
 * A client that is pending already does not end the wait, but counts for the answer.
 *
 * The counterpart in Qt is `QLocalServer::waitForNewConnection()`.
 *
 * Returns: %TRUE if a client is pending
 *
 * Since: 1.0
 */
gboolean
lsock_server_wait_for_new_connection (LsockServer *self,
                                      int          msecs,
                                      gboolean    *timed_out)
{
  g_autoptr (LsockServer) hold = NULL;
  LsockServerPrivate *priv;
  gint64 deadline;
  guint generation;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), FALSE);

  if (timed_out != NULL)
    *timed_out = FALSE;

  hold = g_object_ref (self);
  priv = lsock_server_get_instance_private (self);
  if (priv->fd < 0)
    return FALSE;

  deadline = _lsock_deadline_after (msecs);
  generation = priv->generation;
  for (int interval = MIN_ACCEPT_INTERVAL_MS; priv->generation == generation;
       interval = MIN (interval * 2, RESUME_INTERVAL_MS))
    {
      guint before = priv->n_accepted;
      int remaining;

      if (can_accept (self))
        {
          if (_lsock_transport_wait (priv->fd, POLLIN, deadline) != 0)
            accept_clients (self, 1);
          if (priv->n_accepted != before || priv->generation != generation)
            break;
        }

      /* Full, or the system refused: there is no event for that to change. */
      remaining = _lsock_deadline_remaining (deadline);
      if (remaining == 0)
        {
          if (timed_out != NULL)
            *timed_out = TRUE;
          break;
        }
      g_usleep ((gulong) (remaining < 0 ? interval : MIN (remaining, interval)) * 1000);
      forget_resume (self);
    }

  return lsock_server_has_pending_connections (self);
}

/**
 * lsock_server_remove_server:
 * @name: (type filename): the name of a server
 * @error: return location for a [error@Lsock.SocketError]
 *
 * Removes the file that a server left behind when it died.
 *
 * A server that lives behind it goes on, but no client will find it any more. A file that is not
 * a socket is left alone; one that does not exist is no error.
 *
 * Fails with %LSOCK_SOCKET_ERROR_OPERATION when @name is not a socket, with
 * %LSOCK_SOCKET_ERROR_SOCKET_ACCESS when permission is missing, and with
 * %LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND when it cannot be a name.
 *
 * The counterpart in Qt is `QLocalServer::removeServer()`.
 *
 * Returns: %TRUE if there is no such file now
 *
 * Since: 1.0
 */
gboolean
lsock_server_remove_server (const char  *name,
                            GError     **error)
{
  LsockAddress address;

  g_return_val_if_fail (name != NULL, FALSE);

  return _lsock_address_init (&address, name, LSOCK_SOCKET_OPTIONS_NONE, error) &&
         _lsock_transport_remove (&address, error);
}

/**
 * lsock_server_get_server_error: (get-property last-error)
 * @self: a server
 *
 * Gets the error that happened last.
 *
 * The counterpart in Qt is `QLocalServer::serverError()`.
 *
 * Returns: the error, %LSOCK_SOCKET_ERROR_UNKNOWN when there was none
 *
 * Since: 1.0
 */
LsockSocketError
lsock_server_get_server_error (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), LSOCK_SOCKET_ERROR_UNKNOWN);

  priv = lsock_server_get_instance_private (self);
  return priv->error;
}

/**
 * lsock_server_get_error_string: (get-property error-string)
 * @self: a server
 *
 * Gets what went wrong last, in words.
 *
 * The counterpart in Qt is `QLocalServer::errorString()`.
 *
 * Returns: (nullable): a sentence, or %NULL when nothing did
 *
 * Since: 1.0
 */
const char *
lsock_server_get_error_string (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = lsock_server_get_instance_private (self);
  return priv->error_string;
}

/**
 * lsock_server_get_server_name:
 * @self: a server
 *
 * Gets the name that the server listens under, as it was given.
 *
 * The counterpart in Qt is `QLocalServer::serverName()`.
 *
 * Returns: (type filename) (nullable): the name, or %NULL when @self does not listen
 *
 * Since: 1.0
 */
const char *
lsock_server_get_server_name (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = lsock_server_get_instance_private (self);
  return priv->server_name;
}

/**
 * lsock_server_get_full_server_name:
 * @self: a server
 *
 * Gets the path, or the abstract name, that the server listens under.
 *
 * The counterpart in Qt is `QLocalServer::fullServerName()`.
 *
 * Returns: (type filename) (nullable): the full name, or %NULL when @self does not listen
 *
 * Since: 1.0
 */
const char *
lsock_server_get_full_server_name (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), NULL);

  priv = lsock_server_get_instance_private (self);
  return priv->full_server_name;
}

/**
 * lsock_server_get_socket_descriptor: (get-property socket-descriptor)
 * @self: a server
 *
 * Gets the descriptor that the server listens on, which stays the server's.
 *
 * The counterpart in Qt is `QLocalServer::socketDescriptor()`.
 *
 * Returns: the descriptor, or -1 when @self does not listen
 *
 * Since: 1.0
 */
int
lsock_server_get_socket_descriptor (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), -1);

  priv = lsock_server_get_instance_private (self);
  return priv->fd;
}

/**
 * lsock_server_get_max_pending_connections: (get-property max-pending-connections)
 * @self: a server
 *
 * Gets how many clients are let in before some are taken.
 *
 * The counterpart in Qt is `QLocalServer::maxPendingConnections()`.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
lsock_server_get_max_pending_connections (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), 0);

  priv = lsock_server_get_instance_private (self);
  return priv->max_pending;
}

/**
 * lsock_server_set_max_pending_connections: (set-property max-pending-connections)
 * @self: a server
 * @count: how many
 *
 * Sets how many clients are let in before some are taken; the others wait in the kernel.
 *
 * The counterpart in Qt is `QLocalServer::setMaxPendingConnections()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_max_pending_connections (LsockServer *self,
                                          int          count)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (count >= 0);

  priv = lsock_server_get_instance_private (self);
  if (priv->max_pending == count)
    return;

  priv->max_pending = count;
  update_interest (self);
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_MAX_PENDING_CONNECTIONS]);
}

/**
 * lsock_server_get_listen_backlog_size: (get-property listen-backlog-size)
 * @self: a server
 *
 * Gets how many clients the kernel lets wait.
 *
 * The counterpart in Qt is `QLocalServer::listenBacklogSize()`.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
int
lsock_server_get_listen_backlog_size (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), 0);

  priv = lsock_server_get_instance_private (self);
  return priv->backlog;
}

/**
 * lsock_server_set_listen_backlog_size: (set-property listen-backlog-size)
 * @self: a server
 * @size: how many
 *
 * Sets how many clients the kernel lets wait; the next [method@Lsock.Server.listen] will obey.
 *
 * See listen(2) for the system's own limit. The counterpart in Qt is
 * `QLocalServer::setListenBacklogSize()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_listen_backlog_size (LsockServer *self,
                                      int          size)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));
  g_return_if_fail (size >= 0);

  priv = lsock_server_get_instance_private (self);
  if (priv->backlog == size)
    return;

  priv->backlog = size;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_LISTEN_BACKLOG_SIZE]);
}

/**
 * lsock_server_get_socket_options: (get-property socket-options)
 * @self: a server
 *
 * Gets where the name lives, and who may connect.
 *
 * The counterpart in Qt is `QLocalServer::socketOptions()`.
 *
 * Returns: the options
 *
 * Since: 1.0
 */
LsockSocketOptions
lsock_server_get_socket_options (LsockServer *self)
{
  LsockServerPrivate *priv;

  g_return_val_if_fail (LSOCK_IS_SERVER (self), LSOCK_SOCKET_OPTIONS_NONE);

  priv = lsock_server_get_instance_private (self);
  return priv->options;
}

/**
 * lsock_server_set_socket_options: (set-property socket-options)
 * @self: a server
 * @options: the options
 *
 * Sets where the name will live and who may connect; the next [method@Lsock.Server.listen] will
 * obey.
 *
 * Without one of the access options the umask decides, as with any file.
 *
 * The counterpart in Qt is `QLocalServer::setSocketOptions()`.
 *
 * Since: 1.0
 */
void
lsock_server_set_socket_options (LsockServer        *self,
                                 LsockSocketOptions  options)
{
  LsockServerPrivate *priv;

  g_return_if_fail (LSOCK_IS_SERVER (self));

  priv = lsock_server_get_instance_private (self);
  if (priv->options == options)
    return;

  priv->options = options;
  _lsock_object_notify (LSOCK_OBJECT (self), properties[PROP_SOCKET_OPTIONS]);
}
