"""Run as a script: one PDF, then the process ends and gives back typst's memory (its cache only grows, typst-py issue 104).

Reads one JSON object on its input: template, root, fonts, data, destination, memory (bytes). Imports nothing of the portal.
"""

from __future__ import annotations

import json
import resource
import sys


def main() -> None:
    """Compile the template with its data as a tagged PDF (PDF/UA-1), with our fonts and no other."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[order["fonts"]])
    compiler = typst.Compiler(order["template"], root=order["root"], font_paths=fonts, sys_inputs={"data": json.dumps(order["data"])})
    compiler.compile(output=order["destination"], format="pdf", pdf_standards=["ua-1"])


if __name__ == "__main__":
    main()
