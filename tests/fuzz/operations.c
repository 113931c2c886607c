/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may be done with all the rest, and the choice of what is done. */

#include "operations.h"

#include <sys/socket.h>

static const char * const server_names[] = { "s0", "s1" };


gsize
pick_size (World *world)
{
  switch (world_pick (world, 12))
    {
    case 0:
      return world_pick (world, 300000);

    case 1:
    case 2:
      return world_pick (world, 20000);

    default:
      return world_pick (world, 100);
    }
}

int
pick_wait (World *world)
{
  return world_chance (world, 30) ? 1 : world_chance (world, 10) ? -7 : 0;
}

GMainContext *
pick_context (World *world)
{
  return world->contexts[world_chance (world, 25)];
}

const char *
pick_server (World *world)
{
  return server_names[world_pick (world, G_N_ELEMENTS (server_names))];
}


/* New objects, turns of the loop, and raw ends */

static gpointer
make_object (World *world,
             GType  type)
{
  GMainContext *context = pick_context (world);
  gpointer object;

  g_main_context_push_thread_default (context);
  object = g_object_new (type, NULL);
  g_main_context_pop_thread_default (context);
  return object;
}

static void
new_socket (World *world,
            Actor *none)
{
  Actor *actor;

  if (world_count (world, ACTOR_SOCKET) >= MAX_SOCKETS)
    return;

  actor = world_add (world, ACTOR_SOCKET, make_object (world, LSOCK_TYPE_SOCKET), TRUE);
  world_note (world, "   socket %u", actor->index);
}

static void
new_server (World *world,
            Actor *none)
{
  Actor *actor;

  if (world_count (world, ACTOR_SERVER) >= MAX_SERVERS)
    return;

  actor = world_add (world, ACTOR_SERVER,
                     make_object (world, world_chance (world, 30) ? adopter_get_type ()
                                                                  : LSOCK_TYPE_SERVER), TRUE);
  g_object_set_data (actor->object, "world", world);
  world_note (world, "   server %u", actor->index);
  listen_server (world, actor);
}

static void
new_owner (World *world,
           Actor *none)
{
  Actor *actor;

  if (world_count (world, ACTOR_OWNER) >= MAX_OWNERS)
    return;

  actor = world_add (world, ACTOR_OWNER, make_object (world, LSOCK_TYPE_OBJECT), TRUE);
  world_note (world, "   owner %u", actor->index);
}

static void
iterate_first (World *world,
               Actor *none)
{
  world_iterate (world, 0);
}

static void
iterate_second (World *world,
                Actor *none)
{
  world_iterate (world, 1);
}

/* At rest, everything that has arrived has been announced. */
static void
settle (World *world,
        Actor *none)
{
  if (world->depth > 0)
    return;

  world_settle (world);
  for (guint i = 0; i < world->actors->len; i++)
    {
      Actor *actor = world->actors->pdata[i];
      gint64 available;

      if (actor->kind != ACTOR_SOCKET || actor->object == NULL || actor->blind ||
          actor->bound != actor->attempt || !lsock_io_device_is_readable (actor->object) ||
          lsock_socket_get_state (actor->object) != LSOCK_SOCKET_STATE_CONNECTED)
        continue;

      available = lsock_io_device_bytes_available (actor->object);
      if (available > 0 && actor->in.offset + (guint64) available > actor->announced)
        g_error ("Socket %u has not announced what arrived: %" G_GUINT64_FORMAT " bytes, %"
                 G_GUINT64_FORMAT " announced", actor->index,
                 actor->in.offset + (guint64) available, actor->announced);
    }
}

static Raw *
pick_raw (World *world)
{
  return world->raws->len > 0 ? world->raws->pdata[world_pick (world, world->raws->len)] : NULL;
}

static void
accept_raw (World *world,
            Actor *none)
{
  int fd = world->raws->len < MAX_RAWS
         ? accept4 (world->raw_listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

  if (fd >= 0)
    world_add_raw (world, fd);
}

static void
connect_raw (World *world,
             Actor *none)
{
  if (world->raws->len < MAX_RAWS)
    world_connect_raw (world, pick_server (world));
}

static void
send_raw (World *world,
          Actor *none)
{
  Raw *raw = pick_raw (world);

  if (raw != NULL)
    raw_send (world, raw, pick_size (world) + 1);
}

static void
receive_raw (World *world,
             Actor *none)
{
  Raw *raw = pick_raw (world);

  if (raw != NULL)
    raw_receive (world, raw, pick_size (world) + 1);
}

static void
shut_raw (World *world,
          Actor *none)
{
  static const int how[] = { SHUT_WR, SHUT_WR, SHUT_RD, SHUT_RDWR };
  Raw *raw = pick_raw (world);

  if (raw != NULL)
    raw_shut (world, raw, how[world_pick (world, 4)]);
}

static void
close_raw (World *world,
           Actor *none)
{
  Raw *raw = pick_raw (world);

  if (raw != NULL)
    raw_close (world, raw);
}

const Row world_rows[] = {
  { "a new socket", 10, new_socket },
  { "a new server", 6, new_server },
  { "a new owner", 3, new_owner },
  { "a turn of the first context", 12, iterate_first },
  { "a turn of the second context", 6, iterate_second },
  { "rest", 5, settle },
  { "a raw end accepts", 6, accept_raw },
  { "a raw end connects", 5, connect_raw },
  { "a raw end sends", 8, send_raw },
  { "a raw end receives", 8, receive_raw },
  { "a raw end shuts down", 2, shut_raw },
  { "a raw end closes", 2, close_raw },
  { NULL, 0, NULL },
};


/* The choice */

static const Row *
pick_row (World     *world,
          const Row *rows)
{
  guint total = 0;
  guint place;

  for (const Row *row = rows; row->name != NULL; row++)
    total += row->weight;
  place = world_pick (world, total);
  while (place >= rows->weight)
    place -= rows++->weight;
  return rows;
}

void
operate (World *world,
         Actor *emitter)
{
  Actor *actor = NULL;
  const Row *row;
  guint place = world_pick (world, 100);

  if (emitter != NULL && world_chance (world, 60))
    actor = emitter;
  else if (place < 55)
    actor = world_pick_actor (world, ACTOR_SOCKET);
  else if (place < 68)
    actor = world_pick_actor (world, ACTOR_SERVER);
  else if (place < 72)
    actor = world_pick_actor (world, ACTOR_OWNER);

  if (actor == NULL || actor->object == NULL)
    {
      actor = NULL;
      row = pick_row (world, world_rows);
      world_note (world, "%s", row->name);
    }
  else
    {
      row = pick_row (world, actor->kind == ACTOR_SERVER ? server_rows
                           : actor->kind == ACTOR_OWNER ? owner_rows
                           : world_chance (world, 60) ? byte_rows : socket_rows);
      world_note (world, "%u %s", actor->index, row->name);
    }

  world->calls++;
  row->operation (world, actor);
  world->calls--;

  if (actor != NULL)
    actor_observe (actor);
}
