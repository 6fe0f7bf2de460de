"""The report as one page that needs nothing else: no script, no outside file; prints on A4."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from clerkwork.facts import Column, Report, Table
from clerkwork.report import texts
from clerkwork.report.cells import shown
from clerkwork.report.form import form
from clerkwork.report.values import currency_of, written
from clerkwork.report.words import Language, chosen, word


def write_html(report: Report, path: Path, language: Language) -> None:
    """Write `report` to `path` in `language`: "en" or "zh"."""
    environment = Environment(
        loader=PackageLoader("clerkwork.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def cells(table: Table, row: tuple[object, ...]) -> list[tuple[Column, str]]:
        currency = currency_of(table, row)
        return [
            (column, written(column, value, currency, report, language))
            for column, value in zip(table.columns, row, strict=True)
        ]

    page = environment.get_template("report.html").stream(
        report=report,
        language={"en": "en", "zh": "zh-CN"}[language],
        title=chosen((report.en, report.zh), language),
        forms=[form(statement, report, language) for statement in report.balance_statements],
        labelled=lambda name, value: texts.labelled(name, value, language),
        word=lambda name: word(name, language),
        chosen=lambda en, zh: chosen((en, zh), language),
        shown=shown,
        cells=cells,
        account_name=lambda account: texts.account_name(account, report, language),
        facts_line=texts.facts_line(report, language),
        summary_line=texts.summary_line(report, language),
        statement_result=lambda statement: texts.statement_result(statement, language),
        cash_result=lambda check: texts.cash_result(check, language),
        signatures=lambda statement: texts.signatures(report, language, statement),
    )
    page.dump(str(path), encoding="utf-8")
