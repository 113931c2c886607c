/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Life and death of any object. */

#include "operations.h"


void
change_parent (World *world,
               Actor *actor)
{
  Actor *owner = world_chance (world, 60) ? world_pick_actor (world, ACTOR_OWNER) : NULL;

  if (owner != NULL && (owner == actor || owner->doomed || actor->doomed ||
                        lsock_object_get_parent (owner->object) != NULL ||
                        lsock_object_get_main_context (owner->object) !=
                        lsock_object_get_main_context (actor->object)))
    return;

  /* Without an owner it may die here. */
  if (!actor->owned && (actor->kind != ACTOR_SOCKET ||
                        lsock_socket_get_state (actor->object) != LSOCK_SOCKET_STATE_CLOSING))
    actor_give_up (actor);
  lsock_object_set_parent (actor->object, owner != NULL ? owner->object : NULL);
}

void
take_object (World *world,
             Actor *actor)
{
  gboolean owned = actor->owned;
  LsockObject *taken;

  actor->owned = TRUE;
  taken = lsock_object_take (actor->object);
  if (owned)
    g_object_unref (taken);
}

void
move_object (World *world,
             Actor *actor)
{
  GMainContext *context = pick_context (world);
  gboolean moves = lsock_object_move_to_context (actor->object, context, NULL);

  world->n_moves++;
  world->strays = world->strays || world->depth > 0;
  world_note (world, "   %s the context %d", moves ? "to" : "not to",
              context != world->contexts[0]);
}

void
dispose_object (World *world,
                Actor *actor)
{
  actor_give_up (actor);
  g_object_run_dispose (actor->object);
}

void
delete_object (World *world,
               Actor *actor)
{
  actor_give_up (actor);
  lsock_object_delete_later (actor->object);
}

/* What is still being sent by a socket that is CLOSING arrives. */
void
drop_object (World *world,
             Actor *actor)
{
  if (actor->kind != ACTOR_SOCKET ||
      lsock_socket_get_state (actor->object) != LSOCK_SOCKET_STATE_CLOSING)
    actor_give_up (actor);
  world_drop (actor);
}

const Row owner_rows[] = {
  { "changes parent", 2, change_parent },
  { "is taken", 1, take_object },
  { "moves", 3, move_object },
  { "is disposed", 1, dispose_object },
  { "is deleted later", 1, delete_object },
  { "is dropped", 1, drop_object },
  { NULL, 0, NULL },
};
