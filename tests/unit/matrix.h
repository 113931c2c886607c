/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <lsock.h>

G_BEGIN_DECLS

/* What the tests share that make every call inside every emission of an object. */

typedef struct _MatrixCase MatrixCase;
typedef struct _MatrixCall MatrixCall;

/* Whether the object can be looked at after a call: it may be gone, or of another context. */
typedef enum
{
  MATRIX_STAYS,
  MATRIX_LEAVES,
} MatrixAfter;

struct _MatrixCall
{
  const char  *name;
  MatrixAfter  after;
  void       (*call) (MatrixCase *test,
                      gpointer    object);
};

/* Most calls cause the emission that they are made in. */
#define MATRIX_MAX_CALLS 3

struct _MatrixCase
{
  GObject          *reference;   /* NULL after it was dropped */
  LsockObject      *owner;
  GMainContext     *context;     /* where the object may move */
  GCancellable     *cancellable; /* of the asynchronous calls, which keep the object */
  const MatrixCall *call;
  void            (*check) (gpointer object);
  gboolean          finalized;
  guint             calls;       /* that were made */
  guint             emissions;   /* of the signal */
  gboolean          silent;      /* no call is made any more */
  int               canaries[MATRIX_MAX_CALLS];
  guint             n_canaries;
};

/* Of an LsockObject, and of an LsockIODevice; the last one has no name. */
extern const MatrixCall matrix_object_calls[];
extern const MatrixCall matrix_device_calls[];

/* Only looks at the object. */
extern const MatrixCall matrix_no_call;

/* "notify::name" for each property of @type, and @signals. */
GPtrArray *matrix_signals (GType               type,
                           const char * const *signals);

/* Takes the reference to @object, whose emissions of @signal make the call from now on. */
void       matrix_begin   (MatrixCase         *test,
                           gpointer            object,
                           const char         *signal);
void       matrix_iterate (MatrixCase         *test);
/* Drops what holds the object: it has to be finalized. */
void       matrix_end     (MatrixCase         *test);

G_END_DECLS
