"""The hostile list: one line a probe, as bytes on the wire. REFUSED is a 4xx or a closed line, SERVED an ordinary answer."""

from __future__ import annotations

import json
from typing import Final

REFUSED, SERVED, EITHER = "refused", "served", "either"
# RFC 9112, 6.1: the one answer of the 500s that a sender asks for, by a coding that does not exist. The web server gives it by itself.
NOT_IMPLEMENTED: Final = "not implemented"
Probe = tuple[str, tuple[bytes, ...]]
API: Final = b"/api/v1/commitments/"
DECLARE: Final = b"/api/v1/commitments/@COMMITMENT@/declare/"
PROFILE: Final = b"/organisations/@ORGANISATION@/change/"
FORM: Final = b"application/x-www-form-urlencoded"
JSON: Final = b"application/json"


def request(
    method: bytes, path: bytes, *headers: bytes, body: bytes = b"", host: bytes = b"Host: localhost", length: bytes | None = None
) -> bytes:
    """A request whose every part may be wrong; its length is that of the body unless given (empty: no such header)."""
    length = b"Content-Length: %d" % len(body) if length is None and body else length
    lines = [method + b" " + path + b" HTTP/1.1", host, b"X-Forwarded-For: @CALLER@", b"Connection: close", *headers]
    return b"\r\n".join([*(line for line in [*lines, length or b""] if line), b"", body])


def api(*headers: bytes, path: bytes = API, method: bytes = b"GET", body: bytes = b"", length: bytes | None = None) -> bytes:
    """As a partner's program."""
    return request(method, path, b"Authorization: Bearer @TOKEN@", *headers, body=body, length=length)


def post(body: bytes, *headers: bytes, kind: bytes = JSON, path: bytes = DECLARE, length: bytes | None = None) -> bytes:
    """A program that writes."""
    return api(b"Content-Type: " + kind, *headers, path=path, method=b"POST", body=body, length=length)


def page(*headers: bytes, path: bytes = b"/actions/", cookie: bytes = b"sessionid=@SESSION@") -> bytes:
    """As a signed-in person."""
    return request(b"GET", path, b"Cookie: " + cookie, *headers)


def form(body: bytes, *headers: bytes, kind: bytes = FORM, path: bytes = PROFILE, length: bytes | None = None) -> bytes:
    """A person who sends a form, with the token against forgery."""
    cookies = b"Cookie: sessionid=@SESSION@; csrftoken=@CSRF@"
    return request(b"POST", path, cookies, b"X-CSRFToken: @CSRF@", b"Content-Type: " + kind, *headers, body=body, length=length)


def part(disposition: bytes, content: bytes, *more: bytes, boundary: bytes = b"x") -> bytes:
    """One part of a multipart body."""
    return b"\r\n".join([b"--" + boundary, b"Content-Disposition: " + disposition, *more, b"", content, b""])


def upload(content: bytes, *headers: bytes, kind: bytes = b"multipart/form-data; boundary=x") -> bytes:
    """A program that sends a document."""
    return post(content, *headers, kind=kind, path=b"/api/v1/documents/")


def chunks(*pieces: bytes) -> bytes:
    """A chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def one(kind: str, raw: bytes) -> Probe:
    """A probe of one piece."""
    return kind, (raw,)


GOOD: Final = b'{"declaration": "a"}'
NESTED: Final = b'{"declaration": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
TE: Final = b"Transfer-Encoding: chunked"
SMUGGLED: Final = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
CSV: Final = b'form-data; name="file"; filename="a.csv"'

LINES: Final[dict[str, Probe]] = {
    "an empty line": one(REFUSED, b"\r\n\r\n"),
    "no bytes": one(REFUSED, b""),
    "noise": one(REFUSED, bytes(range(256)) * 4),
    "a TLS greeting": one(REFUSED, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64),
    "the preface of HTTP/2": one(REFUSED, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": one(REFUSED, b"GET /\r\n\r\n"),
    "HTTP/9.9": one(REFUSED, b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"),
    "a version that is text": one(REFUSED, b"GET / HTTP/a.b\r\nHost: localhost\r\n\r\n"),
    "two spaces": one(REFUSED, b"GET  /  HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "a method in small letters": one(REFUSED, request(b"get", API)),
    "a method of 10 kB": one(REFUSED, request(b"G" * 10_000, API)),
    "a method with a NUL": one(REFUSED, request(b"GE\x00T", API)),
    "a method of its own": one(REFUSED, api(method=b"BREW")),
    "TRACE": one(REFUSED, api(method=b"TRACE")),
    "CONNECT": one(REFUSED, b"CONNECT example.ma:443 HTTP/1.1\r\nHost: example.ma\r\n\r\n"),
    "OPTIONS of everything": one(EITHER, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    "PROPFIND": one(REFUSED, api(method=b"PROPFIND")),
    "a whole address": one(EITHER, request(b"GET", b"http://evil.example/api/v1/regions/")),
    "an address with a user": one(EITHER, request(b"GET", b"http://a:b@evil.example:99999/")),
    "an address of 9 kB": one(REFUSED, api(path=b"/" + b"a" * 9_000)),
    "a query of 9 kB": one(REFUSED, api(path=API + b"?state=" + b"a" * 9_000)),
    "a line that ends alone": one(EITHER, b"GET /health/live HTTP/1.1\nHost: localhost\nConnection: close\n\n"),
    "half a line": one(REFUSED, b"GET /api/v1/comm"),
    "half the headers": one(REFUSED, b"GET / HTTP/1.1\r\nHost: local"),
    "two requests in one": one(SERVED, request(b"GET", b"/health/live") + SMUGGLED),
}
HEADERS: Final[dict[str, Probe]] = {
    "a header of 20 kB": one(REFUSED, api(b"X-A: " + b"a" * 20_000)),
    "300 headers": one(REFUSED, api(*(b"X-%d: a" % n for n in range(300)))),
    "90 headers": one(SERVED, api(*(b"X-%d: a" % n for n in range(90)))),
    "a header without a colon": one(REFUSED, api(b"nonsense")),
    "a space before the colon": one(REFUSED, api(b"X-A : a")),
    "a header folded over two lines": one(REFUSED, api(b"X-A: a\r\n b")),
    "a NUL in a header": one(REFUSED, api(b"X-A: a\x00b")),
    "a carriage return in a header": one(REFUSED, api(b"X-A: a\rb")),
    "a NUL in a header's name": one(REFUSED, api(b"X\x00A: a")),
    "Latin bytes in a header": one(EITHER, api(b"X-A: \xe9\xff\xfe")),
    "a name with an underscore": one(EITHER, api(b"X_Forwarded_For: 10.0.0.1")),
    "another caller": one(EITHER, api(b"X-Forwarded-For: \x22><script>")),
    "a caller that is no address": one(EITHER, api(b"X-Forwarded-For: 10^30, ::ffff:999.1.1.1, %eth0")),
    "another host": one(REFUSED, request(b"GET", b"/", host=b"Host: evil.example")),
    "two hosts": one(REFUSED, request(b"GET", b"/", b"Host: evil.example")),
    "no host": one(EITHER, request(b"GET", b"/health/live", host=b"")),
    "a host with a path": one(REFUSED, request(b"GET", b"/", host=b"Host: localhost/@evil.example")),
    "a host with an endless port": one(EITHER, request(b"GET", b"/", host=b"Host: localhost:" + b"9" * 400)),
    "a host with a NUL": one(REFUSED, request(b"GET", b"/", host=b"Host: local\x00host")),
    "a forwarded host": one(SERVED, page(b"X-Forwarded-Host: evil.example")),
    "a host of 300 letters": one(REFUSED, request(b"GET", b"/", host=b"Host: " + b"a" * 300)),
    "a request id that forges a log line": one(SERVED, api(b'X-Request-ID: a","level":"error')),
    "a method hidden in a header": one(SERVED, api(b"X-HTTP-Method-Override: DELETE")),
    "a user in a header": one(REFUSED, request(b"GET", API, b"Remote-User: admin", b"X-Remote-User: admin")),
    "1,000 languages": one(EITHER, api(b"Accept-Language: " + b",".join([b"fr-MA;q=0.1"] * 600))),
    "a language that is a path": one(SERVED, api(b"Accept-Language: ../../etc/passwd;q=1, %00, fr;q=abc")),
    "a language of 4 kB": one(SERVED, page(b"Accept-Language: " + b"a-" * 2_000)),
    "languages with endless weights": one(SERVED, api(b"Accept-Language: fr;q=" + b"1" * 3_000)),
    "formats without end": one(EITHER, api(b"Accept: " + b"a/b;q=0.1," * 700)),
    "a format that is none": one(EITHER, api(b"Accept: ;;;=,,/")),
    "a format with a NUL": one(REFUSED, api(b"Accept: application/\x00json")),
    "Expect that is not known": one(EITHER, post(GOOD, b"Expect: 200-maybe")),
    "Expect 100": one(EITHER, post(b"{}", b"Expect: 100-continue")),
    "an upgrade": one(EITHER, api(b"Upgrade: websocket", b"Sec-WebSocket-Key: x")),
    "a condition that is none": one(EITHER, api(b"If-None-Match: \xff", b"If-Modified-Since: yesterday, perhaps")),
    "If-Match with bytes": one(REFUSED, post(GOOD, b"If-Match: \xff\xfe")),
    "Idempotency-Key with bytes": one(REFUSED, post(GOOD, b"Idempotency-Key: \xc3\xa9")),
    "an origin that is null": one(REFUSED, form(b"address=a", b"Origin: null")),
    "a referrer from elsewhere": one(EITHER, form(b"name_fr=", b"Referer: https://evil.example/")),
    "htmx from elsewhere": one(EITHER, page(b"HX-Request: true", b"HX-Current-URL: javascript:alert(1)", b"HX-Target: \xff")),
    "htmx in words": one(EITHER, page(b"HX-Request: true", b"HX-Current-URL-URI-AutoEncoded: true", b"HX-Current-URL: %ff%00%")),
    "Basic that is no base 64": one(REFUSED, request(b"GET", API, b"Authorization: Basic \xff\xff")),
    "a token of bytes": one(REFUSED, request(b"GET", API, b"Authorization: Bearer \xf0\x9f\x8f\xa8")),
    "a token of 7 kB": one(REFUSED, request(b"GET", API, b"Authorization: Bearer " + b"x" * 7_000)),
    "two tokens": one(REFUSED, api(b"Authorization: Bearer x")),
    "a client that is bytes": (
        REFUSED,
        (
            request(
                b"POST", b"/api/token/", b"Authorization: Basic /////w==", b"Content-Type: " + FORM, body=b"grant_type=client_credentials"
            ),
        ),
    ),
}
RANGES: Final[dict[str, Probe]] = {
    f"a range of {name}": one(EITHER, page(b"Range: " + value, path=b"/documents/@DOCUMENT@/file/"))
    for name, value in {
        "1,000 pieces": b"bytes=" + b",".join(b"%d-%d" % (n, n) for n in range(1_000)), "the other way": b"bytes=9-1", "10^30": b"bytes=" + b"9" * 30 + b"-",
        "words": b"bytes=a-b", "another unit": b"parsecs=0-1", "less than nothing": b"bytes=-0",
    }.items()
}  # fmt: skip
SMUGGLING: Final[dict[str, Probe]] = {
    "a length and chunks": one(REFUSED, post(b"0\r\n\r\n" + SMUGGLED, TE, length=b"Content-Length: 4")),
    "chunks and a length": one(REFUSED, post(chunks(GOOD) + SMUGGLED, TE, length=b"Content-Length: 6")),
    "two lengths": one(REFUSED, post(GOOD + SMUGGLED, b"Content-Length: 0")),
    "two equal lengths": one(REFUSED, post(GOOD, b"Content-Length: 20")),
    "two lengths in one": one(REFUSED, post(GOOD, length=b"Content-Length: 20, 20")),
    "a length below zero": one(REFUSED, post(GOOD, length=b"Content-Length: -1")),
    "a length with a sign": one(REFUSED, post(GOOD, length=b"Content-Length: +20")),
    "a length in hexadecimal": one(REFUSED, post(GOOD, length=b"Content-Length: 0x14")),
    "a length in Arabic digits": one(REFUSED, post(GOOD, length="Content-Length: ٢٠".encode())),
    "a length of 10^30": one(REFUSED, post(GOOD, length=b"Content-Length: 1" + b"0" * 30)),
    "an encoding that is none": one(NOT_IMPLEMENTED, post(chunks(GOOD), b"Transfer-Encoding: xchunked", length=b"")),
    "an encoding twice": one(REFUSED, post(chunks(GOOD), TE, TE, length=b"")),
    "identity after chunks": one(REFUSED, post(chunks(GOOD), b"Transfer-Encoding: chunked, identity", length=b"")),
    "an encoding with a tab": one(EITHER, post(chunks(GOOD), b"Transfer-Encoding:\tchunked", length=b"")),
    "an encoding after a line end": one(REFUSED, post(chunks(GOOD), b"X: y\nTransfer-Encoding: chunked", length=b"Content-Length: 3")),
    "a chunk that is no number": one(REFUSED, post(b"zz\r\nabc\r\n0\r\n\r\n", TE, length=b"")),
    "a chunk below zero": one(REFUSED, post(b"-5\r\nabc\r\n0\r\n\r\n", TE, length=b"")),
    "an endless chunk": one(REFUSED, post(b"f" * 40 + b"\r\nabc\r\n0\r\n\r\n", TE, length=b"")),
    "a chunk longer than its number": one(REFUSED, post(b"3\r\nabcdef\r\n0\r\n\r\n", TE, length=b"")),
    "chunks that never end": one(REFUSED, post(b"14\r\n" + GOOD + b"\r\n", TE, length=b"")),
    "a chunk with a long remark": one(REFUSED, post(b"14;" + b"a" * 20_000 + b"\r\n" + GOOD + b"\r\n0\r\n\r\n", TE, length=b"")),
    "a header after the chunks": (
        EITHER,
        (post(b"2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\nHost: evil.example\r\n\r\n", TE, length=b""),),
    ),
    "3 MB in chunks": one(REFUSED, post(chunks(*[b"a" * 60_000] * 50), TE, length=b"")),
    "3 MB of a form in chunks": one(REFUSED, form(chunks(*[b"a" * 60_000] * 50), TE, length=b"")),
    "a body where there is none": one(SERVED, api(b"Content-Type: " + JSON, body=GOOD)),
    "a request behind a short body": one(REFUSED, post(GOOD + SMUGGLED, length=b"Content-Length: 10")),
}
COOKIES: Final[dict[str, Probe]] = {
    f"a cookie of {name}": one(kind, page(cookie=value))
    for name, (kind, value) in {
        "an octal NUL": (REFUSED, b'sessionid="\\000"'), "octal bytes": (EITHER, b'sessionid="\\377\\376\\012"'), "a NUL": (REFUSED, b"sessionid=a\x00b"),
        "broken octal": (EITHER, b'sessionid="\\9\\"'), "bytes": (EITHER, b"sessionid=\xff\xfe"), "a surrogate": (EITHER, b"sessionid=\xed\xa0\x80"),
        "7 kB": (EITHER, b"sessionid=" + b"a" * 7_000), "700 names": (EITHER, b"; ".join(b"a%d=b" % n for n in range(700))),
        "two sessions": (EITHER, b"sessionid=x; sessionid=y"), "a reserved name": (EITHER, b"expires=x; path=/; sessionid=x"),
        "no name": (EITHER, b"=;=;;;,,=a"), "a language that is a path": (EITHER, b"django_language=../../etc/passwd"),
        "messages that are forged": (EITHER, b'messages="W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIngiXV0:x:y"'), "a session that is signed code": (EITHER, b"sessionid=gASVIAAAAAAAAACMBXBvc2l4"),
        "an octal line end in the token against forgery": (EITHER, b'csrftoken="\\012Set-Cookie: a=b"'),
    }.items()
}  # fmt: skip
PATHS: Final[dict[str, Probe]] = {
    f"{who} at {name}": one(REFUSED, request(b"GET", path, header))
    for who, header in {"a program": b"Authorization: Bearer @TOKEN@", "a person": b"Cookie: sessionid=@SESSION@"}.items()
    for name, path in {
        "a NUL": b"/api/v1/%00/", "a raw byte": b"/actions/\xff/", "bad UTF-8": b"/actions/%ff%fe/", "a surrogate": b"/actions/%ed%a0%80/",
        "a long UTF-8": b"/actions/%c0%af%c0%ae/", "dots": b"/static/../../../../etc/passwd", "coded dots": b"/static/%2e%2e/%2e%2e/etc/passwd",
        "twice coded dots": b"/static/%252e%252e%252fetc/passwd", "back slashes": b"/static/..\\..\\etc\\passwd", "a coded slash": b"/api%2fv1%2fcommitments/@FOREIGN@/",
        "two slashes": b"//evil.example/%2e%2e", "a semicolon": b"/actions;jsessionid=1/", "a bare per cent": b"/actions/%/",
        "an id of 10^30": b"/actions/1" + b"0" * 30 + b"/", "another's object": b"/api/v1/documents/@FOREIGN@/", "a line end": b"/actions/%0d%0aSet-Cookie:a=b/",
    }.items()
}  # fmt: skip
QUERIES: Final[dict[str, Probe]] = {
    f"a query with {name}": one(REFUSED, api(path=API + b"?" + query))
    for name, query in {
        "a NUL": b"state=%00", "bad UTF-8": b"state=%ff", "a surrogate": b"state=%ed%a0%80", "a raw byte": b"state=\xff", "900 names": b"&".join(b"a%d" % n for n in range(900)),
        "only signs": b"&&=&;=;&", "a name in brackets": b"state[]=planned", "a name of a column": b"obligor__organisation__ice=1", "a forged cursor": b"cursor=eyJhIjoxfQ:1:abc",
        "another list's order": b"ordering=-due_on", "NaN for a size": b"page_size=NaN", "an instant of another age": b"modified_since=0001-01-01T00:00:00Z",
        "an instant with a zone too far": b"modified_since=2026-01-01T00:00:00%2B99:99", "an instant that leaps": b"modified_since=2016-12-31T23:59:60Z",
    }.items()
} | {
    f"a page with {name}": one(EITHER, page(path=b"/actions/?" + query))
    for name, query in {
        "a NUL in its filter": b"q=%00", "bad UTF-8 in its filter": b"q=%ff", "a forged cursor": b"cursor=x", "a huge number": b"page=1" + b"0" * 30,
        "a choice that is none": b"state=nothing&state=x", "a date that is none": b"due_from=0000-00-00", "900 names": b"&".join(b"a%d" % n for n in range(900)),
    }.items()
}  # fmt: skip
BODIES: Final[dict[str, Probe]] = {
    f"a body: {name}": one(REFUSED, post(body))
    for name, body in {
        "a NUL": b'{"declaration": "a\x00"}', "an escaped NUL": b'{"declaration": "\\u0000"}', "a lone surrogate": b'{"declaration": "\\udc00"}', "a raw surrogate": b'{"declaration": "\xed\xa0\x80"}',
        "100,000 brackets": NESTED, "10^30": b'{"declaration": 1%s}' % (b"0" * 30), "10,000 digits": b'{"declaration": %s}' % (b"9" * 10_000), "NaN": b'{"declaration": NaN}',
        "-Infinity": b'{"declaration": -Infinity}', "1E999999": b'{"declaration": 1E999999}', "a key twice": b'{"declaration": "a", "declaration": "b"}', "an unknown key": b'{"declaration": "a", "__proto__": {}}',
        "a comma too many": b'{"declaration": "a",}', "a remark": b'{"declaration": "a"} // x', "two objects": GOOD * 2, "a byte order mark": b"\xef\xbb\xbf" + GOOD, "UTF-16": GOOD.decode().encode("utf-16-le"),
        "UTF-32": GOOD.decode().encode("utf-32"), "bytes": b"\xff\xfe\x00\x01", "60,000 values": json.dumps({"declaration": [0] * 60_000}).encode(), "3 MB": b'{"declaration": "' + b"a" * 3_000_000 + b'"}',
        "a form": b"declaration=a", "XML that opens a file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "nothing": b"",
    }.items()
} | {
    f"a type: {name}": one(REFUSED, post(GOOD, kind=kind))
    for name, kind in {
        "none": b"", "text": b"text/plain", "XML": b"application/xml", "of bytes": b"\xff/\xfe", "with a slash too many": b"application/json/x", "of 4 kB": b"a" * 4_000 + b"/b", "a form": FORM,
    }.items()
} | {
    "a charset that is none": one(REFUSED, post(GOOD, kind=b"application/json; charset=rot13")),
    "a charset that is a path": one(REFUSED, post(GOOD, kind=b"application/json; charset=../../x")),
    "a body that is compressed": one(EITHER, post(b"\x1f\x8b\x08\x00" + b"\x00" * 64, b"Content-Encoding: gzip")),
    "a body cut short": one(REFUSED, post(GOOD[:9], length=b"Content-Length: 20")),
    "a body that never comes": one(REFUSED, post(b"", length=b"Content-Length: 20")),
    "a body one letter at a time": (EITHER, (post(b"", length=b"Content-Length: 2"), b"{", b"}")),
}  # fmt: skip
FORMS: Final[dict[str, Probe]] = {
    f"a form: {name}": one(REFUSED, form(body))
    for name, body in {
        "10,000 fields": b"&".join(b"a%d=1" % n for n in range(10_000)), "a NUL": b"name_fr=%00", "a surrogate": b"name_fr=%ed%a0%80%00", "3 MB": b"name_fr=" + b"a" * 3_000_000, "a field of 1 MB": b"name_fr=" + b"a" * 1_000_000,
        "a choice that is none": b"name_fr=a&size=enormous", "an id that is none": b"name_fr=a&region=1", "an id of 10^30": b"name_fr=a&region=1" + b"0" * 30, "a list for one": b"name_fr=&name_fr=&size=x&size=y",
        "a version that is none": b"name_fr=a&version=never&region=x", "no field": b"", "only signs": b"&=&=&&;;", "JSON": GOOD,
    }.items()
} | {
    "a form cut short": one(REFUSED, form(b"name_fr=", length=b"Content-Length: 400")),
    "a form in a charset that is none": one(REFUSED, form(b"name_fr=%e9", kind=FORM + b"; charset=rot13")),
    "a form in UTF-7": one(REFUSED, form(b"name_fr=+AGEAYg-", kind=FORM + b"; charset=utf-7")),
    "a form with bad UTF-8": one(EITHER, form(b"name_fr=%ff%fe&region=x")),
    "a form without its token": one(REFUSED, request(b"POST", PROFILE, b"Cookie: sessionid=@SESSION@", b"Content-Type: " + FORM, body=b"name_fr=a")),
    "a form with a token of bytes": one(REFUSED, request(b"POST", PROFILE, b"Cookie: sessionid=@SESSION@; csrftoken=\xff", b"X-CSRFToken: \xff", b"Content-Type: " + FORM, body=b"name_fr=a")),
    "a method hidden in a form": one(REFUSED, form(b"_method=DELETE&name_fr=")),
    "a language that leads elsewhere": one(EITHER, form(b"language=fr&next=//evil.example/%0d%0aX:y", path=b"/i18n/setlang/")),
    "a language that is none": one(EITHER, form(b"language=%ff&next=%00", path=b"/i18n/setlang/")),
    "a sign-in with a NUL": one(EITHER, form(b"login=a%00@b.ma&password=%00", path=b"/accounts/login/")),
    "a sign-in of 1 MB": one(EITHER, form(b"login=a@b.ma&password=" + b"a" * 1_000_000, path=b"/accounts/login/")),
    "a token asked for with bytes": one(REFUSED, form(b"grant_type=%ff&client_id=%00&client_secret=%ed%a0%80", path=b"/api/token/")),
    "a token asked for twice": one(REFUSED, form(b"grant_type=client_credentials&grant_type=password&client_id=x&client_secret=x", path=b"/api/token/")),
    "a token of a scope of 100 kB": one(REFUSED, form(b"grant_type=client_credentials&scope=" + b"a " * 50_000, path=b"/api/token/")),
}  # fmt: skip
MULTIPART: Final[dict[str, Probe]] = {
    "a part without end": one(REFUSED, upload(part(CSV, b"a;b\r\n1;2"))),
    "no boundary": one(REFUSED, upload(b"--x--\r\n", kind=b"multipart/form-data")),
    "a boundary of 300 letters": one(REFUSED, upload(b"", kind=b"multipart/form-data; boundary=" + b"x" * 300)),
    "a boundary of bytes": one(REFUSED, upload(b"--\xff--\r\n", kind=b"multipart/form-data; boundary=\xff")),
    "another boundary": one(REFUSED, upload(part(CSV, b"a;b") + b"--x--\r\n", kind=b"multipart/form-data; boundary=y")),
    "a file that climbs": one(REFUSED, upload(part(b'form-data; name="file"; filename="../../../etc/cron.d/x"', b"a;b\r\n1;2") + b"--x--\r\n")),
    "a file named by NUL": one(REFUSED, upload(part(b'form-data; name="file"; filename="a\x00.csv"', b"a;b") + b"--x--\r\n")),
    "a file named in another charset": one(REFUSED, upload(part(b"form-data; name=\"file\"; filename*=rot13''%ff%00", b"a;b") + b"--x--\r\n")),
    "a file of a name of 5 kB": one(REFUSED, upload(part(b'form-data; name="file"; filename="' + b"a" * 5_000 + b'.csv"', b"a") + b"--x--\r\n")),
    "a field where a file is awaited": one(REFUSED, upload(part(b'form-data; name="file"', b"a;b") + b"--x--\r\n")),
    "a file twice": one(REFUSED, upload((part(CSV, b"a;b") * 2) + b"--x--\r\n")),
    "200 files": one(REFUSED, upload(b"".join(part(b'form-data; name="f%d"; filename="a"' % n, b"a") for n in range(200)) + b"--x--\r\n")),
    "3,000 parts": one(REFUSED, upload(b"".join(part(b'form-data; name="f%d"' % n, b"a") for n in range(3_000)) + b"--x--\r\n")),
    "a part with 500 headers": one(REFUSED, upload(part(CSV, b"a", *(b"X-%d: a" % n for n in range(500))) + b"--x--\r\n")),
    "a part in base 64 that is none": one(REFUSED, upload(part(CSV, b"\xff\xff!", b"Content-Transfer-Encoding: base64") + b"--x--\r\n")),
    "a part without a name": one(REFUSED, upload(part(b"form-data", b"a") + b"--x--\r\n")),
    "a part in a part": one(REFUSED, upload(part(CSV, b"--y\r\n\r\n--y--", b"Content-Type: multipart/mixed; boundary=y") + b"--x--\r\n")),
    "a field with a NUL": one(REFUSED, upload(part(b'form-data; name="title"', b"a\x00b") + b"--x--\r\n")),
    "a field of bytes": one(REFUSED, upload(part(b'form-data; name="title"', b"\xff\xfe") + b"--x--\r\n")),
    "a field of 3 MB": one(REFUSED, upload(part(b'form-data; name="title"', b"a" * 3_000_000) + b"--x--\r\n")),
    "a page's file that climbs": one(REFUSED, form(part(b'form-data; name="upload"; filename="..\\..\\x.pdf"', b"<html>") + b"--x--\r\n", kind=b"multipart/form-data; boundary=x", path=b"/documents/@DOCUMENT@/versions/new/")),
    "a page's form without a boundary": one(EITHER, form(b"--x--\r\n", kind=b"multipart/form-data", path=b"/documents/@DOCUMENT@/versions/new/")),
    "a page's form cut short": one(EITHER, form(part(CSV, b"a;b"), kind=b"multipart/form-data; boundary=x", path=b"/documents/@DOCUMENT@/versions/new/", length=b"Content-Length: 90000")),
    "a page's form of 200 files": one(EITHER, form(b"".join(part(b'form-data; name="f%d"; filename="a"' % n, b"a") for n in range(200)) + b"--x--\r\n", kind=b"multipart/form-data; boundary=x", path=b"/documents/@DOCUMENT@/versions/new/")),
}  # fmt: skip
PROBES: Final[dict[str, Probe]] = LINES | HEADERS | RANGES | SMUGGLING | COOKIES | PATHS | QUERIES | BODIES | FORMS | MULTIPART
