/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The objects of one run, from the first to the check that nothing is left. */

#include "world.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RAW_NAME     "raw"
#define RAW_BACKLOG  2
#define FINISH_TURNS 10000

static Log *current_log;
static gboolean log_verbose;


/* Notes */

void
world_set_log (Log      *log,
               gboolean  verbose)
{
  memset (log, 0, sizeof *log);
  current_log = log;
  log_verbose = verbose;
}

void
world_note (World      *world,
            const char *format,
            ...)
{
  char *line = current_log->lines[current_log->next++ % LOG_LINES];
  int indent = (int) MIN (world->depth * 2, 20);
  va_list args;

  memset (line, ' ', (gsize) indent);
  va_start (args, format);
  g_vsnprintf (line + indent, (gulong) (LOG_LENGTH - indent), format, args);
  va_end (args);

  if (log_verbose)
    g_printerr ("%s\n", line);
}


/* Chance */

guint
world_pick (World *world,
            guint  limit)
{
  return (guint) g_rand_int_range (world->rand, 0, (gint32) limit);
}

gboolean
world_chance (World *world,
              guint  percent)
{
  return world_pick (world, 100) < percent;
}

static gboolean
is_alive (Actor     *actor,
          ActorKind  kind)
{
  return actor->kind == kind && actor->object != NULL;
}

guint
world_count (World     *world,
             ActorKind  kind)
{
  guint n = 0;

  for (guint i = 0; i < world->actors->len; i++)
    n += is_alive (world->actors->pdata[i], kind);
  return n;
}

Actor *
world_pick_actor (World     *world,
                  ActorKind  kind)
{
  guint n = world_count (world, kind);
  guint place = n > 0 ? world_pick (world, n) : 0;

  for (guint i = 0; i < world->actors->len; i++)
    if (is_alive (world->actors->pdata[i], kind) && place-- == 0)
      return world->actors->pdata[i];
  return NULL;
}

Actor *
world_find (World    *world,
            gpointer  object)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      if (actor->object == object)
        return actor;
    }
  return NULL;
}


/* Contexts */

gboolean
world_iterate (World *world,
               guint  context)
{
  GMainContext *previous = world->current;
  guint calls = world->calls;
  gboolean dispatched;

  world->current = world->contexts[context];
  world->calls = 0;
  dispatched = g_main_context_iteration (world->current, FALSE);
  world->current = previous;
  world->calls = calls;
  return dispatched;
}

void
world_settle (World *world)
{
  gboolean dispatched = TRUE;

  while (dispatched)
    {
      dispatched = world_iterate (world, 0);
      dispatched = world_iterate (world, 1) || dispatched;
    }
}


/* Actors */

void
world_drop (Actor *actor)
{
  gpointer object = actor->object;

  if (!actor->owned)
    return;

  actor->owned = FALSE;
  g_object_unref (object);
}

static void
actor_free (gpointer data)
{
  Actor *actor = data;

  g_ptr_array_unref (actor->reads_done);
  g_free (actor);
}


/* Beginning and end */

World *
world_new (guint32     seed,
           const char *directory)
{
  World *world = g_new0 (World, 1);

  world->rand = g_rand_new_with_seed (seed);
  world->directory = g_strdup (directory);
  world->contexts[0] = g_main_context_ref (g_main_context_default ());
  world->contexts[1] = g_main_context_new ();
  /* Both belong to this thread, so that it may call what lives in them. */
  g_assert_true (g_main_context_acquire (world->contexts[0]));
  g_assert_true (g_main_context_acquire (world->contexts[1]));
  world->streams = stream_table_new ();
  world->actors = g_ptr_array_new_with_free_func (actor_free);
  world->raws = g_ptr_array_new ();
  world->raw_listener = raw_listen_at (directory, RAW_NAME, RAW_BACKLOG);
  world->operate = TRUE;
  return world;
}

static gboolean
read_everything (World *world)
{
  gboolean progress = FALSE;
  int fd;

  while ((fd = accept4 (world->raw_listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    progress = world_add_raw (world, fd) != NULL;
  for (guint i = world->raws->len; i-- > 0;)
    {
      Raw *raw = world->raws->pdata[i];

      progress = raw_receive (world, raw, 1 << 20) || progress;
    }

  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];
      g_autoptr (GBytes) bytes = NULL;
      guint place;

      if (!is_alive (actor, ACTOR_SOCKET) || !lsock_io_device_is_readable (actor->object))
        continue;

      place = actor_begin_read (actor);
      bytes = lsock_io_device_read_all (actor->object, NULL);
      actor_end_read (actor, place, g_bytes_get_data (bytes, NULL),
                      (gssize) g_bytes_get_size (bytes));
      progress = progress || g_bytes_get_size (bytes) > 0;
      actor_observe (actor);
    }

  return progress;
}

/* Until nothing moves any more. */
static void
calm_down (World *world)
{
  guint turns = 0;

  do
    {
      world_settle (world);
      if (++turns > FINISH_TURNS)
        g_error ("The connections do not come to rest");
    }
  while (read_everything (world));
}

static void
make_readable (World *world)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      /* Clients that no server has let in do not read. */
      if (is_alive (actor, ACTOR_SERVER))
        lsock_server_set_max_pending_connections (actor->object, G_MAXINT);
      if (!is_alive (actor, ACTOR_SOCKET))
        continue;

      lsock_object_block_signals (actor->object, FALSE);
      lsock_socket_set_read_buffer_size (actor->object, 0);
      if (lsock_io_device_is_transaction_started (actor->object))
        {
          lsock_io_device_commit_transaction (actor->object);
          actor->transaction = FALSE;
        }
      if (lsock_socket_get_state (actor->object) == LSOCK_SOCKET_STATE_CONNECTING)
        {
          actor_end_attempt (actor, FALSE);
          lsock_socket_abort (actor->object);
        }
      actor_observe (actor);
    }
}

/* Every byte of a connection whose two ends are read has left. */
static void
check_everything_left (World *world)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      if (is_alive (actor, ACTOR_SOCKET) &&
          lsock_socket_get_state (actor->object) != LSOCK_SOCKET_STATE_UNCONNECTED)
        {
          if (lsock_io_device_bytes_to_write (actor->object) != 0)
            g_error ("Socket %u does not send what it has", actor->index);
        }
    }
}

/* First one of the two ends, so that the other one sees all that was written, and the end. */
static void
disconnect_all (World *world,
                guint  parity)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      if (is_alive (actor, ACTOR_SOCKET) && actor->index % 2 == parity &&
          lsock_socket_get_state (actor->object) == LSOCK_SOCKET_STATE_CONNECTED)
        {
          actor_end_attempt (actor, TRUE);
          lsock_socket_disconnect_from_server (actor->object);
          actor_observe (actor);
        }
    }
  calm_down (world);
}

static void
drop_all (World     *world,
          ActorKind  kind)
{
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      if (!is_alive (actor, kind))
        continue;
      if (kind == ACTOR_SERVER)
        lsock_server_close (actor->object);
      actor_give_up (actor);
      if (actor->owned)
        world_drop (actor);
      else if (lsock_object_get_parent (actor->object) == NULL)
        g_error ("Object %u is alive, and has neither a parent nor a reference", actor->index);
    }
  world_settle (world);
}

static void
check_nothing_left (World *world)
{
  g_autoptr (GDir) directory = NULL;
  g_autofree char *raw = g_build_filename (world->directory, RAW_NAME, NULL);
  const char *name;

  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];

      if (actor->object != NULL)
        g_error ("Object %u (%s) is still alive: %u references", actor->index,
                 G_OBJECT_TYPE_NAME (actor->object), G_OBJECT (actor->object)->ref_count);
    }

  g_assert_cmpint (g_unlink (raw), ==, 0);
  directory = g_dir_open (world->directory, 0, NULL);
  if ((name = g_dir_read_name (directory)) != NULL)
    g_error ("A server has left its file “%s”", name);
}

void
world_finish (World *world)
{
  world->operate = FALSE;
  world->calls = 1;
  world_note (world, "the end: everything is read");
  make_readable (world);
  calm_down (world);
  check_everything_left (world);

  disconnect_all (world, 0);
  disconnect_all (world, 1);
  while (world->raws->len > 0)
    raw_close (world, world->raws->pdata[0]);
  calm_down (world);

  world_note (world, "the end: everything is dropped");
  drop_all (world, ACTOR_SERVER);
  drop_all (world, ACTOR_OWNER);
  drop_all (world, ACTOR_SOCKET);
  close (world->raw_listener);
  check_nothing_left (world);

  for (guint i = 0; i < 2; i++)
    {
      g_main_context_release (world->contexts[i]);
      g_main_context_unref (world->contexts[i]);
    }
  g_ptr_array_unref (world->actors);
  g_ptr_array_unref (world->raws);
  stream_table_free (world->streams);
  g_rand_free (world->rand);
  g_free (world->directory);
  g_free (world);
}
