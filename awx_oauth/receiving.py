"""Requests on their way in: no thread waits for one that has come in part only."""

from __future__ import annotations

import re
from contextlib import suppress
from socket import MSG_DONTWAIT, SHUT_WR, socket
from typing import Any

from gunicorn.config import Config
from gunicorn.http.body import ChunkedReader, LengthReader
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader

_LONGEST_BODY = 256 * 1024  # bytes, as DATA_UPLOAD_MAX_MEMORY_SIZE: of a longer one the application reads no more
_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?", re.DOTALL)


class _NotYetError(Exception):
    """What has come is not enough."""


class _Unreader(SocketUnreader):
    """gunicorn's reader of a connection, which waits only when it is told to."""

    waits = False

    def receive(self) -> None:
        """Take in what has come. At the end of the connection there is nothing to wait for any more."""
        try:
            data = self.sock.recv(self.mxchunk, MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # who reads on is told
        self.waits = not data
        self.buf.seek(0, 2)
        self.buf.write(data)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece, for gunicorn. Raises :class:`_NotYetError` in place of waiting."""
        if not self.waits:
            raise _NotYetError
        data: bytes = super().chunk(size_hint)
        return data


class Parser(RequestParser):
    """gunicorn's, asked for a request only when all of it is there: see :meth:`has_come`.

    What that is, gunicorn itself says: its parser reads what has come of the head, and starts anew when more has. Only
    the end of a chunked body is looked for here, since gunicorn cannot look for it twice.
    """

    unreader: _Unreader

    def __init__(self, cfg: Config, source: socket, source_addr: Any) -> None:
        super().__init__(cfg, source, source_addr)
        self.unreader = _Unreader(source)
        self._next: Request | Exception | None = None
        self.is_whole = True  # the request that was served last: nothing of its body is still to come
        self._chunk = 0  # where the first chunk begins whose end was not seen

    @property
    def has_begun(self) -> bool:
        """Whether a part of a request has come that was not served."""
        return self._next is not None or bool(self.unreader.buf.getbuffer())

    def has_come(self) -> bool:
        """Whether a request is there to be served, or to be refused; takes in what has come of it.

        One with a body of over 256 KiB is there without the rest of it.
        """
        self.unreader.waits = False
        if self.has_begun and self._is_there():  # in one piece with the last one
            return True
        self.unreader.receive()
        return self._is_there()

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Leave aside what nobody read of the body. Returns whether the next request can follow: not after a part."""
        reader = self.mesg.body.reader if self.mesg else None
        if isinstance(reader, LengthReader) and not reader.length:
            return True
        is_over: bool = self.is_whole and super().finish_body(deadline, max_bytes)
        return is_over

    def __next__(self) -> Request:
        """The request that has come. Raises what is wrong with it."""
        self.unreader.waits = True  # for the rest of a body that is too long
        request, self._next, self._chunk = self._next, None, 0
        if isinstance(request, Request):
            return request
        raise request or StopIteration

    def _is_there(self) -> bool:
        if self._next is None:
            self._next = self._head()
        if isinstance(self._next, Request):
            self.is_whole = self._has_body(self._next)
            return self.is_whole or self._is_enough(self._next)
        return self._next is not None

    def _head(self) -> Request | Exception | None:
        begun = self.unreader.buf.getvalue()
        try:
            request: Request = super().__next__()
        except _NotYetError:
            self.req_count -= 1  # it is this one again that comes next
            self.unreader.take_buffered()
            self.unreader.unread(begun)
            return None
        except Exception as error:  # gunicorn decides what it answers to it
            return error
        return request

    def _has_body(self, request: Request) -> bool:
        reader = request.body.reader
        if isinstance(reader, LengthReader):
            return bool(self.unreader.buf.getbuffer().nbytes >= reader.length)
        return self._has_chunks(reader)

    def _is_enough(self, request: Request) -> bool:
        """Whether to serve a request without all of its body. A client that waits for that is told to go on."""
        reader = request.body.reader
        is_long = isinstance(reader, LengthReader) and reader.length > _LONGEST_BODY
        if self.unreader.waits or is_long or self.unreader.buf.getbuffer().nbytes >= _LONGEST_BODY:
            return True
        if request._expected_100_continue:  # noqa: SLF001 - gunicorn says it when it serves
            request._expected_100_continue = False  # noqa: SLF001
            with suppress(OSError):
                self.unreader.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n", MSG_DONTWAIT)
        return False

    def _has_chunks(self, reader: ChunkedReader) -> bool:
        """Whether all chunks are there, or one that is none (RFC 9112 §7.1)."""
        data: bytes = self.unreader.buf.getvalue()
        longest_line: int = reader.limit_chunk_size_line
        while True:
            line_end = data.find(b"\r\n", self._chunk)
            if line_end < 0:
                return len(data) - self._chunk > longest_line
            size = _SIZE.fullmatch(data, self._chunk, line_end)
            if size is None:
                return True
            length = int(size[1], 16)
            if not length:
                return data.find(b"\r\n\r\n", line_end) >= 0  # after the trailers, if any
            end = line_end + 2 + length
            if len(data) < end + 2:
                return False
            if data[end : end + 2] != b"\r\n":
                return True
            self._chunk = end + 2


class Rest:
    """What a client still sends after its last answer: unread, it would make the kernel take the answer back."""

    seconds = 2.0  # gunicorn's own limits
    _bytes = 64 * 1024

    def __init__(self, source: socket) -> None:
        with suppress(OSError):  # it is closed already, where an answer broke off
            source.shutdown(SHUT_WR)
        self._source, self._left = source, self._bytes

    def is_over(self) -> bool:
        """Whether the client has hung up, too, or sends more than anybody would read (RFC 9112 §9.6)."""
        try:
            data = self._source.recv(self._bytes, MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
        self._left -= len(data)
        return not data or self._left <= 0
