/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "world.h"

G_BEGIN_DECLS

/* The operations, by what they are made on, with the weight that each has. */

#define MAX_SOCKETS 10
#define MAX_SERVERS 2
#define MAX_OWNERS  3
#define MAX_RAWS    6

typedef void (*Operation) (World *world,
                           Actor *actor);

typedef struct
{
  const char *name;
  guint       weight;
  Operation   operation;
} Row;

/* Ends with a row that has no name. */
extern const Row socket_rows[];
extern const Row byte_rows[];
extern const Row server_rows[];
extern const Row owner_rows[];
extern const Row world_rows[];

gsize         pick_size      (World *world);
int           pick_wait      (World *world);
/* What an object is made in, or moved to. */
GMainContext *pick_context   (World *world);
const char   *pick_server    (World *world);

/* Life and death of any object. */
void          change_parent  (World *world,
                              Actor *actor);
void          take_object    (World *world,
                              Actor *actor);
void          move_object    (World *world,
                              Actor *actor);
void          dispose_object (World *world,
                              Actor *actor);
void          delete_object  (World *world,
                              Actor *actor);
void          drop_object    (World *world,
                              Actor *actor);

GType         adopter_get_type (void);
void          listen_server    (World *world,
                                Actor *actor);

G_END_DECLS
