"""What every resource of the API has, those to come included: walked from the router and read in the schema that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from config.api import router
from core.api.changes import resources
from core.api.documentation import openapi
from core.api.pagination import MAX_PAGE_SIZE
from core.api.permissions import AnyCaller, Programs, Public, Scoped, permission_of
from core.api.serializers import StrictInput
from core.api.views import ApiViewSet, ResourceViewSet
from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterator

# Registered beside the resources, each with its reason.
NOT_RESOURCES = {"changes": "the feed of all of them", "search": "what is found in all of them"}
PREFIX = "/api/v1/"


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in openapi()["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {parameter["name"]: parameter for parameter in operation.get("parameters", [])}


def _is_list(path: str, method: str) -> bool:
    return method == "get" and path.removeprefix(PREFIX).strip("/") in resources()


def _is_object(path: str, method: str) -> bool:
    return method == "get" and path.endswith("{id}/")


def test_a_resource_when_registered_then_is_a_resource_and_names_its_permission() -> None:
    wrong = []
    for name, view, _basename in router.registry:
        if not issubclass(view, ApiViewSet if name in NOT_RESOURCES else ResourceViewSet):
            wrong.append(f"{name}: {view.__name__} is not a ResourceViewSet")
        if "permission_classes" not in vars(view) or not isinstance(permission_of(view), (Public, Scoped, Programs, AnyCaller)):
            wrong.append(f"{name}: no permission of its own")
    house.nothing(wrong)
    assert set(resources()) | set(NOT_RESOURCES) == {name for name, _view, _basename in router.registry}


def test_a_resource_when_read_then_names_its_columns_its_orders_and_modified_since() -> None:
    wrong = []
    for name, view in resources().items():
        filters = {entry.name for entry in view.filters}
        wrong += [f"{name}: no {what}" for what, has in {"columns": view.columns, "order": view.orderings}.items() if not has]
        wrong += [] if "modified_since" in filters else [f"{name}: no modified_since"]
        wrong += [
            f"{name}: {order} does not end by what is unique" for order, names in view.orderings.items() if names[-1].lstrip("-") != "id"
        ]
    house.nothing(wrong)


def test_a_list_when_described_then_is_a_keyset_page_of_100_rows_at_most() -> None:
    wrong, seen = [], 0
    for path, method, operation in _operations():
        if not _is_list(path, method):
            continue
        seen += 1
        parameters = _parameters(operation)
        wrong += [f"{path}: no {name}" for name in ("cursor", "page_size", "ordering", "modified_since") if name not in parameters]
        if parameters.get("page_size", {}).get("schema", {}).get("maximum") != MAX_PAGE_SIZE:
            wrong.append(f"{path}: pages without an end")
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        if set(openapi()["components"]["schemas"][reference]["required"]) != {"next", "previous", "results"}:
            wrong.append(f"{path}: not a keyset page")
    house.nothing(wrong)
    assert seen == len(resources())


def test_an_object_when_read_then_has_an_etag_and_when_changed_then_takes_if_match() -> None:
    wrong = []
    for path, method, operation in _operations():
        if _is_object(path, method) and "ETag" not in operation["responses"]["200"].get("headers", {}):
            wrong.append(f"{path}: no ETag")
        changes = method in {"patch", "put", "delete"} or (method == "post" and "{id}" in path)
        if changes and not ("If-Match" in _parameters(operation) and "412" in operation["responses"]):
            wrong.append(f"{method} {path}: no If-Match")
        if method == "post" and not ("Idempotency-Key" in _parameters(operation) and "422" in operation["responses"]):
            wrong.append(f"{path}: no Idempotency-Key")
    house.nothing(wrong)


def test_an_operation_when_described_then_names_every_refusal_that_it_can_give() -> None:
    wrong = []
    for path, method, operation in _operations():
        expected = {"400", "401", "429"}
        expected |= {"403"} if {} not in operation["security"] else set()
        expected |= {"404"} if "{" in path else set()
        expected |= {"409", "413", "415"} if method != "get" else set()
        wrong += [f"{method} {path}: {status} is not described" for status in sorted(expected - set(operation["responses"]))]
    house.nothing(wrong)


def _inputs(kind: type[serializers.BaseSerializer[Any]]) -> Iterator[type[serializers.BaseSerializer[Any]]]:
    for child in kind.__subclasses__():
        yield child
        yield from _inputs(child)


def test_a_body_when_parsed_then_by_fields_named_one_by_one_and_nothing_else() -> None:
    wrong = []
    for path, method, operation in _operations():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            name = media["schema"].get("$ref", "").rpartition("/")[2].removesuffix("Request")
            if name.removeprefix("Patched") not in {kind.__name__ for kind in _inputs(StrictInput)}:
                wrong.append(f"{method} {path}: {name or 'its body'} is not a StrictInput")
    house.nothing(wrong)
    # Serializers of models expose fields by accident: nobody makes one.
    models = [kind.__qualname__ for kind in _inputs(serializers.ModelSerializer) if kind.__module__.split(".")[0] in house.FLOORS]
    assert models == []
