// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Gets a page from an HTTP server on a Unix socket, and writes it to the standard output:
//
//   http-get /run/docker.sock /version
//
// The exit status is 1 if there is no whole page, or one that reports an error.

const int PIECE = 64 * 1024;    // bytes of a body that are read at once
const int MAX_LINE = 8 * 1024;  // bytes; a longer one is not accepted
const int MAX_HEADERS = 100;

errordomain HttpError {
  MALFORMED,
  STATUS
}

class Response : Object {
  public uint64 status;
  public string reason = "";

  private Lsock.IODevice device;
  private HashTable<string, string> headers;

  public Response (Lsock.IODevice device) {
    this.device = device;
  }

  // A line without its end.  The end of the stream and a line that is too long have no line end.
  private async string read_line () throws Error {
    Bytes bytes = yield device.read_line_async (MAX_LINE);
    var line = new StringBuilder ();
    line.append_len ((string) bytes.get_data (), (ssize_t) bytes.length);

    if (!line.str.has_suffix ("\n") || line.str.length != line.len)
      throw new HttpError.MALFORMED ("The server did not send a whole line where one was expected");
    line.truncate (line.len - (line.str.has_suffix ("\r\n") ? 2 : 1));
    return line.str;
  }

  private async void read_status () throws Error {
    var line = yield read_line ();
    var words = line.split (" ", 3);

    if (words.length < 2 || !words[0].has_prefix ("HTTP/1."))
      throw new HttpError.MALFORMED ("The server does not speak HTTP/1: “%s”", line.make_valid ());
    status = parse (words[1], 10, 100, 599);
    reason = words.length > 2 ? words[2].make_valid () : "";
  }

  // Names are compared without regard to case; a header that comes twice is a list.
  private async void read_headers () throws Error {
    headers = new HashTable<string, string> (str_hash, str_equal);
    for (var n = 0; n < MAX_HEADERS; n++) {
      var line = yield read_line ();
      if (line == "")
        return;

      var parts = line.split (":", 2);
      if (parts.length < 2)
        throw new HttpError.MALFORMED ("“%s” is not a header", line.make_valid ());

      var name = parts[0].down ();
      var value = parts[1].strip ();
      headers[name] = name in headers ? headers[name] + ", " + value : value;
    }
    throw new HttpError.MALFORMED ("The server sent more than %d headers", MAX_HEADERS);
  }

  public async void read_head () throws Error {
    // Answers such as “100 Continue” precede the one that counts.
    do {
      yield read_status ();
      yield read_headers ();
    } while (status < 200);
  }

  public async void copy_body (OutputStream output) throws Error {
    if (status == 204 || status == 304)
      return;

    if ("transfer-encoding" in headers) {
      var encoding = headers["transfer-encoding"];
      if (encoding.down () != "chunked")
        throw new HttpError.MALFORMED ("The encoding “%s” is not known", encoding.make_valid ());
      yield copy_chunks (output);
    } else if ("content-length" in headers) {
      yield copy (output, parse (headers["content-length"], 10));
    } else {
      yield copy_to_end (output);
    }
  }

  private async void copy_chunks (OutputStream output) throws Error {
    while (true) {
      // Extensions may follow the size, behind a semicolon.
      var line = yield read_line ();
      var end = line.index_of_char (';');
      var size = parse ((end < 0 ? line : line[0:end]).strip (), 16);
      if (size == 0)
        break;

      yield copy (output, size);
      if ((yield read_line ()) != "")
        throw new HttpError.MALFORMED ("A chunk is longer than announced");
    }

    // Headers may follow the last chunk as well.
    yield read_headers ();
  }

  private async void copy (OutputStream output, uint64 length) throws Error {
    while (length > 0) {
      Bytes bytes = yield device.read_async ((ssize_t) uint64.min (length, PIECE));
      if (bytes.length == 0)
        throw new HttpError.MALFORMED ("The page ends too early, %s bytes are missing",
                                       length.to_string ());
      yield output.write_all_async (bytes.get_data (), Priority.DEFAULT, null, null);
      length -= bytes.length;
    }
  }

  private async void copy_to_end (OutputStream output) throws Error {
    Bytes bytes;
    while ((bytes = yield device.read_async (PIECE)).length > 0)
      yield output.write_all_async (bytes.get_data (), Priority.DEFAULT, null, null);
  }

  // Digits alone: no sign, and no prefix.
  private static uint64 parse (string text, uint radix, uint64 min = 0, uint64 max = int64.MAX)
      throws Error {
    uint64 number;
    try {
      uint64.from_string (text, out number, radix, min, max);
    } catch (NumberParserError error) {
      throw new HttpError.MALFORMED ("“%s” is not a valid number here", text.make_valid ());
    }
    return number;
  }
}

async void get_page (string name, string path) throws Error {
  var socket = new Lsock.Socket ();
  var output = new UnixOutputStream (Posix.STDOUT_FILENO, false);
  var response = new Response (socket);
  var request = @"GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  // What has not been written yet waits in the server, not in the memory of this program.
  socket.set_read_buffer_size (4 * PIECE);
  yield socket.connect_to_server_async (name);
  yield socket.write_async (new Bytes (request.data));
  yield response.read_head ();
  yield response.copy_body (output);
  socket.abort ();

  if (response.status >= 400)
    throw new HttpError.STATUS ("%s %s", response.status.to_string (), response.reason);
}

int main (string[] args) {
  Intl.setlocale ();

  // A space or a line end in the path would end it, and begin something else.
  if (args.length != 3 || !Regex.match_simple ("^/[!-~]*$(?!\\n)", args[2])) {
    printerr ("usage: %s SOCKET PATH\n", args[0]);
    return 2;
  }

  var loop = new MainLoop ();
  var status = 0;
  get_page.begin (args[1], args[2], (_, result) => {
    try {
      get_page.end (result);
    } catch (Error error) {
      printerr ("%s\n", error.message);
      status = 1;
    }
    loop.quit ();
  });
  loop.run ();
  return status;
}
