"""Pages from templates: escaped, in the person's language, times in the bank's zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from clerkwork.console import texts
from clerkwork.console.security import form_token
from clerkwork.facts import from_minor, grouped
from clerkwork.facts.because import because
from clerkwork.run.items import instruction_of
from clerkwork.systems.masking import covered

if TYPE_CHECKING:
    from clerkwork.console.visit import Visit


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("clerkwork.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "t": _text, "at": _at, "said": _said, "csrf": _csrf, "live": _live, "money": money,
        "lasted_for": lasted, "printed": _printed, "figure": figure, "words": _words,
        "because": _because, "environment_said": _environment,
        "fields_of": fields_of,
    }  # fmt: skip
    return environment


def page(visit: Visit, template: str, values: dict[str, Any]) -> str:
    """The filled template; `failure` is why a form was not taken, None for none."""
    shown = visit.request.cookies.get(visit.console.cookie("said"), "")
    if shown:
        visit.cookies.setdefault(visit.console.cookie("said"), "")
    common = {
        "visit": visit,
        "person": visit.person,
        "language": visit.language,
        "path": visit.request.url.path,
        "notice": shown if shown in texts.catalogue() else "",
        "failure": None,
        "navigation": visit.console.navigation(visit.person),
        "asset": visit.console.asset,
    }
    return _templates().get_template(template).render(common | values)


@pass_context
def _text(context: Context, key: str, **facts: object) -> str:
    return texts.text(key, context["language"], **facts)


@pass_context
def _environment(context: Context, name: str) -> str:
    return texts.environment(name, context["language"])


@pass_context
def _said(context: Context, pair: Any) -> str:
    """The one of (English, Chinese) that the person reads; also of a mapping with en and zh."""
    if isinstance(pair, dict):
        return str(pair[context["language"]])
    return str(pair[1 if context["language"] == "zh" else 0])


@pass_context
def _words(context: Context, name: str) -> str:
    """A word of reports (a kind, a source) in the person's language."""
    from clerkwork.run.tables import said

    return said(name, context["language"])


@pass_context
def _printed(context: Context, text: str) -> str:
    """What a line of a document says: without card numbers and ids for who may not see it."""
    return text if context["visit"].is_able("see_documents") else covered(text)


@pass_context
def _because(context: Context, text: str) -> str:
    """Why something was matched, stands open or was moved, in the person's language."""
    return because(text, context["language"])


@pass_context
def _at(context: Context, moment: datetime | None, form: str = "%Y-%m-%d %H:%M:%S") -> Markup:
    """A time in the bank's zone; programs find it in UTC."""
    if moment is None:
        return Markup("")
    local = moment.astimezone(context["visit"].office.workspace.zone)
    written = Markup('<time datetime="{}">{}</time>')
    return written.format(f"{moment:%Y-%m-%dT%H:%M:%SZ}", local.strftime(form))


@pass_context
def _csrf(context: Context) -> Markup:
    """What a form that posts must have in it."""
    field = Markup('<input type="hidden" name="csrf" value="{}">')
    return field.format(form_token(context["visit"].seed))


@pass_context
def _live(context: Context, part: str, words: str) -> Markup:
    """The attributes of the part with id `part`, which follows events that begin with `words`."""
    request = context["visit"].request
    query = f"?{request.url.query}" if request.url.query else ""
    attributes = Markup(
        'id="{0}" data-live="{1}" hx-get="{2}" hx-trigger="live" hx-select="#{0}"'
        ' hx-target="this" hx-swap="outerHTML"'
    )
    return attributes.format(part, words, f"{request.url.path}{query}")


def money(minor: int, currency: str) -> str:
    """An amount in whole minor units, with its digits grouped and its currency behind it."""
    amount: Decimal = from_minor(minor, currency)
    return f"{grouped(amount, currency)} {currency}"


def figure(amount: str, currency: str) -> str:
    """An exact amount, which JSON has as text, with its digits grouped."""
    return grouped(Decimal(amount), currency)


def fields_of(item: Any) -> Mapping[str, str]:
    """What will be keyed of an item, by the instruction's field names."""
    return instruction_of(item).fields


@pass_context
def lasted(context: Context, took: timedelta | None) -> str:
    """How long something took, for a person: 0.4 s, 12 s, 3 min 05 s, 2 h 07 min."""
    if took is None:
        return ""
    say = partial(texts.text, language=context["language"])
    seconds = took.total_seconds()
    if seconds < 10:
        return say("shared.seconds", seconds=f"{seconds:.1f}")
    minutes, rest = divmod(int(seconds), 60)
    if minutes == 0:
        return say("shared.seconds", seconds=str(rest))
    if minutes < 60:
        return say("shared.minutes", minutes=minutes, seconds=f"{rest:02d}")
    return say("shared.hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")
