"""A mail server that accepts everything and counts it: `python -m bench.alone.sink` prints its port, then answers on SMTP.

`NOOP` answers with the number of mails and of distinct recipients since the last `VRFY`, which forgets them.
"""

from __future__ import annotations

import asyncio
import sys

_mails: list[str] = []


async def _session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    address = ""
    try:
        while line := await reader.readline():
            command = line[:4].upper()
            answer = b"250 ok\r\n"
            if command == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
            elif command == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                _mails.append(address)
            elif command == b"NOOP":
                answer = f"250 {len(_mails)} {len(set(_mails))}\r\n".encode()
            elif command == b"VRFY":
                _mails.clear()
            elif command == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(answer)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main() -> None:
    """Serve until the parent ends this process."""
    server = await asyncio.start_server(_session, "127.0.0.1", 0, limit=8_000_000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
