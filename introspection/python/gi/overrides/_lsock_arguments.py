# SPDX-FileCopyrightText: 2026 The lsock authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the functions of lsock take in Python, checked and made into what C takes."""

import os

from gi.repository import GLib, GObject


def to_bytes(data):
    if isinstance(data, bytes):
        return data
    if isinstance(data, GLib.Bytes):
        return data.get_data() or b''
    if isinstance(data, str):
        raise TypeError('a device takes bytes; encode the text first')
    try:
        return memoryview(data).tobytes()
    except TypeError:
        raise TypeError('a device takes bytes, not %s' % type(data).__name__) from None


def to_gbytes(data):
    return data if isinstance(data, GLib.Bytes) else GLib.Bytes.new(to_bytes(data))


def from_gbytes(data):
    # An empty GLib.Bytes has no data at all.
    return data.get_data() or b''


def to_char(char):
    if isinstance(char, int):
        if not 0 <= char <= 255:
            raise ValueError('a byte is a number from 0 to 255, not %d' % char)
        return char
    if isinstance(char, (bytes, bytearray, memoryview)):
        char = bytes(char)
        if len(char) != 1:
            raise ValueError('one byte is put, not %d' % len(char))
        return char[0]
    raise TypeError('a byte is an int or bytes of length 1, not %s' % type(char).__name__)


def to_name(name):
    """A name as the bytes of the system; C would cut one with a NUL inside short."""
    try:
        name = os.fsencode(name)
    except TypeError:
        raise TypeError('a server name is str, bytes or os.PathLike, not %s' %
                        type(name).__name__) from None
    if b'\0' in name:
        raise ValueError('a server name cannot contain a NUL: %r' % name)
    return name


def to_text(text):
    """A text that C gets whole; what is no text is left for PyGObject to refuse."""
    if isinstance(text, str) and '\0' in text:
        raise ValueError('a text cannot contain a NUL: %r' % text)
    return text


def to_callable(slot):
    if not callable(slot):
        raise TypeError('a slot must be callable, and %r is not' % (slot,))
    return slot


def to_object(what, thing, none=False):
    if not isinstance(thing, GObject.GObject) and not (none and thing is None):
        raise TypeError('the %s must be a GObject%s, not %s' %
                        (what, ' or None' if none else '', type(thing).__name__))
    return thing
