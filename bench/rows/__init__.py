"""The rows of the table, in the order they are printed. A row is a module of this folder: one line here adds it."""

from __future__ import annotations

from bench.rows import api_list, changes, exports, html_list, imports, keyset, mail, middleware, pdf, search, startup

ROWS = (
    api_list.ROW,
    middleware.ROW,
    keyset.ROW,
    changes.ROW,
    mail.ROW,
    mail.AGAIN,
    exports.CSV,
    exports.XLSX,
    imports.ROW,
    imports.XLSX,
    pdf.ROW,
    html_list.ROW,
    search.RARE_ROW,
    search.COMMON_ROW,
    search.TWO_ROW,
    search.RANKED,
    startup.MIGRATE,
    startup.TEMPLATE,
)
