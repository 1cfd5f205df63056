"""The OpenAPI schema says what the endpoints do: filters, headers, rights and every error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.openapi import AutoSchema

from core.api.permissions import AnyCaller, Programs, Public, Scoped, SignedIn, permission_of
from core.api.problems import MEDIA_TYPE, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS: Final = frozenset({"get", "post", "patch", "put", "delete"})
REF: Final = {"$ref": "#/components/schemas/Problem"}
IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "A key of your own: the same request sent again within 24 hours gets the first answer and is not done twice.",
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "examples": ['"6266c8f5a2b40"']},
    "description": "The ETag you read: when the object has changed since, nothing is done (412).",
}
PROBLEM: Final = {
    "type": "object",
    "description": "Every error (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "urn:onmt-cnt:problem:<code>"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable slug: what programs decide on."},
        "detail": {"type": "string", "description": "A sentence for people, in the language of the request."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {
                        "type": "string",
                        "description": "Path in the body (evidence.0.fact_on), or name of the parameter or header.",
                    },
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Names this request in the logs and in the audit trail."},
        "current": {"type": "string", "description": "Of a 412: the object's present ETag."},
    },
    "examples": [
        {
            "type": "urn:onmt-cnt:problem:forbidden_transition",
            "title": "Conflict with the present state",
            "status": 409,
            "code": "forbidden_transition",
            "detail": "This is no longer possible: its state has changed, or does not allow it.",
            "errors": [],
            "request_id": "6d1f0c58-6a0e-4f0e-9d0e-2f5f7f0d7a11",
        }
    ],
}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {"description": "The version of the object, for If-Match.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "How to authenticate, or the scope that is missing.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {"description": "`true` when the answer is that of an earlier identical request.", "schema": {"type": "string"}},
    "Location": {"description": "Address of what was created.", "schema": {"type": "string", "format": "uri-reference"}},
}


class Schema(AutoSchema):
    """Reads the tables that the endpoints themselves read."""

    # Mechanisms that change an object accept If-Match; those that only add do not.
    if_match_methods: ClassVar[frozenset[str]] = frozenset({"PATCH", "POST"})

    view: Any

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        described = getattr(self.view, "described_parameters", ())
        if described:
            return [
                {"name": name, "in": "query", "required": False, "schema": dict(schema), "description": text}
                for name, schema, text in described
            ]
        if getattr(self.view, "action", "") != "list":
            return []
        return [
            {"name": entry.name, "in": "query", "required": False, "schema": dict(entry.schema), "description": entry.description}
            for entry in self.view.filters
        ]

    def _get_pagination_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_pagination_parameters()  # type: ignore[no-untyped-call]
        return [entry for entry in found if entry["name"] != "ordering" or self.view.action == "list"]

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        if self.method == "POST":
            parameters.append(IDEMPOTENCY)
        if self.method in self.if_match_methods and self.view.action not in getattr(self.view, "adding_actions", ()):
            parameters.append(IF_MATCH)
        return parameters

    def get_auth(self) -> list[dict[str, list[str]]]:
        """A token with its scope, a session, or nothing."""
        super().get_auth()  # registers the security schemes
        permission = permission_of(self.view)
        if isinstance(permission, Public):
            return [{}, {"partnerToken": [f"{permission.resource}:read"] if permission.resource else []}, {"session": []}]
        if isinstance(permission, Scoped):
            scope = f"{permission.resource}:{'read' if self.method == 'GET' else 'write'}"
            # Some writes are for people only: no token can be given their scope.
            return [*([{"partnerToken": [scope]}] if scope in import_string(settings.API_SCOPES) else []), {"session": []}]
        if isinstance(permission, AnyCaller):
            return [{"partnerToken": []}, {"session": []}]
        if isinstance(permission, Programs):
            return [{"partnerToken": []}]
        return [{"session": []}] if isinstance(permission, SignedIn) else []


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """The refusals that this operation can give."""
    statuses = [400, 401, 406, 429, 503]
    if {} not in operation.get("security", []):
        statuses.append(403)
    # A body may name what the caller does not see, which does not exist for it.
    if "{" in path or method != "get":
        statuses.append(404)
    if path.endswith("/file/"):
        statuses.append(409)
    if method != "get":
        statuses += [409, 413, 415]
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        statuses += [412] if "If-Match" in names else []
        statuses += [422] if "Idempotency-Key" in names else []
    return statuses


def _problem_response(status: int) -> dict[str, Any]:
    named = {401: ["WWW-Authenticate"], 403: ["WWW-Authenticate"], 412: ["ETag"], 429: ["Retry-After"], 503: ["Retry-After"]}
    response: dict[str, Any] = {"description": str(TITLES[status]), "content": {MEDIA_TYPE: {"schema": REF}}}
    if status in named:
        response["headers"] = {name: HEADERS[name] for name in named[status]}
    return response


def _add_success_headers(path: str, method: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if not status.startswith("2"):
            continue
        headers = response.setdefault("headers", {})
        is_object = path.rstrip("/").endswith("}") or method != "get"
        if is_object and status == "200":
            headers["ETag"] = HEADERS["ETag"]
        if method == "post":
            headers["Idempotent-Replayed"] = HEADERS["Idempotent-Replayed"]
        if status == "201":
            headers["Location"] = HEADERS["Location"]


def document_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: every refusal of every operation in its one shape, and the headers of answers."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, method, operation in _operations(result):
        _add_success_headers(path, method, operation)
        for status in _statuses(path, method, operation):
            operation["responses"].setdefault(str(status), _problem_response(status))
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return result
