/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "io/lsock-byte-queue-private.h"
#include "lsock-enums.h"
#include "lsock-io-device.h"

G_BEGIN_DECLS

/* How a stream of bytes is divided into messages.
 * Storey: channel
 *
 * A reader takes from the device what belongs to the present message and no more, so that the rest
 * stays the device's. */

typedef enum
{
  LSOCK_FRAMING_MORE,      /* not all of the message is there */
  LSOCK_FRAMING_MESSAGE,
  LSOCK_FRAMING_FAILED,    /* what came cannot be a message: with an error */
  LSOCK_FRAMING_STOPPED,   /* the device refused to be read: with an error */
} LsockFramingResult;

typedef struct
{
  LsockMessageFraming framing;
  gsize               max_size;      /* of a message, in bytes */

  LsockByteQueue      taken;         /* of the present message and its frame */
  gsize               header;        /* bytes of the frame before the message */
  gsize               length;        /* of the message */
  gsize               trailer;       /* bytes of the frame after the message */
  guint               has_length : 1;
  guint               is_null : 1;   /* what LENGTH32_BE tells from an empty message */

  /* Of HEADERS: how much of `taken` was looked at, and whether the length was found. */
  gsize               line_begin;
  guint               has_content_length : 1;
} LsockFrameReader;

void               _lsock_frame_reader_clear (LsockFrameReader    *self);
/* Takes what is there of the next message.  @message is empty, and may be the null message, whose
 * data is %NULL. */
LsockFramingResult _lsock_frame_reader_read  (LsockFrameReader    *self,
                                              LsockIODevice       *device,
                                              GBytes             **message,
                                              GError             **error);
/* How much of a message has come that is not complete, for an error: “12 of 40 bytes”. */
char              *_lsock_frame_reader_describe (const LsockFrameReader *self);

/* The frame around @message, as the bytes before and after it; fails if the framing cannot carry
 * it. %NULL is the null message. */
gboolean           _lsock_framing_encode     (LsockMessageFraming  framing,
                                              gsize                max_size,
                                              GBytes              *message,
                                              GByteArray          *before,
                                              GByteArray          *after,
                                              GError             **error);

G_END_DECLS
