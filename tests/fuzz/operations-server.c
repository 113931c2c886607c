/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What may be done with a server. */

#include "operations.h"

#include <unistd.h>


typedef LsockServer      Adopter;
typedef LsockServerClass AdopterClass;

G_DEFINE_TYPE (Adopter, adopter, LSOCK_TYPE_SERVER)

/* As in the documentation of the virtual function; and some clients are served by other means. */
static void
adopter_incoming_connection (LsockServer *server,
                             int          fd)
{
  World *world = g_object_get_data (G_OBJECT (server), "world");
  g_autoptr (LsockSocket) socket = NULL;

  if (world->raws->len < MAX_RAWS && world_chance (world, 20))
    {
      world_add_raw (world, fd);
      return;
    }

  if (world_chance (world, 80))
    {
      GMainContext *context = lsock_object_get_main_context (LSOCK_OBJECT (server));

      g_main_context_push_thread_default (context);
      socket = lsock_socket_new ();
      g_main_context_pop_thread_default (context);
    }
  if (socket == NULL || !lsock_socket_set_socket_descriptor (socket, fd,
                                                             LSOCK_SOCKET_STATE_CONNECTED,
                                                             LSOCK_OPEN_MODE_READ_WRITE, NULL))
    close (fd);
  else
    lsock_server_add_pending_connection (server, socket);
}

static void
adopter_class_init (AdopterClass *klass)
{
  klass->incoming_connection = adopter_incoming_connection;
}

static void
adopter_init (Adopter *self)
{
}

void
listen_server (World *world,
               Actor *actor)
{
  const char *name = pick_server (world);
  gboolean listens = lsock_server_listen (actor->object, name, NULL);

  world_note (world, "   %s “%s”", listens ? "listens on" : "cannot listen on", name);
}

static void
close_server (World *world,
              Actor *actor)
{
  actor_give_up (actor);
  lsock_server_close (actor->object);
}

static void
adopt_client (World       *world,
              Actor       *server,
              LsockSocket *socket)
{
  Actor *actor;

  if (socket == NULL || world_find (world, socket) != NULL)
    return;

  actor = world_add (world, ACTOR_SOCKET, socket, FALSE);
  actor->attempt = 1;
  actor->bound = 1;
  actor->reads = TRUE;
  actor->state = LSOCK_SOCKET_STATE_CONNECTED;
  actor->announced = (guint64) lsock_io_device_bytes_available (LSOCK_IO_DEVICE (socket));
  /* It ends with the server. */
  actor->doomed = actor->dirty = server->doomed;
  if (world_chance (world, 40))
    {
      g_object_ref (socket);
      actor->owned = TRUE;
    }
  world_note (world, "   socket %u of a server", actor->index);
  actor_observe (actor);
}

static void
next_client (World *world,
             Actor *actor)
{
  adopt_client (world, actor, lsock_server_next_pending_connection (actor->object));
}

/* One that waits to be handed out is a child already, and may be treated as any other. */
static void
waiting_client (World *world,
                Actor *actor)
{
  GListModel *children = lsock_object_get_children (actor->object);
  guint n = g_list_model_get_n_items (children);
  g_autoptr (LsockSocket) socket = NULL;

  if (n == 0)
    return;

  socket = g_list_model_get_item (children, world_pick (world, n));
  adopt_client (world, actor, socket);
}

static void
wait_client (World *world,
             Actor *actor)
{
  lsock_server_wait_for_new_connection (actor->object, pick_wait (world), NULL);
}

static void
limit_clients (World *world,
               Actor *actor)
{
  static const int limits[] = { 0, 1, 3, 30 };

  lsock_server_set_max_pending_connections (actor->object, limits[world_pick (world, 4)]);
}

static void
limit_backlog (World *world,
               Actor *actor)
{
  lsock_server_set_listen_backlog_size (actor->object, (int) world_pick (world, 3));
}

static void
change_options (World *world,
                Actor *actor)
{
  lsock_server_set_socket_options (actor->object, world_chance (world, 50)
                                                  ? LSOCK_SOCKET_OPTIONS_NONE
                                                  : LSOCK_SOCKET_OPTIONS_USER_ACCESS);
}

const Row server_rows[] = {
  { "listens", 10, listen_server },
  { "closes", 2, close_server },
  { "hands out a client", 20, next_client },
  { "shows a client", 3, waiting_client },
  { "waits for a client", 6, wait_client },
  { "limits its clients", 2, limit_clients },
  { "limits its backlog", 2, limit_backlog },
  { "changes options", 1, change_options },
  { "changes parent", 1, change_parent },
  { "is taken", 1, take_object },
  { "moves", 1, move_object },
  { "is disposed", 1, dispose_object },
  { "is deleted later", 1, delete_object },
  { "is dropped", 1, drop_object },
  { NULL, 0, NULL },
};
