"""Fills a document with the tables of a measurement: `python -m benchmarks.report FILE.json docs/performance.md`.

What stands between `<!-- table: NAME -->` and `<!-- end -->` is replaced. It must not know what the tables say.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.figures import markdown
from benchmarks.targets import judged

_PLACE = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(document: str, report: dict[str, Any]) -> str:
    """The document with every table that the report has, others left as they are.

    Raises:
        ValueError: The report has a table for which there is no place.
    """
    tables = dict(report["tables"]) | {"targets": judged(report["tables"]).as_dict()}
    for name in ("machine", "versions"):
        tables[name] = {"columns": [name, ""], "rows": [[key, text] for key, text in report[name].items()]}
    if nowhere := tables.keys() - {found[2] for found in _PLACE.finditer(document)}:
        raise ValueError(f"no place for {', '.join(sorted(nowhere))}")

    def table(found: re.Match[str]) -> str:
        told = tables.get(found[2])
        return found[0] if told is None else f"{found[1]}{markdown(told['columns'], told['rows'])}\n{found[3]}"

    return _PLACE.sub(table, document)


def main(report: str, document: str) -> None:
    """Fill the document in place."""
    path = Path(document)
    path.write_text(filled(path.read_text(), json.loads(Path(report).read_text())))


if __name__ == "__main__":
    main(*sys.argv[1:])
