/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is true of an object at any time, and what each of its signals may follow. */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define MAX_DEPTH 4

static const char * const socket_signals[] = {
  "connected", "disconnected", "error", "state-changed", "ready-read", "bytes-written",
  "about-to-close", "read-channel-finished", "notify", "destroyed", NULL
};

static const char * const server_signals[] = {
  "new-connection", "accept-error", "notify", "destroyed", NULL
};

static const char * const owner_signals[] = {
  "notify", "destroyed", NULL
};


/* Attempts */

void
actor_begin_attempt (Actor         *actor,
                     LsockOpenMode  mode)
{
  if (actor->out != NULL)
    actor->out->broken = actor->out->broken || !actor->out->graceful;
  if (actor->out != NULL && actor->state == LSOCK_SOCKET_STATE_CLOSING)
    actor->out->broken = TRUE;

  actor->attempt++;
  actor->out = NULL;
  actor->dirty = actor->doomed;
  actor->reads = (mode & LSOCK_OPEN_MODE_READ_ONLY) != 0;
  actor->n_connected = 0;
  actor->n_disconnected = 0;
  actor->n_finished = 0;
  actor->announced = 0;
}

void
actor_end_attempt (Actor    *actor,
                   gboolean  graceful)
{
  LsockSocketState state = lsock_socket_get_state (actor->object);

  if (state == LSOCK_SOCKET_STATE_UNCONNECTED)
    return;

  actor->dirty = TRUE;
  if (actor->out == NULL || (graceful && state == LSOCK_SOCKET_STATE_CLOSING))
    return;

  if (graceful && state == LSOCK_SOCKET_STATE_CONNECTED)
    actor->out->graceful = TRUE;
  else
    actor->out->broken = TRUE;
}

void
actor_give_up (Actor *actor)
{
  g_autoptr (GListModel) children = NULL;

  actor->doomed = TRUE;
  if (actor->kind == ACTOR_SOCKET)
    actor_end_attempt (actor, FALSE);

  children = g_object_ref (lsock_object_children_of (actor->object));
  for (guint i = 0; i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (LsockObject) child = g_list_model_get_item (children, i);
      Actor *other = world_find (actor->world, child);

      if (other != NULL)
        actor_give_up (other);
    }
}

guint
actor_begin_read (Actor *actor)
{
  actor->reading++;
  g_ptr_array_add (actor->reads_done, NULL);
  return actor->reads_done->len - 1;
}

void
actor_end_read (Actor        *actor,
                guint         place,
                const guint8 *data,
                gssize        count)
{
  actor->reads_done->pdata[place] = g_bytes_new (data, (gsize) MAX (count, 0));
  if (--actor->reading > 0)
    return;

  for (guint i = 0; i < actor->reads_done->len; i++)
    {
      GBytes *bytes = actor->reads_done->pdata[i];

      if (!actor->blind)
        cursor_check (&actor->in, actor->world->streams, g_bytes_get_data (bytes, NULL),
                      g_bytes_get_size (bytes), TRUE);
      g_bytes_unref (bytes);
    }
  g_ptr_array_set_size (actor->reads_done, 0);
}

void
actor_check_peek (Actor  *actor,
                  GBytes *bytes)
{
  if (bytes != NULL && !actor->blind && actor->reading == 0)
    cursor_check (&actor->in, actor->world->streams, g_bytes_get_data (bytes, NULL),
                  g_bytes_get_size (bytes), FALSE);
}


/* States */

/* Looks at the first bytes, which say what the rest should be. */
static void
find_stream (Actor *actor)
{
  g_autoptr (GBytes) bytes = NULL;

  if (actor->in.stream != NULL || !lsock_io_device_is_readable (actor->object))
    return;

  bytes = lsock_io_device_peek (actor->object, 4, NULL);
  actor_check_peek (actor, bytes);
}

/* All that the peer wrote is here when the end is, however the peer ended and whatever was
 * refused of what was written. */
static void
check_end (Actor *actor)
{
  guint64 received = actor->in.offset + (guint64) lsock_io_device_bytes_available (actor->object);
  Stream *stream;

  find_stream (actor);
  stream = actor->in.stream;
  if (stream == NULL)
    return;

  if (received < stream->reported)
    g_error ("Socket %u: the connection ends with %" G_GUINT64_FORMAT " bytes of stream %u, %"
             G_GUINT64_FORMAT " have left", actor->index, received, stream->id, stream->reported);
  if (stream->graceful && !stream->broken && received != stream->accepted)
    g_error ("Socket %u: the connection ends with %" G_GUINT64_FORMAT " bytes of stream %u, %"
             G_GUINT64_FORMAT " were written", actor->index, received, stream->id,
             stream->accepted);
}

static void
observe_socket (Actor *actor)
{
  LsockSocket *socket = actor->object;
  LsockIODevice *device = actor->object;
  LsockSocketState before = actor->state;
  LsockSocketState state = lsock_socket_get_state (socket);
  int fd = lsock_socket_get_socket_descriptor (socket);

  actor->state = state;
  g_assert_cmpint (lsock_io_device_is_open (device), ==,
                   lsock_io_device_get_open_mode (device) != LSOCK_OPEN_MODE_NOT_OPEN);
  g_assert_cmpint (lsock_socket_is_valid (socket), ==, fd >= 0);
  if (fd >= 0)
    g_assert_cmpint (fcntl (fd, F_GETFD), ==, FD_CLOEXEC);

  switch (state)
    {
    case LSOCK_SOCKET_STATE_UNCONNECTED:
      g_assert_cmpint (fd, ==, -1);
      g_assert_null (lsock_socket_get_full_server_name (socket));
      g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
      g_assert_false (lsock_socket_get_read_blocked (socket));
      break;

    case LSOCK_SOCKET_STATE_CONNECTED:
      g_assert_cmpint (fd, >=, 0);
      g_assert_true (lsock_io_device_is_open (device));
      break;

    case LSOCK_SOCKET_STATE_CLOSING:
      g_assert_cmpint (fd, >=, 0);
      break;

    case LSOCK_SOCKET_STATE_CONNECTING:
      break;

    default:
      g_error ("Socket %u is in no state: %d", actor->index, (int) state);
    }

  if (state == LSOCK_SOCKET_STATE_CONNECTED && actor->bound != actor->attempt)
    {
      actor->bound = actor->attempt;
      memset (&actor->in, 0, sizeof actor->in);
      actor->transaction = lsock_io_device_is_transaction_started (device);
      actor->transaction_start = 0;
      /* Calls that read may have begun in another connection. */
      actor->blind = actor->blocked || actor->reading > 0;
    }

  if (state == LSOCK_SOCKET_STATE_UNCONNECTED && before != LSOCK_SOCKET_STATE_UNCONNECTED &&
      actor->bound == actor->attempt && !actor->dirty && !actor->blind && actor->reads &&
      actor->reading == 0)
    check_end (actor);
}

static void
observe_server (Actor *actor)
{
  LsockServer *server = actor->object;
  gboolean listens = lsock_server_is_listening (server);
  int fd = lsock_server_get_socket_descriptor (server);

  g_assert_cmpint (listens, ==, fd >= 0);
  g_assert_cmpint (listens, ==, lsock_server_get_server_name (server) != NULL);
  g_assert_cmpint (listens, ==, lsock_server_get_full_server_name (server) != NULL);
  g_assert_cmpint (lsock_server_get_error_string (server) != NULL, ==,
                   lsock_server_get_server_error (server) != LSOCK_SOCKET_ERROR_UNKNOWN);
  if (listens)
    g_assert_cmpint (fcntl (fd, F_GETFD), ==, FD_CLOEXEC);
}

void
actor_observe (Actor *actor)
{
  GObject *parent;

  if (actor->object == NULL)
    return;

  parent = lsock_object_get_parent (actor->object);
  if (parent != NULL)
    {
      g_autoptr (GPtrArray) found = lsock_object_find_children (parent, NULL,
                                                                G_OBJECT_TYPE (actor->object));

      g_assert_true (g_ptr_array_find (found, actor->object, NULL));
    }

  if (actor->kind == ACTOR_SOCKET)
    observe_socket (actor);
  else if (actor->kind == ACTOR_SERVER)
    observe_server (actor);
}


/* Signals */

static void
check_error (Actor            *actor,
             LsockSocketError  error)
{
  g_assert_nonnull (lsock_io_device_get_error_string (actor->object));
  if (actor->out != NULL && error != LSOCK_SOCKET_ERROR_OPERATION &&
      error != LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT)
    actor->out->broken = TRUE;
}

static void
check_ready_read (Actor *actor)
{
  if (actor->in_ready_read == actor->attempt)
    g_error ("Socket %u emits ready-read inside ready-read", actor->index);

  /* Asking takes what has arrived out of the kernel, so it is done now and then only. */
  if (world_chance (actor->world, 50) && actor->reading == 0)
    {
      gint64 available = lsock_io_device_bytes_available (actor->object);

      g_assert_cmpint (available, >, 0);
      actor->announced = actor->in.offset + (guint64) available;
    }
  else
    {
      actor->announced = G_MAXUINT64;
    }
}

static void
check_written (Actor  *actor,
               gint64  count)
{
  if (actor->in_bytes_written == actor->attempt)
    g_error ("Socket %u emits bytes-written inside bytes-written", actor->index);

  g_assert_cmpint (count, >, 0);
  if (actor->out == NULL)
    g_error ("Socket %u has written %" G_GINT64_FORMAT " bytes of nothing", actor->index, count);
  actor->out->reported += (guint64) count;
  g_assert_cmpuint (actor->out->reported, <=, actor->out->accepted);
}

static void
check_once (Actor      *actor,
            guint      *count,
            const char *name)
{
  if (++*count > 1)
    g_error ("Socket %u emits %s twice", actor->index, name);
}

static void
check_socket_signal (Actor        *actor,
                     const char   *name,
                     const GValue *value)
{
  LsockSocketState state = lsock_socket_get_state (actor->object);

  if (g_str_equal (name, "connected"))
    {
      check_once (actor, &actor->n_connected, name);
      g_assert_cmpint (state, ==, LSOCK_SOCKET_STATE_CONNECTED);
    }
  else if (g_str_equal (name, "disconnected"))
    {
      check_once (actor, &actor->n_disconnected, name);
      g_assert_cmpint (state, ==, LSOCK_SOCKET_STATE_UNCONNECTED);
      g_assert_cmpuint (actor->bound, ==, actor->attempt);
    }
  else if (g_str_equal (name, "read-channel-finished"))
    {
      check_once (actor, &actor->n_finished, name);
    }
  else if (g_str_equal (name, "state-changed"))
    {
      g_assert_cmpint (state, ==, g_value_get_enum (value));
    }
  else if (g_str_equal (name, "about-to-close"))
    {
      g_assert_true (lsock_io_device_is_open (actor->object));
    }
  else if (g_str_equal (name, "error"))
    {
      check_error (actor, (LsockSocketError) g_value_get_enum (value));
    }
  else if (g_str_equal (name, "ready-read"))
    {
      check_ready_read (actor);
    }
  else if (g_str_equal (name, "bytes-written"))
    {
      check_written (actor, g_value_get_int64 (value));
    }
}

/* A notification inside another one of the same property makes GObject begin the outer one again,
 * wherever the object is by then.  And what has lost its last reference ends where that happens. */
static void
check_context (Actor      *actor,
               const char *name)
{
  World *world = actor->world;

  if (world->calls > 0 || actor->doomed ||
      world->current == lsock_object_get_main_context (actor->object) ||
      (world->strays && g_str_equal (name, "notify")))
    return;

  g_error ("Object %u emits %s in the context %d, which is not its own", actor->index, name,
           world->current != world->contexts[0]);
}

static void
check_signal (Actor        *actor,
              const char   *name,
              const GValue *value)
{
  /* A property may change, and a call may be refused. */
  if (actor->destroyed && !g_str_equal (name, "notify") && !g_str_equal (name, "error"))
    g_error ("Object %u emits %s after destroyed", actor->index, name);
  if (lsock_object_get_signals_blocked (actor->object) && !g_str_equal (name, "notify"))
    g_error ("Object %u emits %s, and its signals are blocked", actor->index, name);
  check_context (actor, name);

  if (actor->kind == ACTOR_SOCKET && !actor->blind)
    check_socket_signal (actor, name, value);
}

static void
make_operations (World *world,
                 Actor *actor)
{
  if (!world->operate || world->depth >= MAX_DEPTH || !world_chance (world, 40))
    return;

  world->depth++;
  do
    {
      if (world->budget == 0)
        break;
      world->budget--;
      operate (world, actor);
    }
  while (world_chance (world, 30));
  world->depth--;
}

/* The handler of every signal of every object. */
static void
on_signal (GClosure     *closure,
           GValue       *result,
           guint         n_values,
           const GValue *values,
           gpointer      hint,
           gpointer      data)
{
  Actor *actor = closure->data;
  World *world = actor->world;
  const char *name = g_signal_name (((GSignalInvocationHint *) hint)->signal_id);
  gboolean notifies = g_str_equal (name, "notify");
  gboolean ready = g_str_equal (name, "ready-read") && !actor->blind;
  gboolean written = g_str_equal (name, "bytes-written") && !actor->blind;
  guint attempt;

  world_note (world, "%u: %s %s", actor->index, name,
              notifies ? g_param_spec_get_name (g_value_get_param (&values[1])) : "");
  /* The object's own end is complete when it is emitted. */
  if (g_str_equal (name, "destroyed"))
    {
      g_assert_false (actor->destroyed);
      actor->destroyed = TRUE;
      actor->doomed = TRUE;
      make_operations (world, actor);
      return;
    }

  actor_observe (actor);
  check_signal (actor, name, n_values > 1 ? &values[1] : NULL);

  attempt = actor->attempt;
  if (ready)
    actor->in_ready_read = attempt;
  if (written)
    actor->in_bytes_written = attempt;

  make_operations (world, actor);

  if (ready && actor->in_ready_read == attempt)
    actor->in_ready_read = 0;
  if (written && actor->in_bytes_written == attempt)
    actor->in_bytes_written = 0;
}

/* Not a weak pointer, which a dispose clears. */
static void
on_finalized (gpointer data)
{
  ((Actor *) data)->object = NULL;
}

Actor *
world_add (World     *world,
           ActorKind  kind,
           gpointer   object,
           gboolean   owned)
{
  Actor *actor = g_new0 (Actor, 1);
  const char * const *names = kind == ACTOR_SOCKET ? socket_signals
                            : kind == ACTOR_SERVER ? server_signals : owner_signals;

  actor->world = world;
  actor->kind = kind;
  actor->index = world->actors->len;
  actor->owned = owned;
  actor->object = object;
  g_object_set_data_full (object, "actor", actor, on_finalized);
  actor->reads_done = g_ptr_array_new ();
  g_ptr_array_add (world->actors, actor);

  for (guint i = 0; names[i] != NULL; i++)
    {
      GClosure *closure = g_closure_new_simple (sizeof (GClosure), actor);

      g_closure_set_marshal (closure, on_signal);
      g_signal_connect_closure (object, names[i], closure, FALSE);
    }

  return actor;
}
