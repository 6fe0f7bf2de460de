"""Run by Tryton's own Python: a company, its minimal chart of accounts, one fiscal year."""

import sys
from datetime import date

from trytond import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402
from trytond.transaction import Transaction  # noqa: E402

DATABASE = "bank"
YEAR = 2026


def main() -> None:
    """Set the books up, once."""
    Pool.start()
    pool = Pool(DATABASE)
    pool.init()
    with Transaction().start(DATABASE, 1, context={"active_test": False}):
        company = _company(pool)
    with Transaction().start(DATABASE, 1, context={"company": company}):
        _chart(pool, company)
        _year(pool, company)


def _company(pool) -> int:
    Currency, Party = pool.get("currency.currency"), pool.get("party.party")
    Company, User = pool.get("company.company"), pool.get("res.user")
    (currency,) = Currency.create([{"name": "Yuan", "code": "CNY", "symbol": "¥"}])
    (party,) = Party.create([{"name": "分行 0755"}])
    (company,) = Company.create([{"party": party.id, "currency": currency.id}])
    user = User(1)
    user.companies = [company]
    user.company = company
    user.save()
    Group = pool.get("res.group")
    groups = Group.search([("name", "in", ["Accounting", "Account", "Account Administration"])])
    clerk = {"name": "Clerk", "login": "clerk", "password": sys.argv[2], "actions": None}
    clerk |= {"companies": [("add", [company.id])], "company": company.id}
    User.create([clerk | {"groups": [("add", [group.id for group in groups])]}])
    return company.id


def _chart(pool, company: int) -> None:
    Wizard = pool.get("account.create_chart", type="wizard")
    Data = pool.get("ir.model.data")
    template = Data.get_id("account", "account_template_root_en")
    session, _, _ = Wizard.create()
    wizard = Wizard(session)
    wizard.account.company = company
    wizard.account.account_template = template
    wizard.transition_create_account()
    Wizard.delete(session)


def _year(pool, company: int) -> None:
    Year = pool.get("account.fiscalyear")
    Sequence = pool.get("ir.sequence.strict")
    SequenceType = pool.get("ir.sequence.type")
    (kind,) = SequenceType.search([("name", "=", "Account Move")])
    (sequence,) = Sequence.create([{"name": "Moves", "sequence_type": kind.id, "company": company}])
    values = {
        "name": str(YEAR),
        "company": company,
        "start_date": date(YEAR, 1, 1),
        "end_date": date(YEAR, 12, 31),
    }
    field = "move_sequence" if "move_sequence" in Year._fields else "post_move_sequence"
    (year,) = Year.create([values | {field: sequence.id}])
    Year.create_period([year])


main()
