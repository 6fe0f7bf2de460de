"""A visit: one request of one person, with what a page needs to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from clerkwork.console import render, texts
from clerkwork.console.covering import covered_facts, covered_page
from clerkwork.errors import Failure, Misconfigured, Refused
from clerkwork.people import Authoriser, Person, list_people
from clerkwork.people.authoriser import is_able
from clerkwork.people.sessions import Session
from clerkwork.run.items import load_item
from clerkwork.run.office import Office
from clerkwork.run.runs import find_run
from clerkwork.workspace import BotManifest, desk_of, load_manifest, load_process, system_title

if TYPE_CHECKING:
    from clerkwork.console.app import Console
    from clerkwork.console.routes import Route
    from clerkwork.schedule.standing import Standing

_LONGEST_WHY = 500  # characters; forms ask for no more
NOBODY = Person("", "", "", (), disabled=True, desks=())


@dataclass
class Visit:
    """
    One request. `person` is `NOBODY` for who is not signed in; `form` is empty but on POST of
    a page, `body` but on POST of a program.

    `cookies` are set with the answer; an empty value takes the cookie away.
    """

    console: Console
    route: Route
    request: Request
    form: Mapping[str, str]
    session: Session | None
    person: Person
    language: str
    seed: str  # what the tokens of its forms are made from
    body: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)
    lax_cookies: dict[str, str] = field(
        default_factory=dict
    )  # sent also when led here from outside
    _steps: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """The open office of the workspace."""
        return self.console.office

    @property
    def is_signed_in(self) -> bool:
        """Whether it is known who is here."""
        return self.person is not NOBODY

    def part(self, name: str) -> str:
        """A part of the path, as the table names it."""
        return str(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """What stands behind the ? of the address, as text."""
        return self.request.query_params.get(name, default)

    def why(self) -> str:
        """What the form says of why, in one line. Raises Refused WHY_MISSING."""
        told = " ".join(self.form.get("why", "").split())[:_LONGEST_WHY]
        if not told:
            raise Refused("WHY_MISSING")
        return told

    def text(self, key: str, **facts: object) -> str:
        """A text in the person's language."""
        return texts.text(key, self.language, **facts)

    def is_able(self, action: str) -> bool:
        """Whether some role of the person may do this at all: what a page shows buttons by."""
        return is_able(self.person, action)

    @cached_property
    def _names(self) -> dict[str, str]:
        zh = self.language == "zh"
        return {one.name: one.zh if zh else one.en for one in list_people(self.office.store)}

    def named(self, name: str) -> str:
        """How somebody is called in the visitor's language; a name that nobody has stays."""
        return self._names.get(name, name)

    def system(self, name: str) -> tuple[str, str]:
        """What a system is called, in English and Chinese."""
        return system_title(self.office.workspace, name)

    def titles(self) -> dict[str, tuple[str, str]]:
        """What each bot of the workspace is called, in English and Chinese."""
        found = {}
        for bot in self.office.workspace.bots:
            try:
                manifest = load_manifest(self.office.workspace, bot)
            except Misconfigured:  # told by `clerkwork check`; here it keeps its own name
                continue
            found[bot] = (manifest.title_en, manifest.title_zh)
        return found

    def step_names(self, bot: str) -> dict[str, tuple[str, str]]:
        """What each step of a bot is called in its process map, in English and Chinese."""
        if bot not in self._steps:
            try:
                steps = load_process(self.office.workspace, bot).steps
            except Misconfigured:  # the bot is here no more; its steps keep their own names
                steps = ()
            self._steps[bot] = {step.name: (step.en, step.zh) for step in steps}
        return self._steps[bot]

    def parameter(self, bot: str, name: str) -> tuple[str, str]:
        """What a parameter of a bot is called; its own name where the bot does not say."""
        try:
            words = load_manifest(self.office.workspace, bot).parameters.get(name)
        except Misconfigured:  # the bot is here no more
            words = None
        return (words.en, words.zh) if words else (name, name)

    def may(self, action: str, **about: Any) -> None:
        """Nothing, when the person may (`Authoriser.may`). Raises Refused NOT_ALLOWED, ..."""
        Authoriser(self.office.store).may(self.person, action, **about)

    def bots(self) -> list[str]:
        """The bots of the workspace that are this person's business."""
        workspace = self.office.workspace
        return [bot for bot in workspace.bots if self.person.works_at(self.desk(bot))]

    def desk(self, bot: str) -> str:
        """Whose the bot is; "" for a bot that is here no more, which is for who sees all."""
        return desk_of(self.office.workspace, bot)

    def bot(self, name: str) -> BotManifest:
        """What that bot says of itself. Raises Misconfigured BOT_UNKNOWN, ..., OTHER_DESK."""
        manifest = load_manifest(self.office.workspace, name)
        self.may(self._least, desk=manifest.owner)
        return manifest

    def works_on(self, one: Standing) -> bool:
        """Whether that schedule is this person's business; a wrong one is for who sees all."""
        return self.person.works_at(self.desk(one.planned.plan.bot) if one.planned else "")

    def run(self, run_id: str) -> Any:
        """The row of that run. Raises Refused RUN_UNKNOWN, OTHER_DESK."""
        row = find_run(self.office, run_id)
        self.may(self._least, desk=self.desk(row.bot))
        return row

    def item(self, item_id: str) -> Any:
        """The row of that work item. Raises Refused ITEM_UNKNOWN, OTHER_DESK."""
        row = load_item(self.office, item_id)
        if row.id != item_id:  # an address is whole
            raise Refused("ITEM_UNKNOWN", item=item_id)
        self.run(row.run_id)
        return row

    @property
    def _least(self) -> str:
        """What is asked again for a row: the rest of it (own items) is the page's to ask."""
        return "see" if self.route.needs in ("approve", "reject") else self.route.needs

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """The template, filled in; what this person may not see is covered."""
        html = render.page(self, template, values)
        return HTMLResponse(html if self._sees_all else covered_page(html), status)

    def json(self, said: object, *, status: int = 200) -> Response:
        """For programs; what this person may not see is covered."""
        return JSONResponse(said if self._sees_all else covered_facts(said), status)

    @property
    def _sees_all(self) -> bool:
        """Whether card numbers and resident ids are for them, as they are in documents."""
        return self.is_able("see_documents")

    def go(self, path: str, said: str = "") -> Response:
        """On to another page of ours, where the text `said` stands first."""
        if said:
            self.cookies[self.console.cookie("said")] = said
        return RedirectResponse(path, 303)

    def leave(self, address: str) -> Response:
        """On to a page elsewhere, which the settings of the house name."""
        return RedirectResponse(address, 303)

    def refused(self, template: str, failure: Failure, **values: Any) -> Response:
        """The template again, with why it was not done."""
        return self.page(template, status=422, failure=failure, **values)
