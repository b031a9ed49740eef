#!/usr/bin/env python3
"""Fails when a layer knows another one that it may not know.

Looks at the X_dep names in src/*/meson.build and at every #include below src/, and checks that the
table below is the one src/README.md shows.
"""

import re
import sys
from pathlib import Path

from source import ROOT, files, report

MAY_INCLUDE = {
    "util": "",
    "proto": "util",
    "agg": "proto util",
    "model": "agg proto util",
    "stats": "util",
    "net": "util",
    "viewer": "proto net stats util",
    "agent": "model agg proto net stats util",
    "fleet": "agent model agg proto net stats util",
    "server": "agg proto net stats util",
    "verify": "agent model agg proto net stats util",
    "report": "stats util",
    "app": "all",
}

# Libraries that stay behind one layer's headers.
ONLY_IN = {
    "boost/beast": {"net"},
    "openssl": {"net"},
    "simdjson": {"app", "proto"},
    "sqlite3": {"server", "verify"},
    "zlib": {"report"},
    "prometheus": {"report"},
    "CLI": {"app"},
    "spdlog": {"app"},
}

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
_README_ROW = re.compile(r"^\|\s*(\w+)\s*\|[^|]*\|([^|]*)\|\s*$", re.MULTILINE)


def allowed(layer):
    names = MAY_INCLUDE[layer]
    return set(MAY_INCLUDE) if names == "all" else {layer, *names.split()}


def check_includes(layer, path, text):
    for match in _INCLUDE.finditer(text):
        local, name = match.group(1) == '"', match.group(2)
        where = f"{path}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if local and name.split("/")[0] not in allowed(layer):
            yield f'{where}: {layer} may not include "{name}"'
        for library, layers in ONLY_IN.items():
            if not local and re.match(rf"{library}\b", name) and layer not in layers:
                yield f"{where}: only {' '.join(sorted(layers))} may include <{name}>"


def check_dependencies(layer, path, text):
    code = re.sub(r"#[^\n]*", "", text)
    for name in sorted(set(re.findall(r"\b(\w+)_dep\b", code))):
        if name in MAY_INCLUDE and name not in allowed(layer):
            yield f"{path}: {layer} may not depend on {name}_dep"


def check_readme(path, text):
    section = text.partition("## Layers")[2].partition("\n## ")[0]
    shown = {name: cell.strip().strip("–") for name, cell in _README_ROW.findall(section)
             if name != "layer"}
    if list(shown) != list(MAY_INCLUDE):
        yield f"{path}: the layers are {' '.join(shown)}, in layers.py {' '.join(MAY_INCLUDE)}"
        return
    for layer, names in shown.items():
        if set(names.split()) != set(MAY_INCLUDE[layer].split()):
            yield f"{path}: {layer} may include '{names}', in layers.py '{MAY_INCLUDE[layer]}'"


def check_tree(root):
    complaints = list(check_readme("src/README.md", (root / "src/README.md").read_text()))
    for folder in sorted(p for p in (root / "src").iterdir() if p.is_dir()):
        if folder.name not in MAY_INCLUDE:
            complaints.append(f"src/{folder.name}: a layer that the table does not know")
            continue
        build = folder / "meson.build"
        if build.exists():
            complaints += check_dependencies(folder.name, build.relative_to(root), build.read_text())
        for path in files(root, folder.relative_to(root), suffixes={".hpp", ".cpp"}):
            complaints += check_includes(folder.name, path.relative_to(root), path.read_text())
    return complaints


if __name__ == "__main__":
    sys.exit(report(check_tree(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)))
