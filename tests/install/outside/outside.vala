/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that uses what is installed. */

int main ()
{
  try {
    var directory = DirUtils.make_tmp ("lsXXXXXX");
    var name = Path.build_filename (directory, "s");
    var server = new Lsock.Server ();
    var client = new Lsock.Socket ();

    server.listen (name);
    client.connect_to_server (name, Lsock.OpenMode.READ_WRITE);
    var connected = client.wait_for_connected (10000);

    server.close ();
    DirUtils.remove (directory);
    return connected ? 0 : 1;
  } catch (Error error) {
    printerr ("%s\n", error.message);
    return 1;
  }
}
