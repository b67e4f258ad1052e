"""Cut Shopify's published Admin schema down to the kept part: `python -m proxy.sandbox.shopify.schema.extract FILE`.

FILE is `package/dist/data/admin_2026-10.json.gz` of the npm package named in NOTICE.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from graphql import build_client_schema, print_schema

from proxy.sandbox.shopify.schema.kept import KEPT

HERE = Path(__file__).parent
VERSION = "2026-10"
PACKAGE = "@shopify/dev-mcp"
PACKAGE_VERSION = "1.16.0"
PACKAGE_SHA256 = "4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474"
STANDARD_DIRECTIVES = {"include", "skip", "deprecated", "specifiedBy", "oneOf"}

NOTICE = """\
admin_{version}.graphql and admin_{version}_scopes.json are extracts of the Admin GraphQL schema of Shopify,
made by extract.py from dist/data/{source} (sha256 {source_sha256})
of the npm package {package} {package_version} (tarball sha256 {package_sha256}).
Descriptions were dropped; types, fields, arguments and values were left out, none was changed.

{licence}
"""


def extract(source: Path, licence: str, target: Path = HERE) -> None:
    """Write the SDL, the required scopes and the notice into `target`."""
    raw = source.read_bytes()
    published = json.loads(gzip.decompress(raw))
    schema = published["data"]["__schema"]
    pruned = _prune(schema)
    introspection: Any = {"__schema": pruned}
    sdl = print_schema(build_client_schema(introspection))
    (target / f"admin_{VERSION}.graphql").write_text(sdl + "\n", encoding="utf-8")
    scopes = _scopes(published["offline_scopes"]["items"])
    text = json.dumps(scopes, indent=1, sort_keys=True, ensure_ascii=False)
    (target / f"admin_{VERSION}_scopes.json").write_text(text + "\n", encoding="utf-8")
    notice = NOTICE.format(
        version=VERSION,
        source=source.name,
        source_sha256=hashlib.sha256(raw).hexdigest(),
        package=PACKAGE,
        package_version=PACKAGE_VERSION,
        package_sha256=PACKAGE_SHA256,
        licence=licence.strip(),
    )
    (target / "NOTICE").write_text(notice, encoding="utf-8")


def _prune(schema: dict[str, Any]) -> dict[str, Any]:
    by_name = {t["name"]: t for t in schema["types"]}
    kept = {name: _composite(by_name[name], set(fields.split())) for name, fields in KEPT.items()}
    waiting = {used for t in kept.values() for used in _leaves(t)} - set(kept)
    while waiting:
        name = min(waiting)  # always the same one, so that an extract made again differs in what has changed alone
        kept[name] = _bare(by_name[name])
        waiting = (waiting | _leaves(kept[name])) - set(kept)
    return {
        **schema,
        "types": list(kept.values()) + [t for t in schema["types"] if t["name"].startswith("__")],
        "directives": [d for d in schema["directives"] if d["name"] in STANDARD_DIRECTIVES],
        "subscriptionType": None,
    }


def _composite(published: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    missing = fields - {f["name"] for f in published["fields"] or ()}
    if missing:
        raise SystemExit(f"{published['name']} has no {sorted(missing)}")
    pruned = _bare(published)
    pruned["fields"] = [_bare(f) for f in published["fields"] or () if f["name"] in fields] or None
    pruned["interfaces"] = [i for i in published["interfaces"] or () if i["name"] in KEPT]
    pruned["possibleTypes"] = [p for p in published["possibleTypes"] or () if p["name"] in KEPT] or None
    return pruned


def _bare(item: dict[str, Any]) -> dict[str, Any]:
    bare = {**item, "description": None}
    for part in ("args", "inputFields", "enumValues", "fields"):
        if bare.get(part):
            bare[part] = [_bare(p) for p in bare[part]]
    return bare


def _leaves(kind: dict[str, Any]) -> set[str]:
    used = [f["type"] for f in kind.get("fields") or ()]
    used += [a["type"] for f in kind.get("fields") or () for a in f["args"]]
    used += [f["type"] for f in kind.get("inputFields") or ()]
    return {_named(t) for t in used}


def _named(reference: dict[str, Any]) -> str:
    while reference.get("ofType"):
        reference = reference["ofType"]
    return str(reference["name"])


def _scopes(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for item in items:
        kind, field = item["typeName"], item.get("fieldName")
        if not item["offlineScopes"] or kind not in KEPT or (field and field not in KEPT[kind].split()):
            continue
        name = f"{kind}.{field}" if field else kind
        kept[name] = {"any_of": item["offlineScopes"], "required": item["requiredAccess"]}
    return kept


if __name__ == "__main__":
    source = Path(sys.argv[1])
    extract(source, (source.parents[2] / "LICENSE").read_text(encoding="utf-8"))
