"""A bot's procedure (its README.md) as HTML: Markdown, of which nothing can run or leave."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FILE = "README.md"
CHINESE = "README.zh-CN.md"  # beside it, where the bank has one
_LOWEST = 6


@cache
def _reader() -> MarkdownIt:
    # html=False: what looks like a tag is text; pictures would be fetched from elsewhere
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["image", "html_block", "html_inline", "entity"])
    # a wide table scrolls by itself, also by keyboard
    reader.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table>\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader


def procedure_of(folder: Path, language: str) -> Markup:
    """The procedure in `folder`, "" when it has none; its headings stand below the page's own."""
    path = folder / (CHINESE if language == "zh" else FILE)
    if not path.is_file():
        path = folder / FILE
    if not path.is_file():
        return Markup("")
    return shown(path.read_text(encoding="utf-8", errors="replace"))


def shown(text: str) -> Markup:
    """Markdown as HTML for a page: no title of its own, no style, links only to the web."""
    reader = _reader()
    tokens = reader.parse(text)
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]  # the page has the bot's title already
    for token in tokens:
        _adapt(token)
    # safe: the reader escapes all text, and has no rule that lets HTML through
    return Markup(reader.renderer.render(tokens, reader.options, {}))


def _adapt(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1:]) + 1, _LOWEST)}"
    token.attrs.pop("style", None)  # an aligned column: the page's policy forbids it
    for inner in token.children or ():
        _unlink(inner)


def _unlink(token: Token) -> None:
    """A link to a file beside the README leads nowhere here: it is shown as its words."""
    if token.type == "link_open":
        href = str(token.attrs.get("href", ""))
        if href.startswith(("https://", "http://")):
            token.attrs["rel"] = "noreferrer"
        else:
            token.attrs.pop("href", None)
