"""
The operations console: everything a person does, in a browser.

To add a page:

1. One function in `pages/<room>.py` (JSON: `api/<room>.py`). It is given a `Visit` and gives
   a response; it is called in a thread and may use the store. What it does to the house it
   asks of `run/`, `schedule/`, `people/`, ... as the command line does: no SQL here.

       def show(visit: Visit) -> Response:
           run = visit.run(visit.part("run"))        # 404, or 403 for another desk's
           return visit.page("runs/run.html", run=run)

2. One line in the table in `routes.py`: method, path, function, and what the person must be
   allowed (an action of `people.ACTIONS`; a new one is added there). A line without one cannot
   be built. `nav` puts it into the navigation. Then tell `tests/console/allowed.toml`, which is
   written by hand, who may: the matrix of routes and roles is held to both.

3. One template in `templates/<room>/`, which extends `layout.html`. No script and no style in
   it (the CSP forbids both), every text by `t("room.key")`, times by `at(...)`, amounts by
   `money(...)`, pairs of texts by `said(pair)`. A form that posts has `{{ csrf() }}` in it.

4. Its texts in `locale/<room>.toml`, in both languages, with the words of the glossary.

A change (POST) ends in `visit.go(path, "said.key")`; a `Failure` that is not caught is shown
with its text and the fitting status. What must also hold for a row (whose desk it is, that
nobody approves their own) is asked by `visit.run`, `visit.item` and `visit.may`.

A part of a page that follows what happens carries `{{ live("part", "run item") }}`: it is
fetched again from the page's own address, as soon as an event of the audit log begins with one
of these words (`live.py`, `static/live.js`). It needs an id, here "part".
"""
