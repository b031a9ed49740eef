#!/usr/bin/env python3
"""Validates JSON summaries against src/report/summary.schema.json.

usage: check_schema.py SCHEMA FILE...      validate files
       check_schema.py SCHEMA --program P  validate what P prints, and check that damage is noticed

Standard library only: it knows the keywords the schema uses and refuses a schema with others.
"""
import copy
import json
import re
import subprocess
import sys

KNOWN = {"$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required",
         "additionalProperties", "items", "enum", "const", "minimum", "maximum", "pattern"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
}


def problems(value, schema, root, where="$"):
    """Yields one line for each place where value does not fit."""
    unknown = set(schema) - KNOWN
    if unknown:
        raise SystemExit(f"{where}: the schema uses {sorted(unknown)}, which this check does not know")
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "type" in schema and not TYPES[schema["type"]](value):
        yield f"{where}: {value!r} is not of type {schema['type']}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{where}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{where}: {value} is below {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{where}: {value} is above {schema['maximum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} does not match {schema['pattern']}"
    if isinstance(value, dict):
        members = schema.get("properties", {})
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where}: lacks {key}"
        for key, member in value.items():
            inner = members.get(key, schema.get("additionalProperties", True))
            if inner is False:
                yield f"{where}: has {key}, which the schema does not know"
            elif inner is not True:
                yield from problems(member, inner, root, f"{where}.{key}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            yield from problems(item, schema["items"], root, f"{where}[{i}]")


def damaged(summary):
    """Copies of a good summary that must not pass."""
    def edit(change):
        bad = copy.deepcopy(summary)
        change(bad)
        return bad
    yield "other schema number", edit(lambda s: s.update(schema=2))
    yield "missing section", edit(lambda s: s.pop("fleet"))
    yield "missing member", edit(lambda s: s["run"].pop("seed"))
    yield "unknown member", edit(lambda s: s["process"].update(surprise=1))
    yield "text for a number", edit(lambda s: s["run"].update(count="5000"))
    yield "negative count", edit(lambda s: s["messages"]["metrics"].update(sent=-1))
    yield "unknown verdict", edit(lambda s: s["run"].update(verdict="perhaps"))
    yield "no time", edit(lambda s: s["run"].update(started_at="yesterday"))
    yield "fraction for a count", edit(lambda s: s["errors"].append({"kind": "x", "count": 1.5, "example": ""}))
    yield "null", edit(lambda s: s["run"].update(duration_s=None))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    found = []
    if sys.argv[2] == "--program":
        for kind in ("full", "failed", "search"):
            out = subprocess.run([sys.argv[3], kind], check=True, capture_output=True, text=True, timeout=30)
            summary = json.loads(out.stdout)
            found += [f"{kind}: {p}" for p in problems(summary, schema, schema)]
            found += [f"{kind}: {what} went unnoticed" for what, bad in damaged(summary)
                      if not list(problems(bad, schema, schema))]
    else:
        for path in sys.argv[2:]:
            with open(path, encoding="utf-8") as file:
                found += [f"{path}: {p}" for p in problems(json.load(file), schema, schema)]
    print("\n".join(found) or "ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
