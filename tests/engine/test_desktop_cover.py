"""Boxes over what a picture of windows must not show: where it can be seen, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from clerkwork.systems.desktop.cover import Box, Layer, blacken
from clerkwork.systems.desktop.sight import Sight
from clerkwork.systems.desktop.surface import Node, Tree
from clerkwork.systems.maps import load_system

VOUCHER = Path(__file__).parents[2] / "resources/systems/voucher"

BEHIND = Layer(client=(10, 20, 40, 30), frame=(10, 10, 40, 40))
FRONT = Layer(client=(30, 20, 40, 30), frame=(30, 10, 40, 40))
NUMBER = (20, 30, 25, 5)  # of the window behind, half of it under the one in front
LEFT, RIGHT = (24, 32), (40, 32)


def black(boxes: list[Box], layers: list[Layer]) -> tuple[bool, bool]:
    """Whether the left and the right part of NUMBER are black in a white picture."""
    picture = Image.new("RGB", (100, 100), "white")
    blacken(picture, boxes, layers)
    return picture.getpixel(LEFT) == (0, 0, 0), picture.getpixel(RIGHT) == (0, 0, 0)


def test_what_a_window_in_front_hides_gets_no_box_over_that_window() -> None:
    """Only the part that can be seen is black, by either rectangle of its window."""
    for window in (BEHIND.client, BEHIND.frame):
        assert black([Box(NUMBER, window)], [BEHIND, FRONT]) == (True, False)


def test_a_window_that_is_lifted_shows_its_number() -> None:
    """The order of the layers says what is in front, not the order of the boxes."""
    assert black([Box(NUMBER, BEHIND.frame)], [FRONT, BEHIND]) == (True, True)


def test_the_window_in_front_keeps_its_own_boxes() -> None:
    """What it covers of others is not painted over again."""
    own = Box((35, 30, 10, 5), FRONT.client)

    assert black([own, Box(NUMBER, BEHIND.client)], [BEHIND, FRONT]) == (True, True)


def test_where_the_order_cannot_be_told_everything_is_covered() -> None:
    """Without layers, with two alike, or with a window that is none of them."""
    box = Box(NUMBER, BEHIND.client)

    assert black([box], []) == (True, True)
    assert black([box], [BEHIND, BEHIND, FRONT]) == (True, True)
    assert black([Box(NUMBER, (0, 0, 9, 9))], [BEHIND, FRONT]) == (True, True)


def test_a_card_number_in_two_boxes_is_covered_in_what_is_kept() -> None:
    """In the text, in the elements, and by a box over both; what stands beside it stays."""
    program = Program(box("卡号", "62220212"), box("续", "34567890128"), box("金额", "1234.50"))
    sight = Sight(program, load_system(VOUCHER))

    kept = sight.picture("failure")

    assert ["[记账]", "卡号 = 622202**", "续 = *******0128", "金额 = 1234.50"] == kept.text.split(
        "\n"
    )
    assert kept.source and 'label "卡号" text "622202**"' in kept.source.text
    assert ["62220212", "34567890128"] == [node.text for node in program.covered]


class Program:
    """A window with some boxes (`desktop.surface.Surface`, as far as it is looked at)."""

    def __init__(self, *boxes: Node):
        window = Node(0, "frame", "记账", frozenset({"active", "showing"}), -1)
        self.tree = Tree((window, *boxes))
        self.covered: Sequence[Node] = ()

    def look(self, *, wait_s: float) -> Tree:
        """The window and its boxes."""
        return self.tree

    def pixels(self, tree: Tree, covered: Sequence[Node]) -> bytes:
        """No pixels, but what must not be seen in them."""
        self.covered = covered
        return b""


def box(label: str, text: str) -> Node:
    """A box in the window, with something typed into it."""
    return Node(label, "text", "", frozenset({"showing", "editable"}), 0, text=text, label=label)
