/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One direction of one connection.  Its bytes begin with the number of the stream, and each of the
 * following is made of that number and its place: so a reader knows what it reads, and a byte that
 * is lost, repeated, swapped or of another connection is seen at once. */
typedef struct
{
  guint32  id;
  guint64  accepted;    /* bytes that calls have taken from the writer */
  guint64  reported;    /* bytes that `bytes-written` has reported */
  guint64  delivered;   /* bytes that the reader has taken */
  gboolean has_reader;
  gboolean graceful;    /* the writer ended it with all that it had written */
  gboolean broken;      /* the writer, or an error, ended it otherwise */
} Stream;

/* A place in a stream that is not known before four bytes have been read. */
typedef struct
{
  Stream  *stream;
  guint64  offset;
  guint8   prefix[4];
} Cursor;

typedef struct _StreamTable StreamTable;

StreamTable *stream_table_new  (void);
void         stream_table_free (StreamTable  *table);
Stream      *stream_table_add  (StreamTable  *table);

/* The next @count bytes of @stream. */
guint8      *stream_next       (Stream       *stream,
                                gsize         count);
/* The byte before the cursor. */
guint8       cursor_previous   (const Cursor *cursor);
/* Fails unless @data is what comes next.  Moves the cursor only if @consume. */
void         cursor_check      (Cursor       *cursor,
                                StreamTable  *table,
                                const guint8 *data,
                                gsize         count,
                                gboolean      consume);

G_END_DECLS
