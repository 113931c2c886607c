// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Devices: reading, writing, lines, and classes written in Vala.

Lsock.Buffer buffer_of (string text, Lsock.OpenMode mode = Lsock.OpenMode.READ_WRITE) throws Error {
  var buffer = new Lsock.Buffer ();
  buffer.set_data (new Bytes (text.data));
  buffer.open (mode);
  return buffer;
}


// Lines

void test_lines_of_buffer () throws Error {
  var story = "";
  foreach (var line in buffer_of ("one\n\nlast"))
    story += "[%s]".printf (text_of (line));
  assert_cmpstr (story, CompareOperator.EQ, "[one\n][\n][last]");
}

void test_lines_of_socket () throws Error {
  var pair = new Pair ();
  var lines = new GenericArray<string> ();
  pair.client.ready_read.connect (() => {
    try {
      foreach (var line in pair.client)
        lines.add (text_of (line));
    } catch (Error e) {
      error ("%s", e.message);
    }
  });
  pair.peer.write ("one\ntwo\nhal".data);
  await (() => lines.length == 2);
  pair.peer.write ("f\n".data);
  await (() => lines.length == 3);
  assert_cmpstr (lines[0], CompareOperator.EQ, "one\n");
  assert_cmpstr (lines[1], CompareOperator.EQ, "two\n");
  assert_cmpstr (lines[2], CompareOperator.EQ, "half\n");
}

void test_lines_break () throws Error {
  var buffer = buffer_of ("one\ntwo\n");
  foreach (var line in buffer) {
    assert_cmpstr (text_of (line), CompareOperator.EQ, "one\n");
    break;
  }
  assert_cmpstr (text_of (buffer.read_all ()), CompareOperator.EQ, "two\n");
}

void test_lines_error () throws Error {
  var buffer = buffer_of ("one\n", Lsock.OpenMode.WRITE_ONLY);
  try {
    foreach (var line in buffer)
      assert_null (line);
    assert_not_reached ();
  } catch (Lsock.SocketError.OPERATION e) {
    assert_true (e.message.length > 0);
  }
}


// Reading and writing

void test_data () throws Error {
  var buffer = buffer_of ("");
  uint8[] data = { 0, 1, 2, 255 };
  assert_true (buffer.write (data) == 4);
  assert_true (buffer.write (data[1:3]) == 2);
  assert_true (buffer.write_bytes (new Bytes (data)) == 4);
  assert_true (buffer.get_data ().compare (new Bytes ({ 0, 1, 2, 255, 1, 2, 0, 1, 2, 255 })) == 0);
}

void test_empty () throws Error {
  var buffer = buffer_of ("");
  assert_true (buffer.read_all ().get_size () == 0);
  assert_true (buffer.read (10).get_size () == 0);
  assert_true (buffer.write ({}) == 0);
}

void test_chars () throws Error {
  var buffer = buffer_of ("ab");
  uint8 c;
  assert_true (buffer.get_char (out c));
  assert_true (c == 'a');
  buffer.unget_char ('x');
  assert_cmpstr (text_of (buffer.read_all ()), CompareOperator.EQ, "xb");
  assert_false (buffer.get_char (out c));
  assert_true (buffer.put_char ('z'));
}

void test_peek_and_skip () throws Error {
  var buffer = buffer_of ("abcdef");
  assert_cmpstr (text_of (buffer.peek (2)), CompareOperator.EQ, "ab");
  assert_true (buffer.skip (4) == 4);
  assert_cmpstr (text_of (buffer.read (10)), CompareOperator.EQ, "ef");
}

void test_position () throws Error {
  var buffer = buffer_of ("abcdef");
  buffer.seek (3);
  assert_true (buffer.pos () == 3);
  assert_true (buffer.size () == 6);
  buffer.reset ();
  assert_true (buffer.pos () == 0);
  assert_false (buffer.at_end ());
}

void test_transaction () throws Error {
  var buffer = buffer_of ("abc");
  buffer.start_transaction ();
  buffer.read (2);
  assert_true (buffer.is_transaction_started ());
  buffer.rollback_transaction ();
  buffer.start_transaction ();
  assert_cmpstr (text_of (buffer.read (1)), CompareOperator.EQ, "a");
  buffer.commit_transaction ();
  assert_cmpstr (text_of (buffer.read_all ()), CompareOperator.EQ, "bc");
}

void test_text_mode () throws Error {
  var buffer = buffer_of ("a\r\nb", Lsock.OpenMode.READ_ONLY | Lsock.OpenMode.TEXT);
  assert_true (buffer.text_mode);
  assert_cmpstr (text_of (buffer.read_all ()), CompareOperator.EQ, "a\nb");
}

void test_negative_length () throws Error {
  var buffer = buffer_of ("abc");
  try {
    buffer.read (-5);
    assert_not_reached ();
  } catch (Lsock.SocketError.OPERATION e) {
    assert_cmpstr (text_of (buffer.read_all ()), CompareOperator.EQ, "abc");
  }
}

void test_closed () throws Error {
  var socket = new Lsock.Socket ();
  try {
    socket.write ("x".data);
    assert_not_reached ();
  } catch (Lsock.SocketError.OPERATION e) {
    assert_false (socket.is_open);
  }
}

void test_stream_device () throws Error {
  var output = new MemoryOutputStream.resizable ();
  var writer = new Lsock.StreamDevice (null, output);
  writer.open (Lsock.OpenMode.WRITE_ONLY);
  writer.write ("out".data);
  await (() => writer.bytes_to_write () == 0);
  assert_true (output.data_size == 3);

  var reader = new Lsock.StreamDevice (new MemoryInputStream.from_data ("in".data), null);
  reader.open (Lsock.OpenMode.READ_ONLY);
  await (() => reader.bytes_available () == 2);
  assert_cmpstr (text_of (reader.read_all ()), CompareOperator.EQ, "in");
}


// Classes

// A queue of lines, which counts what is called.
class Lines : Lsock.IODevice {
  public string story = "";
  private Queue<string> queue = new Queue<string> ();

  public override bool open (Lsock.OpenMode mode) throws Error {
    if (Lsock.OpenMode.APPEND in mode)
      throw new IOError.NOT_SUPPORTED ("lines cannot be appended");
    story += "open ";
    return base.open (mode);
  }

  public override void close () {
    story += "close ";
    base.close ();
  }

  public override bool is_sequential () {
    return true;
  }

  public override int64 bytes_available () {
    int64 total = base.bytes_available ();
    foreach (unowned string line in queue.head)
      total += line.length;
    return total;
  }

  public override bool can_read_line () {
    return base.can_read_line () || queue.length > 0;
  }

  public override Bytes? read_data (size_t max_length) throws Error {
    if (queue.is_empty ())
      return null;
    var line = queue.pop_head ();
    if (line.length > (long) max_length) {
      queue.push_head (line.substring ((long) max_length));
      line = line.substring (0, (long) max_length);
    }
    return new Bytes (line.data);
  }

  public override int64 skip_data (int64 max_length) throws Error {
    story += "skip ";
    return base.skip_data (max_length);
  }

  public override ssize_t write_data (Bytes bytes) throws Error {
    if (bytes.get_size () > 100)
      throw new IOError.NO_SPACE ("too long");
    queue.push_tail (text_of (bytes));
    return (ssize_t) bytes.get_size ();
  }
}

Lines open_lines () throws Error {
  var device = new Lines ();
  device.open ();
  return device;
}

void test_class_lines () throws Error {
  var device = open_lines ();
  device.write ("one\n".data);
  device.write ("two\n".data);
  var story = "";
  foreach (var line in device)
    story += text_of (line);
  assert_cmpstr (story, CompareOperator.EQ, "one\ntwo\n");
}

void test_class_open_and_close () throws Error {
  var device = open_lines ();
  device.close ();
  assert_cmpstr (device.story, CompareOperator.EQ, "open close ");
}

void test_class_open_fails () throws Error {
  var device = new Lines ();
  try {
    device.open (Lsock.OpenMode.READ_WRITE | Lsock.OpenMode.APPEND);
    assert_not_reached ();
  } catch (IOError.NOT_SUPPORTED e) {
    assert_false (device.is_open);
    assert_cmpstr (device.error_string, CompareOperator.EQ, e.message);
  }
}

void test_class_write_fails () throws Error {
  var device = open_lines ();
  try {
    device.write (string.nfill (101, 'x').data);
    assert_not_reached ();
  } catch (IOError.NO_SPACE e) {
    assert_cmpstr (e.message, CompareOperator.EQ, "too long");
  }
}

void test_class_skip () throws Error {
  var device = open_lines ();
  device.write ("abcdef".data);
  assert_true (device.skip (4) == 4);
  assert_cmpstr (device.story, CompareOperator.EQ, "open skip ");
  assert_cmpstr (text_of (device.read (10)), CompareOperator.EQ, "ef");
}

int main (string[] args) {
  Test.init (ref args);
  add_case ("/vala/lines/buffer", test_lines_of_buffer);
  add_case ("/vala/lines/socket", test_lines_of_socket);
  add_case ("/vala/lines/break", test_lines_break);
  add_case ("/vala/lines/error", test_lines_error);
  add_case ("/vala/device/data", test_data);
  add_case ("/vala/device/empty", test_empty);
  add_case ("/vala/device/chars", test_chars);
  add_case ("/vala/device/peek-and-skip", test_peek_and_skip);
  add_case ("/vala/device/position", test_position);
  add_case ("/vala/device/transaction", test_transaction);
  add_case ("/vala/device/text-mode", test_text_mode);
  add_case ("/vala/device/negative-length", test_negative_length);
  add_case ("/vala/device/closed", test_closed);
  add_case ("/vala/device/stream", test_stream_device);
  add_case ("/vala/class/lines", test_class_lines);
  add_case ("/vala/class/open-and-close", test_class_open_and_close);
  add_case ("/vala/class/open-fails", test_class_open_fails);
  add_case ("/vala/class/write-fails", test_class_write_fails);
  add_case ("/vala/class/skip", test_class_skip);
  return Test.run ();
}
