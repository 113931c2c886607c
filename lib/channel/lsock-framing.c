/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The framings of messages: what comes before and after each, and how much of a stream is one. */

#include "config.h"

#include "channel/lsock-framing-private.h"

#include <string.h>

#include "lsock-error.h"

/* Longer than any block of headers of the protocols that have one. */
#define MAX_HEADERS 8192
/* The digits of a length in a netstring, or in a header. */
#define MAX_DIGITS 19
#define NULL_LENGTH G_MAXUINT32
#define CONTENT_LENGTH "content-length:"


/* Numbers */

static gsize
count_length_bytes (LsockMessageFraming framing)
{
  switch (framing)
    {
    case LSOCK_MESSAGE_FRAMING_LENGTH16_BE:
      return 2;

    case LSOCK_MESSAGE_FRAMING_LENGTH32_BE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_LE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_HOST:
      return 4;

    case LSOCK_MESSAGE_FRAMING_LINES:
    case LSOCK_MESSAGE_FRAMING_NUL:
    case LSOCK_MESSAGE_FRAMING_NETSTRING:
    case LSOCK_MESSAGE_FRAMING_HEADERS:
    default:
      return 0;
    }
}

static gboolean
is_big_endian (LsockMessageFraming framing)
{
  return framing == LSOCK_MESSAGE_FRAMING_LENGTH16_BE ||
         framing == LSOCK_MESSAGE_FRAMING_LENGTH32_BE ||
         (framing == LSOCK_MESSAGE_FRAMING_LENGTH32_HOST && G_BYTE_ORDER == G_BIG_ENDIAN);
}

static guint32
decode_length (LsockMessageFraming  framing,
               const guint8        *bytes)
{
  gsize n = count_length_bytes (framing);
  guint32 length = 0;

  for (gsize i = 0; i < n; i++)
    length = length << 8 | bytes[is_big_endian (framing) ? i : n - 1 - i];

  return length;
}

static void
encode_length (LsockMessageFraming  framing,
               guint32              length,
               GByteArray          *bytes)
{
  gsize n = count_length_bytes (framing);

  for (gsize i = 0; i < n; i++)
    {
      guint8 byte = (guint8) (length >> 8 * (is_big_endian (framing) ? n - 1 - i : i));

      g_byte_array_append (bytes, &byte, 1);
    }
}

/* Decimal digits and nothing else, without a sign or a superfluous zero in front. */
static gboolean
parse_decimal (const char *digits,
               gsize       n_digits,
               guint64    *number)
{
  *number = 0;
  if (n_digits == 0 || n_digits > MAX_DIGITS || (digits[0] == '0' && n_digits > 1))
    return FALSE;

  for (gsize i = 0; i < n_digits; i++)
    {
      if (!g_ascii_isdigit (digits[i]))
        return FALSE;

      *number = *number * 10 + (guint64) (digits[i] - '0');
    }

  return TRUE;
}


/* Errors */

static LsockFramingResult
fail_invalid (GError     **error,
              const char  *message)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, message);
  return LSOCK_FRAMING_FAILED;
}

static LsockFramingResult
fail_too_large (GError  **error,
                guint64   length,
                gsize     max_size)
{
  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE,
               "The peer sends a message of %" G_GUINT64_FORMAT " bytes or more, and "
               "%" G_GSIZE_FORMAT " are allowed", length, max_size);
  return LSOCK_FRAMING_FAILED;
}


/* Reading */

void
_lsock_frame_reader_clear (LsockFrameReader *self)
{
  _lsock_byte_queue_clear (&self->taken);
}

/* Until @count bytes are taken in all.  MESSAGE: they are. */
static LsockFramingResult
take_until (LsockFrameReader  *self,
            LsockIODevice     *device,
            gsize              count,
            GError           **error)
{
  while (self->taken.length < count)
    {
      gsize rest = count - self->taken.length;
      g_autoptr (GBytes) bytes = lsock_io_device_read_bytes (device, (gssize) rest, error);

      if (bytes == NULL)
        return LSOCK_FRAMING_STOPPED;
      if (g_bytes_get_size (bytes) == 0)
        return LSOCK_FRAMING_MORE;

      _lsock_byte_queue_append_bytes (&self->taken, bytes);
    }

  return LSOCK_FRAMING_MESSAGE;
}

static LsockFramingResult
set_length (LsockFrameReader  *self,
            gsize              header,
            guint64            length,
            gsize              trailer,
            GError           **error)
{
  if (length > self->max_size)
    return fail_too_large (error, length, self->max_size);

  self->has_length = TRUE;
  self->header = header;
  self->length = (gsize) length;
  self->trailer = trailer;
  return LSOCK_FRAMING_MESSAGE;
}

/* Up to and including @end, which a message of at most `max_size` bytes and @extra are before. */
static LsockFramingResult
read_to_byte (LsockFrameReader  *self,
              LsockIODevice     *device,
              guint8             end,
              gsize              extra,
              GError           **error)
{
  for (;;)
    {
      gsize rest = self->max_size + extra + 1 - self->taken.length;
      g_autoptr (GBytes) bytes = NULL;
      const guint8 *data, *found;
      gsize length;

      if (rest == 0)
        return fail_too_large (error, (guint64) self->max_size + 1, self->max_size);

      bytes = end == '\n' ? lsock_io_device_read_line (device, (gssize) MIN (rest, G_MAXSSIZE), error)
                          : lsock_io_device_peek (device, (gssize) MIN (rest, 64 * 1024), error);
      if (bytes == NULL)
        return LSOCK_FRAMING_STOPPED;

      data = g_bytes_get_data (bytes, &length);
      if (length == 0)
        return LSOCK_FRAMING_MORE;

      found = memchr (data, end, length);
      if (end != '\n')
        {
          gssize count = found != NULL ? found - data + 1 : (gssize) length;

          g_bytes_unref (bytes);
          bytes = lsock_io_device_read_bytes (device, count, error);
          if (bytes == NULL)
            return LSOCK_FRAMING_STOPPED;
        }
      _lsock_byte_queue_append_bytes (&self->taken, bytes);
      if (found != NULL)
        return LSOCK_FRAMING_MESSAGE;
    }
}

static LsockFramingResult
read_line (LsockFrameReader  *self,
           LsockIODevice     *device,
           GError           **error)
{
  LsockFramingResult result = read_to_byte (self, device, '\n', 1, error);
  gsize trailer = 1;
  guint8 last;

  if (result != LSOCK_FRAMING_MESSAGE)
    return result;

  if (self->taken.length > 1)
    {
      _lsock_byte_queue_peek (&self->taken, self->taken.length - 2, &last, 1);
      trailer += last == '\r';
    }
  return set_length (self, 0, self->taken.length - trailer, trailer, error);
}

static LsockFramingResult
read_number (LsockFrameReader  *self,
             LsockIODevice     *device,
             GError           **error)
{
  gsize n = count_length_bytes (self->framing);
  LsockFramingResult result = take_until (self, device, n, error);
  guint8 bytes[4];
  guint32 length;

  if (result != LSOCK_FRAMING_MESSAGE)
    return result;

  _lsock_byte_queue_peek (&self->taken, 0, bytes, n);
  length = decode_length (self->framing, bytes);
  if (self->framing == LSOCK_MESSAGE_FRAMING_LENGTH32_BE && length == NULL_LENGTH)
    {
      self->is_null = TRUE;
      length = 0;
    }
  return set_length (self, n, length, 0, error);
}

/* Byte by byte, at most as many as there are digits: what follows need not belong to
 * a message. */
static LsockFramingResult
read_netstring (LsockFrameReader  *self,
                LsockIODevice     *device,
                GError           **error)
{
  char text[MAX_DIGITS + 1];

  for (;;)
    {
      LsockFramingResult result;
      gsize length = self->taken.length + 1;
      guint64 number;

      if (length > sizeof text)
        return fail_invalid (error, "The peer sends a netstring whose length is no number");

      result = take_until (self, device, length, error);
      if (result != LSOCK_FRAMING_MESSAGE)
        return result;

      _lsock_byte_queue_peek (&self->taken, 0, text, length);
      if (g_ascii_isdigit (text[length - 1]))
        continue;

      if (text[length - 1] != ':' || !parse_decimal (text, length - 1, &number))
        return fail_invalid (error, "The peer sends a netstring whose length is no number");

      return set_length (self, length, number, 1, error);
    }
}

/* A line of the headers, without its end. */
static gboolean
parse_header (LsockFrameReader  *self,
              const char        *line,
              gsize              length,
              GError           **error)
{
  const char *value = line + strlen (CONTENT_LENGTH);
  const char *end = line + length;
  guint64 number;

  if (memchr (line, ':', length) == NULL)
    {
      fail_invalid (error, "The peer sends a header without a colon");
      return FALSE;
    }

  if (length < strlen (CONTENT_LENGTH) ||
      g_ascii_strncasecmp (line, CONTENT_LENGTH, strlen (CONTENT_LENGTH)) != 0)
    return TRUE;

  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  if (self->has_content_length || !parse_decimal (value, (gsize) (end - value), &number))
    {
      fail_invalid (error, "The peer sends a header whose Content-Length is not one number");
      return FALSE;
    }
  if (number > self->max_size)
    {
      fail_too_large (error, number, self->max_size);
      return FALSE;
    }

  self->has_content_length = TRUE;
  self->length = (gsize) number;
  return TRUE;
}

static LsockFramingResult
read_headers (LsockFrameReader  *self,
              LsockIODevice     *device,
              GError           **error)
{
  for (;;)
    {
      gsize rest = MAX_HEADERS - self->taken.length;
      g_autoptr (GBytes) part = NULL;
      g_autofree char *line = NULL;
      gsize length;
      guint8 last;

      if (rest == 0)
        return fail_invalid (error, "The peer sends headers that do not end");

      part = lsock_io_device_read_line (device, (gssize) rest, error);
      if (part == NULL)
        return LSOCK_FRAMING_STOPPED;
      if (g_bytes_get_size (part) == 0)
        return LSOCK_FRAMING_MORE;

      _lsock_byte_queue_append_bytes (&self->taken, part);
      _lsock_byte_queue_peek (&self->taken, self->taken.length - 1, &last, 1);
      if (last != '\n')
        continue;

      length = self->taken.length - self->line_begin;
      line = g_malloc (length);
      _lsock_byte_queue_peek (&self->taken, self->line_begin, line, length);
      self->line_begin = self->taken.length;
      length -= length > 1 && line[length - 2] == '\r' ? 2 : 1;

      if (length > 0)
        {
          if (!parse_header (self, line, length, error))
            return LSOCK_FRAMING_FAILED;
        }
      else if (self->has_content_length)
        {
          return set_length (self, self->taken.length, self->length, 0, error);
        }
      else
        {
          return fail_invalid (error, "The peer sends headers without a Content-Length");
        }
    }
}

static LsockFramingResult
read_frame (LsockFrameReader  *self,
            LsockIODevice     *device,
            GError           **error)
{
  switch (self->framing)
    {
    case LSOCK_MESSAGE_FRAMING_LINES:
      return read_line (self, device, error);

    case LSOCK_MESSAGE_FRAMING_NUL:
      {
        LsockFramingResult result = read_to_byte (self, device, '\0', 0, error);

        return result != LSOCK_FRAMING_MESSAGE
               ? result : set_length (self, 0, self->taken.length - 1, 1, error);
      }

    case LSOCK_MESSAGE_FRAMING_NETSTRING:
      return read_netstring (self, device, error);

    case LSOCK_MESSAGE_FRAMING_HEADERS:
      return read_headers (self, device, error);

    case LSOCK_MESSAGE_FRAMING_LENGTH16_BE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_BE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_LE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_HOST:
    default:
      return read_number (self, device, error);
    }
}

/* Hands out the message that `taken` has, with its frame; the next one begins. */
static GBytes *
take_message (LsockFrameReader *self)
{
  GBytes *message;

  _lsock_byte_queue_skip (&self->taken, self->header);
  if (self->is_null)
    message = g_bytes_new_static (NULL, 0);
  else if (self->length == 0)
    message = g_bytes_new_static ("", 0);
  else
    message = _lsock_byte_queue_take (&self->taken, self->length);
  _lsock_byte_queue_skip (&self->taken, self->trailer);

  self->has_length = FALSE;
  self->is_null = FALSE;
  self->has_content_length = FALSE;
  self->line_begin = 0;
  self->header = 0;
  self->length = 0;
  self->trailer = 0;
  return message;
}

LsockFramingResult
_lsock_frame_reader_read (LsockFrameReader  *self,
                          LsockIODevice     *device,
                          GBytes           **message,
                          GError           **error)
{
  LsockFramingResult result;

  if (!self->has_length)
    {
      result = read_frame (self, device, error);
      if (result != LSOCK_FRAMING_MESSAGE)
        return result;
    }

  result = take_until (self, device, self->header + self->length + self->trailer, error);
  if (result != LSOCK_FRAMING_MESSAGE)
    return result;

  if (self->framing == LSOCK_MESSAGE_FRAMING_NETSTRING)
    {
      guint8 last;

      _lsock_byte_queue_peek (&self->taken, self->taken.length - 1, &last, 1);
      if (last != ',')
        return fail_invalid (error, "The peer sends a netstring that does not end with a comma");
    }

  *message = take_message (self);
  return LSOCK_FRAMING_MESSAGE;
}

char *
_lsock_frame_reader_describe (const LsockFrameReader *self)
{
  if (!self->has_length)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes of it have come", self->taken.length);

  return g_strdup_printf ("%" G_GSIZE_FORMAT " of its %" G_GSIZE_FORMAT " bytes have come",
                          self->taken.length,
                          self->header + self->length + self->trailer);
}


/* Writing */

static gboolean
refuse (GError     **error,
        const char  *message)
{
  g_set_error_literal (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION, message);
  return FALSE;
}

static gboolean
refuse_size (GError **error,
             gsize    length,
             gsize    max_size)
{
  g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_DATAGRAM_TOO_LARGE,
               "The message has %" G_GSIZE_FORMAT " bytes, and %" G_GSIZE_FORMAT " are allowed",
               length, max_size);
  return FALSE;
}

/* How much the length of the frame can say. */
static gsize
get_largest (LsockMessageFraming framing)
{
  switch (framing)
    {
    case LSOCK_MESSAGE_FRAMING_LENGTH16_BE:
      return G_MAXUINT16;

    case LSOCK_MESSAGE_FRAMING_LENGTH32_BE:
      return NULL_LENGTH - 1;

    case LSOCK_MESSAGE_FRAMING_LENGTH32_LE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_HOST:
      return G_MAXUINT32;

    case LSOCK_MESSAGE_FRAMING_LINES:
    case LSOCK_MESSAGE_FRAMING_NUL:
    case LSOCK_MESSAGE_FRAMING_NETSTRING:
    case LSOCK_MESSAGE_FRAMING_HEADERS:
    default:
      return G_MAXSSIZE;
    }
}

static void
append_text (GByteArray *bytes,
             const char *text)
{
  g_byte_array_append (bytes, (const guint8 *) text, (guint) strlen (text));
}

gboolean
_lsock_framing_encode (LsockMessageFraming   framing,
                       gsize                 max_size,
                       GBytes               *message,
                       GByteArray           *before,
                       GByteArray           *after,
                       GError              **error)
{
  gsize length = 0;
  const guint8 *data = message != NULL ? g_bytes_get_data (message, &length) : NULL;
  g_autofree char *text = NULL;

  if (message == NULL && framing != LSOCK_MESSAGE_FRAMING_LENGTH32_BE)
    return refuse (error, "This framing has no null message");

  if (length > MIN (max_size, get_largest (framing)))
    return refuse_size (error, length, MIN (max_size, get_largest (framing)));

  switch (framing)
    {
    case LSOCK_MESSAGE_FRAMING_LINES:
      if (length > 0 && (memchr (data, '\n', length) != NULL || data[length - 1] == '\r'))
        return refuse (error, "A message that is a line cannot contain a line end");
      append_text (after, "\n");
      break;

    case LSOCK_MESSAGE_FRAMING_NUL:
      if (length > 0 && memchr (data, '\0', length) != NULL)
        return refuse (error, "A message that ends with a NUL cannot contain one");
      g_byte_array_append (after, (const guint8 *) "", 1);
      break;

    case LSOCK_MESSAGE_FRAMING_NETSTRING:
      text = g_strdup_printf ("%" G_GSIZE_FORMAT ":", length);
      append_text (before, text);
      append_text (after, ",");
      break;

    case LSOCK_MESSAGE_FRAMING_HEADERS:
      text = g_strdup_printf ("Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", length);
      append_text (before, text);
      break;

    case LSOCK_MESSAGE_FRAMING_LENGTH16_BE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_BE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_LE:
    case LSOCK_MESSAGE_FRAMING_LENGTH32_HOST:
    default:
      encode_length (framing, message == NULL ? NULL_LENGTH : (guint32) length, before);
      break;
    }

  return TRUE;
}
