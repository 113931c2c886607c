/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <lsock.h>

#include "stream.h"

G_BEGIN_DECLS

/* The objects that random operations are made on, and what the test knows of them. */

typedef enum
{
  ACTOR_SOCKET,
  ACTOR_SERVER,
  ACTOR_OWNER,
} ActorKind;

typedef struct _World World;

/* The last things that happened, as a ring of lines. */
#define LOG_LINES  80
#define LOG_LENGTH 160

typedef struct
{
  guint next;
  char  lines[LOG_LINES][LOG_LENGTH];
} Log;

/* Outlives the object, so that what comes after its end is noticed. */
typedef struct
{
  World           *world;
  ActorKind        kind;
  guint            index;
  gpointer         object;        /* NULL once it is finalized */
  gboolean         owned;         /* the test has a reference */
  gboolean         doomed;        /* it has ended, or will */
  gboolean         destroyed;
  gboolean         blocked;       /* its signals */

  /* Of a socket.  An attempt is a connection from the call that began it. */
  guint            attempt;
  guint            bound;         /* the last attempt that was seen connected */
  LsockSocketState state;         /* as seen last */
  gboolean         blind;         /* something happened while its signals were blocked */
  gboolean         dirty;         /* the local side ended this attempt: bytes may be lost */
  gboolean         reads;         /* the device was opened for reading */
  gboolean         open;          /* between opening and `about-to-close` */
  guint            n_connected;
  guint            n_disconnected;
  guint            n_finished;
  guint            in_ready_read;      /* the attempt, while a handler runs */
  guint            in_bytes_written;
  guint64          announced;          /* bytes that had arrived at the last `ready-read` */
  Stream          *out;
  Cursor           in;
  gboolean         transaction;
  guint64          transaction_start;
  guint            reading;       /* calls that read, on the stack */
  GPtrArray       *reads_done;    /* GBytes, in the order in which the calls began */
} Actor;

/* The plain end of a connection, made of system calls. */
typedef struct
{
  int      fd;
  Stream  *out;
  Cursor   in;
  gboolean write_ended;
  gboolean read_ended;
} Raw;

struct _World
{
  GRand        *rand;
  char         *directory;
  GMainContext *contexts[2];
  StreamTable  *streams;
  GPtrArray    *actors;         /* Actor, the dead ones included */
  GPtrArray    *raws;           /* Raw, those that are open */
  int           raw_listener;
  guint         n_moves;        /* to another context */
  guint         budget;         /* operations that handlers may still make */
  guint         depth;          /* handlers that are on the stack */
  guint         calls;          /* calls on the stack, since the loop was entered */
  GMainContext *current;        /* the context that is being iterated */
  gboolean      operate;        /* FALSE: handlers only look */
  gboolean      strays;         /* a handler moved something: see check_context() */
};

World        *world_new             (guint32       seed,
                                     const char   *directory);
/* Ends everything, and checks that nothing is left. */
void          world_finish          (World        *world);

void          world_note            (World        *world,
                                     const char   *format,
                                     ...) G_GNUC_PRINTF (2, 3);
/* Where notes go: memory that outlives a crash, and the standard error if @verbose. */
void          world_set_log         (Log          *log,
                                     gboolean      verbose);

guint         world_pick            (World        *world,
                                     guint         limit);
gboolean      world_chance          (World        *world,
                                     guint         percent);
/* One that is alive, or NULL. */
Actor        *world_pick_actor      (World        *world,
                                     ActorKind     kind);
guint         world_count           (World        *world,
                                     ActorKind     kind);
Actor        *world_find            (World        *world,
                                     gpointer      object);
Actor        *world_add             (World        *world,
                                     ActorKind     kind,
                                     gpointer      object,
                                     gboolean      owned);
void          world_drop            (Actor        *actor);
gboolean      world_iterate         (World        *world,
                                     guint         context);
void          world_settle          (World        *world);

int           raw_listen_at         (const char   *directory,
                                     const char   *name,
                                     int           backlog);
Raw          *world_add_raw         (World        *world,
                                     int           fd);
/* Connects a new one to a server, if it lets one in. */
void          world_connect_raw     (World        *world,
                                     const char   *name);
void          raw_send              (World        *world,
                                     Raw          *raw,
                                     gsize         count);
gboolean      raw_receive           (World        *world,
                                     Raw          *raw,
                                     gsize         count);
void          raw_shut              (World        *world,
                                     Raw          *raw,
                                     int           how);
void          raw_close             (World        *world,
                                     Raw          *raw);

/* Around each call that reads.  One that a handler makes inside another one returns first, and has
 * the later bytes. */
guint         actor_begin_read      (Actor        *actor);
void          actor_end_read        (Actor        *actor,
                                     guint         place,
                                     const guint8 *data,
                                     gssize        count);
/* What was seen without reading it. */
void          actor_check_peek      (Actor        *actor,
                                     GBytes       *bytes);
void          actor_begin_attempt   (Actor        *actor,
                                     LsockOpenMode mode);
/* The local side ends the connection: with what it wrote, or without. */
void          actor_end_attempt     (Actor        *actor,
                                     gboolean      graceful);
/* The same for a socket, or for all sockets that an object owns. */
void          actor_give_up         (Actor        *actor);
/* Looks at the object, and fails if its state is impossible. */
void          actor_observe         (Actor        *actor);

/* In operations.c. */
void          operate               (World        *world,
                                     Actor        *emitter);

G_END_DECLS
