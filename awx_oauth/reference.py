"""Reads an OpenAPI document into what a template can show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Schema = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_CODE = re.compile(r"`([^`]+)`")
_RFC = re.compile(r"RFC (\d+)(?: §(\d+(?:\.\d+)*))?")
_SAMPLES: dict[str | None, Any] = {"integer": 1, "number": 1.0, "boolean": False, "string": ""}
_TIME = "2026-01-31T12:00:00Z"


@dataclass(frozen=True)
class Value:
    """A parameter, or a field of a body."""

    name: str
    type: str
    choices: tuple[str, ...]
    is_required: bool
    description: SafeString
    place: str = ""


@dataclass(frozen=True)
class Structure:
    """What a body consists of; ``command`` is a line that sends it."""

    name: str
    description: SafeString
    values: list[Value]
    example: str
    command: str = ""


@dataclass(frozen=True)
class Answer:
    """One status. ``component`` is the shared answer or the structure that tells more."""

    status: str
    description: SafeString
    component: str = ""
    example: str = ""


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    description: SafeString
    parameters: list[Value]
    shared_parameters: list[str]
    bodies: list[Structure]
    command: str
    answers: list[Answer]
    refusals: list[Answer]


@dataclass(frozen=True)
class Group:
    """The operations on one kind of thing."""

    name: str
    description: SafeString
    operations: list[Operation] = field(default_factory=list)


@dataclass(frozen=True)
class Reference:
    """The whole document."""

    groups: list[Group]
    parameters: list[Value]
    refusals: list[Answer]
    structures: list[Structure]


def read(document: Schema) -> Reference:
    """Everything that the document says, in its own order."""
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: Schema) -> None:
        self.document = document
        self.components = document["components"]
        self.answered: set[str] = set()  # names of the structures that answers refer to

    def read(self) -> Reference:
        groups = {tag["name"]: Group(tag["name"], _html(tag["description"])) for tag in self.document["tags"]}
        for path, methods in self.document["paths"].items():
            for method in _METHODS:
                if method in methods:
                    operation = methods[method]
                    groups[operation["tags"][0]].operations.append(self._operation(path, method, operation))
        return Reference(
            list(groups.values()),
            [self._parameter(each) for each in self.components["parameters"].values()],
            [self._answer(name, each) for name, each in self.components["responses"].items()],
            [self._structure(name) for name in sorted(self.answered)],
        )

    def _operation(self, path: str, method: str, operation: Schema) -> Operation:
        parameters = operation.get("parameters", [])
        bodies = self._bodies(path, method, operation)
        answers = operation["responses"].items()
        return Operation(
            operation["operationId"],
            method.upper(),
            path,
            operation["summary"],
            _html(operation.get("description", "")),
            [self._parameter(each) for each in parameters if "$ref" not in each],
            [self._resolve(each)["name"] for each in parameters if "$ref" in each],
            bodies,
            "" if bodies else _command(path, method, operation),
            [self._answer(status, each) for status, each in answers if "$ref" not in each],
            [Answer(status, SafeString(), _name(each)) for status, each in answers if "$ref" in each],
        )

    def _parameter(self, parameter: Schema) -> Value:
        return self._value(
            parameter["name"],
            {**parameter["schema"], "description": parameter.get("description", "")},
            is_required=parameter.get("required", False),
            place=parameter["in"],
        )

    def _value(self, name: str, schema: Schema, *, is_required: bool, place: str = "") -> Value:
        choices = tuple(str(choice) for choice in schema.get("enum", ()) if choice not in {"", None})
        return Value(name, self._type(schema), choices, is_required, _html(schema.get("description", "")), place)

    def _bodies(self, path: str, method: str, operation: Schema) -> list[Structure]:
        bodies = []
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            for schema in content["schema"].get("oneOf", [content["schema"]]):
                example = self._example(schema)
                command = _command(path, method, operation, media_type, example)
                bodies.append(self._structure(_name(schema), command))
        return bodies

    def _structure(self, name: str, command: str = "") -> Structure:
        schema = self.components["schemas"][name]
        whole = schema["anyOf"][0] if "anyOf" in schema else schema
        required = whole.get("required", ())
        values = [
            self._value(key, value, is_required=bool(command) and key in required)  # an answer always has them
            for key, value in whole.get("properties", {}).items()
        ]
        return Structure(name, _html(schema.get("description", "")), values, _pretty(self._example(schema)), command)

    def _answer(self, status: str, answer: Schema) -> Answer:
        for content in answer.get("content", {}).values():
            schema = content["schema"]
            component = _name(schema) if "$ref" in schema else ""
            if component:
                self.answered.add(component)
                self.answered.update(_names(self.components["schemas"][component]))
            example = content.get("example", None if component else self._example(schema))
            return Answer(status, _html(answer["description"]), component, _pretty(example) if example else "")
        return Answer(status, _html(answer["description"]))

    def _type(self, schema: Schema) -> str:
        if "$ref" in schema:
            return _name(schema)
        inner = (schema.get("oneOf") or schema.get("allOf") or schema.get("anyOf") or [None])[0]
        if inner is not None:
            return self._type(inner)
        if schema.get("type") == "array":
            return f"[{self._type(schema['items'])}]"
        shown = str(schema.get("format") or schema.get("type", ""))
        return f"{shown} | null" if schema.get("nullable") else shown

    def _example(self, schema: Schema) -> Any:
        schema = self._resolve(schema)
        if "example" in schema:
            return schema["example"]
        for key in ("oneOf", "allOf", "anyOf"):
            if key in schema:
                return self._example(schema[key][0])
        if "properties" in schema:
            return {
                name: self._example(value) for name, value in schema["properties"].items() if _is_shown(name, schema)
            }
        if schema.get("type") == "array":
            return [self._example(schema["items"])]
        if "enum" in schema:
            return schema["enum"][0]
        return schema.get("default", _TIME if schema.get("format") == "date-time" else _SAMPLES.get(schema.get("type")))

    def _resolve(self, schema: Schema) -> Schema:
        if "$ref" not in schema:
            return schema
        _root, _components, kind, name = schema["$ref"].split("/")
        found: Schema = self.components[kind][name]
        return found


def _is_shown(name: str, schema: Schema) -> bool:
    """What an example of ``schema`` need not have is left out when nobody gave a value for it."""
    value = schema["properties"][name]
    return name in schema.get("required", ()) or "example" in value or "required" not in schema


def _command(path: str, method: str, operation: Schema, media_type: str = "", body: Any = None) -> str:
    """A line for a shell that has the service's address in BASE, and who asks in TOKEN or CLIENT_ID."""
    query = {each["name"]: each["example"] for each in operation.get("parameters", ()) if "example" in each}
    address = "$BASE" + path.replace("{id}", "7")
    lines = [f'curl "{address}?{urlencode(query)}"' if query else f"curl {address}"]
    if method != "get" and not (method == "post" and body is not None):
        lines[0] = lines[0].replace("curl ", f"curl -X {method.upper()} ", 1)
    schemes = [name for requirement in operation["security"] for name in requirement]
    if "clientBasic" in schemes:
        lines.append('-u "$CLIENT_ID:$CLIENT_SECRET"')
    elif "bearerAuth" in schemes:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if media_type == "application/json":
        lines += ["-H 'Content-Type: application/json'", f"--data '{_pretty(body)}'"]
    elif media_type:
        lines += [f"-d {urlencode({name: value})}" for name, value in body.items()]
    return " \\\n  ".join(lines)


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def _names(schema: Any) -> set[str]:
    """Every structure that ``schema`` refers to."""
    if isinstance(schema, dict):
        own = {_name(schema)} if "$ref" in schema else set()
        return own.union(*(_names(value) for value in schema.values()))
    return set().union(*(_names(value) for value in schema)) if isinstance(schema, list) else set()


def _pretty(example: Any) -> str:
    return json.dumps(example, indent=2, ensure_ascii=False)


def _html(text: str) -> SafeString:
    """Markdown's code, and links to the RFCs."""

    def link(found: re.Match[str]) -> str:
        section = f"#section-{found[2]}" if found[2] else ""
        return f'<a href="https://www.rfc-editor.org/rfc/rfc{found[1]}{section}" rel="noreferrer">{found[0]}</a>'

    escaped = _CODE.sub(r"<code>\1</code>", conditional_escape(text))
    return mark_safe(_RFC.sub(link, escaped))  # noqa: S308 - escaped before anything was added
