/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may be done with a connection and its socket, bytes aside. */

#include "operations.h"

#include <sys/socket.h>
#include <unistd.h>

static const char * const client_names[] = { "s0", "s0", "s1", "raw", "missing", "" };


/* Sockets: how connections begin and end */

static gboolean
may_begin (Actor *actor)
{
  LsockSocketState state = lsock_socket_get_state (actor->object);

  return !actor->destroyed && (state == LSOCK_SOCKET_STATE_UNCONNECTED ||
                               state == LSOCK_SOCKET_STATE_CLOSING);
}

static LsockOpenMode
pick_mode (World *world)
{
  switch (world_pick (world, 12))
    {
    case 0:
      return LSOCK_OPEN_MODE_READ_ONLY;

    case 1:
      return LSOCK_OPEN_MODE_WRITE_ONLY;

    case 2:
      return LSOCK_OPEN_MODE_READ_WRITE | LSOCK_OPEN_MODE_UNBUFFERED;

    default:
      return LSOCK_OPEN_MODE_READ_WRITE;
    }
}

/* Makes the former connection the current one again, after an attempt that was refused or has
 * failed. */
static gboolean
undo_attempt (Actor       *actor,
              const Actor *before,
              guint        n_moves)
{
  if (actor->object == NULL || actor->attempt != before->attempt + 1 ||
      actor->bound == actor->attempt)
    return FALSE;

  actor->attempt = before->attempt;
  actor->out = before->out;
  actor->dirty = before->dirty;
  actor->reads = before->reads;
  actor->n_connected = before->n_connected;
  actor->n_disconnected = before->n_disconnected;
  actor->n_finished = before->n_finished;
  actor->announced = before->announced;
  /* What the attempt has to emit follows in the new context. */
  if (actor->world->n_moves != n_moves)
    actor->n_finished = 0;
  return TRUE;
}

static gboolean
is_unconnected (Actor *actor)
{
  return actor->object != NULL &&
         lsock_socket_get_state (actor->object) == LSOCK_SOCKET_STATE_UNCONNECTED;
}

static void
connect_to_server (World *world,
                   Actor *actor)
{
  const char *name = client_names[world_pick (world, G_N_ELEMENTS (client_names))];
  LsockOpenMode mode = pick_mode (world);
  Actor before = *actor;
  guint n_moves = world->n_moves;
  gboolean given_up;

  if (may_begin (actor))
    actor_begin_attempt (actor, mode);
  world_note (world, "   to “%s”, attempt %u", name, actor->attempt);

  lsock_socket_connect_to_server (actor->object, name, mode);
  given_up = actor->dirty || actor->doomed || world->n_moves != n_moves;
  if (is_unconnected (actor) && undo_attempt (actor, &before, n_moves) && !given_up)
    g_assert_cmpint (lsock_io_device_bytes_available (actor->object), ==, 0);
}

static void
open_socket (World *world,
             Actor *actor)
{
  Actor before;
  guint n_moves = world->n_moves;

  lsock_socket_set_server_name (actor->object, "s0");
  if (actor->object == NULL)
    return;

  before = *actor;
  if (may_begin (actor))
    actor_begin_attempt (actor, LSOCK_OPEN_MODE_READ_WRITE);
  lsock_io_device_open (actor->object, LSOCK_OPEN_MODE_READ_WRITE, NULL);
  if (is_unconnected (actor))
    undo_attempt (actor, &before, n_moves);
}

static void
take_descriptor (World *world,
                 Actor *actor)
{
  int pair[2];
  Actor before = *actor;
  guint n_moves = world->n_moves;

  if (!may_begin (actor))
    return;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==,
                   0);
  actor_begin_attempt (actor, LSOCK_OPEN_MODE_READ_WRITE);
  if (lsock_socket_set_socket_descriptor (actor->object, pair[0], LSOCK_SOCKET_STATE_CONNECTED,
                                          LSOCK_OPEN_MODE_READ_WRITE, NULL))
    {
      world_add_raw (world, pair[1]);
      return;
    }

  undo_attempt (actor, &before, n_moves);
  close (pair[0]);
  close (pair[1]);
}

static void
disconnect_socket (World *world,
                   Actor *actor)
{
  actor_end_attempt (actor, TRUE);
  lsock_socket_disconnect_from_server (actor->object);
}

static void
close_socket (World *world,
              Actor *actor)
{
  actor_end_attempt (actor, TRUE);
  lsock_io_device_close (actor->object);
}

static void
abort_socket (World *world,
              Actor *actor)
{
  actor_end_attempt (actor, FALSE);
  lsock_socket_abort (actor->object);
}


/* Sockets: waits, and what may be changed */

static void
wait_connected (World *world,
                Actor *actor)
{
  lsock_socket_wait_for_connected (actor->object, pick_wait (world));
}

static void
wait_disconnected (World *world,
                   Actor *actor)
{
  lsock_socket_wait_for_disconnected (actor->object, pick_wait (world));
}

static void
wait_ready_read (World *world,
                 Actor *actor)
{
  lsock_io_device_wait_for_ready_read (actor->object, pick_wait (world));
}

static void
wait_written (World *world,
              Actor *actor)
{
  lsock_io_device_wait_for_bytes_written (actor->object, pick_wait (world));
}

static void
change_priority (World *world,
                 Actor *actor)
{
  static const int priorities[] = { G_PRIORITY_DEFAULT, G_PRIORITY_HIGH, G_PRIORITY_LOW };

  lsock_socket_set_priority (actor->object, priorities[world_pick (world, 3)]);
}

static void
change_half_open (World *world,
                  Actor *actor)
{
  lsock_socket_set_allow_half_open (actor->object, world_chance (world, 50));
}

static void
change_timeout (World *world,
                Actor *actor)
{
  static const int timeouts[] = { -1, 0, 1, 1000 };

  lsock_socket_set_connect_timeout (actor->object, timeouts[world_pick (world, 4)]);
}

static void
change_name (World *world,
             Actor *actor)
{
  lsock_object_set_name (actor->object, world_chance (world, 50) ? "a name" : NULL);
}

static void
change_error_string (World *world,
                     Actor *actor)
{
  lsock_io_device_set_error_string (actor->object, "an error of the program's own");
}

static void
block_socket (World *world,
              Actor *actor)
{
  actor->blocked = !actor->blocked && world_chance (world, 30);
  if (actor->blocked)
    actor->blind = TRUE;
  lsock_object_block_signals (actor->object, actor->blocked);
}


const Row socket_rows[] = {
  { "connects", 10, connect_to_server },
  { "opens", 2, open_socket },
  { "takes a descriptor", 3, take_descriptor },
  { "disconnects", 4, disconnect_socket },
  { "closes", 4, close_socket },
  { "aborts", 3, abort_socket },
  { "waits for the connection", 2, wait_connected },
  { "waits for the end", 2, wait_disconnected },
  { "waits for data", 4, wait_ready_read },
  { "waits for written", 4, wait_written },
  { "changes priority", 2, change_priority },
  { "changes half-open", 2, change_half_open },
  { "changes the time limit", 2, change_timeout },
  { "changes its name", 1, change_name },
  { "sets an error", 1, change_error_string },
  { "blocks its signals", 1, block_socket },
  { "changes parent", 3, change_parent },
  { "is taken", 2, take_object },
  { "moves", 3, move_object },
  { "is disposed", 1, dispose_object },
  { "is deleted later", 2, delete_object },
  { "is dropped", 4, drop_object },
  { NULL, 0, NULL },
};
