"""Lines of a report that are made from facts: names, results, signatures."""

from __future__ import annotations

from clerkwork.facts import BalanceStatement, CashCheck, Report, grouped
from clerkwork.report.words import Language, chosen, word

_BLANK = "____________"


def account_name(account: str, report: Report, language: Language) -> str:
    """What `account` is called, "" when the report does not say."""
    return chosen(report.account_names.get(account, ("", "")), language)


def reason_name(reason: str, report: Report, language: Language) -> str:
    """What `reason` is called; the key itself when the report does not say."""
    return chosen(report.reason_names.get(reason, (reason, reason)), language)


def labelled(name: str, value: object, language: Language) -> str:
    """A label of `WORDS` and its value, with the colon of the language."""
    return f"{word(name, language)}{chosen((': ', '：'), language)}{value}"


def facts_line(report: Report, language: Language) -> str:
    """Accounting date and run."""
    dated = labelled("business_date", report.business_date, language)
    return f"{dated}    {labelled('run', report.run, language)}"


def summary_line(report: Report, language: Language) -> str:
    """How many statements are equal and how many cash boxes differ, in one line."""
    equal = sum(statement.is_equal for statement in report.balance_statements)
    over = sum(check.difference > 0 for check in report.cash)
    short = sum(check.difference < 0 for check in report.cash)
    return chosen(
        (
            f"Statements equal: {equal} of {len(report.balance_statements)}    "
            f"Cash boxes: {len(report.cash)}, over {over}, short {short}",
            f"余额调节相符：{equal}／{len(report.balance_statements)} 户    "
            f"现金尾箱：{len(report.cash)} 个，长款 {over} 个，短款 {short} 个",
        ),
        language,
    )


def statement_result(statement: BalanceStatement, language: Language) -> str:
    """Whether both sides adjust to the same balance, and by how much they do not."""
    if statement.is_equal:
        return labelled("result", word("equal", language), language)
    difference = statement.adjusted("ours") - statement.adjusted("theirs")
    by = f"{word('difference', language)} {grouped(difference, statement.currency)}"
    unequal = f"{word('unequal', language)}{chosen(('; ', '；'), language)}{by}"
    return labelled("result", unequal, language)


def cash_result(check: CashCheck, language: Language) -> str:
    """Over, short, or equal."""
    if not check.difference:
        return word("equal", language)
    return word("over" if check.difference > 0 else "short", language)


def signatures(
    report: Report, language: Language, statement: BalanceStatement | None = None
) -> tuple[str, str, str]:
    """
    Prepared, checked, authorised, by name; a line to sign on where nobody has yet.

    Who signed a `statement` stands under it, in place of who prepared and checked vouchers.
    """
    prepared_by, checked_by = report.prepared, report.checked
    if statement is not None:
        key = f"{statement.account} {statement.currency}"
        maker, checker = report.signed.get(key, ("", ""))
        prepared_by, checked_by = maker or prepared_by, checker or checked_by
    names = {"prepared": prepared_by, "checked": checked_by, "authorised": report.authorised}
    prepared, checked, authorised = (
        labelled(role, name or _BLANK, language) for role, name in names.items()
    )
    return prepared, checked, authorised
