"""Core journal, correspondents' statements and vault sheet of one accounting day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from clerkwork.errors import Refused, Unavailable
from clerkwork.facts import (
    BalanceStatement,
    Break,
    CashCheck,
    Entry,
    Instruction,
    ItemException,
    Plan,
    Reading,
    Receipt,
    Statement,
)
from clerkwork.reconcile import (
    Accounts,
    Outcome,
    Rules,
    Treatments,
    balance_statement,
    cash_outcome,
    instruct,
    load_accounts,
    load_rules,
    load_treatments,
    reconcile,
)
from clerkwork.rekey import Form, Keyboard
from clerkwork.systems.port import Desk
from tasks import core, correspondent, ledger, vault
from tasks.journal import prove


@dataclass(frozen=True)
class Params:
    """What a person may set; the run form, the CLI options and the schedule file come from it."""

    business_date: date | None = None  # None: the core's previous accounting day
    branch: str = "0755"


@dataclass(frozen=True, kw_only=True)
class Night(Reading):
    """The reading of one night: both sides, what was counted, and by what to decide."""

    later: Mapping[str, tuple[Entry, ...]]  # by our account: theirs, dated after the day
    cash: Mapping[str, CashCheck]  # by cash box
    rules: Rules
    treatments: Treatments
    accounts: Accounts


def read(desk: Desk, params: Params) -> Night:
    """Look into the core, the statements and the vault sheet; nothing is changed anywhere."""
    accounts = load_accounts(desk.codes("accounts"))
    with desk.step("read-accounting-day"):
        screens = desk.screens("core", core.sign_on)
        on = _business_date(core.accounting_day(screens), params)
    with desk.step("read-journal"):
        journal = core.read_journal(screens, business_date=on, branch=params.branch)
    with desk.step("read-balances"):
        left = {
            account: prove(journal, account, one.currency, *core.read_balance(screens, account, on))
            for account, one in accounts.accounts.items()
        }
    right, later = {}, {}
    with desk.step("read-statements"):
        for account, one in accounts.correspondents():
            with desk.item(account):
                pattern = f"{on}/{one.statement.format(date=f'{on:%Y%m%d}')}"
                (document,) = desk.documents("documents", pattern)
                right[account], later[account] = correspondent.read_statement(
                    document.path, account=account, theirs=one.theirs, business_date=on
                )
    with desk.step("read-vault"):
        (document,) = desk.documents("documents", f"{on}/vault_{params.branch}_{on:%Y%m%d}.xlsx")
        counted = vault.read_vault(document.path, business_date=on)
    return Night(
        business_date=on,
        left=left,
        right=right,
        later=later,
        cash={
            account: _check(account, left, counted, accounts, on)
            for account, _ in accounts.cash_boxes()
        },
        open_breaks=desk.open_breaks(before=on),
        hand_matches=desk.hand_matches(on=on),
        exceptions=tuple(desk.exceptions),
        rules=load_rules(desk.rules("reconciliation"), desk.rules("reasons")),
        treatments=load_treatments(desk.rules("treatments")),
        accounts=accounts,
    )


def _business_date(day: core.AccountingDay, params: Params) -> date:
    """The day to reconcile, which the core must have closed."""
    on = params.business_date or day.previous_date
    closed = on < day.previous_date or (on == day.previous_date and day.end_of_day_done)
    if not closed:
        raise Unavailable(
            "DAY_NOT_CLOSED",
            en="{on} is not closed in the core (now {today}); run again after its end of day",
            zh="核心系统 {on} 尚未日终（当前会计日期 {today}）；请在日终后重新运行",
            on=on,
            today=day.accounting_date,
        )
    return on


def _check(
    account: str,
    left: Mapping[str, Statement],
    counted: Mapping[str, vault.Box],
    accounts: Accounts,
    on: date,
) -> CashCheck:
    one = accounts.accounts[account]
    if account not in counted:
        raise Refused(
            "BOX_NOT_COUNTED",
            en="the vault sheet of {on} has no count of box {account}; have it counted, run again",
            zh="{on} 的盘点表没有尾箱 {account}；请补盘后重新运行",
            on=on,
            account=account,
        )
    book, box = left[account].closing, counted[account]
    assert book is not None  # the core's balance inquiry always has one
    return CashCheck(account, one.teller, one.currency, on, book, box.total, box.origin)


def decide(reading: Night, params: Params) -> Plan:
    """Match, explain and treat; pure."""
    outcomes = {account: _account(reading, account) for account in (*reading.right, *reading.cash)}
    treated = [_treated(item, reading, params) for one in outcomes.values() for item in one.breaks]
    breaks = [item for item, _, _ in treated]
    refused = [exception for _, _, exception in treated if exception]
    standing = [*breaks, *(item for one in outcomes.values() for item in one.still_open)]
    words = reading.treatments
    return Plan(
        business_date=reading.business_date,
        left=tuple(e for account in outcomes for e in reading.left[account].entries),
        right=tuple(e for one in reading.right.values() for e in one.entries),
        matches=tuple(found for one in outcomes.values() for found in one.matches),
        breaks=tuple(standing),
        cleared=tuple(item for one in outcomes.values() for item in one.cleared),
        instructions=tuple(made for _, instructions, _ in treated for made in instructions),
        exceptions=(*reading.exceptions, *refused),
        balance_statements=tuple(_balances(reading, standing)),
        cash=tuple(reading.cash.values()),
        totals=tuple(
            replace(total, source=f"{total.source} {account}")
            for account, one in outcomes.items()
            for total in one.totals
        ),
        unproven=tuple(_unproven(reading)),
        account_names={n: (one.en, one.zh) for n, one in reading.accounts.accounts.items()},
        reason_names={reason: (one.en, one.zh) for reason, one in words.reasons.items()},
        treatment_names={reason: (one.en, one.zh) for reason, one in words.treatments.items()},
        timing_reasons=frozenset(r for r, one in words.treatments.items() if one.timing),
    )


def _account(reading: Night, account: str) -> Outcome:
    """Journal against correspondent (往来账核对), or cash journal against count (账实核对)."""
    entries = reading.left[account].entries
    mine = tuple(item for item in reading.open_breaks if item.entry.account == account)
    if account in reading.cash:
        return cash_outcome(reading.cash[account], entries, open_breaks=mine)
    return reconcile(
        entries,
        reading.right[account].entries,
        later=reading.later[account],
        open_breaks=mine,
        by_hand=[one for one in reading.hand_matches if one.account == account],
        business_date=reading.business_date,
        rules=reading.rules,
    )


def _treated(
    item: Break, reading: Night, params: Params
) -> tuple[Break, tuple[Instruction, ...], ItemException | None]:
    """The break with what settles it; a reason without a treatment is an exception."""
    try:
        settled, instructions = instruct(
            item,
            treatments=reading.treatments,
            accounts=reading.accounts,
            business_date=reading.business_date,
            branch=params.branch,
        )
    except Refused as refusal:
        en, zh = refusal.message("en"), refusal.message("zh")
        return item, (), ItemException(item.entry.id, refusal.kind, refusal.code, en, zh)
    return settled, instructions, None


def _balances(reading: Night, standing: list[Break]) -> Iterator[BalanceStatement]:
    """A balance reconciliation statement (余额调节表) for each correspondent's account."""
    for account, theirs in reading.right.items():
        ours = reading.left[account].closing
        assert ours is not None and theirs.closing is not None  # both tasks refuse without
        yield balance_statement(
            account,
            theirs.currency,
            reading.business_date,
            our_balance=ours,
            their_balance=theirs.closing,
            breaks=[item for item in standing if item.entry.account == account],
        )


def _unproven(reading: Night) -> Iterator[str]:
    for account, statement in reading.right.items():
        if statement.proof.grade == "none":
            yield f"{account}: {'; '.join(statement.proof.problems) or 'no proof'}"


def rekey(instruction: Instruction, keyboard: Keyboard) -> Receipt:
    """Key one agreed voucher into the ledger, once."""
    form = Form(ledger.sign_on, ledger.look_up, ledger.fill, ledger.post)
    return keyboard.key_once(instruction, form)
